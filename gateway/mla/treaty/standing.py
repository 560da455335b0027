"""Whether the legal bases of a request are in force, and on which terms.

By the authority's own table. An instrument that the table says is not in force refuses
a request, for the table is the authority's own word, and it can change it. A country
that it does not know is advice, never a silent no.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    child,
    select,
    text_at,
    texts_at,
    values_at,
)
from gateway.mla.treaty.country import CountryEntry, Effect, Reservation, Standing
from gateway.mla.treaty.languages import has_texts, is_readable, owed_languages
from gateway.mla.treaty.table import NEED_NO_TREATY

_MEASURES = "/payload/measures/*"
_FISCAL = "14"  # tax and customs offences in the ECRIS table


def instrument_problems(
    document: JsonObject,
    country: str,
    entry: CountryEntry | None,
    today: date,
    *,
    with_reservations: bool = True,
) -> Iterator[Problem]:
    """Yield what the treaty table says against the legal bases of a request.

    Args:
        document: A message that opens a case.
        country: Of the other side.
        entry: What the table says of it.
        today: Day on which the message is made, in UTC.
        with_reservations: Whether that country's declarations count: not for what it
            asks of us.
    """
    bases = [
        one for one in values_at(document, "/instrument/*") if isinstance(one, str)
    ]
    if entry is None:
        if not NEED_NO_TREATY.issuperset(bases):
            yield _advice(f"your treaty table says nothing about {country}")
        return
    for number, code in enumerate(bases):
        if code not in NEED_NO_TREATY:
            yield from _not_in_force(f"/instrument/{number}", code, entry, today)
    for reservation in entry.reservations if with_reservations else ():
        if reservation.instrument in bases:
            yield from _effects(_Reserved(document, entry, reservation))


def demanded_languages(
    document: JsonObject, entry: CountryEntry
) -> Iterator[tuple[str, ...]]:
    """Yield the languages into one of which a declaration demands a translation."""
    bases = texts_at(document, "/instrument/*")
    kinds = texts_at(document, f"{_MEASURES}/assist")
    for one in entry.reservations:
        is_about_it = one.instrument in bases and (
            not one.assist or bool(kinds & one.assist)
        )
        if one.effect is Effect.DEMANDS_TRANSLATION and is_about_it:
            yield one.languages or entry.languages


def _not_in_force(
    pointer: str, code: str, entry: CountryEntry, today: date
) -> Iterator[Problem]:
    standing = entry.standing(code, today)
    if standing is Standing.NOT_IN_FORCE:
        yield Problem(
            pointer,
            ProblemCode.BASIS,
            f"instrument: by your treaty table {code} is not in force with "
            f"{entry.country}; name another, or change treaties.toml",
        )
    elif standing is Standing.NOT_SAID:
        yield _advice(
            f"your treaty table does not say whether {code} is in force with "
            f"{entry.country}",
        )


@dataclass(frozen=True, slots=True)
class _Reserved:
    """A request, and one reservation or declaration about an instrument it names."""

    document: JsonObject
    entry: CountryEntry
    reservation: Reservation

    @property
    def country(self) -> str:
        return self.entry.country

    @property
    def kinds(self) -> frozenset[str]:
        return texts_at(self.document, f"{_MEASURES}/assist")

    def blocked(
        self, pointer: str, sentence: str, code: ProblemCode = ProblemCode.BASIS
    ) -> Problem:
        """Return a problem that a person who knows better may override."""
        return Problem(
            pointer,
            code,
            sentence,
            article=self.reservation.cited,
            is_overridable=True,
        )


def _effects(case: _Reserved) -> Iterator[Problem]:
    """Yield what a reservation or declaration does to a request."""
    assist = case.reservation.assist
    if not assist or case.kinds & assist:
        yield from _EFFECTS[case.reservation.effect](case)


def _excluded(case: _Reserved) -> Iterator[Problem]:
    assist = case.reservation.assist
    if not assist:
        words = f"instrument: {case.country} gives no assistance under it"
        yield case.blocked("/instrument", words)
    for pointer, measure in select(case.document, _MEASURES):
        if text_at(measure, "assist") in assist:
            words = f"assist: {case.country} does not give this kind of assistance"
            yield case.blocked(child(pointer, "assist"), words)


def _fiscal(case: _Reserved) -> Iterator[Problem]:
    for pointer, offence in select(case.document, "/payload/offences/*"):
        if (text_at(offence, "ecris") or "").startswith(_FISCAL):
            words = f"ecris: {case.country} refuses assistance for fiscal offences"
            yield case.blocked(child(pointer, "ecris"), words)


def _translation(case: _Reserved) -> Iterator[Problem]:
    languages = case.reservation.languages or case.entry.languages
    if not has_texts(case.document) or is_readable(case.document, languages):
        return
    wanted = " or ".join(languages)
    words = f"language: {case.country} demands a translation into {wanted}"
    problem = case.blocked("/language", words, ProblemCode.LANG)
    if owed_languages(case.document, languages):
        problem = replace(
            problem,
            sentence=f"{words}, which is owed, being an emergency",
            blocking=False,
            is_overridable=False,
        )
    yield problem


def _dual_criminality(case: _Reserved) -> Iterator[Problem]:
    """Yield a problem for each offence whose law is not told and will be compared."""
    coercive = {kind for kind in case.kinds if code_list("ASSIST").column(kind, "C")}
    if not (case.reservation.assist or coercive):
        return
    for pointer, offence in select(case.document, "/payload/offences/*"):
        if not values_at(offence, "statute_text/*"):
            yield case.blocked(
                child(pointer, "statute_text"),
                f"statute_text: missing, expected because {case.country} asks whether "
                "it is an offence there too",
            )


def _channel(case: _Reserved) -> Iterator[Problem]:
    channel = case.reservation.channel
    if channel.startswith("GATEWAY"):
        return
    label = code_list("CHANNEL").label(channel)
    words = f"instrument: {case.country} demands another channel for it: {label}"
    yield case.blocked("/instrument", words)


def _note(case: _Reserved) -> Iterator[Problem]:
    words = f"{case.country} has declared: {case.reservation.text}"
    yield _advice(words, case.reservation.cited)


_EFFECTS: Final[Mapping[Effect, Callable[[_Reserved], Iterator[Problem]]]] = {
    Effect.EXCLUDES: _excluded,
    Effect.REFUSES_FISCAL: _fiscal,
    Effect.DEMANDS_TRANSLATION: _translation,
    Effect.DUAL_CRIMINALITY: _dual_criminality,
    Effect.DEMANDS_CHANNEL: _channel,
    Effect.NOTE: _note,
}


def _advice(words: str, article: str = "") -> Problem:
    return Problem(
        "/instrument",
        ProblemCode.BASIS,
        f"instrument: {words}",
        blocking=False,
        article=article,
    )
