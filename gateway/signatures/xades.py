"""Signatures inside XML files (XMLDSig, ETSI EN 319 132)."""

import base64
from datetime import UTC, datetime

from asn1crypto import x509
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from gateway.mla.findings import (
    NotChecked,
    SignatureFinding,
    SignatureKind,
    SignatureResult,
)
from gateway.signatures.signers import Signed, judged, unreadable
from gateway.signatures.wire import MAX_SIGNATURES, Found, Question

_KIND = SignatureKind.XADES
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_MAX_CERTIFICATES = 16
_MAX_REFERENCES = 16
_ID_NAMES = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")


def look_at_xml(question: Question, data: bytes) -> list[Found]:
    """Return what is known of the signatures of an XML file."""
    root = etree.fromstring(data, parser=_parser())
    if root.getroottree().docinfo.doctype:
        # What a document type can define is expanded under the signature's feet.
        return [unreadable(_KIND)]
    signatures = list(root.iter(f"{_DS}Signature"))[:MAX_SIGNATURES]
    if not signatures:
        return []
    found = [_judged(root, signatures[0], question, data)]
    return found + [_further() for _ in signatures[1:]]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )


def _judged(
    root: etree._Element, signature: etree._Element, question: Question, data: bytes
) -> Found:
    certificates = _certificates(signature)
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if not certificates or not 0 < len(references) <= _MAX_REFERENCES:
        return unreadable(_KIND)
    certificate, *others = certificates
    signed = Signed(
        certificate=certificate,
        others=others,
        is_intact=_is_intact(data, signature, certificate, len(references)),
        is_whole=any(_is_of_all(root, one.get("URI")) for one in references),
        signed_at=_signed_at(signature),
    )
    return judged(_KIND, signed, question)


def _is_intact(
    data: bytes, signature: etree._Element, certificate: x509.Certificate, count: int
) -> bool:
    armoured = _armoured(certificate)
    is_xades = signature.find(f".//{_XADES}QualifyingProperties") is not None
    try:
        if is_xades:
            XAdESVerifier().verify(
                data,
                x509_cert=armoured,
                parser=_parser(),
                expect_config=XAdESSignatureConfiguration(
                    require_x509=True, expect_references=count
                ),
            )
        else:
            XMLVerifier().verify(
                data,
                x509_cert=armoured,
                parser=_parser(),
                expect_config=SignatureConfiguration(
                    require_x509=True, expect_references=count
                ),
            )
    except (InvalidDigest, InvalidSignature):
        return False
    return True


def _armoured(certificate: x509.Certificate) -> str:
    body = base64.encodebytes(certificate.dump()).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    path = f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate"
    found = signature.findall(path)[:_MAX_CERTIFICATES]
    return [
        x509.Certificate.load(base64.b64decode(one.text or ""), strict=True)
        for one in found
    ]


def _is_of_all(root: etree._Element, uri: str | None) -> bool:
    if uri == "":
        return True
    own = {root.get(name) for name in _ID_NAMES} - {None}
    return uri is not None and uri.removeprefix("#") in own


def _signed_at(signature: etree._Element) -> datetime | None:
    text = signature.findtext(f".//{_XADES}SigningTime")
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _further() -> Found:
    finding = SignatureFinding(
        kind=_KIND,
        result=SignatureResult.NOT_CHECKED,
        reason=NotChecked.FURTHER,
    )
    return Found(finding=finding)
