"""Sending evidence to a peer, beside its small messages: announce, fill in, go on.

A worker of its own for each peer, with connections of its own. What the peer has is
asked, never remembered: so a transfer goes on where it was, whoever of the two was
killed (specification, 10.6).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator

import structlog

from gateway.core import canonical
from gateway.core.delivery import BackOff
from gateway.core.errors import (
    BlobError,
    DamagedError,
    GatewayError,
    NoSuchMessageError,
    PartConflictError,
    PartMismatchError,
    RootMismatchError,
    TryLaterError,
)
from gateway.core.hours import wait_for_hours_ms
from gateway.core.parts import (
    PartSet,
    locate_part,
    part_list_root,
    split_part_list,
)
from gateway.core.protocol import PartsAnnounced
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.pace import Pace
from gateway.flows.rates import Rates
from gateway.flows.workers import PeerWorkers
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Attachment, AttachmentState, Transfer
from gateway.ports.peers import PartName, Peer

log = structlog.get_logger()

_PARTS_IN_FLIGHT = 4
_LONGEST_WAIT_S = 60.0
# One read of the disk; given to the connection in smaller pieces, so that the loop
# has time for others between them.
_READ_BYTES = 1024 * 1024
_PIECE_BYTES = 128 * 1024
_NOTED_AFTER_PARTS = 8
# A peer that misses what it was just given whole is not offered it at once again.
_OFFER_AGAIN_S = 60.0
# What a peer refuses, or is damaged here, is tried again this often.
_STUCK_S = 300.0
# Below this bandwidth one part at a time is on its way.
_SLOW_KIB_S = 1024


class Transfers:
    """Sends evidence to every peer that waits for some."""

    def __init__(
        self,
        exchange: Exchange,
        blobs: BlobStore,
        rates: Rates,
        *,
        back_off: BackOff,
        offer: Callable[[AuthorityId], None],
    ) -> None:
        """Join what is needed.

        Args:
            exchange: What every exchange goes through.
            blobs: Where the ciphertext lies.
            rates: Told what is sent.
            back_off: How failures are waited out.
            offer: Wakes the worker that offers messages to a peer.
        """
        self._exchange = exchange
        self._blobs = blobs
        self._rates = rates
        self._back_off = back_off
        self._offer = offer
        self._paces: dict[AuthorityId, Pace] = {}
        self._failures: dict[AuthorityId, int] = {}
        self._offered_s: dict[MessageId, float] = {}
        self._stuck_s: dict[MessageId, float] = {}
        self._workers = PeerWorkers(
            exchange.directory,
            begin=_nothing,
            turn=self._turn,
            name="transfers",
        )

    def wake(self, peer: AuthorityId) -> None:
        """Look now whether the peer waits for evidence."""
        self._workers.wake(peer)

    def contacted(self, peer: AuthorityId) -> None:
        """Note a call of a peer: it is there, so failures need not be waited out."""
        if self._failures.pop(peer, None):
            self._workers.wake(peer)

    def reload(self) -> None:
        """Start and stop workers as the directory now says."""
        self._workers.reload()

    def stop(self) -> None:
        """Let the parts under way be finished, then `run` returns."""
        self._workers.stop()

    async def run(self) -> None:
        """Send until `stop`."""
        await self._workers.run()

    async def _turn(self, authority: AuthorityId) -> float:
        peer = self._exchange.directory.peer(authority)
        if peer is None or peer.policy.is_paused:
            return _LONGEST_WAIT_S
        transfer = await self._next(authority)
        if transfer is None:
            return _LONGEST_WAIT_S
        until_hours_s = self._until_hours_s(peer)
        if until_hours_s:
            return min(until_hours_s, _LONGEST_WAIT_S)
        try:
            is_done = await self.send(peer, transfer)
        except GatewayError as error:
            return self._wait_after(authority, transfer.id, error)
        self._failures.pop(authority, None)
        return 0.0 if is_done else _LONGEST_WAIT_S

    async def _next(self, peer: AuthorityId) -> Transfer | None:
        """Return what to send first; what can't be sent holds up nothing else."""
        now_s = self._exchange.clock.monotonic_s()
        self._stuck_s = {one: at for one, at in self._stuck_s.items() if at > now_s}
        waiting = await self._exchange.store.transfers(peer, 1 + len(self._stuck_s))
        return next((one for one in waiting if one.id not in self._stuck_s), None)

    async def send(self, peer: Peer, transfer: Transfer) -> bool:
        """Send a message's evidence; return whether another turn makes sense at once.

        Raises:
            DamagedError: What lies here is not what was sealed.
            GatewayError: The peer or the disk failed; what was sent counts.
        """
        has_sent = False
        try:
            for row in await self._exchange.store.attachments(transfer.id):
                sending = _Sending(self, peer, transfer, row)
                has_sent = await sending.run() or has_sent
                if not sending.is_whole:
                    return True  # something more urgent came, or the hours ended
        except NoSuchMessageError:
            # Taken meanwhile, or let go after a week: offering it again will tell.
            log.info("evidence_not_awaited", peer=peer.authority, id=transfer.id)
        return await self._offer_again(peer.authority, transfer, has_sent=has_sent)

    async def _offer_again(
        self,
        peer: AuthorityId,
        transfer: Transfer,
        *,
        has_sent: bool,
    ) -> bool:
        now_s = self._exchange.clock.monotonic_s()
        last_s = self._offered_s.get(transfer.id)
        if not has_sent and last_s is not None and now_s < last_s + _OFFER_AGAIN_S:
            log.warning("evidence_still_missed", peer=peer, message_id=transfer.id)
            return False
        self._offered_s = {
            one: at
            for one, at in self._offered_s.items()
            if now_s < at + _OFFER_AGAIN_S
        } | {transfer.id: now_s}
        await self._exchange.store.transfer_done(transfer.id)
        log.info("evidence_sent", peer=peer, message_id=transfer.id)
        self._offer(peer)
        return True

    def _wait_after(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        error: GatewayError,
    ) -> float:
        failures = self._failures.get(peer, 0) + 1
        self._failures[peer] = failures
        log.warning(
            "evidence_not_sent",
            peer=peer,
            message_id=message_id,
            code=error.code,
            reason=str(error),
            failures=failures,
        )
        if error.is_permanent:
            # It is about this file: the others need not wait for it.
            self._stuck_s[message_id] = self._exchange.clock.monotonic_s() + _STUCK_S
            return 0.0
        spread = self._exchange.clock.spread()
        wait_s = self._back_off.delay_ms(failures, spread) / 1000
        if isinstance(error, TryLaterError):
            wait_s = max(wait_s, error.retry_after_s)
        return wait_s

    def must_give_way(self, peer: Peer) -> bool:
        """Tell whether to look again what is most urgent, or whether to send at all."""
        today = self._exchange.directory.peer(peer.authority)
        return (
            self._workers.is_stopping
            or self._workers.is_woken(peer.authority)
            or today is None
            or today.policy != peer.policy
            or self._until_hours_s(peer) > 0
        )

    def parts_in_flight(self, peer: Peer) -> int:
        """Return how many parts travel at once: one where the line is slow.

        Each has to be through within its time; several would share a thin line, and
        none of them would.
        """
        is_slow = 0 < peer.policy.upload_kib_s < _SLOW_KIB_S
        return 1 if is_slow or peer.authority in self._failures else _PARTS_IN_FLIGHT

    def _until_hours_s(self, peer: Peer) -> float:
        now = self._exchange.clock.now()
        return wait_for_hours_ms(peer.policy.upload_hours, now) / 1000

    def _pace(self, peer: Peer) -> Pace:
        """Return what keeps the peer's evidence within its bandwidth."""
        pace = self._paces.setdefault(peer.authority, Pace(self._exchange.clock))
        pace.limit(peer.policy.upload_kib_s)
        return pace

    async def announce(
        self, peer: Peer, transfer: Transfer, row: Attachment
    ) -> PartSet:
        """Tell a peer the digests of a file's parts; return which parts it has.

        Raises:
            DamagedError: What lies here is not what was sealed.
            GatewayError: The peer can't be asked.
        """
        if row.state in {AttachmentState.DAMAGED, AttachmentState.GONE}:
            raise DamagedError(f"attachment {row.aid}: is {row.state} here")
        body = PartsAnnounced(
            aid=row.aid,
            message=transfer.id,
            parts=[digest.hex() for digest in split_part_list(row.part_list)],
        )
        transport = self._exchange.transport
        reply = await transport.announce_parts(peer.authority, canonical.encode(body))
        known = PartSet(row.part_count)
        there = known.without([one for one in reply.missing if one < row.part_count])
        await self._exchange.store.note_sent(transfer.id, row.aid, there)
        return there

    async def put(self, peer: Peer, name: PartName, row: Attachment) -> None:
        """Send one part."""
        offset = locate_part(row.length, name.index).offset
        pace = self._pace(peer)
        failures: list[GatewayError] = []

        async def chunks() -> AsyncIterator[bytes]:
            sent = 0
            while sent < name.length:
                wanted = min(_READ_BYTES, name.length - sent)
                try:
                    data = await self._blobs.read(row.blob, offset + sent, wanted)
                except GatewayError as error:
                    failures.append(error)
                    raise
                sent += len(data)
                for at in range(0, len(data), _PIECE_BYTES):
                    piece = data[at : at + _PIECE_BYTES]
                    await pace.take(len(piece))
                    await self._exchange.giving_way.give_way()
                    yield piece

        try:
            await self._exchange.transport.put_part(peer.authority, name, chunks)
        except GatewayError as error:
            # On the wire our own disk's failure looks like one of the line.
            raise failures[0] if failures else error from None
        self._rates.note(row.aid, name.length)

    async def note_sent(self, transfer: Transfer, aid: str, parts: PartSet) -> None:
        """Record what the peer has, for those who watch."""
        await self._exchange.store.note_sent(transfer.id, aid, parts)

    async def check_own(self, transfer: Transfer, row: Attachment) -> None:
        """Compare our own bytes with the list after a peer would not take a part.

        Raises:
            DamagedError: They differ; recorded, so that nothing more is sent of them.
                Or they can't be read; not recorded, for that may pass.
        """
        try:
            is_good = await self._is_as_sealed(row)
        except BlobError as error:
            raise DamagedError(
                f"attachment {row.aid}: what lies here cannot be read: {error}",
            ) from error
        if not is_good:
            store = self._exchange.store
            await store.mark_attachment(transfer.id, row.aid, AttachmentState.DAMAGED)
            log.error("evidence_damaged", message_id=transfer.id, aid=row.aid)
            raise DamagedError(
                f"attachment {row.aid}: what lies here is not what was sealed; "
                "put its blob back from a copy and restart the node, or send the file "
                "again in a new message",
            )

    async def _is_as_sealed(self, row: Attachment) -> bool:
        digests = split_part_list(row.part_list)
        if part_list_root(row.length, digests) != row.root:
            return False
        for index, expected in enumerate(digests):
            part = locate_part(row.length, index)
            found = await digest_of(self._blobs, row, part.offset, part.length)
            if found != expected:
                return False
        return True


