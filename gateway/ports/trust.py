"""Whom this node trusts, kept in files that the log vouches for; our own card.

A change is staged beside what is in force, its digest is logged, and then it is put
into force: what was logged and nothing else (specification, section 14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.identity import Card, VerifiedCard
from gateway.core.operators import Departed, Operator
from gateway.core.units import Units
from gateway.core.values import AuthorityId, HexDigest, UnixMs
from gateway.ports.peers import Peer

TRUST_KIND = "config.trust"
"""Kind of the entries whose `dig` is that of the list of all trust files."""


class TrustChange(StrEnum):
    """What a `config.trust` entry says was changed; its `res`."""

    INITIAL = "initial"
    PEER_ADDED = "peer-added"
    PEER_UPDATED = "peer-updated"
    PEER_PAUSED = "peer-paused"
    PEER_RESUMED = "peer-resumed"
    PEER_REMOVED = "peer-removed"
    OPERATOR_ADDED = "operator-added"
    OPERATOR_CHANGED = "operator-changed"
    OPERATOR_REMOVED = "operator-removed"
    UNITS_CHANGED = "units-changed"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """That two people compared a fingerprint.

    Attributes:
        fingerprint: What they compared, with the same result on both sides.
        compared_by: Our operator.
        compared_how: In which way, in their own words.
    """

    fingerprint: HexDigest
    compared_by: str
    compared_how: str
    compared_at: UnixMs


@dataclass(frozen=True, slots=True)
class EnrolledPeer:
    """A peer with the record of its enrolment.

    Attributes:
        earlier: Proof files of the statements of its root that were believed before
            the one on its card, by number.
    """

    peer: Peer
    enrolment: Enrolment
    earlier: tuple[bytes, ...] = ()

    @property
    def authority(self) -> AuthorityId:
        """Whose enrolment."""
        return self.peer.authority

    @property
    def statements(self) -> tuple[bytes, ...]:
        """Proof files of all statements of its root that were believed, by number."""
        return (*self.earlier, self.peer.card.card.root.proof.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEdit:
    """A change of whom to trust; what is put replaces what is there by that name."""

    put_peers: tuple[EnrolledPeer, ...] = ()
    removed_peers: tuple[AuthorityId, ...] = ()
    put_operators: tuple[Operator, ...] = ()
    departed: tuple[Departed, ...] = ()
    units: Units | None = None


class TrustRegister(Protocol):
    """The peers and operators in force, and the way to change them."""

    def enrolled(self, authority: AuthorityId) -> EnrolledPeer | None:
        """Return a peer with its enrolment."""
        ...

    def enrolled_peers(self) -> Sequence[EnrolledPeer]:
        """Return all peers with their enrolments, ordered by id."""
        ...

    def operator(self, name: str) -> Operator | None:
        """Return an operator."""
        ...

    def operators(self) -> Sequence[Operator]:
        """Return all operators, ordered by name."""
        ...

    def departed(self, name: str) -> Departed | None:
        """Return what is known of somebody who had an account."""
        ...

    def all_departed(self) -> Sequence[Departed]:
        """Return everybody who had an account, ordered by name."""
        ...

    def units(self) -> Units:
        """Return all units, and the rules by which cases come to them."""
        ...

    async def stage(self, edit: TrustEdit) -> HexDigest:
        """Write a change beside what is in force; return the digest to log.

        Nothing may be staged already: see `load`.

        Raises:
            ConfigError: What the change leads to could not be loaded, or the files
                can't be written.
        """
        ...

    async def load(self, logged: HexDigest) -> None:
        """Put into force what was logged last, and nothing else.

        Finishes a staged change that was logged, drops one that was not, then reads
        and verifies every file. On an error all stays as it was.

        Raises:
            ConfigError: A file is not as it was logged; names it and the command
                that makes such a change.
        """
        ...


class OwnCard(Protocol):
    """Our own card: what our keys and settings ask for, and the one that is kept."""

    def compose(self, *, number: int, now: UnixMs) -> Card:
        """Return the card that our keys and settings ask for."""
        ...

    def load(self) -> VerifiedCard | None:
        """Return the card that is kept, or None before the first.

        Raises:
            KeystoreError: It does not verify, or others can read the file.
        """
        ...

    def store(self, raw: bytes) -> VerifiedCard:
        """Keep a new card after checking it as a peer would; return it.

        Raises:
            KeystoreError: It does not verify, or can't be written.
        """
        ...

    def statements(self) -> Sequence[bytes]:
        """Return the proof files of all statements of our root ever in force here.

        Raises:
            KeystoreError: One is unsafe, changed, or not of our root.
        """
        ...
