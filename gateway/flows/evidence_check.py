"""Evidence that arrived is compared with its manifest before anybody asks for it.

Behind the receiving, one file at a time: it is read back and opened, and its plaintext
is compared with size and digest, in memory and piece by piece. A file that was sealed
wrong sets its message aside and goes back as a proven rejection; one that was damaged
here is marked, and is never handed out (specification, 10.6).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from gateway.core.errors import BlobError, CannotOpenError, GatewayError
from gateway.core.values import AuthorityId
from gateway.flows.exchange import Exchange
from gateway.flows.inspection import Inspection, report_of
from gateway.flows.send_parts import is_as_listed
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import AttachmentState, HandOut
from gateway.ports.findings import KeptFinding
from gateway.ports.messages import Box

log = structlog.get_logger()

_LONGEST_WAIT_S = 15.0
_AGAIN_S = 60.0


class EvidenceCheck:
    """Follows behind the receiving of evidence."""

    def __init__(
        self,
        exchange: Exchange,
        blobs: BlobStore,
        *,
        inspection: Inspection,
        received: asyncio.Event,
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._inspection = inspection
        self._received = received
        self._wake = wake

    async def run(self) -> None:
        """Verify whatever arrives, for ever."""
        while True:
            self._received.clear()
            try:
                while await self.check_one():
                    pass
            except GatewayError as error:
                log.warning("evidence_not_checked", code=error.code, reason=str(error))
                await self._exchange.clock.sleep(_AGAIN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await self._received.wait()

    async def check_one(self) -> bool:
        """Verify one file that was not verified yet; return whether there was one.

        Raises:
            GatewayError: The disk could not be read; it is verified later.
        """
        store = self._exchange.store
        handed = await store.begin_evidence_check(self._exchange.clock.now())
        if handed is None:
            return False
        message_id, row = handed.sealed.id, handed.attachment
        state, finding = await self._looked_at(handed)
        is_faulty = state is AttachmentState.VERIFIED and self._tell(handed, finding)
        await store.record_finding(message_id, state, finding, is_faulty=is_faulty)
        if state is AttachmentState.WRONG:
            await self._set_aside(handed)
        log.info("evidence_checked", message_id=message_id, aid=row.aid, state=state)
        return True

    async def _looked_at(self, handed: HandOut) -> tuple[AttachmentState, KeptFinding]:
        """Return what a file turns out to be.

        What opens is as it was sealed: every byte of its ciphertext is under a tag.
        What does not was sealed wrong if its parts are still as they came, and was
        damaged here if they are not.
        """
        message_id, row = handed.sealed.id, handed.attachment
        state = AttachmentState.DAMAGED
        try:
            try:
                finding = await self._inspection.of_arrived(handed)
            except CannotOpenError:
                if await is_as_listed(self._exchange, self._blobs, row):
                    state = AttachmentState.WRONG
            else:
                return AttachmentState.VERIFIED, finding
        except BlobError as error:
            log.warning("evidence_unreadable", aid=row.aid, reason=str(error))
        if state is AttachmentState.DAMAGED:
            log.error("evidence_damaged", message_id=message_id, aid=row.aid)
        return state, self._inspection.of_unopened(handed)

    def _tell(self, handed: HandOut, finding: KeptFinding) -> bool:
        """Tell operators whether something speaks against a file; return whether."""
        faults = report_of(finding).faults
        if faults:
            message_id, aid = handed.sealed.id, handed.attachment.aid
            log.warning(
                "evidence_faulty", message_id=message_id, aid=aid, faults=len(faults)
            )
        return bool(faults)

    async def _set_aside(self, handed: HandOut) -> None:
        """Set the message aside: its sender sealed something else than it says."""
        sealed, code = handed.sealed, CannotOpenError.code
        if sealed.box is Box.OUT:
            return  # our own: the addressee says what it thinks of it
        now = self._exchange.clock.now()
        log.warning("message_quarantined", message_id=sealed.id, peer=sealed.peer)
        await self._exchange.store.quarantine(sealed.id, sealed.peer, code, now)
        self._wake(sealed.peer)
