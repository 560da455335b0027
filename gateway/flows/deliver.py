"""One worker a peer: claim, prove, send, verify the reply, record (section 10.4).

The attempt is recorded before it is made. Of a long queue two batches are under way:
the peer works on one while the other one waits there already, and while we record what
came of the one before.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from gateway.core.errors import (
    GatewayError,
    LogOutOfStepError,
    TryLaterError,
    UnreachableError,
)
from gateway.core.protocol import (
    DeliveryHead,
    DeliveryItem,
    DeliveryReply,
    encode_delivery,
    hashes_to_text,
)
from gateway.core.values import AuthorityId, UnixMs, format_time
from gateway.flows.delivery_policy import DeliveryPolicy
from gateway.flows.exchange import Exchange
from gateway.flows.judging import Judge
from gateway.ports.outbox import AttemptOutcome, DueMessage, OutcomeKind
from gateway.ports.peers import Peer

log = structlog.get_logger()

# Out of step means that our proof started elsewhere; proving again from where the
# peer says it is succeeds at once, unless its log moves on every time.
_PROOF_ATTEMPTS = 4
_BATCHES_UNDER_WAY = 2
_OUTCOMES_BETWEEN_BREATHS = 8
# Then the worker looks at what else there is to do for the peer.
_BATCHES_A_RUN = 32


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back for a batch.

    Attributes:
        due: The batch.
        reply: The peer's reply; None if the whole batch failed.
        our_size: Size of our log that the peer has linked with it.
        error: Why the whole batch failed.
    """

    due: list[DueMessage]
    reply: DeliveryReply | None = None
    our_size: int = 0
    error: GatewayError | None = None


