"""Files that persons signed: an authority of our own, and signers under it."""

import asyncio
import datetime as dt
import io
from dataclasses import dataclass
from functools import cache

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore
from signxml.xades.xades import XAdESSigner

SIGNED_AT = dt.datetime(2026, 9, 24, 10, 0, tzinfo=dt.UTC)
_BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_END = dt.datetime(2036, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Signer:
    """A person with a certificate; `authority` is whom one has to believe."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate

    @property
    def certificate_der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def root_der(self) -> bytes:
        return self.authority.public_bytes(serialization.Encoding.DER)

    @property
    def root_pem(self) -> bytes:
        return self.authority.public_bytes(serialization.Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@cache
def signer(
    name: str = "R. Pedralva", *, authority: str = "Sample CA", is_ended: bool = False
) -> Signer:
    """Return a signer under an authority; the same for the same names."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = (
        x509.CertificateBuilder()
        .subject_name(_named(authority))
        .issuer_name(_named(authority))
        .public_key(ca_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    key = rsa.generate_private_key(65537, 2048)
    end = _BEGIN + dt.timedelta(days=30) if is_ended else _END
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGIN)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(content_commitment=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    return Signer(key, certificate, ca)


def _usage(
    *, key_cert_sign: bool = False, content_commitment: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=content_commitment,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pyhanko(who: Signer) -> signers.SimpleSigner:
    der = serialization.Encoding.DER
    plain = serialization.NoEncryption()
    key = who.key.private_bytes(der, serialization.PrivateFormat.PKCS8, plain)
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(who.root_der))
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(who.certificate.public_bytes(der)),
        signing_key=asn1_keys.PrivateKeyInfo.load(key),
        cert_registry=store,
    )


def plain_pdf(words: str = "Order ORD-2026-331") -> bytes:
    """Return a PDF file of one page that nobody signed."""
    writer = PdfFileWriter()
    stream = generic.StreamObject(stream_data=f"BT ({words}) Tj ET".encode())
    page = PageObject(
        contents=writer.add_object(stream),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 200))),
    )
    writer.insert_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signed_pdf(
    pdf: bytes | None = None, who: Signer | None = None, field: str = "Judge"
) -> bytes:
    """Return a PDF file with a PAdES signature added to it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf or plain_pdf()))
    meta = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = asyncio.run(
        signers.async_sign_pdf(writer, meta, signer=_pyhanko(who or signer()))
    )
    return bytes(out.getvalue())


def detached(
    content: bytes, who: Signer | None = None, *, algorithm: str = "sha256"
) -> bytes:
    """Return a CAdES signature over a file, as a `.p7s` file."""
    made = asyncio.run(
        _pyhanko(who or signer()).async_sign_general_data(
            content, digest_algorithm=algorithm, detached=True, use_cades=True
        )
    )
    return bytes(made.dump())


def enclosing(content: bytes, who: Signer | None = None) -> bytes:
    """Return a CMS signature that has its content inside."""
    one = who or signer()
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(one.certificate, one.key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )


def signed_xml(
    xml: bytes = b"<order><ref>ORD-2026-331</ref></order>", who: Signer | None = None
) -> bytes:
    """Return an XML file with an enveloped XAdES signature."""
    one = who or signer()
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    root = XAdESSigner().sign(
        etree.fromstring(xml),
        key=one.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
        cert=one.certificate.public_bytes(pem).decode(),
    )
    return bytes(etree.tostring(root))
