"""Authorities whose cards a test can spoil: every step of making one is in the open."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf, chain_hash
from gateway.core.identity import (
    Card,
    CardRoot,
    CardVersions,
    RootKeys,
    Statement,
    append_statement,
    assemble_card,
    audit_origin,
    card_digest,
    encode_card_line,
    encode_request,
    parse_request,
    prove_statement,
    root_keys_of,
    root_origin,
    witness_name,
)
from gateway.core.keys import KemPrivateKey, publish_kem_key
from gateway.core.translog.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    LogSigner,
    MlDsaCosigner,
)
from gateway.core.translog.merkle import inclusion_path, leaf_hash, root_of
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.translog.readers import MemoryTree
from gateway.core.values import AuthorityId, Stage, UnixMs, format_time

NOW = UnixMs(1_790_000_000_000)


@lru_cache
def ca_certificate(name: str, *, is_ca: bool = True) -> bytes:
    """Return a self-signed certificate, DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def log_signer(origin: str, label: str) -> LogSigner:
    """Return the signer of a log, with keys that only `label` decides."""
    return LogSigner(
        origin,
        ed25519_seed=seed(f"{origin} {label} ed25519"),
        ml_dsa_seed=seed(f"{origin} {label} ml-dsa"),
    )


def seed(text: str) -> bytes:
    """Return 32 bytes that only `text` decides."""
    return hashlib.sha256(text.encode()).digest()


@dataclass
class CardMaker:
    """An authority that makes cards, and lets a test change any step.

    Attributes:
        root_label: Another one gives another root.
        log_label: Another one gives other keys of the audit log.
        epoch: Which of its logs it has.
    """

    authority: AuthorityId = AuthorityId("moj.ee")  # noqa: RUF009 - it is a string
    root_label: str = "root"
    log_label: str = "log"
    stage: Stage = Stage.TEST
    epoch: int = 1
    root_entries: list[bytes] = field(default_factory=list)
    log_entries: list[bytes] = field(default_factory=list)

    @property
    def root_signer(self) -> LogSigner:
        return log_signer(root_origin(self.authority), self.root_label)

    @property
    def root(self) -> RootKeys:
        return root_keys_of(self.authority, self.root_signer.keys)

    @property
    def audit_signer(self) -> LogSigner:
        return log_signer(audit_origin(self.authority, self.epoch), self.log_label)

    def statement(self, number: int = 1) -> Statement:
        """Return what the root is asked to state."""
        name = witness_name(self.authority)
        return Statement(
            authority=self.authority,
            number=number,
            log_origin=self.audit_signer.origin,
            log_keys=self.audit_signer.keys,
            witness_name=name,
            witness_keys=(
                Ed25519Cosigner(name, seed(f"{name} ed25519")).key,
                MlDsaCosigner(name, seed(f"{name} ml-dsa")).key,
            ),
            tls_cas=(ca_certificate(self.authority),),
        )

    def state(self) -> bytes:
        """Append the statement to the root log and return its proof file."""
        request = parse_request(encode_request(self.statement()))
        self.root_entries.append(append_statement(request, self.root_entries, NOW))
        return prove_statement(self.root_entries, self.root_signer)

    def card(self, statement_proof: bytes, *, number: int = 1) -> Card:
        """Return a card with one key."""
        key = KemPrivateKey.from_seed(seed(f"{self.authority} kem"))
        return Card(
            authority=self.authority,
            country="EE",
            issued=format_time(NOW),
            keys=[publish_kem_key(key, self.authority, NOW).record],
            names={"en": "Ministry of Justice"},
            number=number,
            root=CardRoot(
                proof=statement_proof.decode(),
                vkeys=[item.to_text() for item in self.root.keys],
            ),
            stage=self.stage,
            urls=["https://gateway.moj.ee:8443"],
            versions=CardVersions(code_lists="1.0", messages="1.0 1.1", protocol=[1]),
        )

    def log(self, kind: str, fields: JsonObject) -> None:
        """Append an entry to the audit log."""
        prev = chain_hash(self.log_entries[-1]) if self.log_entries else FIRST_PREV
        leaf, _ = build_leaf(
            EntryDraft(kind, NOW, fields),
            log=self.audit_signer.origin,
            index=len(self.log_entries),
            prev=prev,
            previous_at=NOW,
        )
        self.log_entries.append(leaf)

    def prove(self, index: int | None = None) -> LogProof:
        """Return the proof of an entry of the audit log; the last one by default."""
        size = len(self.log_entries)
        at = size - 1 if index is None else index
        hashes = [leaf_hash(leaf) for leaf in self.log_entries]
        checkpoint = Checkpoint(self.audit_signer.origin, size, root_of(hashes))
        return LogProof(
            index=at,
            path=inclusion_path(at, size, MemoryTree(hashes)),
            checkpoint_note=self.audit_signer.sign(checkpoint),
            extra=self.log_entries[at],
        )

    def publish(self, card: Card) -> bytes:
        """Log a card and return its file."""
        line = encode_card_line(card)
        self.log("key.card", {"dig": card_digest(line)})
        return assemble_card(line, encode_log_proof(self.prove()))

    def make(
        self,
        *,
        number: int = 1,
        change: Callable[[Card], Card] = lambda card: card,
    ) -> bytes:
        """Return a card file, under a new statement if there is none yet."""
        if self.root_entries:
            statement = prove_statement(self.root_entries, self.root_signer)
        else:
            statement = self.state()
        return self.publish(change(self.card(statement, number=number)))
