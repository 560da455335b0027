"""Asking one witness to cosign our log (specification, section 8.5).

What comes back counts only if it verifies under keys that we were told by our own
configuration or by the peer's root.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from gateway.core.errors import (
    GatewayError,
    LogProofError,
    MalformedError,
    TryLaterError,
)
from gateway.core.translog.checkpoint import cosignature_lines
from gateway.core.translog.note import Note, VerifierKey, parse_note
from gateway.core.translog.witness import (
    WitnessStatus,
    encode_add_checkpoint,
    parse_cosignatures,
    parse_size_reply,
)
from gateway.core.values import AuthorityId
from gateway.flows.exchange import Exchange
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, OutsideWitnesses, WitnessAnswer

log = structlog.get_logger()

# Out of step means that the witness tells where it is; from there it goes on.
_PROOF_ATTEMPTS = 3
_REASONS: Mapping[int, str] = {
    WitnessStatus.UNKNOWN_LOG: "it was not told to watch our log",
    WitnessStatus.NOT_SIGNED: "it does not know our log's keys",
}


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who is asked to cosign our log.

    Attributes:
        name: Key name; what it is counted by, whatever number of keys it has.
        keys: Its keys, from our configuration or the peer's statement.
        peer: The peer it is, or None.
        url: Where an outside witness is asked, or empty.
    """

    name: str
    keys: tuple[VerifierKey, ...]
    peer: AuthorityId | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class WitnessPlan:
    """Who is asked, and how many of them it takes.

    Attributes:
        all_peers: Every enrolled peer is asked.
        peers: Further peers that are asked.
        outside: Witnesses that are no peers.
        quorum: How many must have cosigned; 0 demands none.
    """

    all_peers: bool = True
    peers: tuple[AuthorityId, ...] = ()
    outside: tuple[Witness, ...] = ()
    quorum: int = 0


class WitnessAsker:
    """Asks witnesses, peers or not, for one cosignature each."""

    def __init__(self, exchange: Exchange, outside: OutsideWitnesses) -> None:
        self._exchange = exchange
        self._outside = outside

    async def ask(
        self,
        witness: Witness,
        target: SignedCheckpoint,
        old_size: int,
    ) -> None:
        """Have a witness cosign a checkpoint of ours, and keep its lines.

        Args:
            witness: Who is asked.
            target: What it is to cosign.
            old_size: What it is thought to have cosigned last; it tells if not.

        Raises:
            TryLaterError: It says not now, or is at a later tree already.
            LogProofError: Its lines do not hold, it says that our log did not only
                grow, or it has cosigned more of our log than there is.
            MalformedError: It refuses, or its answer is none of the protocol.
            UnreachableError: No answer.
        """
        store = self._exchange.store
        for _ in range(_PROOF_ATTEMPTS):
            proof = await store.consistency(old_size, target.size) if old_size else ()
            body = encode_add_checkpoint(old_size, proof, target.note)
            answer = await self._call(witness, body)
            if answer.status == WitnessStatus.COSIGN:
                await self._keep(witness, target, answer)
                return
            if answer.status != WitnessStatus.OUT_OF_STEP:
                raise self._refused(witness, answer)
            told = parse_size_reply(answer.body)
            if told > target.size:
                await self._ahead(witness, told)
            old_size = told
        raise TryLaterError("witness: out of step again and again", retry_after_s=1)

    async def _call(self, witness: Witness, body: bytes) -> WitnessAnswer:
        if witness.peer is None:
            return await self._outside.add_checkpoint(witness.url, body)
        await self._exchange.agreement.ensure(witness.peer)
        return await self._exchange.transport.add_checkpoint(witness.peer, body)

    async def _ahead(self, witness: Witness, told: int) -> None:
        """Say what it means that a witness has cosigned more than is offered."""
        head = await self._exchange.store.log_head()
        if told > head.size:
            log.error("own_log_behind_witness", witness=witness.name, seen=told)
            if witness.peer is not None:
                # Compared again before anything else is released to it.
                self._exchange.agreement.forget(witness.peer)
            raise LogProofError(
                f"witness: has cosigned size {told}, our log has {head.size}",
            )
        raise TryLaterError("witness: has cosigned a later tree", retry_after_s=1)

    def _refused(self, witness: Witness, answer: WitnessAnswer) -> GatewayError:
        if answer.retry_after_s:
            return TryLaterError(
                f"witness: answers {answer.status}",
                retry_after_s=answer.retry_after_s,
            )
        if answer.status == WitnessStatus.INCONSISTENT:
            log.error("own_log_contradicted", witness=witness.name)
            return LogProofError("witness: says that our log did not only grow")
        reason = _REASONS.get(answer.status, "it refuses")
        return MalformedError(f"witness: answers {answer.status}: {reason}")

    async def _keep(
        self,
        witness: Witness,
        target: SignedCheckpoint,
        answer: WitnessAnswer,
    ) -> None:
        """Verify the lines of an answer against the witness's keys, and keep them.

        Raises:
            LogProofError: No line, or one that does not hold.
        """
        lines = parse_cosignatures(answer.body)
        signed = parse_note(target.note)
        note = Note(signed.text, lines)
        verified = cosignature_lines(note.to_bytes(), witness.keys)
        if not verified:
            raise LogProofError("witness: no line by a key that it is known by")
        times = {(line.key.name, line.key.key_id): line.time_s for line in verified}
        kept = [
            Cosignature(one.name, one.key_id, one.line(), times[one.name, one.key_id])
            for one in lines
            if (one.name, one.key_id) in times
        ]
        await self._exchange.store.record_cosignatures(target.size, kept)
