"""AS2 (RFC 4130) by pyas2lib: signed, encrypted, answered with a signed receipt.

The settings are the fastest that are still sound: AES-256-CBC, RSA of 2048 bits,
SHA-256, content as bytes (text is encoded anew at every step), and the partner's
certificate taken as it was agreed instead of validated anew for every message.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

if TYPE_CHECKING:
    from pyas2lib.as2 import Message

SENDER, RECEIVER = "moj.ee", "pgr.pt"
PROCESSED = "processed"

_RSA_BITS, _RSA_EXPONENT = 2048, 65537
_DAY = timedelta(days=1)
_CONTENT_TYPE = "application/octet-stream"


class As2Error(Exception):
    """The library refused what it was given."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Headers and body as they go over the wire.

    Attributes:
        message: What the library has to be shown again when the receipt comes.
    """

    headers: Mapping[str, str]
    body: bytes
    message: "Message"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was read, and the headers and body of its receipt."""

    message_id: str
    payload: bytes
    headers: Mapping[str, str]
    body: bytes


class Side:
    """One of two partners that know each other's certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the keys that `make_keys` has put into a folder.

        Raises:
            ImportError: pyas2lib is not installed.
        """
        with _openssl_of_two_digits():
            from pyas2lib import as2  # noqa: PLC0415 - it cannot be loaded otherwise
        other = RECEIVER if name == SENDER else SENDER
        key, certificate = _files(folder, name)
        pem = key.read_bytes() + certificate.read_bytes()
        theirs = _files(folder, other)[1].read_bytes()
        self._as2 = as2
        self._names = (name, other)
        self._we = as2.Organization(
            as2_name=name,
            sign_key=pem,
            decrypt_key=pem,
            domain=name,
        )
        self._partner = as2.Partner(
            as2_name=other,
            verify_cert=theirs,
            encrypt_cert=theirs,
            validate_certs=False,
            sign=True,
            digest_alg="sha256",
            encrypt=True,
            enc_alg="aes_256_cbc",
            mdn_mode="SYNC",
            mdn_digest_alg="sha256",
        )
        self._seen: set[str] = set()

    def seal(self, payload: bytes) -> Sealed:
        """Sign and encrypt a payload for the partner."""
        message = self._as2.Message(sender=self._we, receiver=self._partner)
        message.build(payload, filename="form.json", content_type=_CONTENT_TYPE)
        return Sealed(message.headers, message.content, message)

    def take(self, headers: Mapping[str, str], body: bytes) -> Taken:
        """Decrypt and verify a message that came, and sign its receipt.

        Raises:
            As2Error: It is refused, or is not both signed and encrypted.
        """
        message = self._as2.Message()
        status, (error, _), receipt = message.parse(
            _with_headers(headers, body),
            find_org_cb=lambda name: self._we if name == self._names[0] else None,
            find_partner_cb=lambda name: (
                self._partner if name == self._names[1] else None
            ),
            find_message_cb=lambda message_id, _: message_id in self._seen,
        )
        is_sound = status == PROCESSED and message.signed and message.encrypted
        if not is_sound or receipt is None:
            raise As2Error(f"message refused: {status}: {error}")
        self._seen.add(message.message_id)
        return Taken(
            message.message_id, message.content, receipt.headers, receipt.content
        )

    def check_receipt(
        self, sent: "Message", headers: Mapping[str, str], body: bytes
    ) -> None:
        """Verify the receipt of a message: signature, and digest of what was read.

        Raises:
            As2Error: It does not hold.
        """
        status, detail = self._as2.Mdn().parse(
            _with_headers(headers, body),
            lambda message_id, _: sent if message_id == sent.message_id else None,
        )
        if status != PROCESSED:
            raise As2Error(f"receipt refused: {status}: {detail}")


def make_keys(folder: Path) -> None:
    """Make a key and a certificate for either partner."""
    for name in (SENDER, RECEIVER):
        key = rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .sign(key, SHA256())
        )
        key_file, certificate_file = _files(folder, name)
        key_file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )
        certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.as2-key.pem", folder / f"{name}.as2-certificate.pem"


def _with_headers(headers: Mapping[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"\r\n" + body


@contextmanager
def _openssl_of_two_digits() -> Iterator[None]:
    """Let oscrypto 1.3.0, which pyas2lib pins, load OpenSSL 3.0.10 and later.

    It looks for a version of three digits and finds none in "3.0.19". Nothing else is
    changed, and only while it loads.
    """
    search = re.search

    def find(
        pattern: str | re.Pattern[str],
        text: str,
        flags: re.RegexFlag | int = 0,
    ) -> re.Match[str] | None:
        found = search(pattern, text, flags)
        if found is None and text.startswith("OpenSSL "):
            return search(r"(\d\.\d\.\d)", text)
        return found

    re.search = find  # type: ignore[assignment]  # the overloads for bytes are not used
    try:
        yield
    finally:
        re.search = search
