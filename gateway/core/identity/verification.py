"""Whether to believe a card: the chain from the fingerprint to the last field.

The checks, in order (specification, section 6):

1. The root keys have the expected fingerprint, or that of the card held before.
2. The root has signed the statement.
3. The audit log that the statement names has logged this very card.
4. Every key recomputes and decodes.
5. Neither number has fallen, and nothing changed under an unchanged number.
6. The card is of our stage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import (
    LogProofError,
    StageMismatchError,
    UntrustedCardError,
)
from gateway.core.identity.card import (
    Card,
    CardVersions,
    UnprovenCard,
    card_digest,
    parse_card,
)
from gateway.core.identity.fingerprint import RootKeys
from gateway.core.identity.profile import ProfileRecord
from gateway.core.identity.statement import ProvenStatement, Statement, verify_statement
from gateway.core.keys import KemKeyRecord, check_record
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import VerifierKey
from gateway.core.translog.proof import verify_log_proof
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    Stage,
    UnixMs,
    parse_authority_id,
    parse_time,
)

CARD_KIND = "key.card"


@dataclass(frozen=True, slots=True)
class VerifiedCard:
    """A card that is proven from the root down; only `verify_card` makes one.

    Attributes:
        card: Its fields.
        line: The card line, exactly.
        raw: The whole file, exactly.
        root: The root keys, which have the fingerprint that was compared.
        proven_statement: What the root vouches for.
        checkpoint: Head of the audit log under which the card was proven.
        checkpoint_note: The same as a signed note.
    """

    card: Card
    line: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    root: RootKeys = field(repr=False)
    proven_statement: ProvenStatement = field(repr=False)
    checkpoint: Checkpoint
    checkpoint_note: bytes = field(repr=False)

    @property
    def authority(self) -> AuthorityId:
        """Whose card."""
        return parse_authority_id(self.card.authority)

    @property
    def number(self) -> int:
        """Number of the card; grows."""
        return self.card.number

    @property
    def country(self) -> str:
        """State of the authority, ISO 3166-1 alpha-2."""
        return self.card.country

    @property
    def names(self) -> Mapping[str, str]:
        """What the authority is called, by language."""
        return self.card.names

    @property
    def profile(self) -> ProfileRecord | None:
        """What the authority says of its service, if it does."""
        return self.card.profile

    @property
    def issued_at(self) -> UnixMs:
        """When the card was made, by its maker's clock."""
        return parse_time(self.card.issued)

    @property
    def stage(self) -> Stage:
        """What the node is for."""
        return self.card.stage

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the node is reached, in order of preference."""
        return tuple(self.card.urls)

    @property
    def versions(self) -> CardVersions:
        """Which versions the node speaks."""
        return self.card.versions

    @property
    def keys(self) -> tuple[KemKeyRecord, ...]:
        """Keys to seal to, in the card's order."""
        return tuple(self.card.keys)

    @property
    def fingerprint(self) -> HexDigest:
        """Fingerprint of the authority."""
        return self.root.fingerprint

    @property
    def statement(self) -> Statement:
        """What the root vouches for."""
        return self.proven_statement.statement

    @property
    def log_origin(self) -> str:
        """Origin of the audit log."""
        return self.statement.log_origin

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Keys of the audit log."""
        return self.statement.log_keys

    @property
    def tls_cas(self) -> tuple[bytes, ...]:
        """CA certificates, DER, that may issue this node's TLS certificates."""
        return self.statement.tls_cas


def verify_card(
    raw: bytes,
    *,
    stage: Stage,
    fingerprint: HexDigest | None = None,
    previous: VerifiedCard | None = None,
) -> VerifiedCard:
    """Return the card in a file after checking it from the root down.

    With neither `fingerprint` nor `previous` a card is only shown to agree with
    itself: anyone can make such a card in any name, and whoever calls must have its
    fingerprint compared before acting on it.

    Args:
        raw: The card file.
        stage: Ours.
        fingerprint: What the two people compared.
        previous: The card of this peer that was believed before.

    Raises:
        TooLargeError: Over the limit of cards.
        MalformedError: Not in the format, or a key does not recompute.
        UnknownSuiteError: A key is of a suite this node does not have.
        UntrustedCardError: Another root, not proven, or older than what is known.
        StageMismatchError: A node of the other stage.
    """
    unproven = parse_card(raw)
    _check_root(unproven.root, fingerprint, previous)
    statement = verify_statement(unproven.card.root.proof.encode(), unproven.root)
    checkpoint = _check_logged(unproven, statement.statement)
    for record in unproven.card.keys:
        check_record(record, unproven.root.authority)
    if previous is not None:
        _check_succession(unproven, statement, previous)
    if unproven.card.stage is not stage:
        raise StageMismatchError(f"stage: {unproven.card.stage}, expected {stage}")
    return VerifiedCard(
        card=unproven.card,
        line=unproven.line,
        raw=raw,
        root=unproven.root,
        proven_statement=statement,
        checkpoint=checkpoint,
        checkpoint_note=unproven.proof.checkpoint_note,
    )


def _check_root(
    root: RootKeys,
    expected: HexDigest | None,
    previous: VerifiedCard | None,
) -> None:
    if expected is not None and root.fingerprint != expected:
        raise UntrustedCardError(
            f"fingerprint: {root.fingerprint}, expected {expected}",
        )
    # The id is under the fingerprint, so another authority's card differs here too.
    if previous is not None and root.fingerprint != previous.fingerprint:
        raise UntrustedCardError(
            f"card: another root than {previous.authority} had before",
        )


def _check_logged(unproven: UnprovenCard, statement: Statement) -> Checkpoint:
    """Return the head of the audit log under which this very card is logged."""
    origin = statement.log_origin
    try:
        checkpoint, raw = verify_log_proof(
            unproven.proof,
            origin=origin,
            keys=statement.log_keys,
        )
    except LogProofError as error:
        raise UntrustedCardError(f"card: not proven: {error}") from error
    leaf = parse_leaf(raw, log=origin)
    if leaf.index != unproven.proof.index:
        raise UntrustedCardError("card: proven at another place than it names")
    if leaf.kind != CARD_KIND:
        raise UntrustedCardError(f"card: entry {leaf.kind}, expected {CARD_KIND}")
    if leaf.fields.get("dig") != card_digest(unproven.line):
        raise UntrustedCardError("card: not the card that was logged")
    return checkpoint


def _check_succession(
    unproven: UnprovenCard,
    proven: ProvenStatement,
    previous: VerifiedCard,
) -> None:
    """Refuse what goes back, and two contents under one number."""
    _check_number(
        "statement",
        new=(proven.statement.number, proven.leaf),
        old=(previous.statement.number, previous.proven_statement.leaf),
    )
    _check_number(
        "card",
        new=(unproven.card.number, unproven.line),
        old=(previous.number, previous.line),
    )


def _check_number(what: str, *, new: tuple[int, bytes], old: tuple[int, bytes]) -> None:
    if new[0] < old[0]:
        raise UntrustedCardError(f"{what}: number {new[0]}, expected {old[0]} or more")
    if new[0] == old[0] and new[1] != old[1]:
        raise UntrustedCardError(f"{what}: two contents under number {new[0]}")
