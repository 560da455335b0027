"""The audit log as flows see it: append with a change, prove, read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.entries.disclosures import SealedDisclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import AuthorityId


@dataclass(frozen=True, slots=True)
class LogHead:
    """The committed end of our log."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is hashed; `data` is empty once it was pruned."""

    index: int
    leaf_hash: bytes
    data: bytes
    kind: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf of our log with its path under a size that was asked for."""

    index: int
    data: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint of ours that was signed: may leave the node.

    Attributes:
        note: The signed note with both of the log's lines.
        at: When it was signed, Unix milliseconds.
    """

    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True)
class PeerLogState:
    """The newest checkpoint of a peer's log that was verified and linked."""

    origin: str
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class PeerLogLink:
    """A checkpoint of a peer's log, verified to extend what was seen before.

    Storing it compares and sets: if the log is no longer at `seen_size`, nothing of
    the transaction is stored and `LogOutOfStepError` tells the newer size.
    """

    authority: AuthorityId
    origin: str
    seen_size: int
    size: int
    root: bytes
    note: bytes


class LogStore(Protocol):
    """Our log and what we hold of the peers' logs. Each method is one transaction."""

    async def append(self, drafts: Sequence[EntryDraft]) -> list[int]:
        """Log entries that no message change carries; return their indices."""
        ...

    async def log_head(self) -> LogHead:
        """Return the committed end of the log."""
        ...

    async def record_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint.

        Raises:
            AssertionError: Another root was signed for that size, or a larger size
                was signed before: never to be released.
        """
        ...

    async def newest_checkpoint(self) -> SignedCheckpoint | None:
        """Return the largest checkpoint that was signed and kept."""
        ...

    async def prove(self, indices: Sequence[int], size: int) -> list[Inclusion]:
        """Return leaves and inclusion paths under the tree of `size`.

        Raises:
            ConflictError: The size is beyond the log, or a leaf beyond the size.
            NotFoundError: A leaf was pruned.
        """
        ...

    async def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new_size` extends that of `old_size`.

        Raises:
            ConflictError: A size is beyond the log, or they are in wrong order.
        """
        ...

    async def root_at(self, size: int) -> bytes:
        """Return the root of an earlier tree.

        Raises:
            ConflictError: The size is beyond the log.
        """
        ...

    async def entries(self, start: int, limit: int) -> list[StoredEntry]:
        """Return entries from `start` on, in order."""
        ...

    async def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the last entry of a kind that is logged seldom (`config.*`)."""
        ...

    async def disclosures(self, index: int) -> list[SealedDisclosure]:
        """Return what an entry discloses and was not erased."""
        ...

    async def disclosures_of(
        self,
        indices: Sequence[int],
    ) -> dict[int, list[SealedDisclosure]]:
        """Return what several entries disclose, by index; a page of them at most."""
        ...

    async def tile(self, level: int, index: int, width: int) -> bytes:
        """Return a hash tile of `width` hashes (256 is a full one).

        Raises:
            NotFoundError: The log has no such tile yet.
        """
        ...

    async def peer_log(self, authority: AuthorityId) -> PeerLogState | None:
        """Return the newest linked checkpoint of a peer's log."""
        ...

    async def peer_log_of(self, origin: str) -> PeerLogState | None:
        """Return the newest linked checkpoint of a log of a peer's, by its origin."""
        ...

    async def link_peer_log(self, link: PeerLogLink) -> None:
        """Keep a checkpoint that came without anything else to store.

        Raises:
            LogOutOfStepError: The log was linked further meanwhile.
        """
        ...
