"""What each side has seen of the other's log, and proving from there.

`PeerLogs` answers for the peers' logs: nothing is believed that does not link.
`OurLogSeen` remembers what each peer has linked of ours, so that one proof suffices.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec import UNSET, UnsetType

from gateway.core.conflicts import ConflictKind
from gateway.core.errors import GatewayError, LogOutOfStepError, LogProofError
from gateway.core.exchange import LogIdentity, SeenTree, link_checkpoint
from gateway.core.protocol import MAX_LINKS, Consistency, hashes_to_text
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.values import AuthorityId
from gateway.flows.conflicts import LogConflicts
from gateway.ports.log import LogStore, PeerLogLink, PeerLogState
from gateway.ports.peers import Peer

_NOTHING_SEEN = SeenTree(0, b"")


@dataclass(frozen=True, slots=True)
class LinkedCheckpoint:
    """A verified checkpoint of a peer's log, and how to keep it."""

    checkpoint: Checkpoint
    link: PeerLogLink


class PeerLogs:
    """Links checkpoints of the peers' logs to what was seen before."""

    def __init__(self, store: LogStore, conflicts: LogConflicts) -> None:
        self._store = store
        self._conflicts = conflicts
        self._turns: defaultdict[AuthorityId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unknown: set[AuthorityId] = set()

    def take_unknown(self) -> set[AuthorityId]:
        """Return, once, the peers whose log signs with keys that we do not know.

        They may have new ones: their cards are worth fetching.
        """
        unknown, self._unknown = self._unknown, set()
        return unknown

    def turn(self, peer: AuthorityId) -> asyncio.Lock:
        """Return the lock to hold from linking a peer's log to storing the link."""
        return self._turns[peer]

    async def seen_size(self, peer: AuthorityId) -> int:
        """Return the size of the newest linked checkpoint of a peer's log."""
        state = await self._store.peer_log(peer)
        return state.size if state else 0

    async def link(
        self,
        peer: Peer,
        note: str,
        consistency: Consistency,
        links: Sequence[Consistency] | UnsetType,
        *,
        may_be_overtaken: bool = False,
    ) -> LinkedCheckpoint:
        """Return a peer's checkpoint after linking it; hold the peer's turn.

        What contradicts the log as it was seen is kept as evidence. A smaller tree says
        nothing where a later answer may have come first.

        Raises:
            MaintenanceError: The log was forked: nothing of it is believed any more.
            GatewayError: As `core.exchange.link_checkpoint`.
        """
        await self._conflicts.check_exchange(peer)
        # By the origin of its card: a log that another succeeded is not gone on with.
        state = await self._store.peer_log_of(peer.card.log_origin)
        seen = SeenTree(state.size, state.root) if state else _NOTHING_SEEN
        more = () if links is UNSET else links
        raw = note.encode()
        identity = LogIdentity(peer.card.log_origin, peer.card.log_keys)
        try:
            checkpoint = link_checkpoint(
                raw,
                identity,
                seen=seen,
                proofs=(consistency, *more),
            )
        except (LogOutOfStepError, LogProofError) as error:
            if isinstance(error, LogProofError):
                self._unknown.add(peer.authority)
            is_overtaken = may_be_overtaken and isinstance(error, LogOutOfStepError)
            if state and not is_overtaken:
                await self._accuse(peer, state, raw, error)
            raise
        await self._conflicts.linked(identity.origin)
        link = PeerLogLink(
            authority=peer.authority,
            origin=checkpoint.origin,
            seen_size=seen.size,
            size=checkpoint.size,
            root=checkpoint.root,
            note=raw,
        )
        return LinkedCheckpoint(checkpoint, link)

    async def _accuse(
        self,
        peer: Peer,
        seen: PeerLogState,
        note: bytes,
        error: GatewayError,
    ) -> None:
        """Keep a checkpoint that did not link, if the log itself has signed it."""
        try:
            offered = verify_checkpoint(
                note,
                origin=seen.origin,
                keys=peer.card.log_keys,
            )
        except GatewayError:
            return  # anybody could have made it: it says nothing about the log
        found = partial(self._conflicts.found, peer, held=seen.note, offered=note)
        if offered.size < seen.size:
            await self._conflicts.smaller(peer, held=seen.note, offered=note)
        elif offered.size == seen.size:
            await found(ConflictKind.SPLIT_VIEW)
        elif isinstance(error, LogProofError):
            await found(ConflictKind.INCONSISTENT)


@dataclass(slots=True)
class _Seen:
    """Sizes of our log: what a peer said it linked, and what is on its way there."""

    known: int = 0
    released: list[int] = field(default_factory=list)


class OurLogSeen:
    """What each peer has linked of our log.

    Only a hint, so it lives in memory: a peer that is elsewhere says so, and is
    proven to again from there.
    """

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._peers: defaultdict[AuthorityId, _Seen] = defaultdict(_Seen)

    def size(self, peer: AuthorityId) -> int:
        """Return the size that a peer is known to have linked, since the start."""
        return self._peers[peer].known

    def told(self, peer: AuthorityId, size: int) -> None:
        """Note the size that a peer says it has linked, in passing."""
        seen = self._peers[peer]
        seen.known = max(seen.known, size)
        seen.released = [one for one in seen.released if one > seen.known]

    def reset(self, peer: AuthorityId, size: int) -> None:
        """Note where a peer says it is, after a proof did not link."""
        self._peers[peer] = _Seen(known=size)

    async def proofs_for(
        self,
        peer: AuthorityId,
        size: int,
        *,
        base: int | None = None,
    ) -> tuple[Consistency, list[Consistency] | UnsetType]:
        """Return the proof up to `size` from what a peer has seen, and more of them.

        The further ones start at checkpoints that are on their way to the peer by
        another connection: whichever it has linked when this arrives, one fits.

        Args:
            peer: To whom the checkpoint of `size` goes.
            size: Size of the checkpoint.
            base: Where the first proof has to start, if the peer has just said it.
        """
        seen = self._peers[peer]
        first = seen.known if base is None else base
        candidates = (seen.known, *seen.released)
        starts = [one for one in candidates if first < one < size]
        # Noted before anything is waited for: whoever releases a larger checkpoint
        # from here on proves from this one as well, whichever arrives first.
        if size > seen.known and size not in seen.released:
            seen.released = [*seen.released[1 - MAX_LINKS :], size]
        links = [await self._proof(start, size) for start in starts]
        return await self._proof(min(first, size), size), links or UNSET

    async def _proof(self, start: int, size: int) -> Consistency:
        hashes = await self._store.consistency(start, size) if start else ()
        return Consistency(from_size=start, proof=hashes_to_text(hashes))
