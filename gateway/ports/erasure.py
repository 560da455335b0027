"""Erasing messages, pruning the log: storage as flows see it (specification, 8.14).

A method that removes something does it in the transaction of its entry; what lies
outside the database is named in its result and removed after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.delivery import InboundState, Obstacle, OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.keys import ErasedNote, RingId
from gateway.ports.messages import Box


@dataclass(frozen=True, slots=True)
class ErasureItem:
    """A message that is asked to be erased.

    Attributes:
        obstacle: Why it can't be erased now; None if it can, or was before.
        content_bytes: Sealed bytes of the message itself.
        files: Evidence files whose bytes are here.
        file_bytes: Their ciphertext, together.
        disclosures: Case data beside entries about it.
    """

    id: MessageId
    box: Box
    state: OutboundState | InboundState
    obstacle: Obstacle | None
    content_bytes: int
    files: int
    file_bytes: int
    disclosures: int

    @property
    def is_erased(self) -> bool:
        """Whether it was erased before."""
        return self.state in {OutboundState.ERASED, InboundState.ERASED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureOrder:
    """On what ground messages are erased.

    Attributes:
        basis: Code of the legal basis.
        until: When the last copy dies.
        act: Who ordered it, and why.
        is_repeated: They were erased before, and came back with an older copy of the
            database: what does not allow it is left as it is.
        rule: Name of the retention class that is followed, or empty.
        takes_unseen: That nobody here has opened one is no obstacle.
    """

    basis: str
    until: UnixMs
    act: Act
    is_repeated: bool = False
    rule: str = ""
    takes_unseen: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and what is to be removed outside the database.

    Attributes:
        notes: The messages.
        blobs: Their evidence files.
        rings: Rings of cases that ended with them.
    """

    notes: tuple[ErasedNote, ...]
    blobs: tuple[BlobId, ...]
    rings: tuple[RingId, ...]


@dataclass(frozen=True, slots=True)
class Pruning:
    """How a step of pruning goes, or would go.

    Attributes:
        minimum: Index below which entries about people have no bytes afterwards.
        entries: Entries that lose them.
        disclosures: Disclosures that go.
    """

    minimum: int
    entries: int
    disclosures: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """A step of pruning that is done.

    Attributes:
        log_index: Its `log.prune` entry.
        rings: Rings that nothing is sealed under any more.
    """

    pruning: Pruning
    log_index: int
    rings: tuple[RingId, ...]


class ErasureStore(Protocol):
    """Erasure and pruning. Each method is one transaction."""

    async def messages_of_case(self, case_id: str, limit: int) -> list[MessageId]:
        """Return the messages of a case, newest first."""
        ...

    async def erasure_items(
        self, ids: Sequence[MessageId], *, unseen: bool = False
    ) -> list[ErasureItem]:
        """Return how erasing messages would go, in their order.

        Args:
            ids: The messages.
            unseen: That nobody here has opened one would be no obstacle.

        Raises:
            NotFoundError: No such message.
        """
        ...

    async def erase(
        self,
        ids: Sequence[MessageId],
        order: ErasureOrder,
        now: UnixMs,
    ) -> Erased:
        """Erase messages, all or none, each with its `msg.erase`.

        Those that were erased before are passed over.

        Raises:
            NotFoundError: No such message.
            NotErasableError: One can't be erased now.
        """
        ...

    async def erased_ids(self, known: Sequence[MessageId]) -> list[MessageId]:
        """Return which of some messages are erased, or were never here."""
        ...

    async def all_erased(self) -> list[ErasedNote]:
        """Return every message that is erased under this log, as its entry says it."""
        ...

    async def rings(self) -> list[RingId]:
        """Return every ring that disclosures may be sealed under."""
        ...

    async def log_minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        ...

    async def plan_pruning(self, minimum: int) -> Pruning:
        """Return what pruning below an index would remove.

        Raises:
            ConflictError: Something below it is still needed, or it is pruned already.
        """
        ...

    async def prune(
        self,
        minimum: int,
        *,
        basis: str,
        act: Act,
        now: UnixMs,
    ) -> Pruned:
        """Remove the bytes of entries below an index, with a `log.prune` entry.

        Raises:
            ConflictError: Something below it is still needed, or it is pruned already.
        """
        ...

    async def retire_wal(self) -> None:
        """Move what was committed into the database file and empty the log beside it.

        Raises:
            MaintenanceError: Somebody read for too long.
        """
        ...

    async def is_compaction_due(self) -> bool:
        """Tell whether something was removed since the file was written anew."""
        ...

    async def compact(self) -> None:
        """Write the database file anew, so that no trace stays of what was removed.

        Nothing is written meanwhile; it takes some 40 seconds a gigabyte.

        Raises:
            DiskReserveError: There is not room enough for a second copy.
            MaintenanceError: Somebody read for too long.
        """
        ...
