"""Sending one evidence file to a peer: announce its parts, fill in what is missing.

Some parts are on their way at a time. What fails stops the others only after theirs:
whatever the peer has taken counts (specification, 10.6).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial

import structlog

from gateway.core import canonical
from gateway.core.errors import (
    BlobError,
    DamagedError,
    GatewayError,
    PartConflictError,
    PartMismatchError,
    RootMismatchError,
)
from gateway.core.parts import (
    PartSet,
    digest_at,
    locate_part,
    part_list_root,
    split_part_list,
)
from gateway.core.protocol import PartsAnnounced
from gateway.core.values import MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.pace import Pace
from gateway.flows.rates import Rates
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.peers import PartName, Peer

log = structlog.get_logger()

# One read of the disk; given to the connection in smaller pieces, so that the loop
# has time for others between them: each holds it up for less than a millisecond.
_READ_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024
_NOTED_AFTER_PARTS = 8
# What may be about our own bytes.
_ABOUT_BYTES = (BlobError, PartConflictError, PartMismatchError, RootMismatchError)


@dataclass(frozen=True, slots=True)
class SendingTerms:
    """How a file travels.

    Attributes:
        must_stop: Tells after each part whether to begin no other.
    """

    parts_in_flight: int
    pace: Pace
    must_stop: Callable[[], bool]


class PartSending:
    """One attachment on its way to a peer."""

    def __init__(
        self,
        exchange: Exchange,
        blobs: BlobStore,
        rates: Rates,
        row: Attachment,
    ) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._rates = rates
        self._row = row
        self._there = PartSet(row.part_count)
        self._not_noted = 0
        self._failure: GatewayError | None = None

    async def run(self, peer: Peer, message_id: MessageId, terms: SendingTerms) -> bool:
        """Send what the peer is missing; return whether it has all of it now.

        Raises:
            DamagedError: What lies here is not what was sealed.
            GatewayError: A part was not taken; those under way were finished.
        """
        try:
            await self._announce(peer, message_id)
            missing = iter(self._there.missing())
            async with asyncio.TaskGroup() as senders:
                for _ in range(terms.parts_in_flight):
                    senders.create_task(self._send(peer, message_id, terms, missing))
            await self._note(message_id)
            if self._failure is not None:
                raise self._failure
        except _ABOUT_BYTES:
            await self._check_own(message_id)
            raise
        return self._there.is_whole

    async def _announce(self, peer: Peer, message_id: MessageId) -> None:
        """Tell a peer the digests of the file's parts, and learn which it has."""
        row = self._row
        if row.state in {AttachmentState.DAMAGED, AttachmentState.GONE}:
            raise DamagedError(f"attachment {row.aid}: is {row.state} here")
        body = PartsAnnounced(
            aid=row.aid,
            message=message_id,
            parts=[digest.hex() for digest in split_part_list(row.part_list)],
        )
        transport = self._exchange.transport
        reply = await transport.announce_parts(peer.authority, canonical.encode(body))
        missing = [one for one in reply.missing if one < row.part_count]
        self._there = PartSet(row.part_count).without(missing)
        self._not_noted = 1

    async def _send(
        self,
        peer: Peer,
        message_id: MessageId,
        terms: SendingTerms,
        missing: Iterator[int],
    ) -> None:
        """Send one part after the other, as long as nothing fails."""
        row = self._row
        for index in missing:
            part = locate_part(row.length, index)
            digest = digest_at(row.part_list, index)
            name = PartName(message_id, row.aid, index, digest, part.length)
            try:
                await self._exchange.transport.put_part(
                    peer.authority,
                    name,
                    partial(self._chunks, part.offset, part.length, terms),
                )
            except GatewayError as error:
                self._failure = self._failure or error
                return
            self._rates.note(row.aid, part.length)
            self._there = self._there.with_part(index)
            self._not_noted += 1
            if self._not_noted >= _NOTED_AFTER_PARTS:
                await self._note(message_id)
            if self._failure or terms.must_stop():
                return

    async def _chunks(
        self,
        offset: int,
        length: int,
        terms: SendingTerms,
    ) -> AsyncIterator[bytes]:
        """Yield the bytes of a part, no faster than it may go."""
        end = offset + length
        while offset < end:
            wanted = min(_READ_BYTES, end - offset)
            data = await self._blobs.read(self._row.blob, offset, wanted)
            offset += len(data)
            for at in range(0, len(data), _PIECE_BYTES):
                piece = data[at : at + _PIECE_BYTES]
                await terms.pace.take(len(piece))
                await self._exchange.giving_way.give_way()
                yield piece

    async def _note(self, message_id: MessageId) -> None:
        """Record what the peer has, for those who watch."""
        if self._not_noted:
            self._not_noted = 0
            store = self._exchange.store
            await store.note_sent(message_id, self._row.aid, self._there)

    async def _check_own(self, message_id: MessageId) -> None:
        """Compare our own bytes with the list after a peer would not take a part.

        Raises:
            DamagedError: They differ; recorded, so that nothing more is sent of them.
                Or they can't be read; not recorded, for that may pass.
        """
        row = self._row
        try:
            is_good = await self._is_as_sealed()
        except BlobError as error:
            raise DamagedError(
                f"attachment {row.aid}: what lies here cannot be read: {error}",
            ) from error
        if not is_good:
            store = self._exchange.store
            await store.mark_attachment(message_id, row.aid, AttachmentState.DAMAGED)
            log.error("evidence_damaged", message_id=message_id, aid=row.aid)
            raise DamagedError(
                f"attachment {row.aid}: what lies here is not what was sealed; put its "
                "blob back from a copy and restart the node, or send the file again in "
                "a new message",
            )

    async def _is_as_sealed(self) -> bool:
        digests = split_part_list(self._row.part_list)
        if part_list_root(self._row.length, digests) != self._row.root:
            return False
        return await is_as_listed(self._exchange, self._blobs, self._row)


async def is_as_listed(exchange: Exchange, blobs: BlobStore, row: Attachment) -> bool:
    """Hash the ciphertext of an attachment again; return whether it is what is listed.

    Raises:
        BlobError: It can't be read.
    """
    for index in range(row.part_count):
        await exchange.giving_way.give_way()
        part = locate_part(row.length, index)
        digest = hashlib.sha256()
        for at in range(part.offset, part.offset + part.length, _READ_BYTES):
            wanted = min(_READ_BYTES, part.offset + part.length - at)
            data = await blobs.read(row.blob, at, wanted)
            await asyncio.to_thread(digest.update, data)
        if digest.digest() != digest_at(row.part_list, index):
            return False
    return True
