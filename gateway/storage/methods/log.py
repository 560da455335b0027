"""Methods of the audit log (port `LogStore`)."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import SealedDisclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import AuthorityId
from gateway.ports.log import (
    Inclusion,
    LogHead,
    PeerLogLink,
    PeerLogState,
    SignedCheckpoint,
    StoredEntry,
)
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import log
from gateway.storage.operations.steps import store_link


class LogMethods(StoreMethods):
    """The audit log."""

    async def append(self, drafts: Sequence[EntryDraft]) -> list[int]:
        """Log entries that no message change carries; return their indices."""
        return await self._runner.write(lambda tx: log.append(tx, drafts))

    async def log_head(self) -> LogHead:
        """Return the committed end of the log."""
        return await self._runner.read(log.log_head)

    async def record_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint."""
        await self._runner.write(lambda tx: log.record_checkpoint(tx, checkpoint))

    async def newest_checkpoint(self) -> SignedCheckpoint | None:
        """Return the largest checkpoint that was signed and kept."""
        return await self._runner.read(lambda tx: tx.newest_checkpoint())

    async def prove(self, indices: Sequence[int], size: int) -> list[Inclusion]:
        """Return leaves and inclusion paths under the tree of `size`."""
        return await self._runner.read(lambda tx: log.prove(tx, indices, size))

    async def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new_size` extends that of `old_size`."""
        return await self._runner.read(
            lambda tx: log.consistency(tx, old_size, new_size)
        )

    async def root_at(self, size: int) -> bytes:
        """Return the root of an earlier tree."""
        return await self._runner.read(lambda tx: log.root_at(tx, size))

    async def entries(self, start: int, limit: int) -> list[StoredEntry]:
        """Return entries from `start` on, in order."""
        return await self._runner.read(lambda tx: tx.entries(start, limit))

    async def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the last entry of a kind that is logged seldom (`config.*`)."""
        return await self._runner.read(lambda tx: tx.newest_entry(kind))

    async def disclosures(self, index: int) -> list[SealedDisclosure]:
        """Return what an entry discloses and was not erased."""
        return await self._runner.read(
            lambda tx: log.disclosures(
                tx,
                index,
                origin=self._origin,
                vault=self._vault,
            )
        )

    async def disclosures_of(
        self,
        indices: Sequence[int],
    ) -> dict[int, list[SealedDisclosure]]:
        """Return what several entries disclose, by index."""
        return await self._runner.read(
            lambda tx: {
                index: log.disclosures(
                    tx,
                    index,
                    origin=self._origin,
                    vault=self._vault,
                )
                for index in indices
            }
        )

    async def tile(self, level: int, index: int, width: int) -> bytes:
        """Return a hash tile of `width` hashes (256 is a full one)."""
        return await self._runner.read(lambda tx: log.tile(tx, level, index, width))

    async def peer_log(self, authority: AuthorityId) -> PeerLogState | None:
        """Return the newest linked checkpoint of a peer's log."""
        return await self._runner.read(lambda tx: tx.peer_log(authority))

    async def peer_log_of(self, origin: str) -> PeerLogState | None:
        """Return the newest linked checkpoint of a log of a peer's, by its origin."""
        return await self._runner.read(lambda tx: tx.peer_log_of(origin))

    async def link_peer_log(self, link: PeerLogLink) -> None:
        """Keep a checkpoint that came without anything else to store."""
        await self._runner.write(lambda tx: store_link(tx, link))
