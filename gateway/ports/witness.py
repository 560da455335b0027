"""Witnessing as flows see it: who vouches for our log, and for which logs we vouch.

What was linked of a peer's log is in `ports.log`; what is here was cosigned, or proves
that a log is not one log (specification, sections 8.5 and 8.8).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.conflicts import LogConflict
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import NoteSignature, VerifierKey
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.log import SignedCheckpoint


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One verified cosignature of a tree of our log.

    Attributes:
        witness: Key name of the witness.
        line: The signature line, with its line feed.
        time_s: POSIX seconds at which the witness says it had seen no larger tree.
    """

    witness: str
    key_id: bytes
    line: str
    time_s: int


def with_cosignatures(
    checkpoint: SignedCheckpoint,
    cosignatures: Iterable[Cosignature],
) -> bytes:
    """Return the signed note of a checkpoint with these cosignatures below it."""
    lines = (one.line.encode() for one in cosignatures)
    return b"".join((checkpoint.note, *lines))


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The largest tree of ours that a witness has cosigned; size 0 if none."""

    size: int = 0
    time_s: int = 0


@dataclass(frozen=True, slots=True)
class WitnessedState:
    """The newest checkpoint of a log that this node cosigned.

    Attributes:
        authority: Whose log.
        note: With the lines of the log and ours.
        time_s: POSIX seconds in our cosignature.
    """

    origin: str
    authority: AuthorityId
    size: int
    root: bytes
    note: bytes
    time_s: int


@dataclass(frozen=True, slots=True)
class KeptConflict:
    """A contradiction as it is kept.

    Attributes:
        number: Orders them.
        is_settled: The log has been shown to be one log after all. Never so for two
            roots of one size.
    """

    number: int
    conflict: LogConflict
    is_settled: bool


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness answers, as HTTP spells it.

    Attributes:
        status: 200 with signature lines, or a refusal.
        body: At most as long as a signed note.
        retry_after_s: Seconds to wait, with 503; else 0.
    """

    status: int
    body: bytes = b""
    retry_after_s: int = 0


class Cosigning(Protocol):
    """The witness keys of this authority."""

    @property
    def name(self) -> str:
        """Key name of our witness."""
        ...

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys, of each type one at least."""
        ...

    async def cosign(
        self,
        checkpoint: Checkpoint,
        *,
        time_s: int,
    ) -> tuple[NoteSignature, ...]:
        """Return the cosignature lines of a checkpoint that was found consistent."""
        ...


class OutsideWitnesses(Protocol):
    """Calls to witnesses that are no peers."""

    async def add_checkpoint(self, url: str, body: bytes) -> WitnessAnswer:
        """Ask the witness at an address to cosign.

        Raises:
            UnreachableError: No connection, or no answer in time.
            MalformedError: An answer over its limits.
        """
        ...


class ConflictFiles(Protocol):
    """The folder where proof of misbehaviour lies for people to take away."""

    def keep(self, name: str, raw: bytes) -> None:
        """Write a file durably, unless it is there. Blocks for a flush.

        Raises:
            StoreError: It can't be written.
        """
        ...


class WitnessStore(Protocol):
    """Rounds, cosignatures, and conflicts. Each method is one transaction."""

    async def record_round(self, size: int, at: UnixMs) -> None:
        """Mark a kept checkpoint of ours as one of a round.

        Raises:
            ConflictError: No checkpoint of that size was signed.
        """
        ...

    async def rounds(self, before_size: int, limit: int) -> list[SignedCheckpoint]:
        """Return round checkpoints of trees smaller than that, newest first."""
        ...

    async def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint of ours that was signed for a size."""
        ...

    async def round_is_due(self) -> bool:
        """Tell whether the log grew since the last round by more than cosigning."""
        ...

    async def record_cosignatures(
        self,
        size: int,
        cosignatures: Sequence[Cosignature],
    ) -> None:
        """Keep verified cosignatures of a tree of ours; known ones change nothing."""
        ...

    async def cosignatures(self, size: int) -> list[Cosignature]:
        """Return who cosigned a tree of ours."""
        ...

    async def cosigned_after(self, index: int) -> SignedCheckpoint | None:
        """Return the first cosigned checkpoint of a tree that holds an entry."""
        ...

    async def cosigned_by(self, witness: str) -> Cosigned:
        """Return the largest tree of ours that a witness cosigned."""
        ...

    async def witnessed(self, origin: str) -> WitnessedState | None:
        """Return what this node cosigned of a log."""
        ...

    async def witnessed_logs(self, limit: int) -> list[WitnessedState]:
        """Return what was cosigned of all logs, the newest cosignature first."""
        ...

    async def record_witnessed(
        self,
        state: WitnessedState,
        *,
        old_size: int,
        at: UnixMs,
    ) -> None:
        """Log `wit.cosign` and move the state of a log, compared with `old_size`.

        Raises:
            ConflictError: The log is at another size by now.
        """
        ...

    async def keep_conflict(self, conflict: LogConflict) -> bool:
        """Log `wit.conflict` and keep the two notes; return whether that was new.

        At most `MAX_CONFLICTS` a log are kept; a further one changes nothing.
        """
        ...

    async def conflicts(self, origin: str = "") -> list[KeptConflict]:
        """Return what is kept against a log, or against all, oldest first."""
        ...

    async def settle_conflicts(self, origin: str) -> None:
        """Note that a log has linked again; two roots for one size stay unsettled."""
        ...
