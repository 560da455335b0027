"""Making pages, as flows see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.mla.printing import PrintedForm
from gateway.mla.wording import Language


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry of a log about a message.

    Attributes:
        shows: Key of `gateway.mla.page_words`: origin, receipt, opening and so on.
        log: Origin of the log.
        index: Of the entry.
        at: When its writer logged it, RFC 3339.
        tree_size: Of the signed tree that it is proven under.
    """

    shows: str
    log: str
    index: int
    at: str
    tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that is printed of a message.

    Attributes:
        author: The authority that sent the message.
        reference: What stands at the foot of each page.
        facts: Label and value of what the last page says beside the entries.
        proven: Entries of both logs, in order of time.
    """

    form: PrintedForm = field(repr=False)
    author: str
    reference: str
    facts: Sequence[tuple[str, str]]
    proven: Sequence[Proven]

    @property
    def language(self) -> Language:
        """The language of labels."""
        return self.form.language


class Printer(Protocol):
    """Makes a PDF; nothing but its arguments gets into it."""

    async def pdf(self, paper: Paper) -> bytes:
        """Return the pages as an accessible PDF (PDF/UA-1, ISO 14289-1).

        Raises:
            CannotPrintError: This installation cannot; says what is missing.
        """
        ...
