"""Evidence files over a served API: sent in and fetched as an application does."""

import hashlib
import io
from collections.abc import AsyncIterator
from random import Random

from gateway.admin import opening_shapes, shapes, upload_shapes
from gateway.client import calls
from gateway.core.canonical import JsonObject
from tests.support.admin_api import PT, AdminNode
from tests.support.evidence import request_with

MIB = 1024 * 1024
UNKNOWN = "0" * 32
OCTETS = {"Content-Type": "application/octet-stream"}
DATA = Random(1).randbytes(3 * MIB + 77)  # noqa: S311 - not a secret


def new_file(data: bytes, **fields: str) -> upload_shapes.UploadRequest:
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    named = {"name": "ledger.bin"} | digest | fields
    return upload_shapes.UploadRequest(size=len(data), **named)


async def created(
    node: AdminNode,
    data: bytes = DATA,
    *,
    account: str = "caseworker",
    key: str = "",
) -> upload_shapes.Upload:
    async with node.client(account) as client:
        return await client.send(
            calls.create_upload(new_file(data), idempotency_key=key)
        )


async def shown(
    node: AdminNode,
    upload_id: str,
    account: str = "caseworker",
) -> upload_shapes.Upload:
    async with node.client(account) as client:
        return await client.send(calls.show_upload(upload_id))


async def put(
    node: AdminNode,
    upload_id: str,
    data: bytes | AsyncIterator[bytes],
    *,
    offset: int = 0,
    headers: dict[str, str] = OCTETS,
    account: str = "caseworker",
) -> tuple[int, JsonObject]:
    """Send bytes of a file; return status and body of the answer."""
    async with node.session.put(
        f"{node.url}/api/v1/uploads/{upload_id}?offset={offset}",
        data=io.BytesIO(data) if isinstance(data, bytes) else data,
        headers=node.headers(account) | headers,
    ) as response:
        body: JsonObject = await response.json(content_type=None)
        return response.status, body


async def uploaded(node: AdminNode, data: bytes = DATA) -> str:
    upload_id = (await created(node, data)).id
    status, body = await put(node, upload_id, data)
    assert (status, body["state"]) == (200, "complete")
    return upload_id


async def submitted(node: AdminNode, *uploads: str) -> str:
    form = dict[str, object](request_with("ledger.bin"))
    request = shapes.SubmitRequest(to=PT, message=form, attachments=uploads)
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def opened(node: AdminNode, message_id: str) -> opening_shapes.Opened:
    request = opening_shapes.OpenRequest(purpose="to read it")
    async with node.client("caseworker") as client:
        return await client.send(calls.open_message(message_id, request))


async def opened_file(node: AdminNode, data: bytes = DATA) -> str:
    """Send a message with a file and open it; return the path of the file."""
    message_id = await submitted(node, await uploaded(node, data))
    (file,) = (await opened(node, message_id)).attachments
    return f"/api/v1/messages/{message_id}/attachments/{file.aid}"


async def fetch(
    node: AdminNode,
    path: str,
    *ranges: str,
    account: str = "caseworker",
) -> tuple[int, dict[str, str], bytes]:
    headers = [*node.headers(account).items(), *(("Range", one) for one in ranges)]
    async with node.session.get(f"{node.url}{path}", headers=headers) as response:
        named = {str(name): value for name, value in response.headers.items()}
        return response.status, named, await response.read()
