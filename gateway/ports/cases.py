"""Cases as flows see them: the docket entries of their messages, and a list.

What a case's state is, what is due and what may be sent next is computed from its
docket (`gateway.mla.docket`), never stored.
"""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.canonical import JsonObject
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.messages import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketRow:
    """What is kept of one message of a case.

    Attributes:
        state: Of the message, as in `MessageRow`.
        accepted_at: When we stored it: sent by us, or received.
        problems: Number of defects found by validation, as in `MessageRow`.
        entry: Its docket entry.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    state: str
    accepted_at: UnixMs
    problems: int
    entry: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case with one peer.

    Attributes:
        number: Its place in the list of cases; later ones are greater.
        opener: Who opened it: OUT for us.
        msg_type: Type of the message that opened it; empty until that is known.
        opened_at: When its first message was stored.
        last_at: When its newest message was stored.
        messages: How many of its messages are kept.
        sender_ref: The file number of who opened it; empty if none was given.
        recipient_ref: That of the other side.
        urgency: Of the message that opened it, or of the first that came.
    """

    number: int
    case_id: str
    peer: AuthorityId
    opener: Box
    msg_type: str
    opened_at: UnixMs
    last_at: UnixMs
    messages: int
    sender_ref: str
    recipient_ref: str
    urgency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; empty or None leaves a field open.

    Attributes:
        since: Cases with a message stored since then.
    """

    peer: str = ""
    msg_type: str = ""
    urgency: str = ""
    since: UnixMs | None = None


class CaseStore(Protocol):
    """Reading cases; they come to be with their messages."""

    async def docket(self, case_id: str, limit: int) -> list[DocketRow]:
        """Return what is kept of a case's messages with all peers, oldest first."""
        ...

    async def cases(
        self, wanted: CaseFilter, *, before: int | None, limit: int
    ) -> list[CaseRow]:
        """Return cases with a number below `before`, newest first."""
        ...

    async def cases_of(self, case_id: str) -> list[CaseRow]:
        """Return a case as it stands with each peer; none if it is not known."""
        ...
