"""Making all keys of an authority, and the root's first statement about them."""

from collections.abc import Callable
from dataclasses import dataclass

import nacl.utils

from gateway.core.identity import audit_origin, encode_request, witness_name
from gateway.core.keys import KemPrivateKey, publish_kem_key
from gateway.core.limits import KEM_SEND_PERIOD_MS
from gateway.core.values import AuthorityId, UnixMs
from gateway.keystore.files import create_private, make_private_folder
from gateway.keystore.home import (
    ARCHIVE_KEY,
    DATABASE_KEY,
    DISCLOSURE_KEY,
    LOG_ED25519,
    LOG_ML_DSA,
    ROOT_ED25519,
    ROOT_ML_DSA,
    SUBJECT_KEY,
    WEBHOOK_KEY,
    WITNESS_ED25519,
    WITNESS_ML_DSA,
    KeysLayout,
)
from gateway.keystore.kem import store_kem_key
from gateway.keystore.keyring import Keyring, keys_statement, load_keyring
from gateway.keystore.own_card import first_policy
from gateway.keystore.root import RootFolder
from gateway.keystore.sealed import KeyLock, Secret, create_lock
from gateway.keystore.signing import LogKeys, WitnessKeys
from gateway.keystore.tls_material import CaKey, create_ca, renew_leaf

KEM_SEED = "kem"

_SEED_BYTES = 32
_NODE_SEEDS = (
    LOG_ED25519,
    LOG_ML_DSA,
    WITNESS_ED25519,
    WITNESS_ML_DSA,
    ARCHIVE_KEY,
    DISCLOSURE_KEY,
    DATABASE_KEY,
    SUBJECT_KEY,
    WEBHOOK_KEY,
)
_ROOT_SEEDS = (ROOT_ED25519, ROOT_ML_DSA)


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """What keys are made of. Only examples are made of anything but `fresh()`.

    Attributes:
        seed: Returns the 32 secret bytes of a key, by its name.
        ca: The key of the TLS CA.
        kem_send_period_ms: How long the first KEM key is sealed to.
    """

    seed: Callable[[str], bytes]
    ca: CaKey
    kem_send_period_ms: int = KEM_SEND_PERIOD_MS

    @classmethod
    def fresh(cls) -> "KeyMaterial":
        """Return material that nobody can guess."""
        return cls(seed=lambda _name: nacl.utils.random(_SEED_BYTES), ca=CaKey.new())


@dataclass(frozen=True, slots=True)
class Passphrases:
    """Of the node's keys and of the root's; two, so that one does not open both."""

    node: Secret
    root: Secret


def create_keys(
    layout: KeysLayout,
    authority: AuthorityId,
    passphrases: Passphrases,
    material: KeyMaterial,
    now: UnixMs,
) -> Keyring:
    """Write all keys of an authority into an empty folder and return them.

    Raises:
        KeystoreError: The folder is not empty or not safe, or can't be written.
    """
    for folder in (layout.folder, layout.root.folder, layout.kem, layout.tls):
        make_private_folder(folder)
    lock = create_lock(layout.folder, passphrases.node)
    for name in _NODE_SEEDS:
        lock.create(name, material.seed(name))
    kem = KemPrivateKey.from_seed(material.seed(KEM_SEED))
    period_ms = material.kem_send_period_ms
    store_kem_key(lock, publish_kem_key(kem, authority, now, send_period_ms=period_ms))
    create_ca(lock, authority, material.ca, now)
    root = _create_root(layout, passphrases.root, material)
    _state_first(layout, authority, lock, root, now)
    return load_keyring(layout, authority, lock)


def _create_root(
    layout: KeysLayout,
    passphrase: Secret,
    material: KeyMaterial,
) -> RootFolder:
    lock = create_lock(layout.root.folder, passphrase)
    for name in _ROOT_SEEDS:
        lock.create(name, material.seed(name))
    create_private(layout.root.entries, b"")
    return RootFolder(layout.root, lock)


def _state_first(
    layout: KeysLayout,
    authority: AuthorityId,
    lock: KeyLock,
    root: RootFolder,
    now: UnixMs,
) -> None:
    """Let the root vouch for the new keys, and write what the node needs of it."""
    log = LogKeys.load(lock, audit_origin(authority), None)
    statement = keys_statement(
        authority,
        log=log,
        witness=WitnessKeys.load(lock, witness_name(authority), None),
        tls=renew_leaf(lock, authority, now),
    )
    vkeys = "".join(f"{key.to_text()}\n" for key in root.public(authority).keys)
    create_private(layout.root_vkeys, vkeys.encode())
    create_private(layout.statement, root.sign(encode_request(statement), now))
    create_private(layout.log_policy, first_policy(log.vkeys).encode())
