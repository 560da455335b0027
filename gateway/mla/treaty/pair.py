"""Everything that the law between two authorities says about one message."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from gateway.core.canonical import JsonObject
from gateway.mla.problems import Problem, ProblemCode, bounded, text_at
from gateway.mla.treaty.comparing import conflicts
from gateway.mla.treaty.contents import content_problems
from gateway.mla.treaty.country import CountryEntry
from gateway.mla.treaty.languages import language_problems, owed_languages
from gateway.mla.treaty.services import ServiceProfile
from gateway.mla.treaty.serving import service_problems
from gateway.mla.treaty.standing import demanded_languages, instrument_problems
from gateway.mla.treaty.table import OPENING_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What is known of the two sides of a message.

    Attributes:
        addressee: The authority that the message goes to.
        country: Of the other side than ours.
        entry: What our treaty table says of that country; None if nothing.
        profile: What the addressee publishes of its service; None if nothing.
        today: Day on which the message is made, in UTC.
        is_received: Whether the addressee are we. What our table says of the other
            country's languages and channels does not matter then.
    """

    addressee: str
    country: str
    entry: CountryEntry | None = None
    profile: ServiceProfile | None = None
    today: date
    is_received: bool = False

    @property
    def accepted(self) -> tuple[str, ...]:
        """Languages the addressee accepts: by its own word, else by our table."""
        if self.profile is not None and self.profile.languages:
            return self.profile.languages
        if self.entry is None or self.is_received:
            return ()
        return self.entry.languages

    @property
    def is_published(self) -> bool:
        """Whether the addressee itself says which languages it accepts."""
        return self.profile is not None and bool(self.profile.languages)


def treaty_problems(document: JsonObject, pair: Pair) -> list[Problem]:
    """Return all that law and service profile say against sending a message.

    Args:
        document: The message, complete or as its author wrote it.
        pair: The two sides.
    """
    return bounded(_problems(document, pair))


def advice_on_receipt(document: JsonObject, pair: Pair) -> list[Problem]:
    """Return the same for the people who received a message: advice, nothing more.

    Args:
        document: The message as received.
        pair: The two sides; the addressee are we.
    """
    return [
        replace(problem, blocking=False, is_overridable=False)
        for problem in treaty_problems(document, pair)
    ]


def translation_owed(document: JsonObject, pair: Pair) -> tuple[str, ...]:
    """Return the languages into one of which the sender owes a translation."""
    owed = owed_languages(document, pair.accepted)
    is_request = text_at(document, "/msg_type") in OPENING_TYPES
    if pair.entry is not None and is_request:
        for languages in demanded_languages(document, pair.entry):
            owed = owed or owed_languages(document, languages)
    return owed


def _problems(document: JsonObject, pair: Pair) -> Iterator[Problem]:
    yield from content_problems(document)
    if text_at(document, "/msg_type") in OPENING_TYPES:
        yield from instrument_problems(
            document,
            pair.country,
            pair.entry,
            pair.today,
            with_reservations=not pair.is_received,
        )
    yield from language_problems(
        document,
        pair.accepted,
        whose=pair.addressee if pair.is_published else f"{pair.country} (your table)",
        is_published=pair.is_published,
    )
    if pair.profile is not None:
        yield from service_problems(document, pair.addressee, pair.profile)
    if pair.is_received:
        return
    for sentence in conflicts(pair.addressee, pair.entry, pair.profile):
        yield Problem("", ProblemCode.BASIS, sentence, blocking=False)
