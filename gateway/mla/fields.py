"""The language in which forms are declared: kinds of value, fields, blocks, conditions.

A declaration is data. It holds no code of its own, so that it can be read by a
lawyer, checked by `checking`, and turned into a form, a schema or a help page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TypeAlias

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.limits import MAX_LIST_ITEMS
from gateway.mla.problems import values_at
from gateway.mla.versions import FIRST_VERSION


class Need(Enum):
    """Whether a field has to be there."""

    MANDATORY = auto()
    OPTIONAL = auto()
    CONDITIONAL = auto()  # mandatory while its condition holds, else optional


class Giver(StrEnum):
    """Who fills a field in."""

    AUTHOR = "author"
    NODE = "node"  # added when the message is submitted


# --- kinds of value ---


@dataclass(frozen=True, slots=True)
class Spelling:
    """Text of a certain form.

    Attributes:
        words: What is expected, in English, after "expected".
        matches: Tells whether a text has the form.
        max_chars: Longest text accepted.
        pattern: The form as a regular expression that JSON Schema and Python read
            alike; it may pass a day that does not exist.
        json_format: The name that JSON Schema has for the form; empty if none.
        words_fr: The words in French.
    """

    words: str
    matches: Callable[[str], bool]
    max_chars: int
    pattern: str = ""
    json_format: str = ""
    words_fr: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    words: str = "true or false"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int

    @property
    def words(self) -> str:
        """What is expected."""
        return f"a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a list.

    Attributes:
        list_name: The list, as `codelists` knows it.
        only: If not empty, the codes of the list that are meant here.
        never: Codes of the list that are always refused here.
    """

    list_name: str
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is expected."""
        if self.only:
            return f"one of {', '.join(self.only)}"
        exceptions = f" other than {', '.join(self.never)}" if self.never else ""
        return f"a code of list {self.list_name}{exceptions}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words that are no code list."""

    values: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is expected."""
        return f"one of {', '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class FreeMap:
    """An object whose fields are not declared; the size of the form bounds it."""

    words: str = "an object"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items are all of one kind."""

    item: "Kind"
    least: int = 0
    most: int = MAX_LIST_ITEMS

    @property
    def words(self) -> str:
        """What is expected."""
        bounds = f"{self.least} to {self.most}" if self.least else f"up to {self.most}"
        return f"a list of {bounds} items"


# Compared by identity: each is declared once, and comparing whole forms is slow.
@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """An object with declared fields, and no others."""

    name: str
    fields: tuple["Field", ...]

    @property
    def words(self) -> str:
        """What is expected."""
        return f"a block {self.name}"


@dataclass(frozen=True, slots=True)
class Either:
    """A text, or a block that says more."""

    text: Spelling
    block: Block

    @property
    def words(self) -> str:
        """What is expected."""
        return f"{self.text.words} or {self.block.words}"


Kind: TypeAlias = (
    Spelling | Flag | Whole | Code | Choice | FreeMap | ListOf | Block | Either
)


# --- conditions ---


@dataclass(frozen=True, slots=True)
class When:
    """The condition that some value at `path` is, or is not, one of `values`.

    Attributes:
        path: As in `select`; from the document if it begins with "/", else from the
            block the conditional field stands in.
        values: The texts looked for.
        is_among: False turns the condition round: some value is none of these.
    """

    path: str
    values: tuple[str, ...]
    is_among: bool = True

    def holds(self, document: JsonValue, here: JsonObject) -> bool:
        """Tell whether the condition holds for a block of a document."""
        start = document if self.path.startswith("/") else here
        return any(
            isinstance(value, str) and (value in self.values) is self.is_among
            for value in values_at(start, self.path)
        )

    @property
    def words(self) -> str:
        """The condition as the end of a sentence."""
        verb = "is" if self.is_among else "is other than"
        return f"{self.path} {verb} {' or '.join(self.values)}"


def when(path: str, *values: str) -> When:
    """Some value at `path` is one of `values`."""
    return When(path, values)


def when_other(path: str, *values: str) -> When:
    """Some value at `path` is none of `values`."""
    return When(path, values, is_among=False)


# --- fields ---


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a block.

    Attributes:
        name: Its key in the document.
        kind: What it holds.
        need: Whether it has to be there.
        help_en: What to write there, in English.
        help_fr: The same in French.
        condition: For conditional fields, when it is mandatory.
        giver: Who fills it in.
        since: The version of messages that added it; told of fields of a message or
            of its payload, as a block has the fields it has.
        declaration: Name of the national declaration it comes from; empty if common.
        further_help: The help in further languages, each with its language before it.
    """

    name: str
    kind: Kind
    need: Need
    help_en: str
    help_fr: str
    condition: When | None = None
    giver: Giver = Giver.AUTHOR
    since: str = FIRST_VERSION
    declaration: str = ""
    further_help: tuple[tuple[str, str], ...] = ()


def must(name: str, kind: Kind, help_en: str, help_fr: str) -> Field:
    """Declare a mandatory field."""
    return Field(name, kind, Need.MANDATORY, help_en, help_fr)


def may(name: str, kind: Kind, help_en: str, help_fr: str) -> Field:
    """Declare an optional field."""
    return Field(name, kind, Need.OPTIONAL, help_en, help_fr)


def must_if(
    condition: When, name: str, kind: Kind, help_en: str, help_fr: str
) -> Field:
    """Declare a field that is mandatory while `condition` holds."""
    return Field(name, kind, Need.CONDITIONAL, help_en, help_fr, condition)


def fields_below(block: Block) -> Iterator[tuple[str, Field]]:
    """Yield every field of `block` and of the blocks in it, with its path.

    Paths are those of `select`: list items are `*`.
    """
    return _fields_of(block, "")


def _fields_of(kind: Kind, path: str) -> Iterator[tuple[str, Field]]:
    match kind:
        case Block():
            for field in kind.fields:
                here = f"{path}/{field.name}"
                yield here, field
                yield from _fields_of(field.kind, here)
        case ListOf():
            yield from _fields_of(kind.item, f"{path}/*")
        case Either():
            yield from _fields_of(kind.block, path)
        case _:
            return
