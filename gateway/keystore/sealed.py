"""Keys at rest: one passphrase, one Argon2id, one AES-256-GCM file a key.

A sealed file is `mla-sealed-key/1`, a line feed, nonce 12, ciphertext, tag. Its name
within the key store is bound in, so that no key can be put in another's place
(specification, section 15).
"""

import base64
import hmac
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from getpass import getpass
from pathlib import Path
from typing import Literal

import nacl.utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from gateway.config.settings import Unlock, UnlockMethod
from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import KeystoreError, MalformedError
from gateway.keystore.files import (
    create_private,
    read_private,
    read_public,
    replace_private,
)

KDF_FILE = "kdf.json"

_MAGIC = b"mla-sealed-key/1\n"
_CHECK_NAME = "passphrase-check"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)*\Z")
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32

# The largest is a certificate authority's key in PKCS #8.
_MAX_SEALED_BYTES = 64 * 1024
_MAX_KDF_BYTES = 4 * 1024
_MAX_PASSPHRASE_BYTES = 1024
_MIN_PASSPHRASE_CHARS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Secret:
    """Secret bytes that never show in a log or a traceback."""

    raw: bytes = field(repr=False)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.raw, other.raw)

    def __hash__(self) -> int:
        return hash(self.raw)


class _KdfFile(Wire, frozen=True, kw_only=True):
    """How the passphrase becomes a key; written once, never negotiated.

    The cost is spelled out for people and fixed for the program: a cheaper one, put
    there by whoever can write the file, is refused.
    """

    algorithm: Literal["argon2id"] = "argon2id"
    check: str
    lanes: Literal[4] = 4
    memory_kib: Literal[65536] = 65536
    passes: Literal[3] = 3
    salt: str


class KeyLock:
    """The key-encryption key of one folder of sealed files.

    Attributes:
        folder: The folder whose files it opens.
    """

    __slots__ = ("_key", "folder")

    def __init__(self, folder: Path, key: Secret) -> None:
        self.folder = folder
        self._key = key

    def __repr__(self) -> str:
        return f"KeyLock({str(self.folder)!r})"

    def create(self, name: str, secret: bytes) -> None:
        """Write a new key file.

        Raises:
            KeystoreError: It exists, or can't be written.
        """
        create_private(self.folder / name, _seal(self._key, name, secret))

    def replace(self, name: str, secret: bytes) -> None:
        """Write a key file; a crash leaves the old or the new one.

        Raises:
            KeystoreError: It can't be written.
        """
        replace_private(self.folder / name, _seal(self._key, name, secret))

    def read(self, name: str) -> bytes:
        """Return the secret in a key file.

        Raises:
            KeystoreError: Missing, unsafe, changed, or another key's file.
        """
        path = self.folder / name
        sealed = read_private(path, max_bytes=_MAX_SEALED_BYTES)
        try:
            return _open(self._key, name, sealed)
        except InvalidTag as error:
            raise KeystoreError(
                f"{path}: changed, or not the file of key {name}",
            ) from error

    def read_or_create(self, name: str, fresh: bytes) -> bytes:
        """Return the secret in a key file, which is written first if there is none.

        For keys that homes from before a version do not have.

        Raises:
            KeystoreError: Unsafe, changed, or can't be written.
        """
        if not (self.folder / name).exists():
            try:
                self.create(name, fresh)
            except KeystoreError:
                # Another process may have been quicker; then it is read below.
                if not (self.folder / name).exists():
                    raise
        return self.read(name)

    def derive(self, purpose: str) -> Secret:
        """Return a secret for a purpose; the same each time, and of no other use."""
        return Secret(
            hmac.digest(self._key.raw, b"mla-derive\0" + purpose.encode(), "sha256")
        )


def create_lock(folder: Path, passphrase: Secret) -> KeyLock:
    """Set up a folder to hold keys sealed under a passphrase.

    Raises:
        KeystoreError: It is set up already, or the passphrase is too short.
    """
    _check_passphrase(passphrase)
    salt = nacl.utils.random(_SALT_BYTES)
    key = _derive(passphrase, salt)
    kdf = _KdfFile(
        check=base64.b64encode(_seal(key, _CHECK_NAME, b"")).decode(),
        salt=base64.b64encode(salt).decode(),
    )
    create_private(folder / KDF_FILE, canonical.encode(kdf) + b"\n")
    return KeyLock(folder, key)


