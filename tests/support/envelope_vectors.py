"""Frozen envelopes: how a vector file is spelled, and how a receiver judges it."""

import base64
from pathlib import Path

import msgspec

from gateway.core.canonical import JsonObject
from gateway.core.envelope import (
    OpenedMessage,
    check_addressing,
    check_seal,
    check_suite,
    check_times,
    open_envelope,
    parse_envelope,
)
from gateway.core.keys import KemPrivateKey, publish_kem_key
from gateway.core.values import AuthorityId, HexDigest, parse_time

FOLDER = Path(__file__).parent.parent / "vectors" / "envelope"


class VectorKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key of the recipient; everything else follows from the seed."""

    seed: str
    not_before: str
    retired: bool


class Fill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A byte that follows the envelope many times, so that the file stays small."""

    byte: str
    times: int


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One envelope, who gets it when, and what has to come of it.

    `expect` is `ok` or the code of the refusal.
    """

    comment: str
    expect: str
    peer: str
    recipient: str
    now: str
    keys: list[VectorKey]
    content_digest: str
    envelope: str
    fill: Fill | None = None
    message: dict[str, object] | None = None

    @property
    def raw(self) -> bytes:
        """The envelope's bytes."""
        raw = base64.b64decode(self.envelope, validate=True)
        if self.fill is None:
            return raw
        return raw + bytes.fromhex(self.fill.byte) * self.fill.times


def read_vector(raw: bytes) -> Vector:
    """Return a vector; an unknown or missing key is an error."""
    return msgspec.json.decode(raw, type=Vector, strict=True)


def receive(vector: Vector) -> OpenedMessage:
    """Do all a receiver does, in the order of the specification, section 10.3."""
    recipient = AuthorityId(vector.recipient)
    now = parse_time(vector.now)
    keys, retired, records = {}, set(), []
    for key in vector.keys:
        private = KemPrivateKey.from_seed(bytes.fromhex(key.seed))
        made = publish_kem_key(private, recipient, parse_time(key.not_before))
        kid = HexDigest(made.record.kid)
        records.append(made.record)
        if key.retired:
            retired.add(kid)
        else:
            keys[kid] = private
    envelope = parse_envelope(vector.raw)
    check_addressing(
        envelope.header,
        sender=AuthorityId(vector.peer),
        recipient=recipient,
    )
    check_suite(envelope.header)
    check_times(envelope.header, now, records=records)
    content_key = check_seal(envelope, keys, retired=retired)
    return open_envelope(
        envelope,
        content_key,
        expected_content_digest=HexDigest(vector.content_digest),
    )


def spell_vector(vector: Vector, *, message: JsonObject | None) -> bytes:
    """Return the text of a vector file."""
    full = msgspec.structs.replace(vector, message=message)
    return msgspec.json.format(msgspec.json.encode(full), indent=1) + b"\n"
