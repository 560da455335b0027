"""Cosigning the logs of peers, as a C2SP witness (specification, section 8.5).

A witness that forgot could sign a fork, so its state is durable before it answers. It
never holds up delivery: nothing there waits for it.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gateway.core.conflicts import ConflictKind
from gateway.core.errors import (
    GatewayError,
    LogForkError,
    LogProofError,
    MalformedError,
    NotFoundError,
    TooLargeError,
)
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.note import Note, parse_note, verified_lines
from gateway.core.translog.witness import (
    AddCheckpoint,
    WitnessedLog,
    WitnessStatus,
    cosignature_reply,
    decide,
    origin_hash,
    parse_add_checkpoint,
    size_reply,
)
from gateway.core.values import AuthorityId
from gateway.flows.binding import Binding, log_owner
from gateway.flows.conflicts import LogStanding
from gateway.flows.exchange import Exchange
from gateway.ports.peers import Peer
from gateway.ports.witness import Cosigning, WitnessAnswer, WitnessedState

log = structlog.get_logger()

COSIGN_INTERVAL_S = 300
"""How often a growing log is cosigned in the long run: each is an entry of ours."""

COSIGN_BURST = 3
"""That many times at once, so that a round which people ask for need not wait."""

_ASK_AGAIN_S = 60
_UNAVAILABLE = 503


class Witnessing:
    """Answers requests to cosign.

    Args:
        exchange: What every exchange with a peer goes through.
        cosigning: Our witness keys.
        is_clock_held: Whether our clock is in doubt: then nothing is dated.
    """

    def __init__(
        self,
        exchange: Exchange,
        cosigning: Callable[[], Cosigning],
        is_clock_held: Callable[[], bool],
    ) -> None:
        self._exchange = exchange
        self._cosigning = cosigning
        self._is_clock_held = is_clock_held
        self._binding = Binding(exchange)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._allowances: defaultdict[str, _Allowance] = defaultdict(_Allowance)

    async def add_checkpoint(self, caller: AuthorityId, body: bytes) -> WitnessAnswer:
        """Answer a request to cosign a checkpoint of any configured log.

        Args:
            caller: The peer that brings it; the log may be another's.
            body: As `encode_add_checkpoint` makes it.
        """
        try:
            request = parse_add_checkpoint(body)
        except (MalformedError, TooLargeError) as error:
            return _refusal(WitnessStatus.MALFORMED, str(error))
        peer = log_owner(self._exchange, request.checkpoint.origin)
        if peer is None:
            return _refusal(WitnessStatus.UNKNOWN_LOG, "log is not configured")
        async with self._turns[peer.card.log_origin]:
            answer = await self._answer(caller, peer, request)
        self._exchange.metrics.count(
            "mla_witness_answers_total",
            peer=peer.authority,
            status=str(answer.status),
        )
        return answer

    async def checkpoint(self, caller: Peer, hashed_origin: str) -> bytes:
        """Return the newest note of a log that this node cosigned.

        A log's own authority may see it, and peers that we gossip with: whose logs we
        cosign tells whom we deal with.

        Raises:
            NotFoundError: No such log, none cosigned yet, or not for this peer.
        """
        for peer in self._exchange.directory.peers():
            if origin_hash(peer.card.log_origin) != hashed_origin:
                continue
            if peer.authority != caller.authority and not caller.policy.may_gossip:
                break
            state = await self._exchange.store.witnessed(peer.card.log_origin)
            if state is not None and state.note:
                return state.note
        raise NotFoundError("witness: no checkpoint of such a log was cosigned")

    async def _answer(
        self,
        caller: AuthorityId,
        peer: Peer,
        request: AddCheckpoint,
    ) -> WitnessAnswer:
        origin = peer.card.log_origin
        state = await self._exchange.store.witnessed(origin)
        decision = decide(request, _watched(peer, state))
        if decision.is_evidence and state is not None:
            await self._keep_evidence(caller, peer, request, state)
        if decision.status is WitnessStatus.OUT_OF_STEP:
            body = size_reply(_watched(peer, state))
            return WitnessAnswer(decision.status, body)
        if decision.status is not WitnessStatus.COSIGN:
            return _refusal(decision.status, decision.reason)
        if await self._exchange.conflicts.standing(origin) is LogStanding.QUARANTINED:
            return _refusal(WitnessStatus.INCONSISTENT, "log shows two histories")
        # After a recovery only its size and root are known: then it is signed again.
        is_kept = state is not None and bool(state.note)
        if state is not None and is_kept and state.size == request.checkpoint.size:
            # The answer was lost: the same lines again, and nothing new is signed.
            return self._stored_answer(state)
        return await self._cosign(caller, peer, request, state)

    async def _cosign(
        self,
        caller: AuthorityId,
        peer: Peer,
        request: AddCheckpoint,
        state: WitnessedState | None,
    ) -> WitnessAnswer:
        now = self._exchange.clock.now()
        # Never dated before the last one, where our clock went back.
        wait_s = (state.time_s if state else 0) - now // 1000
        allowance = self._allowances[request.checkpoint.origin]
        wait_s = max(wait_s, allowance.wait_s(self._exchange.clock.monotonic_s()))
        if wait_s > 0 or self._is_clock_held():
            return _later(max(wait_s, 1))
        checkpoint, note = request.checkpoint, request.checkpoint_note
        try:
            await self._binding.check(peer, checkpoint, note, source=caller)
        except (LogForkError, LogProofError) as error:
            return _refusal(WitnessStatus.INCONSISTENT, str(error))
        except GatewayError as error:
            log.warning(
                "log_not_compared",
                peer=peer.authority,
                code=error.code,
                reason=str(error),
            )
            return _later(_ASK_AGAIN_S)
        lines = await self._cosigning().cosign(checkpoint, time_s=now // 1000)
        signed = parse_note(note)
        # Lines of other witnesses stay out: they are not ours to vouch for.
        own = [item for item in signed.signatures if item.name == checkpoint.origin]
        kept = Note(signed.text, (*own, *lines)).to_bytes()
        cosigned = WitnessedState(
            origin=checkpoint.origin,
            authority=peer.authority,
            size=checkpoint.size,
            root=checkpoint.root,
            note=kept,
            time_s=now // 1000,
        )
        await self._exchange.store.record_witnessed(
            cosigned,
            old_size=request.old_size,
            at=now,
        )
        allowance.spend()
        log.info("log_cosigned", peer=peer.authority, size=checkpoint.size)
        return WitnessAnswer(WitnessStatus.COSIGN, cosignature_reply(lines))

    def _stored_answer(self, state: WitnessedState) -> WitnessAnswer:
        note = parse_note(state.note)
        ours = {
            (line.key.name, line.key.key_id)
            for line in verified_lines(note, self._cosigning().vkeys)
        }
        lines = [one for one in note.signatures if (one.name, one.key_id) in ours]
        if not lines:
            # Our witness keys were replaced since; the next growth is signed by them.
            return _later(COSIGN_INTERVAL_S)
        return WitnessAnswer(WitnessStatus.COSIGN, cosignature_reply(lines))

    async def _keep_evidence(
        self,
        caller: AuthorityId,
        peer: Peer,
        request: AddCheckpoint,
        state: WitnessedState,
    ) -> None:
        offered = request.checkpoint
        is_fork = offered.size == state.size and offered.root != state.root
        if not is_fork and caller != peer.authority:
            return  # a proof that somebody else made wrong says nothing about the log
        await self._exchange.conflicts.found(
            peer,
            ConflictKind.SPLIT_VIEW if is_fork else ConflictKind.INCONSISTENT,
            held=state.note,
            offered=request.checkpoint_note,
            source=caller,
        )


@dataclass(slots=True)
class _Allowance:
    """How often a log may be cosigned now; a restart gives it the whole burst again."""

    left: float = COSIGN_BURST
    counted_at_s: float = 0.0

    def wait_s(self, now_s: float) -> int:
        """Return the seconds until the next one; 0 for now."""
        grown = (now_s - self.counted_at_s) / COSIGN_INTERVAL_S
        self.left = min(COSIGN_BURST, self.left + grown)
        self.counted_at_s = now_s
        return max(0, math.ceil((1 - self.left) * COSIGN_INTERVAL_S))

    def spend(self) -> None:
        """Count one."""
        self.left -= 1


def _watched(peer: Peer, state: WitnessedState | None) -> WitnessedLog:
    size, root = (state.size, state.root) if state else (0, EMPTY_ROOT)
    return WitnessedLog(peer.card.log_origin, peer.card.log_keys, size, root)


def _refusal(status: WitnessStatus, reason: str) -> WitnessAnswer:
    return WitnessAnswer(status, f"{reason}\n".encode())


def _later(seconds: int) -> WitnessAnswer:
    return WitnessAnswer(_UNAVAILABLE, b"later\n", retry_after_s=seconds)
