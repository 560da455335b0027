"""Holding a checkpoint of a peer's log against everything else seen of that log.

What was linked by deliveries and what is to be cosigned, or is told by third parties,
must be one history: a log could else show one branch here and another there. Where the
sizes differ, the log itself is asked for the proof between them.
"""

from dataclasses import dataclass

from gateway.core.conflicts import ConflictKind
from gateway.core.errors import LogForkError, LogProofError
from gateway.core.protocol import hashes_from_text
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import verify_consistency
from gateway.core.values import AuthorityId
from gateway.flows.exchange import Exchange
from gateway.ports.peers import Peer


@dataclass(frozen=True, slots=True)
class SeenNote:
    """A checkpoint of a log that was believed before."""

    size: int
    root: bytes
    note: bytes


def log_owner(exchange: Exchange, origin: str) -> Peer | None:
    """Return the peer whose card names a log; None if no peer's does."""
    peers = exchange.directory.peers()
    return next((one for one in peers if one.card.log_origin == origin), None)


class Binding:
    """Compares checkpoints of a log with what was linked and cosigned of it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def check(
        self,
        peer: Peer,
        checkpoint: Checkpoint,
        note: bytes,
        *,
        source: AuthorityId | None = None,
    ) -> None:
        """Return once a signed checkpoint belongs to the history seen before.

        Args:
            peer: Whose log.
            checkpoint: What the note says.
            note: As signed by the log.
            source: Who brought it, if not the peer itself.

        Raises:
            LogForkError: It is of another history; both notes are kept.
            LogProofError: The log can't show that it is of the same; both are kept.
            GatewayError: The peer can't be asked now.
        """
        for seen in await self._seen(peer):
            await self._compare(peer, seen, checkpoint, note, source)

    async def _seen(self, peer: Peer) -> list[SeenNote]:
        store, origin = self._exchange.store, peer.card.log_origin
        linked = await store.peer_log(peer.authority)
        cosigned = await store.witnessed(origin)
        found = {
            state.size: SeenNote(state.size, state.root, state.note)
            for state in (linked, cosigned)
            if state is not None and state.origin == origin and state.size
        }
        return list(found.values())

    async def _compare(
        self,
        peer: Peer,
        seen: SeenNote,
        offered: Checkpoint,
        note: bytes,
        source: AuthorityId | None,
    ) -> None:
        conflicts = self._exchange.conflicts
        if seen.size == offered.size:
            if seen.root == offered.root:
                return
            kind = ConflictKind.SPLIT_VIEW
            await conflicts.found(
                peer, kind, held=seen.note, offered=note, source=source
            )
            raise LogForkError(
                f"log {offered.origin}: two roots for size {seen.size}",
                seen=seen.size,
            )
        try:
            await self._prove(peer, seen, offered)
        except LogProofError:
            kind = ConflictKind.INCONSISTENT
            await conflicts.found(
                peer, kind, held=seen.note, offered=note, source=source
            )
            raise

    async def _prove(self, peer: Peer, seen: SeenNote, offered: Checkpoint) -> None:
        """Have the log itself show that the smaller tree grew into the larger one."""
        ends = [(seen.size, seen.root), (offered.size, offered.root)]
        (old_size, old_root), (new_size, new_root) = sorted(ends)
        proof = await self._exchange.transport.log_consistency(
            peer.authority,
            old_size,
            new_size,
        )
        verify_consistency(
            old_size=old_size,
            new_size=new_size,
            old_root=old_root,
            new_root=new_root,
            proof=hashes_from_text(proof.proof),
        )
