"""Calls to a time-stamping authority that is real, wrong, slow or hostile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gateway.core.errors import UnreachableError, VerificationError
from gateway.core.limits import MAX_STAMP_BYTES
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.stamps import new_query
from gateway.transport.tsa_client import TsaClient, TsaLimits
from tests.support.tsa import (
    Answering,
    Authority,
    TsaServer,
    needs_openssl,
    reply_of,
    tsa_server,
)

pytestmark = needs_openssl

TEXT = Checkpoint("moj.ee/audit/1", 300, bytes(range(32))).text
OTHER = Checkpoint("moj.ee/audit/1", 301, bytes(range(32))).text
QUICK = TsaLimits(connect_timeout_s=0.5, total_timeout_s=0.5)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TsaServer]:
    async with tsa_server(Authority(tmp_path / "tsa").make()) as running:
        yield running


def client(server: TsaServer, limits: TsaLimits | None = None) -> TsaClient:
    return TsaClient(server.url, server.authority.roots, limits=limits)


async def test_a_stamp_comes_back_verified(server: TsaServer) -> None:
    stamp = await client(server).stamp(TEXT)

    assert stamp.authority == "CN=Test TSA"
    (asked,) = server.asked
    assert asked.method == "POST"
    assert asked.path == "/tsr"
    assert asked.headers["Content-Type"] == "application/timestamp-query"


def answers(server: TsaServer) -> dict[str, Answering]:
    """Return what goes wrong with answers that come as stamps."""

    async def another_nonce(_query: bytes) -> web.StreamResponse:
        return reply_of(server.authority.reply(new_query(TEXT).body))

    async def another_imprint(query: bytes) -> web.StreamResponse:
        # The digest is the only run of 32 bytes; the nonce stays what was asked.
        at = query.index(b"\x04\x20") + 2
        changed = query[:at] + bytes(32) + query[at + 32 :]
        return reply_of(server.authority.reply(changed))

    async def another_authority(query: bytes) -> web.StreamResponse:
        folder = server.authority.folder.with_name("stranger")
        return reply_of(Authority(folder).make().reply(query))

    async def garbage(_query: bytes) -> web.StreamResponse:
        return reply_of(b"<html>")

    async def empty(_query: bytes) -> web.StreamResponse:
        return reply_of(b"")

    async def too_large(_query: bytes) -> web.StreamResponse:
        return reply_of(bytes(MAX_STAMP_BYTES + 1))

    return {
        one.__name__: one
        for one in (
            another_nonce,
            another_imprint,
            another_authority,
            garbage,
            empty,
            too_large,
        )
    }


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("another_nonce", "Nonce mismatch"),
        ("another_imprint", "Mismatch between messages"),
        ("another_authority", "verifying certificates"),
        ("garbage", "not a time-stamp response"),
        ("empty", "not a time-stamp response"),
        ("too_large", "over 65536 bytes"),
    ],
)
async def test_what_is_no_stamp_of_this_is_refused(
    server: TsaServer, wrong: str, why: str
) -> None:
    server.answer = answers(server)[wrong]
    with pytest.raises(VerificationError, match=why):
        await client(server).stamp(TEXT)


async def test_an_answer_without_end_is_cut_off(server: TsaServer) -> None:
    async def endless(_query: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/timestamp-reply"
        await response.prepare(server.asked[-1])
        while True:
            await response.write(bytes(8192))

    server.answer = endless
    with pytest.raises(VerificationError, match="over 65536 bytes"):
        await client(server).stamp(TEXT)


@pytest.mark.parametrize("status", [302, 307, 404, 500, 503])
async def test_other_statuses_are_no_answer_and_lead_nowhere(
    server: TsaServer, status: int
) -> None:
    async def other(_query: bytes) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": server.url})

    server.answer = other
    with pytest.raises(UnreachableError, match=f"HTTP status {status}"):
        await client(server).stamp(TEXT)
    assert len(server.asked) == 1


async def test_another_kind_of_document_is_no_answer(server: TsaServer) -> None:
    async def page(query: bytes) -> web.StreamResponse:
        body = server.authority.reply(query)
        return web.Response(body=body, content_type="text/html")

    server.answer = page
    with pytest.raises(UnreachableError, match="another kind of document"):
        await client(server).stamp(TEXT)


async def test_who_is_slow_is_given_up(server: TsaServer) -> None:
    async def asleep(_query: bytes) -> web.StreamResponse:
        await asyncio.sleep(5)
        return reply_of(b"")

    async def dripping(_query: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/timestamp-reply"
        await response.prepare(server.asked[-1])
        for _ in range(50):
            await response.write(b"0")
            await asyncio.sleep(0.1)
        return response

    for slow in (asleep, dripping):
        server.answer = slow
        with pytest.raises(UnreachableError, match=r"no answer within 0\.5 s"):
            await client(server, QUICK).stamp(TEXT)


async def test_nobody_there_is_told(server: TsaServer) -> None:
    gone = TsaClient("http://127.0.0.1:1/tsr", server.authority.roots)
    with pytest.raises(UnreachableError, match="connection refused"):
        await gone.stamp(TEXT)


async def test_over_tls_a_stranger_is_not_spoken_to(server: TsaServer) -> None:
    url = server.url.replace("http:", "https:")
    with pytest.raises(UnreachableError):
        await TsaClient(url, server.authority.roots, limits=QUICK).stamp(TEXT)
