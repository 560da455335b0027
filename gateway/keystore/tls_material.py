"""Certificates of the peer side: a small CA for one name, and the leaf it renews.

While a new CA succeeds another, the old one goes on issuing: a peer that does not know
the new one yet lets us in all the same. Its successor issues once it is alone.

Leaf key and certificate lie in one PEM file, replaced in one step. Its private key is
encrypted under a random-strength password derived from the key store's own key, so
TLS can load it from disk and nobody else can.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
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
from gateway.core.translog.note import VerifierKey
from gateway.core.values import AuthorityId, UnixMs
from gateway.keystore.files import create_private, read_private, replace_private
from gateway.keystore.sealed import KeyLock, Secret
from gateway.keystore.succession import (
    Generation,
    KeyUse,
    Succession,
    file_names,
    present_numbers,
    sort_out,
    whole_numbers,
)

LEAF_DAYS = 90
_CA_DAYS = 3650

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
        ca_der: Certificate of the CA that issued the leaf.
        leaf_der: The leaf certificate.
        not_after: When the leaf ends.
        succession: The generations of the CA.
    """

    chain_file: Path
    password: Secret
    ca_der: bytes
    leaf_der: bytes
    not_before: UnixMs
    not_after: UnixMs
    succession: Succession[x509.Certificate] = field(repr=False)

    @property
    def leaf_fingerprint(self) -> str:
        """SHA-256 of the leaf, hex; what a refusing peer shows its operator."""
        return hashlib.sha256(self.leaf_der).hexdigest()

    def leaf_needs_renewal(self, now: UnixMs) -> bool:
        """Tell whether two thirds of its life have passed, or its CA is retired."""
        if not any(self.ca_der in one.public for one in self.succession.at_work):
            return True
        return now >= self.not_before + (self.not_after - self.not_before) * 2 // 3


def create_ca(
    lock: KeyLock,
    authority: AuthorityId,
    key: "CaKey",
    now: UnixMs,
    *,
    number: int = 1,
) -> None:
    """Write a CA that can issue for one name only.

    Raises:
        KeystoreError: There is one already, or it can't be written.
    """
    key_file, certificate_file = file_names(KeyUse.TLS_CA, number)
    if (lock.folder / key_file).exists() and number > 1:
        # A crash came between the two files; nobody has seen the key yet.
        key = CaKey.from_bytes(lock.read(key_file))
    else:
        lock.create(key_file, key.to_bytes())
    # Names differ, so that whoever validates a chain tries the right one at once.
    ending = "" if number == 1 else f" {number}"
    name = _name(f"{authority} gateway CA"[: 64 - len(ending)] + ending)
    certificate = (
        _builder(name, name, key.private.public_key(), _life(now, _CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_ca=True), critical=True)
        .add_extension(
            # Whoever steals this key can speak for nobody but its owner.
            x509.NameConstraints([x509.DNSName(authority)], None),
            critical=True,
        )
        .sign(key.private, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    create_private(lock.folder / certificate_file, pem)


def renew_leaf(
    lock: KeyLock,
    authority: AuthorityId,
    now: UnixMs,
    *,
    named: Collection[VerifierKey | bytes] | None = None,
) -> TlsMaterial:
    """Issue a new leaf with a new key; a crash leaves the old or the new one.

    Args:
        lock: Opens the files.
        authority: Whose name the leaf gets.
        now: The time.
        named: The CAs in the statement in force; None before the first.

    Raises:
        KeystoreError: The CA is missing or unusable, or a file can't be written.
    """
    succession = _load_succession(lock, named)
    if not succession.at_work:
        raise KeystoreError("TLS CA: the statement in force names none that is here")
    issuing = succession.at_work[0]
    ca = issuing.keys
    ca_key = CaKey.from_bytes(lock.read(file_names(KeyUse.TLS_CA, issuing.number)[0]))
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
    return load_tls(lock, named=named)


def load_tls(
    lock: KeyLock,
    *,
    named: Collection[VerifierKey | bytes] | None = None,
) -> TlsMaterial:
    """Return the certificates in a key store.

    Args:
        lock: Opens the files.
        named: The CAs in the statement in force; None before the first.

    Raises:
        KeystoreError: A file is missing or unsafe, or the leaf is of no CA of ours.
    """
    succession = _load_succession(lock, named)
    path = lock.folder / _LEAF_FILE
    raw = read_private(path, max_bytes=_MAX_PEM_BYTES)
    try:
        leaf = x509.load_pem_x509_certificate(raw)
    except ValueError as error:
        raise KeystoreError(f"{path}: not a certificate") from error
    issuer = _issuer(leaf, [ca for _, ca in _load_cas(lock)])
    if issuer is None:
        raise KeystoreError(f"{path}: not issued by a CA of this key store")
    return TlsMaterial(
        chain_file=path,
        password=_password(lock),
        ca_der=issuer.public_bytes(Encoding.DER),
        leaf_der=leaf.public_bytes(Encoding.DER),
        not_before=_unix_ms(leaf.not_valid_before_utc),
        not_after=_unix_ms(leaf.not_valid_after_utc),
        succession=succession,
    )


def end_of_certificate(path: Path) -> UnixMs:
    """Return when the first certificate of a PEM file ends.

    Raises:
        KeystoreError: It can't be read, or holds no certificate.
    """
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MAX_PEM_BYTES)
        leaf = x509.load_pem_x509_certificate(raw)
    except OSError as error:
        raise KeystoreError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise KeystoreError(f"{path}: not a certificate") from error
    return _unix_ms(leaf.not_valid_after_utc)


def _issuer(
    leaf: x509.Certificate,
    cas: Sequence[x509.Certificate],
) -> x509.Certificate | None:
    for ca in cas:
        try:
            leaf.verify_directly_issued_by(ca)
        except Exception:  # noqa: BLE001,S112 - a failing signature has no common base
            continue
        return ca
    return None


def _load_succession(
    lock: KeyLock,
    named: Collection[VerifierKey | bytes] | None,
) -> Succession[x509.Certificate]:
    return sort_out(
        KeyUse.TLS_CA,
        [
            Generation(number, (ca.public_bytes(Encoding.DER),), ca)
            for number, ca in _load_cas(lock)
        ],
        named,
        present=present_numbers(lock.folder, KeyUse.TLS_CA),
    )


def _load_cas(lock: KeyLock) -> list[tuple[int, x509.Certificate]]:
    return [
        (number, _load_ca(lock.folder / file_names(KeyUse.TLS_CA, number)[1]))
        for number in whole_numbers(lock.folder, KeyUse.TLS_CA)
    ]


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
            raise KeystoreError("TLS CA: not a private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeystoreError("TLS CA: not a P-256 key")
        return cls(key)

    def to_bytes(self) -> bytes:
        """Return the key in PKCS #8."""
        return self.private.private_bytes(
            Encoding.DER,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )


def _load_ca(path: Path) -> x509.Certificate:
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
