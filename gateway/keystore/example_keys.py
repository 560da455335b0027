"""Throw-away keys for trying things out, and why no real node can run on them.

They are made of fixed seeds and lie in the repository, in `keys.example/`, so anyone
has them. A node in stage `production` refuses to start with any of them.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from gateway.core.errors import KeystoreError
from gateway.core.values import AuthorityId, Stage, UnixMs
from gateway.keystore.files import (
    create_private,
    make_private_folder,
    read_public,
)
from gateway.keystore.home import KeysLayout
from gateway.keystore.keyring import Keyring
from gateway.keystore.new_keys import KeyMaterial, Passphrases, create_keys
from gateway.keystore.sealed import Secret
from gateway.keystore.tls_material import CaKey

EXAMPLE_AUTHORITIES = (AuthorityId("alfa.example"), AuthorityId("bravo.example"))

# Published on purpose; it protects nothing.
_PASSPHRASE = Secret(b"throw-away example keys")

_SEND_PERIOD_MS = 20 * 365 * 86_400_000
_MAX_FILE_BYTES = 256 * 1024

EXAMPLE_KEY_IDS = frozenset[str]()
"""SHA-256 of every public key of the examples, and ids of their KEM keys."""


def refuse_example_keys(keyring: Keyring, stage: Stage) -> None:
    """Refuse to put keys to real use that everybody has.

    Raises:
        KeystoreError: The stage is production and a key is one of the examples'.
    """
    if stage is Stage.PRODUCTION and public_key_ids(keyring) & EXAMPLE_KEY_IDS:
        raise KeystoreError(
            "keys: at least one is a published example key; "
            "make real ones with: mla-gateway init",
        )


def public_key_ids(keyring: Keyring) -> frozenset[str]:
    """Return ids of all public keys of a keyring: root, log, witness, KEM, TLS CA."""
    keys = (*keyring.root.keys, *keyring.log.vkeys, *keyring.witness.vkeys)
    ca = load_der_x509_certificate(keyring.tls.ca_der).public_key()
    publics = [key.public for key in keys]
    publics.append(ca.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    digests = (hashlib.sha256(public).hexdigest() for public in publics)
    return frozenset(digests) | keyring.opening.ids()


def copy_example_keys(source: Path, layout: KeysLayout) -> None:
    """Copy a folder of example keys so that a node can use it.

    A version control system does not keep the modes that the key store demands, so
    this sets them.

    Args:
        source: A folder such as `keys.example/alfa.example`.
        layout: The folder to write to; its parent exists, itself it does not.

    Raises:
        KeystoreError: It exists, or a file can't be read or written.
    """
    if layout.folder.exists():
        raise KeystoreError(f"{layout.folder}: exists, expected a new folder")
    for path in (source, *sorted(source.rglob("*"))):
        target = layout.folder / path.relative_to(source)
        if path.is_dir() and not path.is_symlink():
            make_private_folder(target)
        else:
            create_private(target, read_public(path, max_bytes=_MAX_FILE_BYTES))


def create_example_keys(folder: Path, authority: AuthorityId, now: UnixMs) -> Keyring:
    """Write the example keys of an authority; the same ones each time.

    Raises:
        KeystoreError: The folder is not empty, or can't be written.
    """
    layout = KeysLayout(folder)
    keyring = create_keys(
        layout,
        authority,
        Passphrases(_PASSPHRASE, _PASSPHRASE),
        _example_material(authority),
        now,
    )
    create_private(layout.passphrase, _PASSPHRASE.raw + b"\n")
    create_private(layout.root.passphrase, _PASSPHRASE.raw + b"\n")
    return keyring


def _example_material(authority: AuthorityId) -> KeyMaterial:
    def seed(name: str) -> bytes:
        return hashlib.sha256(
            f"mla-example-key/1\0{authority}\0{name}".encode()
        ).digest()

    # 31 bytes are always below the order of the curve.
    scalar = int.from_bytes(seed("ca")[:31], "big")
    return KeyMaterial(
        seed=seed,
        ca=CaKey(ec.derive_private_key(scalar, ec.SECP256R1())),
        kem_send_period_ms=_SEND_PERIOD_MS,
    )
