"""Evidence files over the served API: fetched whole, in ranges, and never damaged."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.admin import upload_shapes
from gateway.client import calls
from gateway.core.values import MessageId
from tests.support.admin_api import AdminNode
from tests.support.file_api import (
    DATA,
    MIB,
    OCTETS,
    UNKNOWN,
    fetch,
    opened,
    opened_file,
    put,
    submitted,
)


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


async def test_a_file_from_its_first_byte_is_all_of_it(node: AdminNode) -> None:
    path = await opened_file(node)
    assert (await fetch(node, path, "bytes=0-"))[::2] == (200, DATA)


async def test_an_empty_file_is_a_file(node: AdminNode) -> None:
    path = await opened_file(node, b"")
    assert (await fetch(node, path))[::2] == (200, b"")
    assert (await fetch(node, path, "bytes=0-"))[::2] == (200, b"")


@pytest.mark.parametrize(
    "given",
    [
        f"bytes={len(DATA)}-",
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
