"""Evidence files over the served API: sent in with breaks, by their owners alone."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.admin import upload_shapes
from gateway.admin.node_shapes import PeerLimits
from gateway.admin.services import AdminLimits
from gateway.client import calls
from gateway.core.errors import (
    ConflictError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    SourceChangedError,
    TooLargeError,
    UsageError,
)
from gateway.core.sizes import largest_attachment
from tests.support.admin_api import PT, AdminNode, admin_node
from tests.support.file_api import (
    DATA,
    MIB,
    OCTETS,
    UNKNOWN,
    created,
    fetch,
    new_file,
    opened,
    opened_file,
    put,
    shown,
    submitted,
    uploaded,
)
from tests.support.peer_net import until

# --- sending in ---


async def test_behind_a_file_the_connection_goes_on(node: AdminNode) -> None:
    new = await created(node)
    headers = node.headers("caseworker") | OCTETS | {"Host": "localhost"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    path = f"/api/v1/uploads/{new.id}"
    port = int(node.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for start in (0, MIB + 5):
        part = DATA[start : start + MIB + 5]
        length = f"Content-Length: {len(part)}\r\n\r\n"
        request = f"PUT {path}?offset={start} HTTP/1.1\r\n{head}{length}"
        writer.write(request.encode() + part)
    writer.write(f"GET {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
    answers = await reader.read()
    writer.close()
    assert answers.count(b"HTTP/1.1 200") == 3
    assert (await shown(node, new.id)).offset == 2 * MIB + 10


async def test_a_file_is_announced_sent_shown_and_used(node: AdminNode) -> None:
    new = await created(node)
    assert (new.size, new.offset, new.state) == (len(DATA), 0, "open")
    assert (new.name, new.sha256) == ("ledger.bin", "")
    await put(node, new.id, DATA[:MIB])
    half = await shown(node, new.id)
    assert (half.offset, half.state) == (MIB, "open")
    status, body = await put(node, new.id, DATA[MIB:], offset=MIB)
    assert (status, body["state"]) == (200, "complete")
    whole = await shown(node, new.id)
    assert whole.sha256 == hashlib.sha256(DATA).hexdigest()
    assert whole.media_type == "application/octet-stream"
    message_id = await submitted(node, new.id)
    used = await shown(node, new.id)
    assert (used.state, used.name, used.sha256) == ("used", "", "")
    async with node.client("caseworker") as client:
        row = await client.send(calls.show_message(message_id))
    assert (row.attachments, row.attachment_bytes) == (1, row.evidence[0].length)
    assert (row.evidence[0].there, row.evidence[0].state) == (0, "verified")


async def test_an_opened_message_describes_its_files(node: AdminNode) -> None:
    message_id = await submitted(node, await uploaded(node))
    content = await opened(node, message_id)
    (file,) = content.attachments
    assert (file.name, file.size) == ("ledger.bin", len(DATA))
    assert (file.sha256, file.state) == (hashlib.sha256(DATA).hexdigest(), "verified")
    assert file.item_id
    assert content.grant_until


async def test_a_repeated_key_is_the_same_upload(node: AdminNode) -> None:
    first = await created(node, key="k")
    assert await created(node, key="k") == first
    assert (await created(node)).id != first.id
    with pytest.raises(ConflictError):
        await created(node, b"another", key="k")


async def test_a_broken_connection_costs_only_what_did_not_arrive(
    node: AdminNode,
) -> None:
    upload_id = (await created(node)).id

    async def breaking() -> AsyncIterator[bytes]:
        yield DATA[: 2 * MIB]
        await until(lambda: _fed(node, upload_id) >= 1 * MIB)
        raise ConnectionResetError

    headers = OCTETS | {"Content-Length": str(len(DATA))}
    with pytest.raises(aiohttp.ClientError):
        await put(node, upload_id, breaking(), headers=headers)
    await until(lambda: not _is_busy(node, upload_id))
    offset = (await shown(node, upload_id)).offset
    assert MIB <= offset <= 2 * MIB
    status, body = await put(node, upload_id, DATA[offset:], offset=offset)
    assert (status, body["state"]) == (200, "complete")
    assert body["sha256"] == hashlib.sha256(DATA).hexdigest()


def _fed(node: AdminNode, upload_id: str) -> int:
    live = {str(one): live for one, live in node.services.uploads._spool._live.items()}
    return live[upload_id].sealer.fed


def _is_busy(node: AdminNode, upload_id: str) -> bool:
    live = {str(one): live for one, live in node.services.uploads._spool._live.items()}
    return live[upload_id].is_busy


async def test_a_sender_that_stops_is_not_waited_for(tmp_path: Path) -> None:
    limits = AdminLimits(burst=1000, stream_idle_s=0.1)
    async with admin_node(tmp_path, limits) as node:
        upload_id = (await created(node)).id

        async def stopping() -> AsyncIterator[bytes]:
            yield DATA[:1000]
            await asyncio.sleep(5)

        headers = OCTETS | {"Content-Length": str(len(DATA))}
        async with asyncio.timeout(2):
            status, problem = await put(node, upload_id, stopping(), headers=headers)
        assert (status, problem["code"]) == (400, "usage")
        assert (await shown(node, upload_id)).offset == 1000


@pytest.mark.parametrize(
    ("offset", "status", "code"),
    [(1, 409, "conflict"), (len(DATA) + 1, 409, "conflict"), (-1, 400, "usage")],
)
async def test_a_file_goes_on_where_it_is(
    node: AdminNode,
    offset: int,
    status: int,
    code: str,
) -> None:
    upload_id = (await created(node)).id
    found, problem = await put(node, upload_id, DATA[:100], offset=offset)
    assert (found, problem["code"]) == (status, code)


async def test_another_file_than_announced_is_refused_and_gone(
    node: AdminNode,
) -> None:
    upload_id = (await created(node)).id
    status, problem = await put(node, upload_id, DATA[:-1] + b"x")
    assert (status, problem["code"]) == (409, SourceChangedError.code)
    with pytest.raises(NotFoundError):
        await shown(node, upload_id)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        OCTETS | {"Content-Encoding": "gzip"},
        OCTETS | {"Transfer-Encoding": "chunked"},
    ],
)
async def test_a_body_that_is_not_a_plain_file_is_refused(
    node: AdminNode,
    headers: dict[str, str],
) -> None:
    upload_id = (await created(node)).id
    body: bytes | AsyncIterator[bytes] = b"x" * 10
    if "Transfer-Encoding" in headers:
        headers, body = OCTETS, _one(b"x" * 10)
    async with node.session.put(
        f"{node.url}/api/v1/uploads/{upload_id}?offset=0",
        data=body,
        headers=node.headers("caseworker") | headers,
        skip_auto_headers=["Content-Encoding"],
    ) as response:
        assert response.status == 400
    assert (await shown(node, upload_id)).offset == 0


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "../passwd"}, UsageError),
        ({"name": "a\u202egnp.exe"}, UsageError),
        ({"name": "a\nb"}, UsageError),
        ({"sha256": "AB" * 32}, UsageError),
        ({"sha256": "ab"}, UsageError),
        ({"media_type": "text/html\r\nX: 1"}, MalformedError),
        ({"media_type": " text/html"}, UsageError),
        ({"media_type": "\N{CYRILLIC SMALL LETTER TE}"}, UsageError),
        ({"media_type": "x" * 128}, UsageError),
    ],
)
async def test_an_announcement_that_could_do_harm_is_refused(
    node: AdminNode,
    fields: dict[str, str],
    expected: type[Exception],
) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(expected):
            await client.send(calls.create_upload(new_file(DATA, **fields)))


async def test_a_file_larger_than_any_attachment_is_refused(node: AdminNode) -> None:
    request = upload_shapes.UploadRequest(name="a.bin", size=largest_attachment() + 1)
    async with node.client("caseworker") as client:
        with pytest.raises(TooLargeError):
            await client.send(calls.create_upload(request))


# --- whose it is ---


async def test_anothers_upload_looks_like_none(node: AdminNode) -> None:
    upload_id = (await created(node)).id
    for one, account in ((upload_id, "admin"), (UNKNOWN, "caseworker"), ("x", "admin")):
        async with node.client(account) as client:
            with pytest.raises(NotFoundError):
                await client.send(calls.show_upload(one))
            with pytest.raises(NotFoundError):
                await client.send(calls.drop_upload(one))
        assert (await put(node, one, DATA, account=account))[0] == 404
    assert (await shown(node, upload_id)).offset == 0


@pytest.mark.parametrize("account", ["operator", "security", "auditor", "observer"])
async def test_files_are_for_caseworkers(node: AdminNode, account: str) -> None:
    path = await opened_file(node)
    upload_id = (await created(node)).id
    async with node.client(account) as client:
        with pytest.raises(NotAllowedError):
            await client.send(calls.show_upload(upload_id))
        with pytest.raises(NotAllowedError):
            await client.send(calls.drop_upload(upload_id))
        with pytest.raises(NotAllowedError):
            await client.send(calls.create_upload(new_file(DATA)))
    assert (await put(node, upload_id, DATA, account=account))[0] == 403
    assert (await fetch(node, path, account=account))[0] == 403


async def test_a_dropped_upload_is_gone_and_a_used_one_stays(node: AdminNode) -> None:
    dropped, used = await uploaded(node), await uploaded(node)
    await submitted(node, used)
    async with node.client("caseworker") as client:
        await client.send(calls.drop_upload(dropped))
        with pytest.raises(NotFoundError):
            await client.send(calls.drop_upload(dropped))
        with pytest.raises(ConflictError):
            await client.send(calls.drop_upload(used))


# --- limits of a peer ---


async def test_limits_of_evidence_are_set_one_by_one(node: AdminNode) -> None:
    async with node.client() as client:
        first = await client.send(
            calls.limit_peer(
                PT, PeerLimits(upload_kib_s=512, upload_hours="20:00-06:00")
            ),
        )
        assert (first.upload_kib_s, first.upload_hours) == (512, "20:00-06:00")
        after = await client.send(calls.limit_peer(PT, PeerLimits(max_evidence_gib=7)))
        assert (after.upload_kib_s, after.max_evidence_gib) == (512, 7)
        none = await client.send(
            calls.limit_peer(PT, PeerLimits(upload_kib_s=0, upload_hours="")),
        )
        assert (none.upload_kib_s, none.upload_hours) == (0, "")
        for hours in ("20:00", "25:00-06:00", "20:00 06:00"):
            with pytest.raises(UsageError):
                await client.send(calls.limit_peer(PT, PeerLimits(upload_hours=hours)))
