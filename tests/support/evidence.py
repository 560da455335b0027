"""Evidence files in the flows of two authorities: made, sent in, sent on."""

import hashlib
from collections.abc import AsyncIterator
from random import Random

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import MessageId
from gateway.flows.kept_files import NewFile
from gateway.flows.uploads import UploadStanding
from gateway.mla.envelope_fields import Form
from gateway.ports.evidence import UploadId
from tests.support.forms import evidence_item, in_form, sample
from tests.support.pair import CASEWORKER, Side

PART_BYTES = 8 * 1024 * 1024
OWNER = CASEWORKER.actor


def content(size: int, seed: int = 0) -> bytes:
    """Return bytes that no compression and no repetition hides."""
    return Random(seed).randbytes(size)  # noqa: S311 - not a secret


async def in_chunks(data: bytes, length: int = 65_536) -> AsyncIterator[bytes]:
    """Yield bytes as a connection would bring them."""
    for at in range(0, len(data), length):
        yield data[at : at + length]


async def announced(
    side: Side, name: str, data: bytes, key: str = ""
) -> UploadStanding:
    """Announce a file with its true digest."""
    new = NewFile(name, len(data), sha256=hashlib.sha256(data).hexdigest())
    return await side.uploads.create(new, OWNER, key)


async def uploaded(side: Side, name: str, data: bytes) -> UploadId:
    """Send a whole file in."""
    standing = await announced(side, name, data)
    upload_id = standing.upload.id
    await side.uploads.append(upload_id, OWNER, 0, in_chunks(data))
    return upload_id


def request_with(*names: str) -> JsonObject:
    """Return the author's form of a request with items for these files."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    payload = form["payload"]
    assert isinstance(payload, dict)
    items: list[JsonValue] = [evidence_item(name) for name in names]
    return form | {"payload": payload | {"manifest": items}}


async def sent_with(side: Side, **files: bytes) -> MessageId:
    """Send a request with evidence files, named without their ending."""
    names = {f"{name}.bin": data for name, data in files.items()}
    uploads = [await uploaded(side, name, data) for name, data in names.items()]
    submitted = await side.send(request_with(*names), uploads=tuple(uploads))
    return submitted.accepted.id


async def transferred(side: Side) -> None:
    """Send what the other side waits for."""
    (first, *_) = await side.store.transfers(side.other.authority, 1)
    await side.transfers.send(side.other, first)


async def arrived(sender: Side, receiver: Side, message_id: MessageId) -> None:
    """Carry a message with its evidence to the other side."""
    await sender.deliver()
    assert await receiver.state(message_id) == "pending"
    await transferred(sender)
    await sender.deliver()
    await receiver.validation.validate_some()


async def fetched(side: Side, message_id: MessageId, aid: str, start: int = 0) -> bytes:
    """Return an evidence file of an opened message."""
    file = await side.open.fetch(message_id, aid, CASEWORKER, start=start)
    return b"".join([chunk async for chunk in file.chunks])
