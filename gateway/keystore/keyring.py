"""All keys of a node, unlocked and at work, and the statement that vouches for them.

Loading checks that the root's statement names exactly these keys: a node whose keys
were swapped, or whose new statement is missing, does not start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from getpass import getpass

from gateway.config.settings import Settings
from gateway.core.errors import (
    KeystoreError,
    MalformedError,
    TooLargeError,
    UntrustedCardError,
)
from gateway.core.identity import (
    ProvenStatement,
    RootKeys,
    Statement,
    encode_request,
    root_keys_of,
    verify_statement,
)
from gateway.core.limits import MAX_LOG_PROOF_BYTES
from gateway.core.translog.note import parse_vkey
from gateway.core.values import AuthorityId, HexDigest, UnixMs
from gateway.keystore.archive import Archive, Vault
from gateway.keystore.files import read_private, replace_private
from gateway.keystore.home import (
    ARCHIVE_KEY,
    DATABASE_KEY,
    DISCLOSURE_KEY,
    KeysLayout,
)
from gateway.keystore.kem import KemKeys
from gateway.keystore.sealed import KeyLock, Secret, open_lock, read_passphrase
from gateway.keystore.signing import LogKeys, WitnessKeys
from gateway.keystore.tls_material import TlsMaterial, load_tls, renew_leaf

_MAX_VKEYS_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Keyring:
    """The private keys of a node at work.

    Attributes:
        authority: Whose keys.
        layout: Where they lie.
        lock: Opens and writes the files.
        root: The public root keys.
        proven_statement: The root's statement in force.
        statement_proof: The same as a proof file, as a card holds it.
        opening: Implements `OpeningKeys`.
        archive: Implements `ArchiveKeys`.
        disclosures: Implements `DisclosureVault`.
        log: Implements `LogSigning`.
        witness: Cosigns other logs.
        database_key: 32 bytes that open the database.
        tls: Certificates of the peer side.
    """

    authority: AuthorityId
    layout: KeysLayout
    lock: KeyLock = field(repr=False)
    root: RootKeys = field(repr=False)
    proven_statement: ProvenStatement = field(repr=False)
    statement_proof: bytes = field(repr=False)
    opening: KemKeys = field(repr=False)
    archive: Archive = field(repr=False)
    disclosures: Vault = field(repr=False)
    log: LogKeys = field(repr=False)
    witness: WitnessKeys = field(repr=False)
    database_key: Secret
    tls: TlsMaterial = field(repr=False)

    @property
    def fingerprint(self) -> HexDigest:
        """Fingerprint of this authority."""
        return self.root.fingerprint

    def with_renewed_leaf(self, now: UnixMs) -> "Keyring":
        """Return the keyring with a fresh TLS certificate, which is on disk.

        Raises:
            KeystoreError: The CA is unusable, or a file can't be written.
        """
        return replace(self, tls=renew_leaf(self.lock, self.authority, now))

    def statement_request(self) -> bytes:
        """Return the file that asks the offline root to vouch for these keys."""
        return encode_request(
            keys_statement(
                self.authority,
                log=self.log,
                witness=self.witness,
                tls=self.tls,
            ),
        )

    def with_statement(self, proof: bytes) -> "Keyring":
        """Return the keyring under a new statement of the root, which is on disk.

        Raises:
            KeystoreError: Not signed by this root, not newer, or not of these keys.
        """
        proven = _proven(proof, self.root)
        if proven.statement.number <= self.proven_statement.statement.number:
            raise KeystoreError(
                f"statement: number {proven.statement.number}, expected more than "
                f"{self.proven_statement.statement.number}",
            )
        _check_named(proven.statement, self.log, self.witness, self.tls)
        replace_private(self.layout.statement, proof)
        return replace(self, proven_statement=proven, statement_proof=proof)


def open_keyring(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    ask: Callable[[str], str] = getpass,
) -> Keyring:
    """Return the unlocked keys of a node. Blocks for a tenth of a second or a person.

    Raises:
        KeystoreError: Locked, missing, unsafe, changed, or not vouched for.
    """
    layout = KeysLayout(settings.keys.path)
    passphrase = read_passphrase(settings.keys.unlock, environment, ask=ask)
    lock = open_lock(layout.folder, passphrase)
    return load_keyring(layout, settings.authority.id, lock)


def load_keyring(
    layout: KeysLayout,
    authority: AuthorityId,
    lock: KeyLock,
) -> Keyring:
    """Return the keys in an unlocked folder.

    Raises:
        KeystoreError: Missing, unsafe, changed, another authority's, or not what the
            root's statement vouches for.
    """
    root = _read_root(layout, authority)
    proof = read_private(layout.statement, max_bytes=MAX_LOG_PROOF_BYTES)
    proven = _proven(proof, root)
    log = LogKeys.load(authority, lock)
    witness = WitnessKeys.load(authority, lock)
    tls = load_tls(lock)
    _check_named(proven.statement, log, witness, tls)
    return Keyring(
        authority=authority,
        layout=layout,
        lock=lock,
        root=root,
        proven_statement=proven,
        statement_proof=proof,
        opening=KemKeys.load(authority, lock),
        archive=Archive(Secret(lock.read(ARCHIVE_KEY))),
        disclosures=Vault(Secret(lock.read(DISCLOSURE_KEY))),
        log=log,
        witness=witness,
        database_key=Secret(lock.read(DATABASE_KEY)),
        tls=tls,
    )


def keys_statement(
    authority: AuthorityId,
    *,
    log: LogKeys,
    witness: WitnessKeys,
    tls: TlsMaterial,
) -> Statement:
    """Return what a statement about these keys says; the root gives it its number."""
    return Statement(
        authority=authority,
        number=1,
        log_origin=log.origin,
        log_keys=log.vkeys,
        witness_name=witness.name,
        witness_keys=witness.vkeys,
        tls_cas=(tls.ca_der,),
    )


def _read_root(layout: KeysLayout, authority: AuthorityId) -> RootKeys:
    path = layout.root_vkeys
    raw = read_private(path, max_bytes=_MAX_VKEYS_BYTES)
    try:
        keys = [parse_vkey(line) for line in raw.decode("ascii").splitlines()]
        return root_keys_of(authority, keys)
    except (MalformedError, UnicodeDecodeError) as error:
        raise KeystoreError(f"{path}: {error}") from error


def _proven(proof: bytes, root: RootKeys) -> ProvenStatement:
    try:
        return verify_statement(proof, root)
    except (MalformedError, TooLargeError, UntrustedCardError) as error:
        raise KeystoreError(f"statement: {error}") from error


def _check_named(
    statement: Statement,
    log: LogKeys,
    witness: WitnessKeys,
    tls: TlsMaterial,
) -> None:
    """Check that the statement vouches for the keys at work; it may name more."""
    is_named = {
        "log keys": statement.log_origin == log.origin
        and set(log.vkeys) <= set(statement.log_keys),
        "witness keys": set(witness.vkeys) <= set(statement.witness_keys),
        "TLS CA": tls.ca_der in statement.tls_cas,
    }
    unnamed = [name for name, named in is_named.items() if not named]
    if unnamed:
        raise KeystoreError(
            f"statement: does not name our {', '.join(unnamed)}; "
            "sign a new one with: mla-gateway root sign",
        )
