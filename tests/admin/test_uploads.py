"""Evidence files over the served API: sent in with breaks, fetched in ranges."""

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import aiohttp
import pytest

from gateway.admin import shapes, upload_shapes
from gateway.admin.node_shapes import PeerLimits
from gateway.admin.services import AdminLimits
from gateway.client import calls
from gateway.core.canonical import JsonObject
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
from gateway.core.values import MessageId
from tests.support.admin_api import PT, AdminNode, admin_node
from tests.support.evidence import request_with
from tests.support.peer_net import until

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


async def opened(node: AdminNode, message_id: str) -> shapes.Opened:
    request = shapes.OpenRequest(purpose="to read it")
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


# --- sending in ---


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
    live = {str(one): live for one, live in node.services.uploads._live.items()}
    return live[upload_id].sealer.fed


def _is_busy(node: AdminNode, upload_id: str) -> bool:
    live = {str(one): live for one, live in node.services.uploads._live.items()}
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


# --- fetching ---


async def test_a_file_comes_back_as_bytes_to_be_saved(node: AdminNode) -> None:
    path = await opened_file(node)
    status, headers, body = await fetch(node, path)
    assert (status, body) == (200, DATA)
    expected = {
        "Content-Disposition": "attachment",
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
        "Content-Length": str(len(DATA)),
    }
    assert {name: headers[name] for name in expected} == expected


@pytest.mark.parametrize("start", [1, MIB, MIB + 7, len(DATA) - 1])
async def test_a_file_is_fetched_on_from_any_byte(node: AdminNode, start: int) -> None:
    path = await opened_file(node)
    status, headers, body = await fetch(node, path, f"bytes={start}-")
    assert (status, body) == (206, DATA[start:])
    expected = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
    assert headers["Content-Range"] == expected


async def test_who_has_all_of_a_file_gets_nothing_more(node: AdminNode) -> None:
    path = await opened_file(node)
    status, _, body = await fetch(node, path, f"bytes={len(DATA)}-")
    assert (status, body) == (206, b"")
    assert (await fetch(node, path, "bytes=0-"))[::2] == (200, DATA)


async def test_an_empty_file_is_a_file(node: AdminNode) -> None:
    path = await opened_file(node, b"")
    assert (await fetch(node, path))[::2] == (200, b"")
    assert (await fetch(node, path, "bytes=0-"))[::2] == (200, b"")


@pytest.mark.parametrize(
    "given",
    [
        f"bytes={len(DATA) + 1}-",
        "bytes=-5",
        "bytes=0-5",
        "bytes=0-,5-",
        "bytes=",
        "items=0-",
        "bytes=0x10-",
        "bytes=9999999999999999-",
    ],
)
async def test_a_range_is_from_a_byte_of_the_file_to_its_end(
    node: AdminNode,
    given: str,
) -> None:
    path = await opened_file(node)
    assert (await fetch(node, path, given))[0] == 400
    assert (await fetch(node, path, "bytes=0-", "bytes=1-"))[0] == 400


async def test_a_file_is_fetched_by_who_opened_its_message(node: AdminNode) -> None:
    path = await opened_file(node)
    assert (await fetch(node, path, account="admin"))[0] == 403
    missing = path[:-32] + UNKNOWN
    assert (await fetch(node, missing))[0] == 404
    exports = await node.entries("msg.export")
    assert exports == []
    await fetch(node, path)
    await fetch(node, path, "bytes=5-")
    (export,) = await node.entries("msg.export")
    assert (export["actor"], export["res"]) == ("caseworker", path[-32:])


async def _blob_of(node: AdminNode, path: str) -> tuple[str, int]:
    message_id = path.split("/")[4]
    (row,) = await node.trust.store.attachments(MessageId(message_id))
    return row.blob, row.length


async def test_a_damaged_file_breaks_off_and_never_ends_well(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    path = await opened_file(node)
    blob, length = await _blob_of(node, path)
    file = os.open(tmp_path / "blobs" / blob, os.O_WRONLY)
    os.pwrite(file, b"\xff\xfe\xfd", length - MIB)
    os.close(file)
    got = bytearray()
    async with node.session.get(
        f"{node.url}{path}",
        headers=node.headers("caseworker"),
    ) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await _read_into(got, response)
    assert 0 < len(got) < len(DATA)
    assert DATA.startswith(bytes(got))


async def _read_into(got: bytearray, response: aiohttp.ClientResponse) -> None:
    async for chunk in response.content.iter_any():
        got += chunk


async def test_a_file_that_is_damaged_from_its_start_is_a_problem(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    path = await opened_file(node, b"small")
    blob, _ = await _blob_of(node, path)
    (tmp_path / "blobs" / blob).write_bytes(b"")
    status, _, _ = await fetch(node, path)
    assert status == 503


async def test_who_hangs_up_while_fetching_is_no_defect(
    node: AdminNode,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = await opened_file(node, DATA * 4)
    for _ in range(3):
        async with node.session.get(
            f"{node.url}{path}",
            headers=node.headers("caseworker"),
        ) as response:
            await response.content.read(10)
            response.close()
    assert (await fetch(node, path))[0] == 200
    assert "admin_request_failed" not in capsys.readouterr().out


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


# --- memory ---


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


async def test_a_large_file_takes_little_memory_both_ways(node: AdminNode) -> None:
    size, piece = 64 * MIB, bytes(MIB)
    async with node.client("caseworker") as client:
        request = upload_shapes.UploadRequest(name="ledger.bin", size=size)
        upload_id = (await client.send(calls.create_upload(request))).id
    samples: list[int] = []

    async def giving() -> AsyncIterator[bytes]:
        for _ in range(size // MIB):
            yield piece
            samples.append(_resident_bytes())

    headers = OCTETS | {"Content-Length": str(size)}
    status, _ = await put(node, upload_id, giving(), headers=headers)
    assert status == 200
    message_id = await submitted(node, upload_id)
    (file,) = (await opened(node, message_id)).attachments
    async with node.session.get(
        f"{node.url}/api/v1/messages/{message_id}/attachments/{file.aid}",
        headers=node.headers("caseworker"),
    ) as response:
        async for chunk in response.content.iter_chunked(MIB):
            assert chunk.count(0) == len(chunk)
            samples.append(_resident_bytes())
    assert max(samples[8:]) - samples[8] <= 16 * MIB
