"""Every body that two nodes exchange, declared once (specification, section 10).

All are canonical JSON; a delivery is one line of it and then the envelopes, back to
back. Spelling: `leaf` and checkpoints are text, `path` and `proof` lists of base64
hashes, digests bare hex.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import (
    MAX_DELIVERY_BYTES,
    MAX_DELIVERY_HEAD_BYTES,
    MAX_DELIVERY_ITEMS,
    MAX_ENVELOPE_BYTES,
    MAX_PARTS,
    MAX_PENDING_RANGES,
    MAX_REPLY_BYTES,
)
from gateway.core.translog.encoding import decode_hash, encode_base64

PROTOCOL_VERSION = 1
PREFIX = "/mla/1"
DELIVERY_MEDIA_TYPE = "application/mla-delivery"
JSON_MEDIA_TYPE = "application/json"
PROBLEM_MEDIA_TYPE = "application/problem+json"
CARD_MEDIA_TYPE = "application/mla-card"
NOTE_MEDIA_TYPE = "text/plain; charset=utf-8"
TILE_MEDIA_TYPE = "application/octet-stream"
PART_MEDIA_TYPE = "application/octet-stream"
# A digest takes 64 hex digits, two quotes and a comma.
MAX_ANNOUNCE_BYTES = 67 * MAX_PARTS + 1024

MAX_LINKS = 8
MAX_PROOF_HASHES = 64

_CONTENT_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]{44}):\Z")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


class Seen(Wire, frozen=True, kw_only=True):
    """The newest checkpoint of the asker's log that the answering node holds."""

    root: str
    size: int


class Limits(Wire, frozen=True, kw_only=True):
    """What the answering node takes at most in one delivery."""

    body_bytes: int
    envelope_bytes: int
    items: int


class PingReply(Wire, frozen=True, kw_only=True):
    """Answer to `GET /ping`."""

    authority: str
    limits: Limits
    now: str
    seen: Seen
    stage: str
    suites: list[int]
    versions: list[int]


class Consistency(Wire, frozen=True, kw_only=True):
    """A proof that a log only grew since size `from`."""

    from_size: int = msgspec.field(name="from")
    proof: list[str]

    def __post_init__(self) -> None:
        """Bound the proof before anybody hashes it."""
        if len(self.proof) > MAX_PROOF_HASHES:
            raise ValueError("proof: too many hashes")


class DeliveryItem(Wire, frozen=True, kw_only=True):
    """One envelope of a delivery, with the proof that its sender logged it."""

    digest: str
    index: int
    leaf: str
    length: int
    path: list[str]


class DeliveryHead(Wire, frozen=True, kw_only=True):
    """First line of a delivery.

    Attributes:
        checkpoint: Signed note of the sender's log; all items are proven under it.
        consistency: From what the receiver is known to have seen.
        links: The same from newer checkpoints already on their way to the receiver,
            so that deliveries in both directions at once need no second round.
        pending: Ranges of `seq` that are under way or waiting.
        seen: Size of the newest checkpoint of the receiver's log the sender linked.
    """

    checkpoint: str
    consistency: Consistency
    items: list[DeliveryItem]
    now: str
    pending: list[tuple[int, int]]
    seen: int
    links: list[Consistency] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Bound the lists."""
        if not 1 <= len(self.items) <= MAX_DELIVERY_ITEMS:
            raise ValueError("items: expected 1 to 256")
        if len(self.pending) > MAX_PENDING_RANGES:
            raise ValueError("pending: too many ranges")
        _check_links(self.links)


ItemStatus = Literal["received", "already", "incomplete", "later", "refused"]


class ItemReply(Wire, frozen=True, kw_only=True):
    """What became of one item; which fields are there depends on `status`."""

    status: ItemStatus
    code: str | UnsetType = UNSET
    index: int | UnsetType = UNSET
    leaf: str | UnsetType = UNSET
    missing: list[str] | UnsetType = UNSET
    path: list[str] | UnsetType = UNSET
    retry_after: int | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Bound the code: it is kept and shown."""
        _check_code(self.code)


class DeliveryReply(Wire, frozen=True, kw_only=True):
    """Answer to a delivery; `items` in the order of the request."""

    checkpoint: str
    consistency: Consistency
    items: list[ItemReply]
    now: str
    links: list[Consistency] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Bound the lists."""
        if len(self.items) > MAX_DELIVERY_ITEMS:
            raise ValueError("items: more than were offered")
        _check_links(self.links)


class EventItem(Wire, frozen=True, kw_only=True):
    """A later event of a message between the two, proven by the teller's log."""

    index: int
    leaf: str
    path: list[str]


class LostItem(Wire, frozen=True, kw_only=True):
    """A message the teller had received and has lost; it is offered again."""

    dig: str
    m: str


class EventsRequest(Wire, frozen=True, kw_only=True):
    """Body of `POST /events`."""

    checkpoint: str
    consistency: Consistency
    items: list[EventItem]
    now: str
    seen: int
    links: list[Consistency] | UnsetType = UNSET
    lost: list[LostItem] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Bound the lists."""
        if len(self.items) > MAX_DELIVERY_ITEMS:
            raise ValueError("items: too many")
        if self.lost is not UNSET and len(self.lost) > MAX_DELIVERY_ITEMS:
            raise ValueError("lost: too many")
        _check_links(self.links)


class EventReply(Wire, frozen=True, kw_only=True):
    """`noted`: stored, or known before; `later`: tell it again; `refused`: never."""

    status: Literal["noted", "later", "refused"]
    code: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Bound the code: it is kept and shown."""
        _check_code(self.code)


