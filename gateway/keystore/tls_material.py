"""Certificates of the peer side: a small CA for one name, and the leaf it renews.

Leaf key and certificate lie in one PEM file, replaced in one step. Its private key is
encrypted under a random-strength password derived from the key store's own key, so
TLS can load it from disk and nobody else can.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.core.errors import KeystoreError
from gateway.core.limits import CLOCK_TOLERANCE_MS
from gateway.core.values import AuthorityId, UnixMs
from gateway.keystore.files import create_private, read_private, replace_private
from gateway.keystore.sealed import KeyLock, Secret

LEAF_DAYS = 90
_CA_DAYS = 3650

_CA_KEY = "tls/ca.key"
_CA_FILE = "tls/ca.pem"
_LEAF_FILE = "tls/leaf.pem"
_MAX_PEM_BYTES = 64 * 1024

_LEAF_USES = x509.ExtendedKeyUsage(
    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
)


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What the peer side's TLS contexts load.

    Attributes:
        chain_file: PEM file with the leaf, its encrypted private key, and the CA; for
            `SSLContext.load_cert_chain(chain_file, password=...)`.
        password: Of the private key in it.
        ca_der: The CA certificate that our statement names.
        leaf_der: The leaf certificate.
        not_after: When the leaf ends.
    """

    chain_file: Path
    password: Secret
    ca_der: bytes
    leaf_der: bytes
    not_before: UnixMs
    not_after: UnixMs

    @property
    def leaf_fingerprint(self) -> str:
        """SHA-256 of the leaf, hex; what a refusing peer shows its operator."""
        return hashlib.sha256(self.leaf_der).hexdigest()

    def leaf_needs_renewal(self, now: UnixMs) -> bool:
        """Tell whether two thirds of the leaf's life have passed."""
        return now >= self.not_before + (self.not_after - self.not_before) * 2 // 3


def create_ca(lock: KeyLock, authority: AuthorityId, key: "CaKey", now: UnixMs) -> None:
    """Write a CA that can issue for one name only.

    Raises:
        KeystoreError: There is one already, or it can't be written.
    """
    name = _name(f"{authority} gateway CA"[:64])
    usage = _usage(is_ca=True)
    certificate = (
        _builder(name, name, key.private.public_key(), _life(now, _CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            # Whoever steals this key can speak for nobody but its owner.
            x509.NameConstraints([x509.DNSName(authority)], None),
            critical=True,
        )
        .sign(key.private, SHA256())
    )
    lock.create(_CA_KEY, key.to_bytes())
    create_private(lock.folder / _CA_FILE, certificate.public_bytes(Encoding.PEM))


def renew_leaf(lock: KeyLock, authority: AuthorityId, now: UnixMs) -> TlsMaterial:
    """Issue a new leaf with a new key; a crash leaves the old or the new one.

    Raises:
        KeystoreError: The CA is missing or unusable, or a file can't be written.
    """
    ca = _load_ca(lock)
    ca_key = CaKey.from_bytes(lock.read(_CA_KEY))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name(authority), ca.subject, key.public_key(), _life(now, LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(_LEAF_USES, critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(authority)]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                ca_key.private.public_key(),
            ),
            critical=False,
        )
        .sign(ca_key.private, SHA256())
    )
    encrypted = key.private_bytes(
        Encoding.PEM,
        PrivateFormat.PKCS8,
        BestAvailableEncryption(_password(lock).raw),
    )
    parts = (certificate.public_bytes(Encoding.PEM), ca.public_bytes(Encoding.PEM))
    replace_private(lock.folder / _LEAF_FILE, encrypted + b"".join(parts))
    return load_tls(lock)


def load_tls(lock: KeyLock) -> TlsMaterial:
    """Return the certificates in a key store.

    Raises:
        KeystoreError: A file is missing or unsafe, or the leaf is not of the CA.
    """
    ca = _load_ca(lock)
    path = lock.folder / _LEAF_FILE
    raw = read_private(path, max_bytes=_MAX_PEM_BYTES)
    try:
        leaf = x509.load_pem_x509_certificate(raw)
        leaf.verify_directly_issued_by(ca)
    except Exception as error:  # a signature that fails has no common base
        raise KeystoreError(f"{path}: not issued by {_CA_FILE}") from error
    return TlsMaterial(
        chain_file=path,
        password=_password(lock),
        ca_der=ca.public_bytes(Encoding.DER),
        leaf_der=leaf.public_bytes(Encoding.DER),
        not_before=_unix_ms(leaf.not_valid_before_utc),
        not_after=_unix_ms(leaf.not_valid_after_utc),
    )


@dataclass(frozen=True, slots=True)
class CaKey:
    """The private key of a CA."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls) -> "CaKey":
        """Return a fresh key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_bytes(cls, raw: bytes) -> "CaKey":
        """Return the key in PKCS #8.

        Raises:
            KeystoreError: Not a P-256 key.
        """
        try:
            key = load_der_private_key(raw, password=None)
        except ValueError as error:
            raise KeystoreError(f"{_CA_KEY}: not a private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeystoreError(f"{_CA_KEY}: not a P-256 key")
        return cls(key)

    def to_bytes(self) -> bytes:
        """Return the key in PKCS #8."""
        return self.private.private_bytes(
            Encoding.DER,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )


def _load_ca(lock: KeyLock) -> x509.Certificate:
    path = lock.folder / _CA_FILE
    try:
        return x509.load_pem_x509_certificate(
            read_private(path, max_bytes=_MAX_PEM_BYTES),
        )
    except ValueError as error:
        raise KeystoreError(f"{path}: not a certificate") from error


def _password(lock: KeyLock) -> Secret:
    """Return 256 random-looking bits: the file's weak stretching does not matter."""
    return Secret(lock.derive("tls leaf key").raw.hex().encode())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    life: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
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


def _life(now: UnixMs, days: int) -> tuple[datetime, datetime]:
    """Return a time span that began for a peer whose clock is slow, too."""
    start = datetime.fromtimestamp((now - CLOCK_TOLERANCE_MS) // 1000, UTC)
    return start, start + timedelta(days=days)


def _unix_ms(moment: datetime) -> UnixMs:
    return UnixMs(round(moment.timestamp()) * 1000)
