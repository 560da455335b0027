"""Pages by the Typst typesetter: tagged PDF by the accessibility standard PDF/UA-1.

The template is this package's; what is printed reaches it as data that nothing
interprets. It reads no network, and no file but the template: its root is a folder
that holds nothing else.
"""

import asyncio
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from gateway.core.errors import CannotPrintError
from gateway.mla.page_words import wording
from gateway.ports.printing import Paper

_WORDS: Final = (
    "field",
    "value",
    "page",
    "delivery",
    "delivery_note",
    "undelivered",
)
_COLUMNS: Final = ("shown", "log", "entry", "when", "tree")


class Typesetter:
    """Makes one document at a time, on a thread of its own."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def pdf(self, paper: Paper) -> bytes:
        """Return the pages as an accessible PDF.

        Raises:
            CannotPrintError: The typesetter is not installed, or no font of this
                machine has a character of the message.
        """
        if find_spec("typst") is None:
            raise CannotPrintError(
                "print: the typesetter is not installed; install mla-gateway[print]",
            )
        async with self._turn:
            return await asyncio.to_thread(_pdf, paper)


def _pdf(paper: Paper) -> bytes:
    import typst  # noqa: PLC0415 - an extra

    template = files("gateway.printing").joinpath("form.typ").read_bytes()
    with TemporaryDirectory(prefix="mla-print-") as folder:
        source = Path(folder, "form.typ")
        source.write_bytes(template)
        try:
            return typst.compile(
                source,
                root=Path(folder),
                format="pdf",
                sys_inputs={"data": msgspec.json.encode(_data(paper)).decode()},
                pdf_standards="ua-1",
            )
        except typst.TypstError as error:
            # Its words quote the text at fault, which must not get into a log.
            if "could not be displayed" in str(error):
                raise CannotPrintError(
                    "print: no font of this machine has a character of the message; "
                    "install more fonts, such as Debian's fonts-noto",
                ) from None
            raise CannotPrintError("print: the pages could not be made") from None


def _data(paper: Paper) -> dict[str, object]:
    language = paper.language
    return {
        "title": paper.form.title,
        "author": paper.author,
        "reference": paper.reference,
        "language": language.value,
        "words": {key: wording(key, language) for key in _WORDS},
        "columns": [wording(key, language) for key in _COLUMNS],
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "rows": [
                    {"label": row.label, "lines": row.lines} for row in section.rows
                ],
            }
            for section in paper.form.sections
        ],
        "facts": [{"label": label, "lines": [value]} for label, value in paper.facts],
        "proven": [
            [
                wording(one.shows, language),
                one.log,
                str(one.index),
                one.at,
                str(one.tree_size),
            ]
            for one in paper.proven
        ],
    }
