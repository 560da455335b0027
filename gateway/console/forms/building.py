"""From the declaration of a message and a draft of it to the tree of its fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Final

from gateway.console.forms.choices import referred
from gateway.console.forms.entries import (
    Manner,
    SingleKind,
    entry_of,
    list_entry,
    text_of,
)
from gateway.console.forms.names import label_of
from gateway.console.forms.nodes import (
    Closed,
    Entry,
    Group,
    Head,
    Need,
    Node,
    Option,
    Rows,
    Texts,
    Wording,
)
from gateway.console.forms.places import value_at
from gateway.console.forms.usual import is_usual
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla import fields as declared
from gateway.mla.fields import Block, Either, Field, Giver, Kind, ListOf
from gateway.mla.parties import MTEXT
from gateway.mla.problems import child, text_at
from gateway.mla.spellings import LONG_TEXT
from gateway.mla.wording import Language, help_of

_TITLES: Final = (
    *("surname", "name", "file_name", "title", "value", "court", "assist", "type"),
    "label",
)
"""Fields that tell items of a list apart, the first that is filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a form is shown with.

    Attributes:
        draft: The draft, of any shape.
        manner: How fields are shown.
        articles: Provisions that ask for a field of this draft, by its path with `*`
            for the items of lists.
        measures: Short ids of the measures of the case; none where it has none yet.
        wanted: Pointers of what the check of the draft misses, whatever asks for it.
    """

    draft: JsonObject
    manner: Manner = dataclass_field(default_factory=Manner)
    articles: Mapping[str, str] = dataclass_field(default_factory=dict)
    measures: tuple[str, ...] = ()
    wanted: frozenset[str] = frozenset()

    @property
    def language(self) -> Language:
        """The language of labels and help."""
        return self.manner.language


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands: pointer in the draft, path in the declaration."""

    pointer: str = ""
    path: str = ""

    @classmethod
    def at(cls, pointer: str) -> "Place":
        """Return a place that only names lead to."""
        return cls(pointer, pointer)

    def below(self, step: str | int) -> "Place":
        """Return the place one step below."""
        path = "*" if isinstance(step, int) else step
        return Place(child(self.pointer, step), f"{self.path}/{path}")


def fields_of(
    block: Block, setting: Setting, place: Place | None = None
) -> Iterator[Node]:
    """Yield the fields of a block of a draft, in the order they are declared.

    The arguments are those of `members_of`.
    """
    return (node for _, node in members_of(block, setting, place))


def members_of(
    block: Block, setting: Setting, place: Place | None = None
) -> Iterator[tuple[bool, Node]]:
    """Yield the fields of a block of a draft, and whether each is shown at once.

    Args:
        block: Declares them.
        setting: With the whole draft.
        place: Where the block stands; without, it is the document.
    """
    place = place or Place()
    here = value_at(setting.draft, place.pointer)
    return _Builder(setting).members(block, here, place)


