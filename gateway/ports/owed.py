"""Who owes whom a receipt, a file, an event; read from what is stored."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.values import AuthorityId, MessageId, UnixMs


class OwedKind(StrEnum):
    """What is owed. The first three the peer owes us, the others we owe the peer."""

    RECEIPT = "receipt"  # for a message of ours that is on its way
    WITNESS = "witness"  # a receipt that only its own log speaks for
    EVIDENCE = "evidence"  # files of a message that the peer has offered
    OUR_RECEIPT = "our-receipt"  # the peer has not shown that it has our receipt
    OUR_EVENT = "our-event"  # what happened to its message, not acknowledged


@dataclass(frozen=True, slots=True)
class OwedQuestion:
    """What to look for.

    Attributes:
        urgent_before: Urgent messages are due if they are in their state since then.
        routine_before: All others.
        peer_origin: Log of the peer that receipts must lie in to be asked for.
        covered_size: Size of that log up to which somebody else speaks for it.
        seen_size: Size of our log that the peer is known to have linked.
    """

    peer: AuthorityId
    kind: OwedKind
    urgent_before: UnixMs
    routine_before: UnixMs
    peer_origin: str = ""
    covered_size: int = 0
    seen_size: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is owed.

    Attributes:
        place: Its place among all of its kind and peer, to go on after it.
        since: When the message entered its present state.
        log_index: The entry of our log that it rests on.
    """

    place: int
    message_id: MessageId
    since: UnixMs
    log_index: int


class OwedStore(Protocol):
    """Reading what is owed; every answer comes along an index."""

    async def owed(
        self, question: OwedQuestion, *, after: int, limit: int
    ) -> list[Owed]:
        """Return what is owed of a kind, after a place, in order."""
        ...
