"""Single fields: which widget takes a value of a kind, and what stands in it."""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import msgspec

from gateway.console.forms.choices import (
    LANGUAGES,
    ZONES,
    codes_name,
    country_options,
    options_of,
    yes_or_no,
)
from gateway.console.forms.moments import MOMENTS, moment_parts
from gateway.console.forms.nodes import Entry, Head, Option, Widget
from gateway.core.canonical import JsonValue
from gateway.mla.codelists import code_list
from gateway.mla.fields import (
    Choice,
    Code,
    Flag,
    FreeMap,
    ListOf,
    Spelling,
    Whole,
)
from gateway.mla.spellings import (
    COUNTRY,
    DATE,
    LANGUAGE,
    LONG_TEXT,
    REFERENCE,
    TEXT,
    TIME_ZONE,
)
from gateway.mla.wording import Language, expected

MOST_CHECKS: Final = 30
"""Codes of a list shown as boxes to tick; a longer list is rows to pick from."""

_SELF_EVIDENT: Final = (TEXT, LONG_TEXT, REFERENCE, DATE)
_ORDERED: Final = frozenset({"/instrument"})
"""Lists of codes whose order says something: no boxes to tick."""
_SUGGESTED: Final = {LANGUAGE.words: LANGUAGES, TIME_ZONE.words: ZONES}

SingleKind: TypeAlias = Spelling | Code | Choice | Flag | Whole | FreeMap


@dataclass(frozen=True, slots=True)
class Manner:
    """How fields are shown.

    Attributes:
        language: Of labels.
        zone: Time zone to assume for moments.
    """

    language: Language = Language.ENGLISH
    zone: str = "UTC"


def text_of(value: "JsonValue | None") -> str:
    """Return what a field shows of a value; nothing for none."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case _:
            return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def entry_of(
    kind: SingleKind,
    value: "JsonValue | None",
    head: Head,
    manner: Manner,
    short_ids: tuple[Option, ...] = (),
) -> Entry:
    """Return the field for one value.

    Args:
        kind: What is declared.
        value: What is in the draft; None for nothing.
        head: Where, and what it is called.
        manner: How it is shown.
        short_ids: What of the form it may refer to; empty if it does not refer.
    """
    text = text_of(value)
    entry = Entry(head=head, widget=Widget.LINE, values=(text,) if text else ())
    match kind:
        case Spelling():
            return _spelt(entry, kind, manner, short_ids)
        case Code() | Choice():
            return _chosen(entry, kind, manner)
        case Flag():
            words = yes_or_no(manner.language)
            return replace(entry, widget=Widget.CHOICE, options=words)
        case Whole() | FreeMap():
            return _written(entry, kind, manner)


def _written(entry: Entry, kind: Whole | FreeMap, manner: Manner) -> Entry:
    entry = replace(entry, expected=expected(kind, manner.language))
    if isinstance(kind, FreeMap):
        return replace(entry, widget=Widget.JSON)
    widget = Widget.NUMBER if _is_number(entry.value) else Widget.LINE
    return replace(entry, widget=widget, least=kind.least, most=kind.most)


def _chosen(entry: Entry, kind: Code | Choice, manner: Manner) -> Entry:
    if isinstance(kind, Code) and code_list(kind.list_name).refinements():
        return replace(entry, widget=Widget.SUGGESTED, list_name=codes_name(kind))
    options = options_of(kind, manner.language, entry.values)
    return replace(entry, widget=Widget.CHOICE, options=options)


def list_entry(
    kind: ListOf,
    items: list[JsonValue],
    head: Head,
    manner: Manner,
    short_ids: tuple[Option, ...] = (),
) -> Entry | None:
    """Return the field that takes all items of a list; None if each needs its own.

    The arguments are those of `entry_of`.
    """
    values = tuple(map(text_of, items))
    item = kind.item
    match item:
        case Code() | Choice() if is_ticked(kind, head.pointer):
            options = options_of(item, manner.language, values)
            return Entry(
                head=head, widget=Widget.CHECKS, values=values, options=options
            )
        case Spelling() if short_ids and len(set(values)) == len(values):
            known = {one.value for one in short_ids}
            kept = (Option(one, one) for one in values if one not in known)
            return Entry(
                head=head,
                widget=Widget.CHECKS,
                values=values,
                options=(*short_ids, *kept),
            )
        case Spelling() if is_one_a_line(item):
            words = "" if item in _SELF_EVIDENT else expected(item, manner.language)
            return Entry(head=head, widget=Widget.LINES, values=values, expected=words)
        case _:
            return None


def is_ticked(kind: ListOf, pointer: str) -> bool:
    """Tell whether a list of codes is one of boxes to tick."""
    item = kind.item
    if pointer in _ORDERED:
        return False
    if isinstance(item, Choice):
        return True
    if not isinstance(item, Code):
        return False
    codes = code_list(item.list_name)
    return len(item.only or codes.rows) <= MOST_CHECKS and not codes.refinements()


def is_one_a_line(kind: Spelling) -> bool:
    """Tell whether values of a kind can be written one a line."""
    return kind is not LONG_TEXT and kind not in MOMENTS


def _spelt(
    entry: Entry, kind: Spelling, manner: Manner, short_ids: tuple[Option, ...]
) -> Entry:
    if kind in MOMENTS:
        return _moment(entry, manner)
    options = country_options(manner.language) if kind is COUNTRY else short_ids
    if options:
        known = {one.value for one in options}
        kept = (Option(one, one) for one in entry.values if one not in known)
        return replace(entry, widget=Widget.CHOICE, options=(*options, *kept))
    return replace(
        entry,
        widget=_widget(kind, entry.value),
        list_name=_SUGGESTED.get(kind.words, ""),
        expected="" if kind in _SELF_EVIDENT else expected(kind, manner.language),
        max_chars=kind.max_chars,
    )


def _moment(entry: Entry, manner: Manner) -> Entry:
    local, zone = moment_parts(entry.value)
    return replace(
        entry,
        widget=Widget.MOMENT,
        values=(local,) if local else (),
        zone=zone if local else manner.zone,
        list_name=ZONES,
    )


def _widget(kind: Spelling, text: str) -> Widget:
    if kind.words in _SUGGESTED:
        return Widget.SUGGESTED
    if kind is LONG_TEXT or "\n" in text:
        return Widget.AREA
    # A browser shows nothing in a date field for what is no date, and posts nothing.
    if kind is DATE and (not text or DATE.matches(text)):
        return Widget.DATE
    return Widget.LINE


def _is_number(text: str) -> bool:
    return not text or (text.removeprefix("-").isdigit() and text.isascii())