class _Builder:
    """Walks a declaration and a draft side by side."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def members(
        self, block: Block, value: "JsonValue | None", place: Place
    ) -> Iterator[tuple[bool, Node]]:
        """Yield every field that people fill in, and whether it is shown first."""
        here = value if isinstance(value, dict) else {}
        for field in block.fields:
            if field.giver is Giver.NODE:
                continue
            below = place.below(field.name)
            need = self._need(field, here, below)
            head = self._head(field, below, need)
            found = here.get(field.name)
            is_first = (
                need is not Need.OPTIONAL
                or found is not None
                or is_usual(block, field.name, place.pointer)
            )
            yield is_first, self._node(field.kind, found, below, head)

    def _need(self, field: Field, here: JsonObject, place: Place) -> Need:
        condition = field.condition
        if field.need is declared.Need.MANDATORY or (
            condition is not None and condition.holds(self._setting.draft, here)
        ):
            return Need.REQUIRED
        setting = self._setting
        is_asked = place.path in setting.articles or place.pointer in setting.wanted
        return Need.ASKED if is_asked else Need.OPTIONAL

    def _head(self, field: Field, place: Place, need: Need) -> Head:
        label, more = label_of(help_of(field, self._setting.language))
        return Head(
            pointer=place.pointer,
            label=label,
            help=more,
            need=need,
            because=self._setting.articles.get(place.path, ""),
        )

    def _node(
        self, kind: Kind, value: "JsonValue | None", place: Place, head: Head
    ) -> Node:
        match kind:
            case ListOf():
                return self._list(kind, value, place, head)
            case Block() if value is None and head.need is not Need.REQUIRED:
                return Closed(head=head)
            case Block():
                return self._group(kind, value, place, head)
            case Either():
                return self._either(kind, value, place, head)
            case _:
                return self._entry(kind, value, head)

    def _either(
        self, kind: Either, value: "JsonValue | None", place: Place, head: Head
    ) -> Node:
        if isinstance(value, dict):
            group = self._group(kind.block, value, place, head)
            return replace(group, narrows=True, is_removable=bool(head.number))
        return replace(self._entry(kind.text, value, head), opens=True)

    def _entry(self, kind: SingleKind, value: "JsonValue | None", head: Head) -> Entry:
        short_ids = self._short_ids(head)
        return entry_of(kind, value, head, self._setting.manner, short_ids)

    def _short_ids(self, head: Head) -> tuple[Option, ...]:
        setting = self._setting
        return referred(setting.draft, head.pointer, setting.measures)

    def _group(
        self, block: Block, value: "JsonValue | None", place: Place, head: Head
    ) -> Group:
        members = list(self.members(block, value, place))
        return Group(
            head=head,
            first=tuple(node for is_first, node in members if is_first),
            more=tuple(node for is_first, node in members if not is_first),
            title=_title_of(value) if head.number else "",
            is_removable=head.number > 0 or head.need is not Need.REQUIRED,
        )

    def _list(
        self, kind: ListOf, value: "JsonValue | None", place: Place, head: Head
    ) -> Node:
        items = value if isinstance(value, list) else []
        if kind is MTEXT:
            return self._texts(items, head)
        short_ids = self._short_ids(head)
        if not isinstance(kind.item, Either):
            whole = list_entry(kind, items, head, self._setting.manner, short_ids)
            if whole is not None:
                return whole
        shown: list[JsonValue | None] = [*items]
        if head.is_required:
            shown += [None] * (kind.least - len(shown))
        rows = []
        for index, item in enumerate(shown):
            below = place.below(index)
            row = replace(
                head, pointer=below.pointer, help="", because="", number=index + 1
            )
            node = self._row(kind.item, item, below, row)
            if isinstance(node, Group) and head.is_required:
                # One that has to be there is changed, not taken out.
                node = replace(node, is_removable=len(shown) > kind.least)
            rows.append(node)
        return Rows(head=head, rows=tuple(rows), can_add=len(rows) < kind.most)

    def _row(
        self, kind: Kind, value: "JsonValue | None", place: Place, head: Head
    ) -> Node:
        # A row is there because somebody added it: it is open whatever is in it.
        if isinstance(kind, Block):
            return self._group(kind, value, place, replace(head, need=Need.REQUIRED))
        return self._node(kind, value, place, head)

    def _texts(self, items: list[JsonValue], head: Head) -> Texts:
        language = text_at(self._setting.draft, "/language")
        rows = items or [{"lang": language or self._setting.language.value}]
        wordings = tuple(
            Wording(
                head=replace(
                    head, pointer=child(head.pointer, index), number=index + 1
                ),
                text=_text_in(row, "text"),
                language=_text_in(row, "lang"),
                is_translation=_text_in(row, "is_translation"),
                certified=_text_in(row, "certified"),
                max_chars=LONG_TEXT.max_chars,
            )
            for index, row in enumerate(rows)
        )
        return Texts(head=head, wordings=wordings, can_add=len(rows) < MTEXT.most)


def _text_in(row: JsonValue, name: str) -> str:
    return text_of(row.get(name)) if isinstance(row, dict) else ""


def _title_of(value: "JsonValue | None") -> str:
    """Return what tells an item of a list apart; empty if nothing does yet."""
    return next(filter(None, (text_at(value or {}, name) for name in _TITLES)), "")
