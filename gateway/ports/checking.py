"""The store as those who check it see it: rows as they are, believed for nothing.

Whoever can change the file can put anything into a column, so kinds, boxes and states
are plain text here and become values only once they were compared with the log
(specification, section 8.12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.translog.tiles import Place
from gateway.ports.log import SignedCheckpoint, StoredEntry


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The end of our log as it is stored.

    Attributes:
        last_leaf: Leaf hash of the last entry; empty in an empty log.
        frontier: Hashes of the largest complete subtrees, back to back.
        signed_size: Size of the largest checkpoint that was signed; 0 if none was.
        pruned_below: Entries below this index may have lost their bytes, as the
            newest `log.prune` entry says; 0 if there is none.
    """

    size: int
    last_leaf: bytes
    frontier: bytes
    signed_size: int
    pruned_below: int


@dataclass(frozen=True, slots=True)
class StoredTile:
    """A full tile with the root that is stored beside it."""

    hashes: bytes
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some entries and what is stored about them, at one instant.

    Attributes:
        entries: From `start` on, in order of their index.
        tiles: The full tiles that these entries complete.
        checkpoints: Those signed for a size from `start` + 1 to the end of the page.
        strays: Entries of the page that name a message of which there is neither a
            row nor a refusal, and that was neither erased nor lost: index and id.
        excess: Index of the first entry beyond the end of the log, if there is one;
            looked for on the last page.
    """

    start: int
    head: StoredHead
    entries: Sequence[StoredEntry]
    tiles: Mapping[Place, StoredTile]
    checkpoints: Sequence[SignedCheckpoint]
    strays: Sequence[tuple[int, str]]
    excess: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class EntryOfMessage:
    """An entry about a message that can have changed its state."""

    index: int
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfMessage:
    """A stored leaf of a peer's log about a message.

    Attributes:
        path: Hashes of the inclusion path, back to back.
        note: The checkpoint it was proven under; empty if it is not there.
    """

    role: str
    origin: str
    size: int
    index: int
    leaf: bytes
    path: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedMessage:
    """A message's row, as far as the log says something of it.

    Attributes:
        number: Orders messages by when they were stored.
        opened_index: Entry of the first opening by a person, or -1.
        recovered_at: The newest `log.recover` entry, or -1: before it the row may have
            been put back to what it was earlier.
        entries: In order; of openings only the first that succeeded.
    """

    number: int
    id: str
    box: str
    peer: str
    state: str
    digest: str
    seq: int
    log_index: int
    opened_index: int
    recovered_at: int
    entries: tuple[EntryOfMessage, ...]
    proofs: tuple[ProofOfMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted and what there is, at one instant.

    Attributes:
        kept: Messages by peer, box and state, as the counters say.
        found: The same, as the rows say.
        accepted: Messages ever accepted, by peer.
        refusals: Refusals whose entry is not in the log: message ids, a few.
    """

    kept: Mapping[tuple[str, str, str], int]
    found: Mapping[tuple[str, str, str], int]
    accepted: Mapping[str, int]
    refusals: Sequence[str]


class CheckStore(Protocol):
    """Reading for checks. Each method reads one instant of the database."""

    async def stored_head(self) -> StoredHead:
        """Return the end of our log as it is stored."""
        ...

    async def log_page(self, start: int, limit: int) -> LogPage:
        """Return entries from `start` on with all that is stored about them."""
        ...

    async def checked_messages(self, after: int, limit: int) -> list[CheckedMessage]:
        """Return messages stored after the one of a number, in order."""
        ...

    async def checked_messages_of(self, ids: Sequence[str]) -> list[CheckedMessage]:
        """Return the messages there are with these ids."""
        ...

    async def counts(self) -> Counts:
        """Return counters and rows counted; reads the whole index of messages."""
        ...
