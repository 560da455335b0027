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

EXAMPLE_KEY_IDS = frozenset(
    {
        "00543de6179937d52312348507d4aad94a20787e0f11cddfa9a19eb3dfdd486a",
        "311d1060bb4dee35a64ff8f699f2a895a95f583397c6a4a585d68f00d14d5a46",
        "3c6c2f2a10ead5fe924cb1e6f60449bdbf539bf3b78d4ca071df28c6a6f4f37b",
        "4373c259a900f0b45ee3def48775f295c533640799d33a36d72f8bae0a7c2941",
        "551ce65a7aebdc7c10d2428e5b73246c5f49c790a2d8d4a83df74c0139ab8065",
        "66227b8241cbff959e0fb2ab3447ec2bac7c24447603a22be8f0ce201ae71207",
        "6817f3a349b5f82a0ac53ea6e4c66c7661a1ca9f80f7c6d5978aeb9a3f5e84ce",
        "79ded8cd6bc648cb670a42fdc5f2f28fc6339881f52efef8b6b02fd827a55633",
        "7eff0fec0778bb8ac48c1bf2c1f5d5a794ea2ed4b2d3003d4512768da3926ba3",
        "a697cdcf6f7172af08795c2b28d5864edd994c14ef139ab620f12893cb5b0340",
        "b11c0576e009592d9c6057f11c65258e3cb7ebf01da4a7258d2742d66007303d",
        "b9bf9bbb6fae1e0ea74eb233c57cb1bd43b42e76961d61c3c9339be67badfab4",
        "bb7e30ff11a8f0e0ab87ce5b54f2ab80425cc92b4597a2166fe340469b021550",
        "c5113687d263baa54080b4ae43bf4c881000c1d153eaa53ff8123a88c7c23da1",
        "c58a7dc9ca4fab08d01dda483d367b64dfd8442b8cc69389aaa0d1a3a5c30e6c",
        "ebaf10a889fb38469d52ff1e1c1ee87ebdfff0ac15eb1d97d14f61d23dd28e97",
    },
)
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
