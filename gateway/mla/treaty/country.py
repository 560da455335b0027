"""The authority's own treaty table: what is in force with whom, and on which terms.

Nobody but the authority knows this: ratifications, reservations and declarations
change by pair of countries. The table says what people have found out; where it says
nothing, nothing is assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

MAX_COUNTRIES: Final = 300
MAX_TREATIES: Final = 200
MAX_RESERVATIONS: Final = 500


class Effect(StrEnum):
    """What a reservation or declaration does to a request."""

    REFUSES_FISCAL = "refuses-fiscal"
    DEMANDS_TRANSLATION = "demands-translation"
    DUAL_CRIMINALITY = "dual-criminality"
    EXCLUDES = "excludes"
    DEMANDS_CHANNEL = "demands-channel"
    NOTE = "note"


class Standing(StrEnum):
    """Whether an instrument binds both States on a day."""

    IN_FORCE = "in force"
    NOT_IN_FORCE = "not in force"
    NOT_SAID = "not said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treaty:
    """An instrument, and when it is in force between the two States.

    Attributes:
        instrument: A code of list INSTRUMENT.
        since: First day; None for as long as anybody remembers.
        until: Last day; None while no end is in sight.
        is_in_force: False if it is not in force at all, whatever the days.
        title: Of a bilateral treaty.
        note: For people.
    """

    instrument: str
    since: date | None = None
    until: date | None = None
    is_in_force: bool = True
    title: str = ""
    note: str = ""

    def binds(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        begun = self.since is None or self.since <= day
        return self.is_in_force and begun and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A reservation or declaration of the other State.

    Attributes:
        instrument: A code of list INSTRUMENT.
        article: The provision it was made to.
        text: What it says, in the words of whoever wrote the table.
        effect: What the gateway makes of it.
        assist: Kinds of assistance it is about; empty for all.
        languages: Into which it demands a translation; empty for the country's.
        channel: A code of list CHANNEL that it demands.
    """

    instrument: str
    article: str
    text: str
    effect: Effect = Effect.NOTE
    assist: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    channel: str = ""

    @property
    def cited(self) -> str:
        """The provision with the name of its instrument."""
        return f"{self.instrument} {self.article}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryEntry:
    """What the table says of one country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        checked_on: Day on which people last compared it with the sources.
        is_complete: Whether an instrument it does not list is not in force.
        treaties: The instruments it lists.
        reservations: Reservations and declarations.
        languages: Languages accepted there; empty if the table does not say.
        channels: Codes of list CHANNEL; empty if it does not say.
        note: For people.
    """

    country: str
    checked_on: date | None = None
    is_complete: bool = False
    treaties: tuple[Treaty, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    note: str = ""

    def standing(self, instrument: str, day: date) -> Standing:
        """Return whether an instrument is in force on a day, as far as is known."""
        listed = [one for one in self.treaties if one.instrument == instrument]
        if any(one.binds(day) for one in listed):
            return Standing.IN_FORCE
        if listed or self.is_complete:
            return Standing.NOT_IN_FORCE
        return Standing.NOT_SAID


@dataclass(frozen=True, slots=True)
class TreatyTable:
    """The whole table, by country.

    Attributes:
        entries: What it says of each country.
        revision: A name of this version, as people gave it; may be empty.
    """

    entries: Mapping[str, CountryEntry] = field(
        default_factory=lambda: MappingProxyType({})
    )
    revision: str = ""

    def entry(self, country: str) -> CountryEntry | None:
        """Return what it says of a country; None if nothing."""
        return self.entries.get(country)
