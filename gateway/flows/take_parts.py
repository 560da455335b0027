"""Taking the parts of a peer's evidence: each verified alone, written once, kept.

A part is written into room that was reserved with its message, counts only once it is
flushed and recorded, and is then never written again. When the last one is there the
sender offers the message again and gets its receipt (specification, 10.6).
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import structlog

from gateway.core.errors import (
    GatewayError,
    MaintenanceError,
    MalformedError,
    PartConflictError,
    PartMismatchError,
    QuotaError,
)
from gateway.core.limits import MIB, PENDING_LIFETIME_MS
from gateway.core.parts import Part, check_part_list, digest_at, locate_part
from gateway.core.protocol import (
    PartReply,
    PartsAnnounced,
    PartsReply,
    parse_announced,
)
from gateway.core.values import (
    AuthorityId,
    MessageId,
    UnixMs,
    parse_digest,
    parse_message_id,
)
from gateway.flows.bad_items import BadItems
from gateway.flows.exchange import Exchange
from gateway.flows.pieces import in_pieces
from gateway.flows.rates import Rates
from gateway.ports.blobs import BlobId, BlobStore
from gateway.ports.evidence import Attachment
from gateway.ports.peers import PartName, Peer

log = structlog.get_logger()

# Each costs a turn of a thread, which is dearer than what it does with a small one.
_PIECE_BYTES = 1 * MIB
_RETRY_BUSY_S = 1
_RETRY_BAD_S = 60
_STORED = PartReply(status="stored")


class PartTaking:
    """Answers peers that send evidence."""

    def __init__(self, exchange: Exchange, blobs: BlobStore, rates: Rates) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._rates = rates
        self._bad = BadItems(exchange, "bad_part")
        self._being_written: set[tuple[BlobId, int]] = set()

    async def announce(self, peer: Peer, body: bytes) -> PartsReply:
        """Take the list of part digests of an attachment; say which are missing.

        Raises:
            RootMismatchError: Not the list that the sealed header binds.
            NoSuchMessageError: No message of the peer waits for it.
            MalformedError: Not an announcement.
            TooLargeError: Its list is over its limit.
        """
        self._check_budget(peer.authority)
        try:
            return await self._announce(peer, parse_announced(body))
        except GatewayError as error:
            self._bad.spend(peer.authority, error.code)
            raise

    async def _announce(self, peer: Peer, announced: PartsAnnounced) -> PartsReply:
        message_id = parse_message_id(announced.message)
        row = await self._waiting(peer.authority, message_id, announced.aid)
        digests = [bytes.fromhex(parse_digest(one)) for one in announced.parts]
        check_part_list(row.length, digests, row.root)
        row = await self._exchange.store.announce_parts(
            peer.authority,
            message_id,
            announced.aid,
            b"".join(digests),
        )
        return PartsReply(missing=row.parts.missing())

    async def parts(self, peer: Peer, message_id: MessageId, aid: str) -> PartsReply:
        """Return which parts of an attachment are missing.

        Raises:
            NoSuchMessageError: No message of the peer waits for it.
        """
        row = await self._waiting(peer.authority, message_id, aid)
        return PartsReply(missing=row.parts.missing())

    async def take(
        self,
        peer: Peer,
        name: PartName,
        chunks: AsyncIterator[bytes],
    ) -> PartReply:
        """Take one part; return once it is durably here.

        Raises:
            PartMismatchError: Other bytes or another length than the list says.
            PartConflictError: The same, for a part that is here already.
            NoSuchMessageError: No message of the peer waits for it.
            MaintenanceError: The same part is just being written.
            GatewayError: As `BlobStore`.
        """
        self._check_budget(peer.authority)
        try:
            await self._take(peer, name, chunks)
        except (MalformedError, PartMismatchError, PartConflictError) as error:
            self._bad.spend(peer.authority, error.code)
            raise
        return _STORED

    async def _take(
        self,
        peer: Peer,
        name: PartName,
        chunks: AsyncIterator[bytes],
    ) -> None:
        row = await self._waiting(peer.authority, name.message_id, name.aid)
        part = locate_part(row.length, name.index)
        _check_name(row, part, name)
        with self._alone(row.blob, name.index):
            # Another call may have stored it since: what is here is not written again.
            row = await self._waiting(peer.authority, name.message_id, name.aid)
            if name.index in row.parts:
                await _check_same(chunks, name)
                return
            await self._write(row.blob, part, name, chunks)
            await self._blobs.flush(row.blob)
            now = self._exchange.clock.now()
            after = await self._exchange.store.add_part(
                peer.authority,
                name.message_id,
                name.aid,
                name.index,
                UnixMs(now + PENDING_LIFETIME_MS),
            )
        if after.parts.is_whole:
            log.info("evidence_whole", message_id=name.message_id, aid=name.aid)

    async def _write(
        self,
        blob: BlobId,
        part: Part,
        name: PartName,
        chunks: AsyncIterator[bytes],
    ) -> None:
        """Write a part into its place; what does not verify there never counts."""
        digest = hashlib.sha256()
        written = 0
        async for piece in in_pieces(chunks, _PIECE_BYTES):
            if written + len(piece) > part.length:
                raise PartMismatchError(f"part: over its {part.length} bytes")
            await self._exchange.giving_way.give_way()
            await self._blobs.write(blob, part.offset + written, piece, digest)
            written += len(piece)
            self._rates.note(name.aid, len(piece))
        if digest.digest() != name.digest:
            raise PartMismatchError("part: not the bytes that its digest names")

    async def _waiting(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        aid: str,
    ) -> Attachment:
        return await self._exchange.store.waiting_attachment(peer, message_id, aid)

    def _check_budget(self, peer: AuthorityId) -> None:
        if self._bad.is_spent(peer):
            raise QuotaError("parts: too many bad ones", retry_after_s=_RETRY_BAD_S)

    @contextmanager
    def _alone(self, blob: BlobId, index: int) -> Iterator[None]:
        """Let nobody else write the same place meanwhile."""
        place = (blob, index)
        if place in self._being_written:
            raise MaintenanceError(
                "part: is being written by another call",
                retry_after_s=_RETRY_BUSY_S,
            )
        self._being_written.add(place)
        try:
            yield
        finally:
            self._being_written.remove(place)


def _check_name(row: Attachment, part: Part, name: PartName) -> None:
    """Compare what is offered with the announced list, before a byte is read."""
    if not row.part_list:
        raise PartMismatchError("part: its attachment was not announced")
    expected = digest_at(row.part_list, name.index)
    if name.digest == expected and name.length == part.length:
        return
    if name.index in row.parts:
        raise PartConflictError("part: is here already, with other bytes")
    raise PartMismatchError("part: another length or digest than the list says")


async def _check_same(chunks: AsyncIterator[bytes], name: PartName) -> None:
    """Read a part that is here already, so that its sender can be answered."""
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    if digest.digest() != name.digest:
        raise PartConflictError("part: is here already, with other bytes")
