"""Time stamps (RFC 3161) over checkpoints: what is asked, and what an answer proves.

The library that knows the format is an extra; it is loaded when it is first needed.
Specification, section 8.10.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cryptography import x509

from gateway.core.errors import MalformedError, TooLargeError, VerificationError
from gateway.core.limits import MAX_STAMP_BYTES
from gateway.core.translog.signed import split_checkpoint
from gateway.core.translog.stamp_order import in_der_order
from gateway.core.values import HexDigest, UnixMs

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

QUERY_MEDIA_TYPE = "application/timestamp-query"
REPLY_MEDIA_TYPE = "application/timestamp-reply"
MISSING_EXTRA = (
    "time stamps need the extra `tsa`: pip install 'mla-gateway[tsa]' "
    "(library rfc3161-client)"
)

_SHA256_OID = "2.16.840.1.101.3.4.2.1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)
# An authority's root and a few intermediates; nobody has more.
_MAX_CERTIFICATES = 16


@dataclass(frozen=True, slots=True)
class StampQuery:
    """A question to a time-stamping authority.

    Attributes:
        body: The request, DER.
        nonce: Random number that the answer must repeat, so that it can't be old.
    """

    body: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class StampRoots:
    """Certificates of the authorities whose stamps are believed."""

    certificates: tuple[x509.Certificate, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A verified statement that some bytes existed at a moment.

    Attributes:
        response: The authority's answer, DER, as it came.
        authority: Subject of the certificate that signed it.
        at: The moment that the authority states, Unix milliseconds.
        valid_until: When that certificate ends, Unix milliseconds: from then on the
            stamp should lie under a newer one.
    """

    response: bytes = field(repr=False)
    authority: str
    at: UnixMs
    valid_until: UnixMs

    @property
    def digest(self) -> HexDigest:
        """SHA-256 of the response, as `tsa.stamp` entries name it."""
        return HexDigest(hashlib.sha256(self.response).hexdigest())


def is_supported() -> bool:
    """Tell whether the library is installed."""
    return find_spec("rfc3161_client") is not None


def parse_roots(pem: bytes) -> StampRoots:
    """Return the certificates in a PEM file.

    Raises:
        MalformedError: Not one to sixteen PEM certificates.
    """
    try:
        found = tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise MalformedError("CA file: no PEM certificates in it") from error
    if len(found) > _MAX_CERTIFICATES:
        raise MalformedError(
            f"CA file: {len(found)} certificates, at most {_MAX_CERTIFICATES}",
        )
    return StampRoots(tuple(dict.fromkeys(found)))


def new_query(text: bytes) -> StampQuery:
    """Return a fresh request for a stamp over a checkpoint's three lines.

    Raises:
        AssertionError: The library is not installed; ask `is_supported` first.
        MalformedError: The text is not a checkpoint.
        TooLargeError: It is longer than any checkpoint.
    """
    _demand_library()
    from rfc3161_client import TimestampRequestBuilder  # noqa: PLC0415 - an extra
    from rfc3161_client.base import HashAlgorithm  # noqa: PLC0415 - see above

    split_checkpoint(text)
    # The builder's own defaults: the authority's certificate wanted, a random nonce.
    query = (
        TimestampRequestBuilder()
        .data(text)
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .nonce(nonce=True)
        .build()
    )
    # Without a nonce, which can't be, no answer would have the one that is demanded.
    return StampQuery(query.as_bytes(), query.nonce or 0)


def verify_stamp(
    response: bytes,
    text: bytes,
    *,
    roots: StampRoots,
    nonce: int | None = None,
) -> TimeStamp:
    """Return what a stamp says of a checkpoint's three lines, once it is proven.

    The certificates have to be valid at the moment that the stamp states, not now.

    Args:
        response: The authority's answer, DER.
        text: The bytes that were stamped.
        roots: Whom we believe; certificates in the answer only lead up to them.
        nonce: Number that was asked with; None for a stamp that is kept.

    Raises:
        AssertionError: The library is not installed; ask `is_supported` first.
        TooLargeError: The response is over its limit.
        MalformedError: It is no answer to a time-stamp request.
        VerificationError: It is a refusal, over other bytes, with another nonce, or
            not signed by an authority under the roots.
    """
    _demand_library()
    if len(response) > MAX_STAMP_BYTES:
        raise TooLargeError(
            f"time stamp: {len(response)} bytes, at most {MAX_STAMP_BYTES}",
        )
    from rfc3161_client import (  # noqa: PLC0415 - an extra
        VerificationError as LibraryError,
    )
    from rfc3161_client import (  # noqa: PLC0415 - see above
        VerifierBuilder,
        decode_timestamp_response,
    )

    try:
        decoded = decode_timestamp_response(in_der_order(response))
    except ValueError as error:
        raise MalformedError("time stamp: not a time-stamp response in DER") from error
    verifier = VerifierBuilder(nonce=nonce, roots=list(roots.certificates)).build()
    try:
        _check_imprint(decoded)
        verifier.verify_message(decoded, text)
        return _describe(decoded, response)
    except (LibraryError, ValueError) as error:
        raise VerificationError(f"time stamp: {error}") from error


def _demand_library() -> None:
    if not is_supported():
        raise AssertionError(f"internal: {MISSING_EXTRA}")


def _check_imprint(decoded: "TimeStampResponse") -> None:
    """Refuse any digest but the one that was asked for."""
    # The status first: a refusal holds no stamp to look at.
    if decoded.status:
        words = ", ".join(decoded.status_string)[:120] or "no reason given"
        raise ValueError(f"refused by the authority, status {decoded.status}: {words}")
    algorithm = decoded.tst_info.message_imprint.hash_algorithm.dotted_string
    if algorithm != _SHA256_OID:
        raise ValueError(f"over a digest of type {algorithm}, expected SHA-256")


def _describe(decoded: "TimeStampResponse", response: bytes) -> TimeStamp:
    signer = _signer(decoded)
    return TimeStamp(
        response=response,
        authority=signer.subject.rfc4514_string(),
        at=_unix_ms(decoded.tst_info.gen_time),
        valid_until=_unix_ms(signer.not_valid_after_utc),
    )


def _signer(decoded: "TimeStampResponse") -> x509.Certificate:
    """Return the certificate that signed; verifying has shown that it is there."""
    certificates = [
        x509.load_der_x509_certificate(raw) for raw in decoded.signed_data.certificates
    ]
    (signed,) = decoded.signed_data.signer_infos
    by_name = {(one.issuer, one.serial_number): one for one in certificates}
    return by_name[signed.issuer, signed.serial_number]


def _unix_ms(moment: datetime) -> UnixMs:
    return UnixMs((moment - _EPOCH) // _ONE_MS)
