"""Parts of evidence at the listener: streamed, bounded, named byte for byte."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gateway.core import canonical
from gateway.core.errors import (
    BlobError,
    DiskReserveError,
    GatewayError,
    MaintenanceError,
    NoSuchMessageError,
    PartConflictError,
    PartMismatchError,
    QuotaError,
    RootMismatchError,
)
from gateway.core.limits import KIB, MIB, PART_BYTES
from gateway.core.protocol import (
    MAX_ANNOUNCE_BYTES,
    PART_MEDIA_TYPE,
    spell_content_digest,
)
from gateway.ports.peers import PartName
from gateway.transport.limits import ListenerLimits
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import Ca
from tests.support.peer_net import (
    PARTS_REPLY,
    Listener,
    connected,
    exchange,
    listening,
    request,
    until,
)
from tests.transport.test_peer_listener import Listening, code_of, post, split

MESSAGE = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"
AID = "0123456789abcdef" * 2
ATTACHMENT = f"/mla/1/attachments/{MESSAGE}/{AID}"
TYPE = f"Content-Type: {PART_MEDIA_TYPE}"
STORED = b'{"status":"stored"}'


@pytest.fixture
def context(theirs: Ca, tmp_path: Path) -> ssl.SSLContext:
    return theirs.issue().client_context(tmp_path)


@pytest.fixture
async def listener(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> AsyncIterator[Listener]:
    async with listening(our_identity, trust) as running:
        yield running


@pytest.fixture
def hasty(our_identity: TlsIdentity, trust: TlsTrust) -> Listening:
    return partial(listening, our_identity, trust)


def digest_header(body: bytes) -> str:
    return f"Content-Digest: {spell_content_digest(hashlib.sha256(body).digest())}"


def put(
    body: bytes,
    *headers: str,
    path: str = f"{ATTACHMENT}/0",
    length: int | None = None,
) -> bytes:
    """Return a part as it is sent, with the headers given or the right ones."""
    return request(
        "PUT",
        path,
        *(headers or (TYPE, digest_header(body))),
        f"Content-Length: {len(body) if length is None else length}",
        body=body,
    )


async def asked(
    listener: Listener,
    context: ssl.SSLContext,
    sent: bytes,
) -> tuple[int, str]:
    return code_of(await exchange(listener.server.port, context, sent))


@pytest.mark.parametrize("length", [0, 1, 5 * MIB + 3, PART_BYTES])
async def test_a_part_reaches_its_flow_byte_for_byte(
    listener: Listener,
    context: ssl.SSLContext,
    length: int,
) -> None:
    body = bytes(range(251)) * (length // 251 + 1)
    body = body[:length]
    sent = put(body, path=f"{ATTACHMENT}/131071")
    status, _, answer = split(await exchange(listener.server.port, context, sent))
    assert (status, answer) == (200, STORED)
    ((name, peer, got),) = listener.calls.asked
    assert (name, peer.authority, got) == ("put_part", "moj.bb", body)
    digest = hashlib.sha256(body).digest()
    assert listener.calls.parts_named == [
        PartName(
            listener.calls.parts_named[0].message_id, AID, 131_071, digest, length
        ),
    ]
    assert listener.calls.parts_named[0].message_id == MESSAGE


async def test_a_part_is_handed_on_while_it_comes(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    body = bytes(1 * MIB)
    sent = put(body)
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(sent[: -MIB // 2])
        await until(lambda: len(listener.calls.parts_named) == 1)
        assert not listener.calls.asked  # the flow reads, and has not seen the end
        writer.write(sent[-MIB // 2 :])
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_an_announcement_and_a_question_reach_their_flows(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    expected = canonical.encode(PARTS_REPLY)
    port = listener.server.port
    sent = post("/mla/1/attachments", "application/json", b"{}")
    assert split(await exchange(port, context, sent))[::2] == (200, expected)
    sent = request("GET", ATTACHMENT)
    assert split(await exchange(port, context, sent))[::2] == (200, expected)
    assert [(name, body) for name, _, body in listener.calls.asked] == [
        ("announce_parts", b"{}"),
        ("parts", f"{MESSAGE}/{AID}".encode()),
    ]


# --- what is refused before a byte of it is read ---


BODY = b"some bytes"
GOOD = digest_header(BODY)
MALFORMED = {
    "without a digest": put(BODY, TYPE),
    "with an empty digest": put(BODY, TYPE, "Content-Digest: "),
    "with two digests": put(BODY, TYPE, GOOD, GOOD),
    "with another digest behind": put(BODY, TYPE, GOOD, digest_header(b"")),
    "with two digests in one": put(BODY, TYPE, f"{GOOD}, {GOOD[16:]}"),
    "with another algorithm": put(BODY, TYPE, GOOD.replace("sha-256", "sha-512")),
    "with a bare digest": put(BODY, TYPE, "Content-Digest: " + "00" * 32),
    "of another kind": put(BODY, "Content-Type: application/json", GOOD),
    "of no kind": put(BODY, GOOD),
    "of two kinds": put(BODY, TYPE, TYPE, GOOD),
    "compressed": put(BODY, TYPE, GOOD, "Content-Encoding: gzip"),
    "without a length": request("PUT", f"{ATTACHMENT}/0", TYPE, GOOD),
    "in chunks": request(
        "PUT",
        f"{ATTACHMENT}/0",
        TYPE,
        GOOD,
        "Transfer-Encoding: chunked",
        body=b"1\r\nx\r\n0\r\n\r\n",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_a_part_with_a_second_meaning_is_malformed(
    listener: Listener,
    context: ssl.SSLContext,
    case: str,
) -> None:
    found = await asked(listener, context, MALFORMED[case])
    assert found == (400, "malformed")
    assert not listener.calls.parts_named


TOO_LARGE = {
    "a part": put(b"", TYPE, GOOD, length=PART_BYTES + 1),
    "an announcement": request(
        "POST",
        "/mla/1/attachments",
        "Content-Type: application/json",
        f"Content-Length: {MAX_ANNOUNCE_BYTES + 1}",
    ),
    "a question with a body": request("GET", ATTACHMENT, "Content-Length: 1"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
async def test_what_is_over_its_limit_is_refused_unread(
    listener: Listener,
    context: ssl.SSLContext,
    case: str,
) -> None:
    async with (
        asyncio.timeout(2),
        connected(listener.server.port, context) as (reader, writer),
    ):
        writer.write(TOO_LARGE[case])
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}")
    assert code_of(head + body) == (413, "too-large")
    assert not listener.calls.asked


NOWHERE = [
    f"PUT {ATTACHMENT}",
    f"PUT {ATTACHMENT}/",
    f"GET {ATTACHMENT}/",
    f"GET {ATTACHMENT}/0",
    f"POST {ATTACHMENT}/0",
    f"DELETE {ATTACHMENT}/0",
    f"PUT {ATTACHMENT}/00",
    f"PUT {ATTACHMENT}/01",
    f"PUT {ATTACHMENT}/-1",
    f"PUT {ATTACHMENT}/+1",
    f"PUT {ATTACHMENT}/1000000",
    f"PUT {ATTACHMENT}/1e3",
    f"PUT {ATTACHMENT}/0/",
    f"PUT {ATTACHMENT}/0?x=1",
    f"PUT {ATTACHMENT}/%30",
    f"PUT /mla/1/attachments/{MESSAGE}/{AID.upper()}/0",
    f"PUT /mla/1/attachments/{MESSAGE.upper()}/{AID}/0",
    f"PUT /mla/1/attachments/{MESSAGE}/{AID[:-1]}/0",
    f"PUT /mla/1/attachments/{MESSAGE}/{AID}0/0",
    f"PUT /mla/1/attachments/{MESSAGE}//{AID}/0",
    f"PUT /mla/1/attachments/{'-' * 36}/{AID}/0",
    f"PUT /mla/1/attachments/{MESSAGE.replace('-7', '-4')}/{AID}/0",
    f"PUT /mla/1/attachments/{MESSAGE}/../{AID}/0",
    "POST /mla/1/attachments/",
    "GET /mla/1/attachments",
]


@pytest.mark.parametrize("line", NOWHERE)
async def test_a_path_is_a_part_byte_for_byte_or_there_is_nothing(
    listener: Listener,
    context: ssl.SSLContext,
    line: str,
) -> None:
    method, path = line.split()
    sent = request(method, path, TYPE, GOOD, "Content-Length: 0")
    assert await asked(listener, context, sent) == (404, "not-found")
    assert not listener.calls.asked
    assert not listener.calls.parts_named


# --- patience and room ---


IDLE = ListenerLimits(idle_timeout_s=0.1)
WHOLE = ListenerLimits(body_timeout_s=0.1)
RATE = ListenerLimits(rate_window_s=0.1, min_rate_bytes_s=100_000)


@pytest.mark.parametrize("limits", [IDLE, WHOLE], ids=["idle", "whole"])
async def test_a_part_that_stops_coming_is_cut_off_and_not_taken(
    hasty: Listening,
    context: ssl.SSLContext,
    limits: ListenerLimits,
) -> None:
    sent = put(bytes(1 * MIB))[: -MIB // 2]
    async with hasty(limits) as running, asyncio.timeout(5):
        assert await exchange(running.server.port, context, sent) == b""
        await until(lambda: running.server.connections() == 0)
        assert len(running.calls.parts_named) == 1
        assert not running.calls.asked


async def test_a_part_that_drips_is_cut_off(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    sent = put(bytes(1 * MIB))[:-MIB]
    async with (
        hasty(RATE) as running,
        connected(running.server.port, context) as (_, writer),
    ):
        writer.write(sent)
        for _ in range(20):
            writer.write(b"x")
            await asyncio.sleep(0.01)
        await until(lambda: running.server.connections() == 0)
        assert not running.calls.asked


async def test_a_part_that_breaks_off_is_not_taken(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    async with connected(listener.server.port, context) as (_, writer):
        writer.write(put(bytes(1 * MIB))[:-1])
        await until(lambda: len(listener.calls.parts_named) == 1)
    await until(lambda: listener.server.connections() == 0)
    assert not listener.calls.asked


async def test_a_part_takes_little_memory_however_long_it_is(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    """Four parts at once find room where one delivery of their length would not."""
    limits = ListenerLimits(buffered_bytes_per_peer=12 * MIB, buffered_bytes=12 * MIB)
    body = bytes(PART_BYTES)
    async with hasty(limits) as running:
        running.calls.gate = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            answers = [
                tasks.create_task(exchange(running.server.port, context, put(body)))
                for _ in range(4)
            ]
            await until(lambda: len(running.calls.asked) == 4)
            one_more = await exchange(running.server.port, context, put(body))
            assert code_of(one_more) == (429, "quota")
            running.calls.gate.set()
        for one in answers:
            assert one.result().startswith(b"HTTP/1.1 200 ")
        again = await exchange(running.server.port, context, put(body))
        assert again.startswith(b"HTTP/1.1 200 ")


async def test_a_small_part_takes_no_more_room_than_it_is_long(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    async with hasty(ListenerLimits(buffered_bytes_per_peer=64 * KIB)) as running:
        sent = put(bytes(60 * KIB))
        answer = await exchange(running.server.port, context, sent)
        assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_part_that_the_flow_did_not_read_ends_the_connection(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    listener.calls.reads_parts = False
    listener.calls.error = QuotaError("no")
    sent = put(bytes(2 * MIB)).replace(b"Connection: close\r\n", b"")
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(sent[:-MIB])
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"Connection: close\r\n" in answer


ERRORS: list[tuple[GatewayError, int]] = [
    (PartMismatchError("a secret"), 422),
    (PartConflictError("a secret"), 409),
    (RootMismatchError("a secret"), 422),
    (NoSuchMessageError("a secret"), 404),
    (MaintenanceError("a secret"), 503),
    (DiskReserveError("a secret"), 503),
    (BlobError("a secret"), 503),
]


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case[0].code)
async def test_what_is_wrong_with_a_part_is_told_by_its_code(
    listener: Listener,
    context: ssl.SSLContext,
    case: tuple[GatewayError, int],
) -> None:
    listener.calls.error, status = case
    answer = await exchange(listener.server.port, context, put(BODY))
    assert code_of(answer) == (status, case[0].code)
    assert b"secret" not in answer