def open_lock(folder: Path, passphrase: Secret) -> KeyLock:
    """Return the lock of a folder. Takes a tenth of a second and 64 MiB, on purpose.

    Raises:
        KeystoreError: The folder holds no keys, or the passphrase is wrong.
    """
    path = folder / KDF_FILE
    raw = read_private(path, max_bytes=_MAX_KDF_BYTES)
    try:
        kdf = canonical.decode_as(
            raw.removesuffix(b"\n"),
            _KdfFile,
            max_bytes=_MAX_KDF_BYTES,
        )
        salt = canonical.parse_base64(kdf.salt)
        check = canonical.parse_base64(kdf.check)
    except MalformedError as error:
        raise KeystoreError(f"{path}: {error}") from error
    if len(salt) != _SALT_BYTES:
        raise KeystoreError(f"{path}: salt of {len(salt)} bytes, expected 16")
    key = _derive(passphrase, salt)
    try:
        _open(key, _CHECK_NAME, check)
    except InvalidTag as error:
        raise KeystoreError(f"{folder}: the passphrase is wrong") from error
    return KeyLock(folder, key)


def new_passphrase() -> Secret:
    """Return a fresh passphrase of 160 bits, easy to copy by hand."""
    text = base64.b32encode(nacl.utils.random(20)).decode().lower()
    return Secret("-".join(text[at : at + 4] for at in range(0, 32, 4)).encode())


def read_passphrase(
    unlock: Unlock,
    environment: Mapping[str, str],
    *,
    ask: Callable[[str], str] = getpass,
) -> Secret:
    """Return the passphrase from where the configuration says it is.

    Args:
        unlock: `[keys] unlock` of the settings; a file's path is absolute.
        environment: `CREDENTIALS_DIRECTORY`, as systemd sets it.
        ask: Asks a person at the terminal.

    Raises:
        KeystoreError: It isn't there, is unsafe, or nobody can be asked.
    """
    if unlock.method is UnlockMethod.PROMPT:
        raw = _ask(ask)
    elif unlock.method is UnlockMethod.FILE:
        raw = read_private(Path(unlock.name), max_bytes=_MAX_PASSPHRASE_BYTES)
    else:
        folder = environment.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise KeystoreError("CREDENTIALS_DIRECTORY: not set by systemd")
        # systemd guards the folder; its files belong to root and carry an ACL.
        path = Path(folder) / unlock.name
        raw = read_public(path, max_bytes=_MAX_PASSPHRASE_BYTES)
    # Editors end a file with a line feed; it is no part of what a person knows.
    return Secret(raw.removesuffix(b"\n"))


def read_passphrase_file(path: Path) -> Secret:
    """Return the passphrase in a file.

    Raises:
        KeystoreError: Missing, or others can read it.
    """
    return read_passphrase(Unlock(UnlockMethod.FILE, str(path)), {})


def _ask(ask: Callable[[str], str]) -> bytes:
    if not sys.stdin.isatty():
        raise KeystoreError("passphrase: no terminal to ask at")
    return ask("Passphrase of the key store: ").encode()


def _check_passphrase(passphrase: Secret) -> None:
    if len(passphrase.raw) < _MIN_PASSPHRASE_CHARS:
        raise KeystoreError(
            f"passphrase: {len(passphrase.raw)} bytes, "
            f"expected {_MIN_PASSPHRASE_CHARS} or more",
        )


def _derive(passphrase: Secret, salt: bytes) -> Secret:
    shape = _KdfFile(check="", salt="")
    argon2 = Argon2id(
        salt=salt,
        length=_KEY_BYTES,
        iterations=shape.passes,
        lanes=shape.lanes,
        memory_cost=shape.memory_kib,
    )
    return Secret(argon2.derive(passphrase.raw))


def _seal(key: Secret, name: str, secret: bytes) -> bytes:
    nonce = nacl.utils.random(_NONCE_BYTES)
    return _MAGIC + nonce + AESGCM(key.raw).encrypt(nonce, secret, _bound_to(name))


def _open(key: Secret, name: str, sealed: bytes) -> bytes:
    """Return what is sealed; whatever is wrong with it shows as `InvalidTag`."""
    start = len(_MAGIC) + _NONCE_BYTES
    if not sealed.startswith(_MAGIC) or len(sealed) < start:
        raise InvalidTag
    nonce = sealed[len(_MAGIC) : start]
    return AESGCM(key.raw).decrypt(nonce, sealed[start:], _bound_to(name))


def _bound_to(name: str) -> bytes:
    if not _NAME.match(name):
        raise AssertionError(f"internal: key name {name!r}")
    return _MAGIC + name.encode()