class EventsReply(Wire, frozen=True, kw_only=True):
    """Answer to `POST /events`, in the order of the request."""

    items: list[EventReply]
    now: str
    seen: int


class CardReply(Wire, frozen=True, kw_only=True):
    """Acknowledges the number of a pushed card."""

    number: int


class PartsAnnounced(Wire, frozen=True, kw_only=True):
    """Body of `POST /attachments`: the digests of all parts of an attachment."""

    aid: str
    message: str
    parts: list[str]


class PartsReply(Wire, frozen=True, kw_only=True):
    """Which parts of an attachment the answering node has still to get."""

    missing: list[int]

    def __post_init__(self) -> None:
        """Bound the list and what stands in it."""
        if len(self.missing) > MAX_PARTS:
            raise ValueError("missing: more than any attachment has")
        if any(not 0 <= index < MAX_PARTS for index in self.missing):
            raise ValueError("missing: a part that no attachment has")


class PartReply(Wire, frozen=True, kw_only=True):
    """A part is durably there."""

    status: Literal["stored"]


class Problem(Wire, frozen=True, kw_only=True):
    """RFC 9457 body of a batch-level failure."""

    code: str
    status: int
    title: str
    retry_after: int | UnsetType = UNSET
    seen: int | UnsetType = UNSET


# Specification, section 10.3: one stable code, one HTTP status.
STATUS_OF_CODE = {
    "malformed": 400,
    "log-proof-invalid": 403,
    "not-allowed": 403,
    "not-found": 404,
    "no-such-message": 404,
    "part-conflict": 409,
    "part-mismatch": 422,
    "root-mismatch": 422,
    "log-out-of-step": 409,
    "too-large": 413,
    "version": 426,
    "quota": 429,
    "internal": 500,
    "maintenance": 503,
    "disk": 503,
    "blob-failed": 503,
    "clock": 503,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A parsed delivery: the head, and the envelopes in its order."""

    head: DeliveryHead
    envelopes: tuple[bytes, ...]


def encode_delivery(head: DeliveryHead, envelopes: Sequence[bytes]) -> bytes:
    """Return the body of `POST /deliver`."""
    return b"".join((canonical.encode(head), b"\n", *envelopes))


def parse_delivery(body: bytes) -> Delivery:
    """Return the delivery that `body` spells.

    Raises:
        TooLargeError: The body or its head line is over its limit.
        MalformedError: Anything but one head and exactly its envelopes.
    """
    if len(body) > MAX_DELIVERY_BYTES:
        raise TooLargeError(f"delivery: {len(body)} bytes, at most 16 MiB")
    end = body.find(b"\n", 0, MAX_DELIVERY_HEAD_BYTES + 1)
    if end < 0:
        raise MalformedError("delivery: no head line within 1 MiB")
    head = canonical.decode_as(
        body[:end],
        DeliveryHead,
        max_bytes=MAX_DELIVERY_HEAD_BYTES,
        line_feeds=True,
    )
    if any(not 0 < item.length <= MAX_ENVELOPE_BYTES for item in head.items):
        raise MalformedError("delivery: the length of an envelope is impossible")
    if sum(item.length for item in head.items) != len(body) - end - 1:
        raise MalformedError("delivery: the lengths do not add up to the body")
    envelopes = []
    start = end + 1
    for item in head.items:
        envelopes.append(body[start : start + item.length])
        start += item.length
    return Delivery(head, tuple(envelopes))


def parse_delivery_reply(body: bytes) -> DeliveryReply:
    """Return the reply that `body` spells.

    Raises:
        MalformedError: Not a reply.
    """
    return canonical.decode_as(
        body,
        DeliveryReply,
        max_bytes=MAX_REPLY_BYTES,
        line_feeds=True,
    )


def parse_events(body: bytes) -> EventsRequest:
    """Return the events that `body` spells.

    Raises:
        MalformedError: Not a list of events.
    """
    return canonical.decode_as(
        body,
        EventsRequest,
        max_bytes=MAX_DELIVERY_HEAD_BYTES,
        line_feeds=True,
    )


def parse_announced(body: bytes) -> PartsAnnounced:
    """Return the announcement that `body` spells.

    Raises:
        MalformedError: Not one.
        TooLargeError: Its list is over its limit.
    """
    return canonical.decode_as(body, PartsAnnounced, max_bytes=MAX_ANNOUNCE_BYTES)


def spell_content_digest(digest: bytes) -> str:
    """Return the `Content-Digest` of bytes with a SHA-256 (RFC 9530)."""
    return f"sha-256=:{encode_base64(digest)}:"


def parse_content_digest(text: str) -> bytes:
    """Return the SHA-256 that a `Content-Digest` names.

    Raises:
        MalformedError: Another algorithm or spelling, or several.
    """
    match = _CONTENT_DIGEST.match(text)
    if match is None:
        raise MalformedError("Content-Digest: expected sha-256=:…:")
    return decode_hash(match[1], "Content-Digest")


def hashes_to_text(hashes: Sequence[bytes]) -> list[str]:
    """Return hashes as base64 text."""
    return [encode_base64(item) for item in hashes]


def hashes_from_text(texts: Sequence[str]) -> tuple[bytes, ...]:
    """Return the 32-byte hashes that canonical base64 `texts` spell.

    Raises:
        MalformedError: A text is not canonical base64 of 32 bytes.
    """
    return tuple(decode_hash(text, "hash") for text in texts)


def _check_code(code: str | UnsetType) -> None:
    if code is not UNSET and not _CODE.match(code):
        raise ValueError("code: expected lower-case letters, digits and hyphens")


def _check_links(links: list[Consistency] | UnsetType) -> None:
    if links is not UNSET and len(links) > MAX_LINKS:
        raise ValueError("links: too many")
