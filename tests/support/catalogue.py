"""All sentences that the console shows, as found in its templates and code."""

from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gateway.console.templating import EXTENSIONS

ROOM = Path(str(resources.files("gateway.console")))
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "mark": None,
    "say": None,
    "say_many": (1, 2),
}
_OPTIONS = {
    "**.html": {
        "extensions": ",".join(EXTENSIONS),
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    },
}


def extracted() -> dict[str, str]:
    """Return every sentence, with a place where it stands."""
    found: dict[str, str] = {}
    for file, line, message, _comments, _context in extract_from_dir(
        str(ROOM), method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        first = message if isinstance(message, str) else message[0]
        found.setdefault(first, f"{file}:{line}")
    return found


def catalogues(language: str) -> dict[str, Catalog]:
    """Return the catalogues of a language, by file name."""
    read: dict[str, Catalog] = {}
    for path in sorted((ROOM / "locale" / language).glob("*.po")):
        with path.open("rb") as source:
            read[path.name] = read_po(source, locale=language, abort_invalid=True)
    return read
