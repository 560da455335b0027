"""What has to be true of a message beyond its own form: the checks, joined in assembly.

Each check sees the message and what its case has seen so far, and returns problems.
The same checks judge what is submitted, what is only to be tried, and what arrived.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId
from gateway.mla.problems import Problem
from gateway.ports.cases import CaseStore, DocketRow
from gateway.ports.peers import Peer

MAX_DOCKET_ROWS: Final = 10_000
"""Messages of one case that are looked at; the oldest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message of ours, about to be accepted.

    Attributes:
        document: Complete, and nothing in it by itself refuses it.
        act: Who submits it.
        docket: Its case with this peer so far, oldest first; none of a new one.
    """

    peer: Peer
    document: JsonObject = field(repr=False)
    act: Act
    docket: Sequence[DocketRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message that was received and read.

    Attributes:
        document: Nothing in it by itself refuses it.
        docket: Its case with this peer, without the message itself: what was stored
            and read before it, oldest first.
    """

    id: MessageId
    peer: AuthorityId
    document: JsonObject = field(repr=False)
    docket: Sequence[DocketRow] = ()


OutgoingCheck: TypeAlias = Callable[[Outgoing], Awaitable[list[Problem]]]
IncomingCheck: TypeAlias = Callable[[Incoming], Awaitable[list[Problem]]]


TranslationsOwed: TypeAlias = Callable[[Peer, JsonObject], tuple[str, ...]]


def _none_owed(_peer: Peer, _document: JsonObject) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Admission:
    """The checks of this node, in the order in which they are told.

    Attributes:
        outgoing: Of our own messages; a blocking problem refuses the submission, an
            overridable one unless a reason was given.
        incoming: Of received ones; a problem that refuses is answered to the sender.
        translations_owed: Tells into one of which languages a message that goes out
            without a translation owes one to this peer; the node says so in it.
    """

    outgoing: tuple[OutgoingCheck, ...] = ()
    incoming: tuple[IncomingCheck, ...] = ()
    translations_owed: TranslationsOwed = _none_owed

    async def of_outgoing(self, message: Outgoing) -> list[Problem]:
        """Return what all checks say of a message of ours."""
        return [one for check in self.outgoing for one in await check(message)]

    async def of_incoming(self, message: Incoming) -> list[Problem]:
        """Return what all checks say of a received message."""
        return [one for check in self.incoming for one in await check(message)]


async def docket_with(
    store: CaseStore,
    case_id: str,
    peer: AuthorityId,
    *,
    limit: int = MAX_DOCKET_ROWS,
) -> list[DocketRow]:
    """Return the docket of a case with one peer, oldest first.

    Args:
        store: Where it is.
        case_id: The case.
        peer: The authority it is exchanged with.
        limit: Messages of the case with all peers that are looked at.
    """
    rows = await store.docket(case_id, limit)
    return [row for row in rows if row.peer == peer]