class Delivery:
    """What the workers of all peers share."""

    def __init__(
        self,
        exchange: Exchange,
        policy: DeliveryPolicy,
        *,
        send_evidence: Callable[[AuthorityId], None],
    ) -> None:
        self.exchange = exchange
        self.policy = policy
        self._send_evidence = send_evidence
        # Peers whose answers overtook each other: their next batches go one by one.
        self._overtaken: set[AuthorityId] = set()

    async def deliver_due(
        self,
        peer: Peer,
        *,
        may_go_on: Callable[[], bool] = lambda: False,
        recorded: Callable[[], None] = lambda: None,
    ) -> int:
        """Offer due messages, batch after batch, and record what came of them.

        Args:
            peer: To whom.
            may_go_on: Asked after each full batch, whether another may follow.
            recorded: Called when what came of a batch is stored.

        Returns how many messages were offered; 0 if none was due.

        Raises:
            GatewayError: A whole batch failed; every message of it is rescheduled.
        """
        await self.exchange.conflicts.check_exchange(peer)
        await self.exchange.agreement.ensure(peer.authority)
        run = _Run(self, peer, may_go_on, recorded)
        async with asyncio.TaskGroup() as offers:
            await run.offer_all(offers)
        if run.failure is not None:
            raise run.failure
        return run.offered

    async def claim(self, peer: AuthorityId) -> list[DueMessage]:
        """Return what is offered next; the attempt is recorded."""
        return await self.exchange.store.claim_due(
            peer,
            now=self.exchange.clock.now(),
            lease_ms=self.policy.lease_ms,
            max_items=self.policy.max_items,
            max_bytes=self.policy.max_bytes,
        )

    def is_full(self, batch: Sequence[DueMessage]) -> bool:
        """Tell whether a batch was probably cut, so that more is due."""
        size = sum(len(message.envelope) for message in batch)
        return len(batch) == self.policy.max_items or 2 * size > self.policy.max_bytes

    async def offer(self, peer: Peer, due: list[DueMessage]) -> _Answer:
        """Send a batch, proving again from where the peer says it is."""
        try:
            with self.exchange.giving_way.handling_message(len(due)):
                reply, our_size = await self._exchange(peer, due)
        except GatewayError as error:
            return _Answer(due, error=error)
        return _Answer(due, reply, our_size)

    async def _exchange(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
    ) -> tuple[DeliveryReply, int]:
        base: int | None = None
        for _ in range(_PROOF_ATTEMPTS):
            body, size = await self._frame(peer, due, base)
            try:
                return await self.exchange.transport.deliver(peer.authority, body), size
            except LogOutOfStepError as error:
                base = await self._step_back(peer.authority, error)
        raise TryLaterError("log: out of step again and again", retry_after_s=1)

    async def _step_back(self, peer: AuthorityId, error: LogOutOfStepError) -> int:
        self.exchange.our_log_seen.reset(peer, error.seen)
        head = await self.exchange.store.log_head()
        if error.seen > head.size:
            # The peer has seen more of our log than there is: compare before release.
            self.exchange.agreement.forget(peer)
            await self.exchange.agreement.ensure(peer)
        return error.seen

    async def _frame(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
        base: int | None,
    ) -> tuple[bytes, int]:
        covered = 1 + max(message.send_index for message in due)
        checkpoint = await self.exchange.checkpoints.covering(covered)
        indices = [message.send_index for message in due]
        consistency, links = await self.exchange.our_log_seen.proofs_for(
            peer.authority,
            checkpoint.size,
            base=base,
        )
        inclusions = await self.exchange.store.prove(indices, checkpoint.size)
        items = [
            DeliveryItem(
                digest=message.digest,
                index=inclusion.index,
                leaf=inclusion.data.decode(),
                length=len(message.envelope),
                path=hashes_to_text(inclusion.path),
            )
            for message, inclusion in zip(due, inclusions, strict=True)
        ]
        head = DeliveryHead(
            checkpoint=checkpoint.note.decode(),
            consistency=consistency,
            items=items,
            links=links,
            now=format_time(self.exchange.clock.now()),
            pending=await self.exchange.store.pending_seqs(peer.authority),
            seen=await self.exchange.peer_logs.seen_size(peer.authority),
        )
        body = encode_delivery(head, [message.envelope for message in due])
        return body, checkpoint.size

    def may_overlap(self, peer: AuthorityId) -> bool:
        """Tell, once, whether two batches may be under way to a peer."""
        is_overtaken = peer in self._overtaken
        self._overtaken.discard(peer)
        return not is_overtaken

    def was_overtaken(self, peer: AuthorityId) -> bool:
        """Tell whether answers of a peer overtook each other in this run."""
        return peer in self._overtaken

    async def record(
        self, peer: Peer, answer: _Answer, *, overlapped: bool
    ) -> GatewayError | None:
        """Record what came of a batch; return why it failed, if it did.

        Args:
            peer: To whom.
            answer: What came back.
            overlapped: Whether another batch was under way beside it: then a later
                answer may have come before this one, which no longer links. That is
                nobody's fault, and is settled by offering the batch again, alone.
        """
        error = answer.error
        with self.exchange.giving_way.handling_message(len(answer.due)):
            if answer.reply is not None:
                try:
                    await self._record_reply(
                        peer, answer.due, answer.reply, overlapped=overlapped
                    )
                except LogOutOfStepError as failure:
                    if overlapped:
                        self._overtaken.add(peer.authority)
                        await self._record_failure(peer.authority, answer.due, failure)
                        return None
                    error = failure
                except GatewayError as failure:
                    error = failure
                else:
                    self.exchange.our_log_seen.told(peer.authority, answer.our_size)
            if error is not None:
                await self._record_failure(peer.authority, answer.due, error)
        return error

    async def _record_reply(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
        reply: DeliveryReply,
        *,
        overlapped: bool,
    ) -> None:
        if len(reply.items) != len(due):
            raise UnreachableError("reply: another number of items than were offered")
        async with self.exchange.peer_logs.turn(peer.authority):
            linked = await self.exchange.peer_logs.link(
                peer,
                reply.checkpoint,
                reply.consistency,
                reply.links,
                may_be_overtaken=overlapped,
            )
            now = self.exchange.clock.now()
            judge = Judge(linked.checkpoint, self.exchange.ourselves, self.policy, now)
            outcomes = []
            for message, item in zip(due, reply.items, strict=True):
                outcomes.append(judge.outcome(message, item))
                if len(outcomes) % _OUTCOMES_BETWEEN_BREATHS == 0:
                    # The next batch is on its way out.
                    await self.exchange.giving_way.let_few_pass(len(due))
            await self.exchange.store.record_outcomes(
                peer.authority,
                outcomes,
                linked.link,
                now,
            )
        if any(one.kind is OutcomeKind.INCOMPLETE for one in outcomes):
            self._send_evidence(peer.authority)
        self._report(peer.authority, outcomes)

    async def _record_failure(
        self,
        peer: AuthorityId,
        due: Sequence[DueMessage],
        error: GatewayError,
    ) -> None:
        """Reschedule a whole batch: put off if the peer said so, else unknown."""
        now = self.exchange.clock.now()
        kind = OutcomeKind.UNKNOWN
        wait_ms = 0
        if isinstance(error, TryLaterError):
            kind = OutcomeKind.LATER
            wait_ms = 1000 * error.retry_after_s
        due_at = UnixMs(now + wait_ms)
        outcomes = [
            AttemptOutcome(
                message.id,
                message.digest,
                kind,
                code=error.code,
                next_attempt_at=due_at,
            )
            for message in due
        ]
        await self.exchange.store.record_outcomes(peer, outcomes, None, now)
        self.exchange.metrics.count(
            "mla_deliveries_total", len(due), peer=peer, outcome=kind
        )

    def _report(self, peer: AuthorityId, outcomes: Sequence[AttemptOutcome]) -> None:
        for kind in OutcomeKind:
            amount = sum(1 for outcome in outcomes if outcome.kind is kind)
            if amount:
                self.exchange.metrics.count(
                    "mla_deliveries_total",
                    amount,
                    peer=peer,
                    outcome=kind,
                )
        log.info(
            "batch_offered",
            peer=peer,
            offered=len(outcomes),
            delivered=sum(1 for one in outcomes if one.kind is OutcomeKind.RECEIPT),
        )


