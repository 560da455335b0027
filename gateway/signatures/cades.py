"""Signatures in a file beside the one they are over (CMS, ETSI EN 319 122)."""

import hashlib

from asn1crypto import cms, pem, x509
from pyhanko.sign.validation.generic_cms import (
    extract_self_reported_ts,
    validate_sig_integrity,
)

from gateway.mla.findings import (
    NotChecked,
    SignatureFinding,
    SignatureKind,
    SignatureResult,
)
from gateway.signatures.signers import Signed, judged, unreadable
from gateway.signatures.wire import MAX_SIGNATURES, Found, Question

_KIND = SignatureKind.CADES


def look_at_detached(question: Question, data: bytes) -> list[Found]:
    """Return what is known of the signatures in a `.p7s` file."""
    if pem.detect(data):
        _, _, data = pem.unarmor(data)
    info = cms.ContentInfo.load(data, strict=True)
    if info["content_type"].native != "signed_data":
        return [unreadable(_KIND)]
    signed_data = info["content"]
    if not question.digests:
        return [_not_checked(NotChecked.NO_FILE)]
    digests = question.digests
    enclosed = signed_data["encap_content_info"]["content"].native
    found = []
    for number, signer in enumerate(signed_data["signer_infos"]):
        if number >= MAX_SIGNATURES:
            break
        found.append(_judged(signed_data, signer, question, digests, enclosed))
    return found or [unreadable(_KIND)]


def _judged(
    signed_data: cms.SignedData,
    signer: cms.SignerInfo,
    question: Question,
    digests: dict[str, str],
    enclosed: bytes | None,
) -> Found:
    algorithm: str = signer["digest_algorithm"]["algorithm"].native
    if algorithm not in digests:
        return _not_checked(NotChecked.NO_DIGEST)
    digest = bytes.fromhex(digests[algorithm])
    certificates = [
        choice.chosen
        for choice in signed_data["certificates"]
        if isinstance(choice.chosen, x509.Certificate)
    ]
    certificate = _certificate(signer, certificates)
    if certificate is None:
        return unreadable(_KIND)
    is_same, is_valid = validate_sig_integrity(
        signer,
        certificate,
        expected_content_type=signed_data["encap_content_info"]["content_type"].native,
        actual_digest=digest,
    )
    # A copy of the content that was left inside must be the file that travels.
    is_the_file = (
        enclosed is None or hashlib.new(algorithm, enclosed).digest() == digest
    )
    signed = Signed(
        certificate=certificate,
        others=[one for one in certificates if one != certificate],
        is_intact=is_same and is_valid and is_the_file,
        is_whole=True,
        signed_at=extract_self_reported_ts(signer),
    )
    return judged(_KIND, signed, question)


def _certificate(
    signer: cms.SignerInfo, certificates: list[x509.Certificate]
) -> x509.Certificate | None:
    named = signer["sid"].chosen
    for certificate in certificates:
        if isinstance(named, cms.IssuerAndSerialNumber):
            is_named = (
                certificate.issuer == named["issuer"]
                and certificate.serial_number == named["serial_number"].native
            )
        else:
            is_named = certificate.key_identifier == named.native
        if is_named:
            return certificate
    return None


def _not_checked(reason: NotChecked) -> Found:
    finding = SignatureFinding(
        kind=_KIND, result=SignatureResult.NOT_CHECKED, reason=reason
    )
    return Found(finding=finding)
