"""The header of an envelope: all that a carrier can see, and is bound to by the seal.

Parsing refuses what is wrong whoever reads it; what depends on who and when stands in
functions of its own, in the order a receiver asks (specification, section 10.3).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import (
    ExpiredError,
    MalformedError,
    NotAddresseeError,
    SenderMismatchError,
    UnknownSuiteError,
)
from gateway.core.keys import SUITE, KemKeyRecord
from gateway.core.limits import (
    MAX_ATTACHMENTS,
    MAX_HEADER_BYTES,
    MAX_MESSAGE_LIFETIME_MS,
    MAX_RECIPIENT_KEYS,
)
from gateway.core.sizes import check_attachment_length
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_message_id,
    parse_time,
)

_AID = re.compile(r"[0-9a-f]{32}\Z")


class _AttachmentFields(Wire, frozen=True, kw_only=True):
    """One element of `attachments`."""

    aid: str
    length: int
    root: str


class _HeaderFields(Wire, frozen=True, kw_only=True):
    """The header as it is spelled."""

    attachments: list[_AttachmentFields]
    created: str
    expires: str
    sender: str = msgspec.field(name="from")
    id: str
    keys: list[str]
    priority: Priority
    suite: int
    addressee: str = msgspec.field(name="to")


@dataclass(frozen=True, slots=True)
class SealedAttachment:
    """What the header says of an attachment.

    Attributes:
        aid: Its id within the message, 32 hex digits.
        length: Of the ciphertext, in bytes.
        root: Binds the length and the digests of all parts.
    """

    aid: str
    length: int
    root: HexDigest

    def __post_init__(self) -> None:
        """Refuse what no attachment can have."""
        if not _AID.match(self.aid):
            raise MalformedError(f"aid: {self.aid[:40]!r}, expected 32 hex digits")
        check_attachment_length(self.length)


@dataclass(frozen=True, slots=True)
class Header:
    """Who to whom, when, how urgent, and the sizes of what comes with it.

    Attributes:
        created: When it was sealed.
        expires: Last moment of acceptance; evidence stays valid after it.
        keys: Ids of the addressee's keys it is sealed to, in the card's order.
        suite: As spelled; `check_suite` decides whether this node has it.
    """

    id: MessageId
    sender: AuthorityId
    addressee: AuthorityId
    created: UnixMs
    expires: UnixMs
    priority: Priority
    keys: tuple[HexDigest, ...]
    attachments: tuple[SealedAttachment, ...] = ()
    suite: int = SUITE

    def __post_init__(self) -> None:
        """Refuse a header that contradicts itself or is over a limit."""
        if not 1 <= len(self.keys) <= MAX_RECIPIENT_KEYS:
            raise MalformedError(
                f"keys: {len(self.keys)}, expected 1 to {MAX_RECIPIENT_KEYS}",
            )
        if len(set(self.keys)) != len(self.keys):
            raise MalformedError("keys: a key id is repeated")
        if len(self.attachments) > MAX_ATTACHMENTS:
            raise MalformedError(
                f"attachments: {len(self.attachments)}, at most {MAX_ATTACHMENTS}",
            )
        if len({item.aid for item in self.attachments}) != len(self.attachments):
            raise MalformedError("attachments: an aid is repeated")
        if not 0 <= self.expires - self.created <= MAX_MESSAGE_LIFETIME_MS:
            raise MalformedError("expires: expected 0 to 90 days after created")


def encode_header(header: Header) -> bytes:
    """Return the canonical bytes of a header."""
    return canonical.encode(
        _HeaderFields(
            attachments=[
                _AttachmentFields(aid=item.aid, length=item.length, root=item.root)
                for item in header.attachments
            ],
            created=format_time(header.created),
            expires=format_time(header.expires),
            sender=header.sender,
            id=header.id,
            keys=list(header.keys),
            priority=header.priority,
            suite=header.suite,
            addressee=header.addressee,
        ),
    )


def parse_header(raw: bytes) -> Header:
    """Return the header that `raw` spells.

    Raises:
        TooLargeError: The header or an attachment is over its limit.
        MalformedError: Anything but the canonical bytes of a possible header.
    """
    fields = canonical.decode_as(raw, _HeaderFields, max_bytes=MAX_HEADER_BYTES)
    return Header(
        id=parse_message_id(fields.id),
        sender=parse_authority_id(fields.sender),
        addressee=parse_authority_id(fields.addressee),
        created=parse_time(fields.created),
        expires=parse_time(fields.expires),
        priority=fields.priority,
        keys=tuple(map(parse_digest, fields.keys)),
        attachments=tuple(
            SealedAttachment(item.aid, item.length, parse_digest(item.root))
            for item in fields.attachments
        ),
        suite=fields.suite,
    )


def check_addressing(
    header: Header,
    *,
    sender: AuthorityId,
    recipient: AuthorityId,
) -> None:
    """Refuse an envelope that is not from the peer that offers it, or not for us.

    Raises:
        SenderMismatchError: `from` is not `sender`.
        NotAddresseeError: `to` is not `recipient`.
    """
    if header.sender != sender:
        raise SenderMismatchError(f"from: {header.sender}, expected {sender}")
    if header.addressee != recipient:
        raise NotAddresseeError(f"to: {header.addressee}, expected {recipient}")


def check_suite(header: Header) -> None:
    """Refuse a suite this node does not have.

    Raises:
        UnknownSuiteError: Any but suite 1.
    """
    if header.suite != SUITE:
        raise UnknownSuiteError(f"suite: {header.suite}, expected {SUITE}")


def check_times(
    header: Header,
    now: UnixMs,
    *,
    records: Iterable[KemKeyRecord] = (),
) -> None:
    """Refuse an envelope that has run out, or that would outlive a key it names.

    Args:
        header: The envelope's.
        now: The receiver's clock.
        records: The receiver's own keys, retired ones too.

    Raises:
        MalformedError: `expires` is after the `open_until` of one of its keys.
        ExpiredError: `expires` has passed.
    """
    for record in records:
        if record.kid in header.keys and header.expires > parse_time(record.open_until):
            raise MalformedError("expires: after the last moment to open with a key")
    if now > header.expires:
        raise ExpiredError(f"expires: {format_time(header.expires)} has passed")
