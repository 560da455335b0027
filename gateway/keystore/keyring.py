"""All keys of a node, unlocked and at work, and the statement that vouches for them.

The root's statement says which of the keys that lie there are at work: a node whose
keys were swapped, or whose new statement is missing, does not start.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from getpass import getpass
from typing import TypeVar

from gateway.config.settings import Settings
from gateway.core.errors import KeystoreError, MalformedError
from gateway.core.identity import (
    ProvenStatement,
    RootKeys,
    Statement,
    encode_request,
    root_keys_of,
)
from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.core.values import AuthorityId, HexDigest, UnixMs
from gateway.keystore.archive import Archive, Vault
from gateway.keystore.files import read_private
from gateway.keystore.home import (
    ARCHIVE_KEY,
    DATABASE_KEY,
    DISCLOSURE_KEY,
    KeysLayout,
)
from gateway.keystore.kem import KemKeys
from gateway.keystore.own_statements import (
    KeptStatement,
    load_statement,
    prove,
    put_into_force,
    read_history,
)
from gateway.keystore.rings import RingFile
from gateway.keystore.sealed import KeyLock, Secret, open_lock, read_passphrase
from gateway.keystore.signing import LogKeys, WitnessKeys
from gateway.keystore.subject_tags import SubjectTags, load_subject_tags
from gateway.keystore.succession import KeyUse, Succession, destroy_retired
from gateway.keystore.tls_material import TlsMaterial, load_tls, renew_leaf
from gateway.keystore.webhook_secrets import (
    SealedWebhookSecrets,
    load_webhook_secrets,
)

K_co = TypeVar("K_co", covariant=True)

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
        disclosures: Implements `DisclosureVault` and `ErasureRegister`.
        log: Implements `LogSigning`.
        witness: Cosigns other logs.
        subjects: Implements `SubjectTagger`.
        webhooks: Implements `WebhookSecrets`.
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
    subjects: SubjectTags = field(repr=False)
    webhooks: SealedWebhookSecrets = field(repr=False)
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
        named = self.proven_statement.statement.tls_cas
        renewed = renew_leaf(self.lock, self.authority, now, named=named)
        return replace(self, tls=renewed)

    def succession(self, use: KeyUse) -> Succession[object]:
        """Return the generations of keys for a use."""
        found: dict[KeyUse, Succession[object]] = {
            KeyUse.LOG: self.log.succession,
            KeyUse.WITNESS: self.witness.succession,
            KeyUse.TLS_CA: self.tls.succession,
        }
        return found[use]

    def history(self) -> Sequence[KeptStatement]:
        """Return every statement that was ever in force here, by number.

        Raises:
            KeystoreError: A file is unsafe, changed, or not of our root.
        """
        return read_history(self.layout, self.root)

    def statement_request(self, *, alone: Collection[KeyUse] = ()) -> bytes:
        """Return the file that asks the offline root to vouch for these keys.

        It names what is at work and what waits for a statement.

        Args:
            alone: Uses whose older keys are to end.
        """
        return encode_request(
            keys_statement(
                self.authority,
                log=self.log,
                witness=self.witness,
                tls=self.tls,
                alone=alone,
            ),
        )

    def with_statement(self, proof: bytes, now: UnixMs) -> "Keyring":
        """Return the keyring under a new statement of the root, which is on disk.

        Keys that it no longer names are destroyed.

        Raises:
            KeystoreError: Not signed by this root, not newer, not of these keys, or
                it would take newer keys out of use again.
        """
        proven = prove(proof, self.root)
        if proven.statement.number <= self.proven_statement.statement.number:
            raise KeystoreError(
                f"statement: number {proven.statement.number}, expected more than "
                f"{self.proven_statement.statement.number}",
            )
        renewed = self._under(proven, proof)
        for use in KeyUse:
            before, after = self.succession(use), renewed.succession(use)
            if after.newest_number < before.newest_number:
                raise KeystoreError(
                    f"statement: does not name the newest {use} keys at work; "
                    "make a new request with: mla-gateway keys request",
                )
        put_into_force(self.layout, self.root, proof, now)
        return renewed.settled(now)

    def settled(self, now: UnixMs) -> "Keyring":
        """Return the keyring after what a new statement leaves to be done.

        A leaf of a retired CA is issued anew, and retired keys are destroyed. May be
        done again: a crash after the statement came into force loses nothing.

        Raises:
            KeystoreError: A file can't be written or removed.
        """
        settled = self
        if not any(
            self.tls.ca_der in one.public for one in self.tls.succession.at_work
        ):
            settled = self.with_renewed_leaf(now)
        for use in KeyUse:
            destroy_retired(settled.lock, settled.succession(use))
        return settled

    def _under(self, proven: ProvenStatement, proof: bytes) -> "Keyring":
        past = _past_log_keys(self.layout, self.root)
        log, witness, tls = _load_named(self.lock, proven.statement, past)
        return replace(
            self,
            proven_statement=proven,
            statement_proof=proof,
            log=log,
            witness=witness,
            tls=tls,
        )


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
    proven, proof = load_statement(layout, root)
    past = _past_log_keys(layout, root)
    log, witness, tls = _load_named(lock, proven.statement, past)
    return Keyring(
        authority=authority,
        layout=layout,
        lock=lock,
        root=root,
        proven_statement=proven,
        statement_proof=proof,
        opening=KemKeys.load(authority, lock),
        archive=Archive(Secret(lock.read(ARCHIVE_KEY))),
        disclosures=Vault(
            Secret(lock.read(DISCLOSURE_KEY)),
            RingFile(layout.rings),
        ),
        log=log,
        witness=witness,
        subjects=load_subject_tags(lock),
        webhooks=load_webhook_secrets(lock),
        database_key=Secret(lock.read(DATABASE_KEY)),
        tls=tls,
    )


def keys_statement(
    authority: AuthorityId,
    *,
    log: LogKeys,
    witness: WitnessKeys,
    tls: TlsMaterial,
    alone: Collection[KeyUse] = (),
) -> Statement:
    """Return what a statement about these keys says; the root gives it its number.

    Args:
        authority: Whose keys.
        log: The keys of the audit log.
        witness: The keys that cosign.
        tls: The certificates.
        alone: Uses whose older keys are left out.
    """

    def keys(succession: Succession[K_co]) -> tuple[VerifierKey, ...]:
        public = succession.public(newest_only=succession.use in alone)
        return tuple(one for one in public if isinstance(one, VerifierKey))

    cas = tls.succession.public(newest_only=KeyUse.TLS_CA in alone)
    return Statement(
        authority=authority,
        number=1,
        log_origin=log.origin,
        log_keys=keys(log.succession),
        witness_name=witness.name,
        witness_keys=keys(witness.succession),
        tls_cas=tuple(one for one in cas if isinstance(one, bytes)),
    )


def _read_root(layout: KeysLayout, authority: AuthorityId) -> RootKeys:
    path = layout.root_vkeys
    raw = read_private(path, max_bytes=_MAX_VKEYS_BYTES)
    try:
        keys = [parse_vkey(line) for line in raw.decode("ascii").splitlines()]
        return root_keys_of(authority, keys)
    except (MalformedError, UnicodeDecodeError) as error:
        raise KeystoreError(f"{path}: {error}") from error


def _past_log_keys(layout: KeysLayout, root: RootKeys) -> list[VerifierKey]:
    """Return all log keys that the root ever vouched for.

    Raises:
        KeystoreError: A statement that is kept can't be used.
    """
    history = read_history(layout, root)
    return [key for kept in history for key in kept.proven.statement.log_keys]


def _load_named(
    lock: KeyLock,
    statement: Statement,
    past: Sequence[VerifierKey],
) -> tuple[LogKeys, WitnessKeys, TlsMaterial]:
    """Return the keys that a statement names; it may name more than are here.

    Raises:
        KeystoreError: A file can't be used, or keys for a use are not named.
    """
    named = statement.log_keys
    log = LogKeys.load(lock, statement.log_origin, named, past=past)
    name = statement.witness_name
    witness = WitnessKeys.load(lock, name, statement.witness_keys)
    tls = load_tls(lock, named=statement.tls_cas)
    works = {
        "log keys": log.succession.at_work,
        "witness keys": witness.succession.at_work,
        "TLS CA": tls.succession.at_work,
    }
    unnamed = [name for name, at_work in works.items() if not at_work]
    if unnamed:
        raise KeystoreError(
            f"statement: does not name our {', '.join(unnamed)}; "
            "sign a new one with: mla-gateway root sign",
        )
    return log, witness, tls
