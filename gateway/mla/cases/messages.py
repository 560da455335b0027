"""The messages of a case as its state machine sees them."""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.canonical import JsonObject
from gateway.core.values import UnixMs
from gateway.mla.problems import text_at, texts_at


class CaseMessage(Protocol):
    """What a case keeps of one of its messages."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def state(self) -> str:
        """Where it is on its way."""

    @property
    def accepted_at(self) -> UnixMs:
        """When it was stored here."""

    @property
    def problems(self) -> int:
        """How many blocking defects its form has."""

    @property
    def entry(self) -> JsonObject:
        """Its docket entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a case.

    Attributes:
        id: Its id.
        type: Its type; empty for one that this version does not know.
        sender: The authority that sent it.
        role: The role that it claims.
        seq: Its number among the sender's in the case; 0 if it gives none.
        created_at: As its author wrote it, RFC 3339 in UTC.
        answers: Id of the message it answers; empty if none.
        refs: Ids of other messages that its sender knew.
        entry: Its docket entry, or its document.
        defect: Why it counts for nothing, whatever the case; empty if it counts.
        stored_at: When it was stored here.
    """

    id: str
    type: str
    sender: str
    role: str
    seq: int
    created_at: str
    answers: str
    refs: frozenset[str]
    entry: JsonObject = field(repr=False)
    defect: str
    stored_at: UnixMs

    @property
    def known(self) -> frozenset[str]:
        """Ids of messages that its sender certainly knew."""
        return self.refs | {self.answers} if self.answers else self.refs

    @property
    def day(self) -> str:
        """The day it was written, as 2026-11-21."""
        return self.created_at[:10]


def message_of(entry: JsonObject, *, stored_at: int = 0, defect: str = "") -> Message:
    """Return a document, or what a docket keeps of it, as a message of its case.

    Args:
        entry: The document; of any shape.
        stored_at: When it was stored here.
        defect: Why it counts for nothing; empty if it counts.
    """
    seq = entry.get("seq")
    return Message(
        id=text_at(entry, "msg_id") or "",
        type=text_at(entry, "msg_type") or "",
        sender=text_at(entry, "from/authority_id") or "",
        role=text_at(entry, "from/role") or "",
        seq=seq if isinstance(seq, int) and not isinstance(seq, bool) else 0,
        created_at=text_at(entry, "created_at") or "",
        answers=text_at(entry, "in_reply_to") or "",
        refs=texts_at(entry, "refs/*"),
        entry=entry,
        defect=defect,
        stored_at=UnixMs(stored_at),
    )
