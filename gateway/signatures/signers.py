"""Who signed: the certificate, and whether it leads to somebody who is believed."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from gateway.mla.findings import SignatureFinding, SignatureKind, SignatureResult
from gateway.signatures.wire import Found, Question

_MAX_NAME_CHARS = 300
_SIGNING = {"digital_signature", "non_repudiation"}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature shows by itself.

    Attributes:
        is_intact: The bytes it is over are those that were signed, with the key of
            `certificate`.
        is_whole: It is over the whole file.
        signed_at: As the signer says.
    """

    certificate: x509.Certificate
    others: Sequence[x509.Certificate]
    is_intact: bool
    is_whole: bool
    signed_at: datetime | None


def judged(kind: SignatureKind, signed: Signed, question: Question) -> Found:
    """Return what is known of a signature whose certificate was read."""
    is_trusted = signed.is_intact and _is_trusted(signed, question)
    finding = SignatureFinding(
        kind=kind,
        result=_result(signed, is_trusted=is_trusted),
        is_intact=signed.is_intact,
        is_trusted=is_trusted,
        is_whole=signed.is_whole,
        signed_at=_spelled(signed.signed_at),
        certificate=hashlib.sha256(signed.certificate.dump()).hexdigest(),
    )
    return Found(finding=finding, signer=_name(signed.certificate))


def unreadable(kind: SignatureKind) -> Found:
    """Return that something looks like a signature and is none."""
    result = SignatureResult.UNREADABLE
    return Found(finding=SignatureFinding(kind=kind, result=result))


def _result(signed: Signed, *, is_trusted: bool) -> SignatureResult:
    if not signed.is_intact:
        return SignatureResult.BROKEN
    if not signed.is_whole:
        return SignatureResult.PARTIAL
    return SignatureResult.VALID if is_trusted else SignatureResult.UNTRUSTED


def _is_trusted(signed: Signed, question: Question) -> bool:
    roots = [x509.Certificate.load(root) for root in question.certificates()]
    if not roots or not _may_sign(signed.certificate):
        return False
    now = datetime.fromtimestamp(question.now, tz=UTC)
    # The moment that the signer names, lest an old order fail with its certificate.
    moment = min(signed.signed_at or now, now)
    context = ValidationContext(
        trust_roots=roots,
        other_certs=list(signed.others),
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
        best_signature_time=moment,
        weak_hash_algos={"md2", "md5", "sha1"},
    )
    validator = CertificateValidator(
        signed.certificate,
        intermediate_certs=list(signed.others),
        validation_context=context,
    )
    try:
        asyncio.run(validator.async_validate_path())
    except (PathError, ValidationError):
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> bool:
    usage = certificate.key_usage_value
    return usage is None or bool(_SIGNING & usage.native)


def _spelled(moment: datetime | None) -> str:
    if moment is None:
        return ""
    known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(certificate: x509.Certificate) -> str:
    name: str = certificate.subject.human_friendly
    return "".join(char if char.isprintable() else "?" for char in name)[
        :_MAX_NAME_CHARS
    ]
