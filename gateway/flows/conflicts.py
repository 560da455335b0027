"""What is held against a log: kept, logged, alarmed; and what follows from it.

Two roots for one size end a log's credit for good: it is never cosigned again, and
messages flow only if the peer's policy says so. Anything less is an alarm until the
log links again (specification, section 8.8).
"""

import asyncio
from enum import StrEnum

import structlog

from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    conflict_name,
    encode_conflict,
)
from gateway.core.errors import MaintenanceError
from gateway.core.values import AuthorityId
from gateway.ports.peers import Peer
from gateway.ports.witness import ConflictFiles, KeptConflict, WitnessStore
from gateway.ports.world import Clock, Metrics

log = structlog.get_logger()

_RETRY_AFTER_S = 300
# A checkpoint may be overtaken by a later one on another connection. A log that keeps
# coming with smaller ones has been cut.
_SMALLER_IN_A_ROW = 3


class LogStanding(StrEnum):
    """What a log is worth to us."""

    GOOD = "good"
    SUSPECT = "suspect"
    QUARANTINED = "quarantined"


class LogConflicts:
    """Keeps what is held against the peers' logs."""

    def __init__(
        self,
        store: WitnessStore,
        files: ConflictFiles,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._metrics = metrics
        self._standing: dict[str, LogStanding] | None = None
        self._smaller: dict[str, int] = {}

    async def standing(self, origin: str) -> LogStanding:
        """Return what a log is worth to us."""
        return (await self._load()).get(origin, LogStanding.GOOD)

    async def all(self) -> list[KeptConflict]:
        """Return everything that is kept, oldest first."""
        return await self._store.conflicts()

    async def check_exchange(self, peer: Peer) -> None:
        """Return if messages may be exchanged with a peer.

        Raises:
            MaintenanceError: Its log was forked, and its policy does not say that
                messages flow all the same.
        """
        if peer.policy.exchanges_despite_conflict:
            return
        if await self.standing(peer.card.log_origin) is LogStanding.QUARANTINED:
            raise MaintenanceError(
                f"log of {peer.authority}: shows two histories, so nothing is "
                "exchanged; see mla-gateway audit conflicts",
                retry_after_s=_RETRY_AFTER_S,
            )

    async def found(
        self,
        peer: Peer,
        kind: ConflictKind,
        *,
        held: bytes,
        offered: bytes,
        source: AuthorityId | None = None,
    ) -> None:
        """Keep two notes of a peer's log that contradict each other, and raise alarm.

        Args:
            peer: Whose log.
            kind: In which way they do.
            held: The note believed before.
            offered: The note that does not fit; both are signed by the log.
            source: Who brought it, if not the peer itself.
        """
        conflict = LogConflict(
            origin=peer.card.log_origin,
            authority=peer.authority,
            kind=kind,
            held=held,
            offered=offered,
            source=source or peer.authority,
            at=self._clock.now(),
        )
        self._metrics.count("mla_log_conflicts_total", peer=peer.authority, kind=kind)
        if not await self._store.keep_conflict(conflict):
            return
        self._standing = None
        name = await self._write(conflict)
        log.error(
            "log_conflict",
            peer=peer.authority,
            origin=conflict.origin,
            kind=kind,
            source=conflict.source,
            file=name,
        )

    async def smaller(self, peer: Peer, *, held: bytes, offered: bytes) -> None:
        """Note a checkpoint smaller than what was seen; thrice in a row is an alarm."""
        origin = peer.card.log_origin
        self._smaller[origin] = self._smaller.get(origin, 0) + 1
        if self._smaller[origin] == _SMALLER_IN_A_ROW:
            await self.found(peer, ConflictKind.ROLLBACK, held=held, offered=offered)

    async def linked(self, origin: str) -> None:
        """Note that a log was shown to extend what was seen of it."""
        self._smaller.pop(origin, None)
        if await self.standing(origin) is LogStanding.SUSPECT:
            await self._store.settle_conflicts(origin)
            self._standing = None
            log.info("log_links_again", origin=origin)

    async def write_files(self) -> int:
        """Write the files of all that is kept, as far as they are missing.

        For a start: a process may die between keeping a conflict and writing it.
        """
        kept = await self.all()
        for one in kept:
            await self._write(one.conflict)
        return len(kept)

    async def _write(self, conflict: LogConflict) -> str:
        name = conflict_name(conflict)
        await asyncio.to_thread(self._files.keep, name, encode_conflict(conflict))
        return name

    async def _load(self) -> dict[str, LogStanding]:
        if self._standing is None:
            self._standing = _standings(await self._store.conflicts())
        return self._standing


def _standings(kept: list[KeptConflict]) -> dict[str, LogStanding]:
    found: dict[str, LogStanding] = {}
    for one in kept:
        if one.is_settled:
            continue
        if one.conflict.kind is ConflictKind.SPLIT_VIEW:
            found[one.conflict.origin] = LogStanding.QUARANTINED
        else:
            found.setdefault(one.conflict.origin, LogStanding.SUSPECT)
    return found
