"""Uploads and attachments to put into stores; nothing behind them is sealed."""

import secrets
from dataclasses import replace

from gateway.core.limits import MIB, PART_BYTES
from gateway.core.parts import PartSet, part_count
from gateway.core.values import HexDigest, MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    Upload,
    UploadId,
    UploadState,
)
from gateway.ports.inbox import InboundItem, InboundResult
from gateway.ports.outbox import NewOutbound
from gateway.storage.store import TransactionalStore
from tests.support.storing import DAY_MS, NOW, PeerLog, outbound

OWNER = "kask"
WEEK = UnixMs(NOW + 7 * DAY_MS)
TWO_PARTS = PART_BYTES + 5 * MIB


def new_hex() -> str:
    return secrets.token_hex(16)


def new_blob() -> BlobId:
    return BlobId(new_hex())


def upload(
    *,
    owner: str = OWNER,
    key: str = "",
    digest: str = "announced",
    length: int = TWO_PARTS,
    touched_at: UnixMs = NOW,
) -> Upload:
    """Return an upload of which nothing has come yet."""
    return Upload(
        id=UploadId(new_hex()),
        owner=owner,
        idempotency_key=key,
        request_digest=digest,
        aid=new_hex(),
        blob=new_blob(),
        size=length - 100,
        length=length,
        spooled=0,
        state=UploadState.OPEN,
        kept=b"sealed: key, name, digest",
        touched_at=touched_at,
    )


def completed(before: Upload) -> Upload:
    """Return an upload as it is once all of it has come."""
    return replace(
        before,
        state=UploadState.COMPLETE,
        spooled=before.size,
        kept=b"sealed: key, name, true digest",
        root="ab" * 32,
        part_list=bytes(32 * part_count(before.length)),
    )


async def complete_upload(
    store: TransactionalStore,
    *,
    owner: str = OWNER,
    key: str = "",
    length: int = TWO_PARTS,
) -> Upload:
    """Store a complete upload."""
    before = await store.add_upload(upload(owner=owner, key=key, length=length))
    after = completed(before)
    assert await store.replace_spool(before, after)
    return after


def sent_with(*uploads: Upload, message: NewOutbound | None = None) -> NewOutbound:
    """Return a message of ours with uploads as its attachments."""
    ids = tuple(one.id for one in uploads)
    return replace(message or outbound(), uploads=ids)


def coming(*lengths: int) -> tuple[Attachment, ...]:
    """Return attachments of a peer of which nothing has come yet."""
    return tuple(
        Attachment(
            position=position,
            aid=new_hex(),
            length=length,
            root=HexDigest("cd" * 32),
            blob=new_blob(),
            state=AttachmentState.COMING,
            parts=PartSet(part_count(length)),
        )
        for position, length in enumerate(lengths)
    )


def evidence_item(
    log: PeerLog,
    *lengths: int,
    message_id: MessageId | None = None,
) -> InboundItem:
    """Return a message of a peer with evidence, with room reserved for it."""
    item = log.item(message_id=message_id)
    return replace(item, attachments=coming(*lengths), pending_until=WEEK)


async def offer(
    store: TransactionalStore,
    log: PeerLog,
    item: InboundItem,
    now: UnixMs = NOW,
) -> InboundResult:
    """Let a peer offer a message."""
    (result,) = await store.commit_inbound(log.link(), [item], now)
    return result


async def send_parts(
    store: TransactionalStore,
    log: PeerLog,
    item: InboundItem,
    *,
    but: int = 0,
) -> None:
    """Let a peer announce and send all parts of a message, but the last few."""
    names = []
    for row in await store.attachments(item.id):
        raw = bytes(32 * row.part_count)
        await store.announce_parts(log.authority, item.id, row.aid, raw)
        names += [(row.aid, index) for index in range(row.part_count)]
    for aid, index in names[: len(names) - but]:
        await store.add_part(log.authority, item.id, aid, index, WEEK)


async def received(store: TransactionalStore, log: PeerLog, *lengths: int) -> MessageId:
    """Let a message with evidence arrive whole; return its id."""
    item = evidence_item(log, *lengths)
    await offer(store, log, item)
    await send_parts(store, log, item)
    await offer(store, log, replace(item, proof=log.proof()))
    return item.id
