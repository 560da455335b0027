"""Looking after stored evidence: orphans at the start, what never came, old uploads."""

import structlog

from gateway.core.errors import GatewayError
from gateway.core.values import UnixMs
from gateway.flows.exchange import Exchange
from gateway.flows.uploads import Uploads
from gateway.ports.blobs import BlobId, BlobStore
from gateway.ports.evidence import BlobUse

log = structlog.get_logger()

_DROPPED_A_TURN = 64


class EvidenceCare:
    """Keeps blobs and rows in step."""

    def __init__(self, exchange: Exchange, blobs: BlobStore, uploads: Uploads) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._uploads = uploads

    async def recover(self) -> None:
        """Remove blobs that nothing names, and record those that are gone.

        Called once, before anything is written: whoever had begun is not there.

        Raises:
            StoreError: The folder is not this node's, or its disk is not there.
            GatewayError: The folder can't be read.
        """
        uses = await self._exchange.store.blobs()
        await self._exchange.store.look_again()
        found = await self._blobs.sweep(uses.keys())
        for blob in found.missing:
            await self._lose(blob, uses[blob])
        if found.removed or found.missing:
            log.info(
                "blobs_swept",
                removed=found.removed,
                missing=len(found.missing),
            )

    async def measure(self) -> None:
        """Tell the figures how much room evidence takes."""
        uses = await self._exchange.store.blobs()
        taken = sum(use.length for use in uses.values())
        self._exchange.metrics.gauge("mla_blob_bytes", taken)

    async def _lose(self, blob: BlobId, use: BlobUse) -> None:
        """Ask again for what was coming; what was whole is marked as damaged."""
        log.error("blob_missing", blob=blob, is_coming=use.is_coming)
        fresh = await self._blobs.reserve(use.length) if use.is_coming else None
        is_used = await self._exchange.store.lose_blob(blob, fresh)
        if fresh is not None and not is_used:
            await self._blobs.remove([fresh])

    async def tidy(self, now: UnixMs) -> None:
        """Let go of messages whose evidence never came, and of forgotten uploads."""
        try:
            dropped = await self._exchange.store.drop_pending(now, _DROPPED_A_TURN)
            await self._blobs.remove(dropped)
            await self._uploads.tidy(now)
        except GatewayError as error:
            # What is left on the disk is swept at the next start.
            log.warning("evidence_not_tidied", code=error.code, reason=str(error))
        else:
            if dropped:
                log.warning("evidence_let_go", files=len(dropped))
