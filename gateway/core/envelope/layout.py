"""The lines and the body of an envelope, and what the seal binds them to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core import canonical
from gateway.core.envelope.header import Header, parse_header
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.keys import SUITE
from gateway.core.limits import MAX_ENVELOPE_BYTES, MAX_HEADER_BYTES, MAX_WRAPS_BYTES
from gateway.core.values import HexDigest

_MAGIC = b"mla-envelope/1\n"
_WRAP_DOMAIN = b"mla-envelope/1 wrap\0"
_BODY_DOMAIN = b"mla-envelope/1 body\0"


@dataclass(frozen=True, slots=True)
class ParsedEnvelope:
    """An envelope whose lines are in order; its seal has not been looked at.

    Attributes:
        raw: All its bytes.
        digest: SHA-256 of `raw`: its identity for receipts and evidence.
        header: What a carrier sees.
        header_digest: SHA-256 of the header's bytes, which the seal binds.
        wraps: The wrapped content key, once for each of `header.keys`.
        body_offset: Where in `raw` the body starts.
    """

    raw: bytes = field(repr=False)
    digest: HexDigest
    header: Header
    header_digest: bytes
    wraps: tuple[bytes, ...] = field(repr=False)
    body_offset: int

    @property
    def body(self) -> memoryview:
        """The ciphertext of the inner part."""
        return memoryview(self.raw)[self.body_offset :]


def parse_envelope(raw: bytes) -> ParsedEnvelope:
    """Return the envelope that `raw` spells.

    Raises:
        TooLargeError: The whole, a line or an attachment is over its limit.
        MalformedError: Anything but one envelope of version 1.
    """
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise TooLargeError(f"envelope: {len(raw)} bytes, at most {MAX_ENVELOPE_BYTES}")
    if not raw.startswith(_MAGIC):
        raise MalformedError(f"envelope: starts with {raw[:15]!r}, expected {_MAGIC!r}")
    header_raw = _line(raw, len(_MAGIC), max_bytes=MAX_HEADER_BYTES)
    wraps_offset = len(_MAGIC) + len(header_raw) + 1
    wraps_raw = _line(raw, wraps_offset, max_bytes=MAX_WRAPS_BYTES)
    header = parse_header(header_raw)
    # Their length belongs to the suite, and is looked at with the seal.
    wraps = tuple(canonical.decode_base64_list(wraps_raw))
    if len(wraps) != len(header.keys):
        raise MalformedError(f"wraps: {len(wraps)}, expected {len(header.keys)}")
    body_offset = wraps_offset + len(wraps_raw) + 1
    if body_offset == len(raw):
        raise MalformedError("envelope: the body is missing")
    return ParsedEnvelope(
        raw=raw,
        digest=HexDigest(hashlib.sha256(raw).hexdigest()),
        header=header,
        header_digest=hashlib.sha256(header_raw).digest(),
        wraps=wraps,
        body_offset=body_offset,
    )


def join_envelope(header_raw: bytes, wraps: Sequence[bytes], body: bytes) -> bytes:
    """Return the bytes of an envelope.

    The limits of header and manifest keep them below the limit of the whole.
    """
    wraps_raw = canonical.encode_base64_list(wraps)
    return b"".join((_MAGIC, header_raw, b"\n", wraps_raw, b"\n", body))


def wrap_info(kid: HexDigest, header_digest: bytes) -> bytes:
    """Return what a wrap is bound to: suite, key and header."""
    return _WRAP_DOMAIN + bytes((SUITE,)) + bytes.fromhex(kid) + header_digest


def body_context(header_digest: bytes) -> bytes:
    """Return what the body is bound to: the header."""
    return _BODY_DOMAIN + header_digest


def _line(raw: bytes, start: int, *, max_bytes: int) -> bytes:
    """Return the line that begins at `start`, without its end."""
    end = raw.find(b"\n", start, start + max_bytes + 1)
    if end >= 0:
        return raw[start:end]
    if len(raw) - start > max_bytes:
        raise TooLargeError(f"envelope: a line is over {max_bytes} bytes")
    raise MalformedError("envelope: a line is missing")
