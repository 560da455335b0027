"""Reading `treaties.toml`: the authority's own table of treaties, by country."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.config.legal_files import (
    Findings,
    read_whole,
    unknown_keys,
    whole_or_error,
)
from gateway.config.reading import Problem
from gateway.core.values import Language
from gateway.mla.codelists import is_code
from gateway.mla.treaty.country import (
    MAX_COUNTRIES,
    MAX_RESERVATIONS,
    MAX_TREATIES,
    CountryEntry,
    Effect,
    Reservation,
    Treaty,
    TreatyTable,
)

TREATY_FILE = "treaties.toml"

_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_Text = Annotated[str, Meta(max_length=2_000)]
_Line = Annotated[str, Meta(max_length=200)]
_Code = Annotated[str, Meta(max_length=40)]
_Day = Annotated[str, Meta(pattern=r"^(?:\d{4}-\d\d-\d\d)?\Z")]
_Languages = Annotated[tuple[Language, ...], Meta(max_length=32)]
_Codes = Annotated[tuple[_Code, ...], Meta(max_length=64)]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables of this file: a key that nothing obeys is an error."""


class _Treaty(_Table, frozen=True, kw_only=True):
    code: _Code
    since: _Day = msgspec.field(default="", name="from")
    until: _Day = msgspec.field(default="", name="to")
    in_force: bool = True
    title: _Line = ""
    note: _Text = ""


class _Reservation(_Table, frozen=True, kw_only=True):
    instrument: _Code
    article: Annotated[str, Meta(min_length=1, max_length=60)]
    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    effect: Effect = Effect.NOTE
    assist: _Codes = ()
    languages: _Languages = ()
    channel: _Code = ""


class _Country(_Table, frozen=True, kw_only=True):
    checked_on: _Day = ""
    complete: bool = False
    languages: _Languages = ()
    channels: _Codes = ()
    note: _Text = ""
    treaty: Annotated[tuple[_Treaty, ...], Meta(max_length=MAX_TREATIES)] = ()
    reservation: Annotated[
        tuple[_Reservation, ...], Meta(max_length=MAX_RESERVATIONS)
    ] = ()


def load_treaties(home: Path) -> TreatyTable:
    """Return the treaty table of a home; an empty one if there is no file.

    Raises:
        ConfigError: With every problem found, one a line, each with file and line.
    """
    file = home / TREATY_FILE
    if not file.exists():
        return TreatyTable()
    return whole_or_error(*read_whole(file, _judged))


def treaty_file_problems(file: Path) -> list[Problem]:
    """Return everything that is wrong with a treaty table."""
    return read_whole(file, _judged)[1]


def read_treaties(file: Path) -> TreatyTable:
    """Return the treaty table in a file.

    Raises:
        ConfigError: With every problem found, one a line, each with file and line.
    """
    return whole_or_error(*read_whole(file, _judged))


def _judged(tables: Mapping[str, object], findings: Findings) -> TreatyTable:
    for name in unknown_keys(tables, {"revision", "country"}):
        findings.complain(name, "no such key; expected revision and [country.XX]")
    revision = tables.get("revision", "")
    if not isinstance(revision, str):
        findings.complain("revision", "expected text in quotes")
        revision = ""
    countries = tables.get("country", {})
    if not isinstance(countries, dict) or len(countries) > MAX_COUNTRIES:
        findings.complain("country", f"expected tables [country.XX], {MAX_COUNTRIES}")
        return TreatyTable()
    entries = {
        name: entry
        for name, table in countries.items()
        if (entry := _entry(name, table, findings)) is not None
    }
    return TreatyTable(MappingProxyType(entries), revision)


def _entry(name: str, table: object, findings: Findings) -> CountryEntry | None:
    path = f"country.{name}"
    if not _COUNTRY.match(name):
        findings.complain(path, "expected a country code of two capitals")
        return None
    country = findings.taken(path, table, _Country)
    if country is None:
        return None
    for where, text in _faults(country):
        findings.complain(f"{path}.{where}", text)
    if findings.problems:
        return None
    return CountryEntry(
        country=name,
        checked_on=_day(country.checked_on),
        is_complete=country.complete,
        treaties=tuple(map(_treaty, country.treaty)),
        reservations=tuple(map(_reservation, country.reservation)),
        languages=country.languages,
        channels=country.channels,
        note=country.note,
    )


def _faults(country: _Country) -> Iterator[tuple[str, str]]:
    """Yield where something is wrong with an entry, and what."""
    if not _is_day(country.checked_on):
        yield "checked_on", "expected a day like 2026-11-28"
    yield from _unknown("channels", "CHANNEL", country.channels)
    for number, treaty in enumerate(country.treaty):
        place = f"treaty[{number}]"
        yield from _unknown(f"{place}.code", "INSTRUMENT", (treaty.code,))
        if not (_is_day(treaty.since) and _is_day(treaty.until)):
            yield place, "from and to: expected days like 2026-11-28"
        elif treaty.since and treaty.until and treaty.until < treaty.since:
            yield place, "to: before from, expected not to be"
    for number, one in enumerate(country.reservation):
        place = f"reservation[{number}]"
        yield from _unknown(f"{place}.instrument", "INSTRUMENT", (one.instrument,))
        yield from _unknown(f"{place}.assist", "ASSIST", one.assist)
        yield from _faults_of_effect(place, one, country)


def _faults_of_effect(
    place: str, one: _Reservation, country: _Country
) -> Iterator[tuple[str, str]]:
    if one.effect is Effect.DEMANDS_CHANNEL:
        yield from _unknown(f"{place}.channel", "CHANNEL", (one.channel,))
    is_translated = one.effect is Effect.DEMANDS_TRANSLATION
    if is_translated and not (one.languages or country.languages):
        yield f"{place}.languages", "missing, expected what to translate into"


def _unknown(
    place: str, list_name: str, codes: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for code in codes:
        if not is_code(list_name, code):
            yield place, f"{code!r}, expected a code of list {list_name}"


def _treaty(one: _Treaty) -> Treaty:
    return Treaty(
        instrument=one.code,
        since=_day(one.since),
        until=_day(one.until),
        is_in_force=one.in_force,
        title=one.title,
        note=one.note,
    )


def _reservation(one: _Reservation) -> Reservation:
    return Reservation(
        instrument=one.instrument,
        article=one.article,
        text=one.text,
        effect=one.effect,
        assist=frozenset(one.assist),
        languages=one.languages,
        channel=one.channel,
    )


def _is_day(text: str) -> bool:
    try:
        _day(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