class _Run:
    """Batches to one peer, one after the other, until nothing is due or one fails.

    Attributes:
        offered: How many messages were offered.
        failure: Why the run ended early, if it did.
    """

    def __init__(
        self,
        delivery: Delivery,
        peer: Peer,
        may_go_on: Callable[[], bool],
        recorded: Callable[[], None],
    ) -> None:
        self.offered = 0
        self.failure: GatewayError | None = None
        self._delivery = delivery
        self._peer = peer
        self._may_go_on = may_go_on
        self._recorded = recorded
        self._batches = 0
        self._may_claim = True
        self._most_under_way = (
            _BATCHES_UNDER_WAY if delivery.may_overlap(peer.authority) else 1
        )
        self._under_way = 0
        self._has_overlapped = False
        self._answers: asyncio.Queue[_Answer] = asyncio.Queue()

    async def offer_all(self, offers: asyncio.TaskGroup) -> None:
        """Keep batches under way, and record answers as they come."""
        await self._fill(offers)
        while self._under_way:
            answer = await self._answers.get()
            self._under_way -= 1
            # First the next batch: the peer has one more, but not for long.
            if answer.error is None:
                await self._fill(offers)
            self._end_with(
                await self._delivery.record(
                    self._peer, answer, overlapped=self._has_overlapped
                )
            )
            self._recorded()
            if self._delivery.was_overtaken(self._peer.authority):
                self._may_claim = False
            await self._fill(offers)

    async def _fill(self, offers: asyncio.TaskGroup) -> None:
        while self._may_claim and self._under_way < self._most_under_way:
            await self._offer_next(offers)

    async def _offer_next(self, offers: asyncio.TaskGroup) -> None:
        self._batches += 1
        try:
            batch = await self._delivery.claim(self._peer.authority)
        except GatewayError as error:
            self._end_with(error)
            return
        if batch:
            self.offered += len(batch)
            self._has_overlapped |= self._under_way > 0
            self._under_way += 1
            offers.create_task(self._offer(batch))
        self._may_claim = (
            self._delivery.is_full(batch)
            and self._batches < _BATCHES_A_RUN
            and self._may_go_on()
        )

    async def _offer(self, batch: list[DueMessage]) -> None:
        self._answers.put_nowait(await self._delivery.offer(self._peer, batch))

    def _end_with(self, error: GatewayError | None) -> None:
        """After a failure nothing more is claimed; what is under way is recorded."""
        if error is not None:
            self.failure = self.failure or error
            self._may_claim = False
