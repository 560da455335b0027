"""The tree of fields that a page shows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from gateway.console.forms.names import anchor_of, name_of

_CLOCK: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?\Z", re.ASCII)


class Widget(StrEnum):
    """How a value is entered."""

    LINE = "line"
    AREA = "area"
    LINES = "lines"  # several values, one a line
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    CHOICE = "choice"
    SUGGESTED = "suggested"  # free text, with a list to pick from
    CHECKS = "checks"  # any of a few
    JSON = "json"


class Need(StrEnum):
    """Whether a field has to be filled in, as things stand in the draft."""

    REQUIRED = "required"
    ASKED = "asked"  # an instrument asks for it
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose.

    Attributes:
        note: When it may be chosen, if not always.
    """

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What all nodes have.

    Attributes:
        pointer: Place in the document.
        label: What it is called.
        help: What to write there, beyond that; may be empty.
        because: Provisions that ask for it; may be empty.
        number: Of an item of a list, from 1; else 0.
    """

    pointer: str
    label: str
    help: str = ""
    need: Need = Need.OPTIONAL
    because: str = ""
    number: int = 0

    @property
    def name(self) -> str:
        """The name under which it is posted."""
        return name_of(self.pointer)

    @property
    def anchor(self) -> str:
        """The id of its element in the page."""
        return anchor_of(self.pointer)

    @property
    def is_required(self) -> bool:
        """Whether it has to be there."""
        return self.need is Need.REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field.

    Attributes:
        values: What is in it: none or one, or several in LINES and CHECKS.
        zone: Of a MOMENT: its offset, or the time zone to assume.
        options: What can be chosen.
        list_name: Where what is suggested is listed (see `shared_lists`).
        expected: The form of the value in words; empty if the widget sees to it.
        max_chars: Longest text; 0 if nothing bounds it but the form.
        least: Smallest number; `most` the largest.
        opens: Whether a button offers the block that says more in its place.
    """

    kind: ClassVar[str] = "entry"
    head: Head
    widget: Widget
    values: tuple[str, ...] = ()
    zone: str = ""
    options: tuple[Option, ...] = ()
    list_name: str = ""
    expected: str = ""
    max_chars: int = 0
    least: int = 0
    most: int = 0
    opens: bool = False

    @property
    def value(self) -> str:
        """What is in it, where it takes one value."""
        return self.values[0] if self.values else ""

    @property
    def is_clock(self) -> bool:
        """Whether a browser's own field for date and time can show what is in it."""
        return not self.value or _CLOCK.match(self.value) is not None

    @property
    def labels(self) -> tuple[str, ...]:
        """What is in it, in words where there are any."""
        named = {one.value: one.label for one in self.options}
        return tuple(_told(one, named.get(one, one)) for one in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in one language; the fields of its block are shown as one.

    Attributes:
        is_translation: `true` or `false`, or empty; `certified` likewise.
    """

    kind: ClassVar[str] = "wording"
    head: Head
    text: str = ""
    language: str = ""
    is_translation: str = ""
    certified: str = ""
    max_chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A text in one or more languages."""

    kind: ClassVar[str] = "texts"
    head: Head
    wordings: tuple[Wording, ...]
    can_add: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An open block.

    Attributes:
        first: What is needed, asked for, usual or filled in.
        more: The rest, which a page folds away.
        title: What it is about, told from what is in it; may be empty.
        is_removable: Whether it can be closed again, or taken out of its list.
        narrows: Whether it stands for a text, and a button goes back to that.
    """

    kind: ClassVar[str] = "group"
    head: Head
    first: tuple["Node", ...]
    more: tuple["Node", ...] = ()
    title: str = ""
    is_removable: bool = False
    narrows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list of blocks or fields, to which more can be added."""

    kind: ClassVar[str] = "rows"
    head: Head
    rows: tuple["Node", ...]
    can_add: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A block that is not open: a button to open it."""

    kind: ClassVar[str] = "closed"
    head: Head


Node: TypeAlias = Entry | Texts | Wording | Group | Rows | Closed


def _told(value: str, label: str) -> str:
    """Return a label, with the code that it stands for if that is one."""
    is_code = value == value.upper() and not label.startswith(value)
    return f"{label} ({value})" if is_code else label


def below(node: Node) -> Iterator[Node]:
    """Yield a node and all in it, each before what is in it."""
    yield node
    match node:
        case Group():
            inner: tuple[Node, ...] = (*node.first, *node.more)
        case Rows():
            inner = node.rows
        case Texts():
            inner = node.wordings
        case _:
            return
    for one in inner:
        yield from below(one)


def filled(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return only what something is in, with nothing folded away."""
    return tuple(kept for node in nodes if (kept := _filled(node)) is not None)


def _filled(node: Node) -> Node | None:
    match node:
        case Entry():
            return node if node.values else None
        case Texts():
            kept = tuple(one for one in node.wordings if one.text)
            return replace(node, wordings=kept) if kept else None
        case Group():
            inner = filled((*node.first, *node.more))
            return replace(node, first=inner, more=()) if inner else None
        case Rows():
            rows = filled(node.rows)
            return replace(node, rows=rows) if rows else None
        case _:
            return None
