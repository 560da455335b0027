"""Names of fields in a posted form: JSON pointers in other clothes.

`/payload/persons/0/surname` is posted as `payload.persons.0.surname`. No declared name
holds a dot, nor does one begin with an underscore: names that do are those of the
page itself, such as `_open`.
"""

from typing import Final

from gateway.core.limits import MAX_JSON_DEPTH

OPEN: Final = "_open"
"""Posted once for each block that is open, with its name as the value."""

ROW: Final = "_row"
"""Posted once for each item of a list that is kept, filled in or not."""

MAX_FIELDS: Final = 5_000
"""Fields of one posted form; the largest type with ten persons shows below 1,000."""

MAX_NAME_CHARS: Final = 300
MAX_NAME_STEPS: Final = MAX_JSON_DEPTH

WHEN: Final = "_when"
ZONE: Final = "_zone"
"""Last steps of the two fields in which a moment is entered."""


def name_of(pointer: str) -> str:
    """Return the posted name of the field at a pointer."""
    return pointer[1:].replace("/", ".")


def pointer_of(name: str) -> str:
    """Return the pointer of the field with a posted name."""
    return "/" + name.replace(".", "/") if name else ""


def anchor_of(pointer: str) -> str:
    """Return the id that the element of a field has in the page."""
    return "f" + pointer.replace("/", "-")


def label_of(help_text: str) -> tuple[str, str]:
    """Return the label of a field and the help that says more, from its help text.

    Declarations give both in one text: the first sentence is the label.
    """
    label, _, more = help_text.partition(". ")
    return label, more
