"""What became of messages that never were: states, entries, proofs that fit together.

Most are long settled, as in a node that has worked for years; the newest wait for their
peer. One pattern of a hundred fates repeats, so that every state, kind and list of the
node is there in a known share.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from gateway.core.canonical import JsonObject
from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    format_time,
)
from gateway.ports.messages import Box, MessageIndex, MessageRow, ProofRole

_DAY_MS = 86_400_000
_LIFETIME_MS = 90 * _DAY_MS
MESSAGES_A_CASE = 4
_TYPES = ("MLA_REQ", "CLR_REQ", "CLR", "ANS")
_ERROR = "not-allowed"

State = OutboundState | InboundState


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a message.

    Attributes:
        ours: The entries of our log about it, in order.
        theirs: What its peer's log says of it: role, kind of entry.
    """

    box: Box
    state: State
    ours: tuple[str, ...]
    theirs: tuple[tuple[ProofRole, str], ...] = ()


_SENT = "msg.send"
_RECEIPT = (ProofRole.RECEIPT, "msg.receive")
_ORIGIN = ((ProofRole.ORIGIN, _SENT),)
_CHECKED = ("msg.receive", "msg.check")

QUEUED = Fate(Box.OUT, OutboundState.QUEUED, (_SENT,))
_FATES = (
    (25, Fate(Box.OUT, OutboundState.DELIVERED, (_SENT, "msg.deliver"), (_RECEIPT,))),
    (
        20,
        Fate(
            Box.OUT,
            OutboundState.OPENED,
            (_SENT, "msg.deliver", "msg.opened"),
            (_RECEIPT, (ProofRole.OPENING, "msg.access")),
        ),
    ),
    (
        2,
        Fate(
            Box.OUT,
            OutboundState.REFUSED,
            (_SENT, "msg.refused"),
            ((ProofRole.REFUSAL, "msg.reject"),),
        ),
    ),
    (1, Fate(Box.OUT, OutboundState.EXPIRED, (_SENT, "msg.expire"))),
    (1, Fate(Box.OUT, OutboundState.CANCELLED, (_SENT, "msg.cancel"))),
    (1, Fate(Box.OUT, OutboundState.HELD, ("msg.hold",))),
    (10, Fate(Box.IN, InboundState.RECEIVED, _CHECKED, _ORIGIN)),
    (19, Fate(Box.IN, InboundState.OPENED, (*_CHECKED, "msg.access"), _ORIGIN)),
    (
        20,
        Fate(
            Box.IN,
            InboundState.HANDED_OVER,
            (*_CHECKED, "msg.access", "msg.confirm"),
            _ORIGIN,
        ),
    ),
    (1, Fate(Box.IN, InboundState.QUARANTINED, (*_CHECKED, "msg.reject"), _ORIGIN)),
)
# Spread evenly, not one state after the other: 37 has no divisor in common with 100.
_IN_ORDER = tuple(chain.from_iterable(repeat(fate, share) for share, fate in _FATES))
PATTERN = tuple(_IN_ORDER[at * 37 % len(_IN_ORDER)] for at in range(len(_IN_ORDER)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A message that is to have been there.

    Attributes:
        number: In the order of storing, from 0.
        at_text: When everything about it happened, as leaves say it.
        seq: Its running number, or 0.
        digest: Of its envelope.
        content_digest: Of its manifest.
    """

    number: int
    id: MessageId
    peer: AuthorityId
    fate: Fate
    at: UnixMs
    at_text: str
    seq: int
    index: MessageIndex
    digest: HexDigest
    content_digest: HexDigest

    @property
    def is_urgent(self) -> bool:
        """Whether it goes first."""
        return self.number % 50 == 0

    def said_by_peer(self, ourselves: str) -> Iterator[tuple[str, JsonObject]]:
        """Yield the entries of the peer's log about it."""
        for _, kind in self.fate.theirs:
            fields: JsonObject = {"m": self.id, "peer": ourselves}
            if kind == "msg.access":
                fields["ref"] = 0
            else:
                fields["dig"] = self.digest
            if kind == _SENT:
                fields |= {"man": self.content_digest, "seq": self.seq}
            elif kind == "msg.reject":
                fields["res"] = _ERROR
            yield kind, fields

    def fields(self, kind: str, arrival: int, checkpoint: JsonObject) -> JsonObject:
        """Return the fields of an entry of our log about it.

        Args:
            kind: Of the entry.
            arrival: The first entry about it, if this is a later one.
            checkpoint: Of the peer's log, that its proofs lie under.
        """
        fields: JsonObject = {"m": self.id, "peer": self.peer}
        match kind:
            case "msg.send":
                fields |= {
                    "dig": self.digest,
                    "man": self.content_digest,
                    "seq": self.seq,
                }
            case "msg.receive":
                fields["dig"] = self.digest
            case "msg.hold":
                fields["res"] = "peer-paused"
            case "msg.deliver" | "msg.opened":
                fields |= {"ref": arrival, "cp": checkpoint}
            case "msg.refused":
                fields |= {"ref": arrival, "cp": checkpoint, "res": _ERROR}
            case "msg.reject":
                fields |= {"ref": arrival, "dig": self.digest, "res": "cannot-open"}
            case "msg.expire" | "msg.cancel":
                fields |= {"ref": arrival, "seq": self.seq, "dig": self.digest}
            case _:
                fields["ref"] = arrival
        return fields

    def act(self, kind: str) -> Act | None:
        """Return who is behind an entry about it, if anybody."""
        if kind == "msg.check":
            return Act("node", "node", "validation")
        if kind in {"msg.send", "msg.hold", "msg.cancel"}:
            return Act("clerk", "officer", "", self.index.case_id)
        if kind in {"msg.access", "msg.confirm"}:
            return Act("clerk", "recipient", "execution of the request")
        return None

    def row(self, log_index: int, size_bytes: int) -> MessageRow:
        """Return its metadata, as they are in the end."""
        fate = self.fate
        is_held = fate.state is OutboundState.HELD
        is_ours = fate.box is Box.OUT
        was_tried = len(fate.ours) > 1 and is_ours
        return MessageRow(
            id=self.id,
            box=fate.box,
            peer=self.peer,
            state=fate.state,
            priority=Priority.URGENT if self.is_urgent else Priority.ROUTINE,
            created_at=self.at,
            accepted_at=self.at,
            updated_at=self.at,
            expires_at=UnixMs(self.at + _LIFETIME_MS),
            digest="" if is_held else self.digest,
            content_digest="" if is_held else self.content_digest,
            size_bytes=size_bytes,
            seq=self.seq,
            log_index=log_index,
            index=self.index,
            attempts=int(was_tried),
            next_attempt_at=UnixMs(0),
            last_code=_ERROR if fate.state is OutboundState.REFUSED else "",
            hold_reason="peer-paused" if is_held else "",
            has_unknown_attempt=False,
            problems=-1 if is_ours else 0,
            idempotency_key=f"key-{self.number:08}" if is_ours else "",
        )


def new_seeded(
    number: int, at: UnixMs, fate: Fate, peer: AuthorityId, seq: int
) -> Seeded:
    """Return a message; four that follow one another are a case."""
    in_case = number % MESSAGES_A_CASE
    id_ = _id(number, at, b=0x8000)
    digest = hashlib.sha256(id_.encode()).hexdigest()
    return Seeded(
        number=number,
        id=id_,
        peer=peer,
        fate=fate,
        at=at,
        at_text=format_time(at),
        seq=seq,
        index=MessageIndex(
            msg_type=_TYPES[in_case],
            case_id=_id(number - in_case, number - in_case, b=0x9000),
            case_seq=in_case + 1,
            urgency="routine",
            sender_ref=f"ref-{number // MESSAGES_A_CASE}",
        ),
        digest=HexDigest(digest),
        content_digest=HexDigest(digest[::-1]),
    )


def _id(number: int, at: int, *, b: int) -> MessageId:
    """Return an id that sorts by time, like a UUIDv7, and is no other's."""
    time = f"{at:012x}"
    low = f"7{number & 0xFFF:03x}-{b:04x}-{number:012x}"
    return MessageId(f"{time[:8]}-{time[8:]}-{low}")