_ABOUT_BYTES = (
    BlobError,
    PartConflictError,
    PartMismatchError,
    RootMismatchError,
)


class _Sending:
    """One attachment on its way, some parts at a time.

    Attributes:
        is_whole: Whether the peer has all of it.
    """

    def __init__(
        self,
        transfers: Transfers,
        peer: Peer,
        transfer: Transfer,
        row: Attachment,
    ) -> None:
        self._transfers = transfers
        self._peer = peer
        self._transfer = transfer
        self._row = row
        self._there = PartSet(row.part_count)
        self._not_noted = 0
        self._failure: GatewayError | None = None
        self.is_whole = False

    async def run(self) -> bool:
        """Send what is missing; return whether anything was sent.

        Raises:
            GatewayError: A part was not taken; those under way were finished.
        """
        try:
            self._there = await self._transfers.announce(
                self._peer, self._transfer, self._row
            )
        except RootMismatchError as error:
            await self._explain(error)
            raise
        missing = iter(self._there.missing())
        before = len(self._there)
        async with asyncio.TaskGroup() as senders:
            for _ in range(self._transfers.parts_in_flight(self._peer)):
                senders.create_task(self._send_from(missing))
        if self._not_noted:
            await self._note()
        if self._failure is not None:
            await self._explain(self._failure)
            raise self._failure
        self.is_whole = self._there.is_whole
        return len(self._there) > before

    async def _send_from(self, missing: Iterator[int]) -> None:
        """Send one part after the other, as long as nothing fails."""
        digests = split_part_list(self._row.part_list)
        for index in missing:
            name = PartName(
                self._transfer.id,
                self._row.aid,
                index,
                digests[index],
                locate_part(self._row.length, index).length,
            )
            try:
                await self._transfers.put(self._peer, name, self._row)
            except GatewayError as error:
                self._failure = self._failure or error
                return
            self._there = self._there.with_part(index)
            self._not_noted += 1
            if self._not_noted >= _NOTED_AFTER_PARTS:
                await self._note()
            if self._failure or self._transfers.must_give_way(self._peer):
                return

    async def _note(self) -> None:
        self._not_noted = 0
        await self._transfers.note_sent(self._transfer, self._row.aid, self._there)

    async def _explain(self, failure: GatewayError) -> None:
        """Find out whether it is our own bytes that a peer would not take."""
        if isinstance(failure, _ABOUT_BYTES):
            await self._transfers.check_own(self._transfer, self._row)


async def digest_of(
    blobs: BlobStore,
    row: Attachment,
    offset: int,
    length: int,
) -> bytes:
    """Return the SHA-256 of some bytes of an attachment's ciphertext."""
    digest = hashlib.sha256()
    end = offset + length
    while offset < end:
        data = await blobs.read(row.blob, offset, min(_READ_BYTES, end - offset))
        await asyncio.to_thread(digest.update, data)
        offset += len(data)
    return digest.digest()


async def _nothing(_peer: AuthorityId) -> None:
    """Begin a worker with nothing to do first."""
