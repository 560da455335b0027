"""Single fields: which widget takes a value of a kind, and what stands in it."""

from dataclasses import dataclass
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
    if isinstance(kind, Spelling):
        return _spelt(kind, text, head, manner, short_ids)
    values = (text,) if text else ()
    match kind:
        case Flag():
            words = yes_or_no(manner.language)
            return Entry(head=head, widget=Widget.CHOICE, values=values, options=words)
        case Whole():
            widget = Widget.NUMBER if _is_number(text) else Widget.LINE
            return Entry(
                head=head,
                widget=widget,
                values=values,
                expected=expected(kind, manner.language),
                least=kind.least,
                most=kind.most,
            )
        case FreeMap():
            form = expected(kind, manner.language)
            return Entry(head=head, widget=Widget.JSON, values=values, expected=form)
        case Code() | Choice():
            if isinstance(kind, Code) and code_list(kind.list_name).refinements():
                return Entry(
                    head=head,
                    widget=Widget.SUGGESTED,
                    values=values,
                    list_name=codes_name(kind),
                )
            options = options_of(kind, manner.language, values)
            return Entry(
                head=head, widget=Widget.CHOICE, values=values, options=options
            )


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
    kind: Spelling,
    text: str,
    head: Head,
    manner: Manner,
    short_ids: tuple[Option, ...],
) -> Entry:
    values = (text,) if text else ()
    if kind in MOMENTS:
        local, zone = moment_parts(text)
        return Entry(
            head=head,
            widget=Widget.MOMENT,
            values=(local,) if local else (),
            zone=zone if text else manner.zone,
            list_name=ZONES,
        )
    if kind is COUNTRY:
        short_ids = country_options(manner.language)
    if short_ids:
        kept = () if text in {one.value for one in short_ids} else values
        options = (*short_ids, *(Option(one, one) for one in kept))
        return Entry(head=head, widget=Widget.CHOICE, values=values, options=options)
    return Entry(
        head=head,
        widget=_widget(kind, text),
        values=values,
        list_name=_SUGGESTED.get(kind.words, ""),
        expected="" if kind in _SELF_EVIDENT else expected(kind, manner.language),
        max_chars=kind.max_chars,
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
