"""Keys that a root no longer vouches for: believed for what they signed in their time.

A checkpoint carries no time that counts, so their time is told by position: no tree
that holds the entry of a card without them can have been signed by them alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.identity import (
    ProvenStatement,
    VerifiedCard,
    history_of,
    parse_card,
)
from gateway.core.translog.note import KeyType, VerifierKey

_LOG_TYPES = frozenset({KeyType.ED25519, KeyType.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class Retirement:
    """That a key was vouched for, and is no longer.

    Attributes:
        last: Number of the last known statement that names it.
        by: Number of the first known one after that.
        before_entry: Index of the entry of its log before which it was retired, if
            that can be known.
    """

    key: VerifierKey
    last: int
    by: int
    before_entry: int | None


def retirement_of(
    key: VerifierKey,
    cards: Sequence[VerifiedCard],
    statements: Sequence[ProvenStatement],
) -> Retirement | None:
    """Return how a key was retired; None if it is at work or not known here.

    Args:
        key: Of a log or a witness.
        cards: Those that the user gave.
        statements: Further ones, each proven by the root of one of the cards.

    Raises:
        UntrustedCardError: The statements contradict each other.
    """
    authorities = {
        one.authority for one in cards if key.name.startswith(f"{one.authority}/")
    }
    for authority in authorities:
        of_it = [one for one in cards if one.authority == authority]
        known = [one for one in statements if one.statement.authority == authority]
        history = history_of([*known, *(one.proven_statement for one in of_it)])
        for found in history.retired():
            if found.key == key and found.retired_by is not None:
                before = _first_card_without(key, found.last, of_it)
                return Retirement(key, found.last, found.retired_by, before)
    return None


def needed_retired(
    signers: Sequence[VerifierKey],
    retirements: Sequence[Retirement],
) -> tuple[Retirement, ...]:
    """Return the retired keys that a checkpoint needs; none if others suffice."""
    retired = {one.key for one in retirements}
    if {key.key_type for key in signers if key not in retired} >= _LOG_TYPES:
        return ()
    return tuple(retirements)


def out_of_time(size: int, needed: Sequence[Retirement]) -> str:
    """Return why a checkpoint is larger than any its keys can have signed in time.

    Empty if it is not.
    """
    for one in needed:
        if one.before_entry is not None and size > one.before_entry:
            return (
                f"RETIRED KEYS signed size {size}; {one.key.key_id.hex()} was retired "
                f"by statement {one.by}, before entry {one.before_entry}"
            )
    return ""


def _first_card_without(
    key: VerifierKey,
    last: int,
    cards: Sequence[VerifiedCard],
) -> int | None:
    """Return the index of the first entry of a card that no longer has the key."""
    places = [
        parse_card(card.raw).proof.index
        for card in cards
        if card.log_origin == key.name and card.statement.number > last
    ]
    return min(places, default=None)
