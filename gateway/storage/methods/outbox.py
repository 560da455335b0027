"""Methods of our own messages (port `OutboxStore`)."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import MessageRow, SealedMessage
from gateway.ports.outbox import (
    Accepted,
    AttemptOutcome,
    CaseHead,
    Conservation,
    DueMessage,
    FailedAttempt,
    NewOutbound,
    OutboundEventItem,
    Sealing,
)
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import attempts, endings, outbox, traffic


class OutboxMethods(StoreMethods):
    """Our own messages."""

    async def case_head(self, case_id: str, peer: AuthorityId) -> CaseHead:
        """Return the end of our own messages in a case with a peer."""
        return await self._runner.read(lambda tx: outbox.case_head(tx, case_id, peer))

    async def find_accepted(
        self, submitter: str, idempotency_key: str, request_digest: str
    ) -> Accepted | None:
        """Return what an earlier use of an idempotency key led to."""
        return await self._runner.read(
            lambda tx: outbox.find_accepted(
                tx, submitter, idempotency_key, request_digest, self._vault.blind
            )
        )

    async def accept(self, message: NewOutbound, now: UnixMs) -> Accepted:
        """Store a message and its `msg.send` or `msg.hold` entry."""
        return await self._runner.write(
            lambda tx: outbox.accept(tx, message, self._vault.blind, now)
        )

    async def draft(self, message_id: MessageId) -> bytes:
        """Return the sealed draft of a held message."""
        return await self._runner.read(lambda tx: outbox.draft(tx, message_id))

    async def held(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return held messages for a peer that were never sealed, oldest first."""
        return await self._runner.read(
            lambda tx: outbox.held(tx, peer, limit, is_sealed=False)
        )

    async def to_reseal(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return messages held for a peer because their key was retired."""
        return await self._runner.read(
            lambda tx: outbox.held(tx, peer, limit, is_sealed=True)
        )

    async def begin_reseal(
        self, message_id: MessageId, now: UnixMs
    ) -> SealedMessage | None:
        """Log `msg.check` for a message to be sealed again; None if it is not held."""
        return await self._runner.write(
            lambda tx: outbox.begin_reseal(tx, message_id, now)
        )

    async def release(
        self, message_id: MessageId, sealing: Sealing, now: UnixMs
    ) -> bool:
        """Queue a held message, now sealed; False if it is no longer held."""
        return await self._runner.write(
            lambda tx: outbox.release(tx, message_id, sealing, now)
        )

    async def claim_due(
        self,
        peer: AuthorityId,
        *,
        now: UnixMs,
        lease_ms: int,
        max_items: int,
        max_bytes: int,
    ) -> list[DueMessage]:
        """Claim due messages of a peer: urgent first, then oldest."""
        return await self._runner.write(
            lambda tx: attempts.claim_due(
                tx,
                peer,
                now=now,
                lease_ms=lease_ms,
                max_items=max_items,
                max_bytes=max_bytes,
            )
        )

    async def release_leases(self) -> int:
        """Make messages due that a process now gone had claimed; return how many."""
        return await self._runner.write(lambda tx: tx.release_leases())

    async def record_outcomes(
        self,
        peer: AuthorityId,
        outcomes: Sequence[AttemptOutcome],
        link: PeerLogLink | None,
        now: UnixMs,
    ) -> None:
        """Store the verified outcomes of a batch, with `msg.deliver`/`msg.refused`."""
        await self._runner.write(
            lambda tx: attempts.record_outcomes(tx, peer, outcomes, link, now)
        )

    async def failed_attempts(self, message_id: MessageId) -> list[FailedAttempt]:
        """Return the last attempts for a message that came to nothing, oldest first."""
        return await self._runner.read(
            lambda tx: attempts.failed_attempts(tx, message_id)
        )

    async def retry(
        self, ids: Sequence[MessageId], peer: AuthorityId | None, act: Act, now: UnixMs
    ) -> int:
        """Make queued messages due now and clear their peers' back-off."""
        return await self._runner.write(
            lambda tx: attempts.retry(tx, ids, peer, act, now)
        )

    async def cancel(self, message_id: MessageId, act: Act, now: UnixMs) -> MessageRow:
        """Withdraw a message that was never attempted."""
        return await self._runner.write(
            lambda tx: endings.cancel(tx, message_id, act, now)
        )

    async def expire_due(self, now: UnixMs, limit: int) -> list[MessageId]:
        """Expire held and queued messages whose last moment has passed."""
        return await self._runner.write(lambda tx: endings.expire_due(tx, now, limit))

    async def events_due(
        self, peer: AuthorityId, limit: int
    ) -> list[OutboundEventItem]:
        """Return later events that a peer has not acknowledged, oldest first."""
        return await self._runner.read(lambda tx: tx.events(peer, limit))

    async def events_told(self, peer: AuthorityId, indices: Sequence[int]) -> None:
        """Record that a peer acknowledged the events with these log indices."""
        await self._runner.write(lambda tx: tx.drop_events(peer, indices))

    async def pending_seqs(self, peer: AuthorityId) -> list[tuple[int, int]]:
        """Return our running numbers to a peer that are under way or waiting."""
        return await self._runner.read(lambda tx: outbox.pending_seqs(tx, peer))

    async def conservation(self, peer: AuthorityId | None) -> Conservation:
        """Return the counts of invariant I3, read at one instant."""
        return await self._runner.read(lambda tx: traffic.conservation(tx, peer))
