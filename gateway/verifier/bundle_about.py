"""Which message a bundle is about: as its envelope says or, without it, its entries.

After an erasure there is no envelope any more. What both sides logged is still there,
and names the message, the sides and the digest that the envelope had.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import ParsedEnvelope, parse_envelope
from gateway.core.errors import GatewayError
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_message_id,
)
from gateway.verifier.report import Findings, failure, failure_from

_SUBJECT = "ENVELOPE"

# Which of the two sides writes the entries from which a message can be known.
_IS_OF_SENDER = {"msg.send": True, "msg.receive": False, "msg.reject": False}
TELLING = frozenset(_IS_OF_SENDER)
"""Kinds of entries that name a message, both sides and its digest."""


@dataclass(frozen=True, slots=True)
class About:
    """The message that entries are compared with.

    Attributes:
        digest: Of the envelope.
        envelope: The sealed message itself, if it is in the bundle.
    """

    id: MessageId
    sender: AuthorityId
    addressee: AuthorityId
    digest: HexDigest
    envelope: ParsedEnvelope | None = None

    @property
    def sides(self) -> frozenset[AuthorityId]:
        """Both authorities."""
        return frozenset({self.sender, self.addressee})


def about_envelope(raw: bytes, findings: Findings) -> About:
    """Return what an envelope says of itself, and report it.

    Raises:
        FailedCheckError: It is not an envelope.
    """
    try:
        envelope = parse_envelope(raw)
    except GatewayError as error:
        raise failure_from(_SUBJECT, error) from error
    header = envelope.header
    text = (
        f"message {header.id} from {header.sender} to {header.addressee}, sealed "
        f"{format_time(header.created)}, digest {envelope.digest}"
    )
    # What it says of itself; the entries show whether the sides logged the same.
    findings.info(_SUBJECT, text, "envelope")
    return About(header.id, header.sender, header.addressee, envelope.digest, envelope)


def about_entries(leaves: Sequence[Leaf], findings: Findings) -> About:
    """Return what the entries of both sides say that the message was.

    Raises:
        FailedCheckError: None of them tells.
    """
    telling = [leaf for leaf in leaves if leaf.kind in TELLING]
    if not telling:
        text = "not in the bundle, and no entry names its digest"
        raise failure(_SUBJECT, text, "not-found")
    # A message that was sealed again was sent last as it was received.
    leaf = max(telling, key=lambda one: (one.kind == "msg.send", one.index))
    writer = parse_authority_id(leaf.log.split("/", 1)[0])
    other = parse_authority_id(leaf.text("peer"))
    sides = (writer, other) if _IS_OF_SENDER[leaf.kind] else (other, writer)
    about = About(
        parse_message_id(leaf.text("m")),
        *sides,
        parse_digest(leaf.text("dig")),
    )
    text = (
        f"not in the bundle; message {about.id} from {about.sender} to "
        f"{about.addressee} had digest {about.digest}, as {writer} logged"
    )
    if any(leaf.kind == "msg.erase" for leaf in leaves):
        findings.info(_SUBJECT, f"{text}; it was erased", "erased")
    else:
        findings.incomplete(_SUBJECT, text, "no-envelope")
    return about
