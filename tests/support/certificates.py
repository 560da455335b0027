"""Certificates of authorities that exist in tests only, good and bad ones."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from gateway.core.values import AuthorityId, UnixMs
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsPeer

BOTH_USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
DAY = timedelta(days=1)


def names_with_bad_text(authority: str) -> bytes:
    """Return names whose DNS name is right and whose mail address is not text."""
    dns, mail = authority.encode(), b"a@\xff"
    names = b"\x82%c%b\x81%c%b" % (len(dns), dns, len(mail), mail)
    return b"\x30%c%b" % (len(names), names)


def unix_ms(moment: datetime) -> UnixMs:
    return UnixMs(round(moment.timestamp() * 1000))


def wall_clock() -> datetime:
    # Certificates carry whole seconds.
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Leaf:
    """How a leaf certificate looks; each test bends one thing.

    `starts` and `ends` count from now; `raw_names` are the bytes of the extension
    that holds names, for what no library would write.
    """

    names: Sequence[str]
    uses: Sequence[x509.ObjectIdentifier] = BOTH_USES
    starts: timedelta = -DAY
    ends: timedelta = 30 * DAY
    is_ca: bool = False
    raw_names: bytes = b""


class Bends(TypedDict, total=False):
    """What a test may change about a leaf."""

    names: Sequence[str]
    uses: Sequence[x509.ObjectIdentifier]
    starts: timedelta
    ends: timedelta
    is_ca: bool
    raw_names: bytes


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    chain: Sequence[x509.Certificate] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def serial(self) -> int:
        return self.certificate.serial_number

    def identity(self, folder: Path) -> TlsIdentity:
        """Write it where a TLS context can load it."""
        path = folder / f"{self.serial:x}.pem"
        pem = self.key.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )
        for certificate in (self.certificate, *self.chain):
            pem += certificate.public_bytes(Encoding.PEM)
        path.write_bytes(pem)
        return TlsIdentity(path)

    def client_context(self, folder: Path) -> ssl.SSLContext:
        """Return a context that shows it and believes any server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(self.identity(folder).chain_file)
        return context


class Ca:
    """A small CA of one authority."""

    def __init__(
        self,
        authority: str,
        *,
        subject: str = "",
        ends: timedelta = 365 * DAY,
    ) -> None:
        self.authority = AuthorityId(authority)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(subject or f"{authority} test CA")
        self.certificate = self._sign(
            _builder(self.name, self.name, self.key, (-2 * DAY, ends)).add_extension(
                x509.BasicConstraints(ca=True, path_length=0),
                critical=True,
            ),
            is_ca=True,
        )

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def peer(self, *urls: str, crl_file: str = "", may_call: bool = True) -> TlsPeer:
        """Return what others know of this authority."""
        return TlsPeer(self.authority, (self.der,), urls, crl_file, may_call=may_call)

    def issue(self, leaf: Leaf | None = None) -> Issued:
        """Return a certificate; by default a good one for this authority."""
        leaf = leaf or Leaf([self.authority])
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(
            _name("leaf"),
            self.name,
            key,
            (leaf.starts, leaf.ends),
        ).add_extension(
            x509.BasicConstraints(ca=leaf.is_ca, path_length=None),
            critical=True,
        )
        if leaf.raw_names:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(
                    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
                    leaf.raw_names,
                ),
                critical=False,
            )
        elif leaf.names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName(name) for name in leaf.names]
                ),
                critical=False,
            )
        if leaf.uses:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage(leaf.uses),
                critical=False,
            )
        return Issued(self._sign(builder, is_ca=leaf.is_ca), key)

    def bent(self, **changes: Unpack[Bends]) -> Issued:
        """Return a certificate for this authority with something else about it."""
        return self.issue(replace(Leaf([self.authority]), **changes))

    def crl(
        self,
        *revoked: int,
        starts: timedelta = -DAY,
        ends: timedelta = DAY,
        is_delta: bool = False,
    ) -> bytes:
        """Return a revocation list in PEM."""
        now = wall_clock()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(now + starts)
            .next_update(now + ends)
        )
        if is_delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
        for serial in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now + starts)
                .build(),
            )
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)

    def _sign(
        self,
        builder: x509.CertificateBuilder,
        *,
        is_ca: bool,
    ) -> x509.Certificate:
        return (
            builder.add_extension(_usage(is_ca=is_ca), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self.key.public_key(),
                ),
                critical=False,
            )
            .sign(self.key, SHA256())
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    life: tuple[timedelta, timedelta],
) -> x509.CertificateBuilder:
    now = wall_clock()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + life[0])
        .not_valid_after(now + life[1])
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            critical=False,
        )
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
