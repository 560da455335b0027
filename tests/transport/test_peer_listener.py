"""What a proven peer may send, and what it gets for anything else."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from gateway.core import canonical
from gateway.core.errors import (
    GatewayError,
    LogOutOfStepError,
    MaintenanceError,
    MalformedError,
    NotAllowedError,
    QuotaError,
    StoreError,
)
from gateway.core.limits import KIB, MAX_CARD_BYTES, MAX_DELIVERY_BYTES
from gateway.core.protocol import PROBLEM_MEDIA_TYPE
from gateway.transport.limits import ListenerLimits
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import Ca
from tests.support.peer_net import (
    CARD,
    DELIVERY_REPLY,
    EVENTS_REPLY,
    PING,
    PING_REPLY,
    Listener,
    connected,
    exchange,
    listening,
    request,
    until,
)


class Patience:
    """Limits of which one is short, so that no other can do its work."""

    HEADER = ListenerLimits(header_timeout_s=0.1)
    IDLE = ListenerLimits(idle_timeout_s=0.1)
    BODY = ListenerLimits(body_timeout_s=0.1)
    RATE = ListenerLimits(rate_window_s=0.1, min_rate_bytes_s=1_000)
    WRITE = ListenerLimits(write_timeout_s=0.1)
    ROOM = ListenerLimits(buffered_bytes_per_peer=6 * KIB)
    ROOM_FOR_ALL = ListenerLimits(buffered_bytes=6 * KIB)


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


Listening = Callable[[ListenerLimits], AbstractAsyncContextManager[Listener]]


@pytest.fixture
def hasty(our_identity: TlsIdentity, trust: TlsTrust) -> Listening:
    """Listeners with little patience or room."""
    return partial(listening, our_identity, trust)


def split(answer: bytes) -> tuple[int, str, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, head.decode(), body


def code_of(answer: bytes) -> tuple[int, str]:
    status, head, body = split(answer)
    assert f"Content-Type: {PROBLEM_MEDIA_TYPE}" in head
    problem = json.loads(body)
    assert problem["status"] == status
    return status, problem["code"]


def post(path: str, media_type: str, body: bytes, *headers: str) -> bytes:
    return request(
        "POST",
        path,
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        *headers,
        body=body,
    )


CALLS = {
    "ping": (PING, canonical.encode(PING_REPLY), b""),
    "card": (request("GET", "/mla/1/card"), CARD, b""),
    "accept_card": (
        post("/mla/1/card", "application/mla-card", b"abc"),
        b'{"number":3}',
        b"abc",
    ),
    "deliver": (
        post("/mla/1/deliver", "application/mla-delivery", b"head\nrest"),
        canonical.encode(DELIVERY_REPLY),
        b"head\nrest",
    ),
    "events": (
        post("/mla/1/events", "application/json", b"{}"),
        canonical.encode(EVENTS_REPLY),
        b"{}",
    ),
    "missing_numbers": (
        request("GET", "/mla/1/missing"),
        b'{"missing":[[3,5]]}',
        b"",
    ),
    "log_checkpoint": (
        request("GET", "/mla/1/log/checkpoint"),
        b"origin\n1\nroot\n",
        b"",
    ),
    "log_seen": (request("GET", "/mla/1/log/seen"), b"origin\n1\nroot\n", b""),
    "log_first": (request("GET", "/mla/1/log/first"), b"proof\n", b""),
    "log_tile": (
        request("GET", "/mla/1/log/tile/0/x001/234.p/5"),
        b"\0" * 32,
        b"tile/0/x001/234.p/5",
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_every_call_reaches_its_flow_with_the_proven_peer(
    name: str,
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    sent, expected, body = CALLS[name]
    status, head, answer = split(await exchange(listener.server.port, context, sent))
    assert (status, answer) == (200, expected)
    assert "aiohttp" not in head
    ((asked, peer, got),) = listener.calls.asked
    assert (asked, peer.authority, got) == (name, "moj.bb", body)


async def test_one_connection_carries_many_calls(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    sent = request("GET", "/mla/1/ping", closing=False)
    body = post("/mla/1/events", "application/json", b"{}").replace(
        b"Connection: close\r\n",
        b"",
    )
    async with connected(listener.server.port, context) as (reader, writer):
        for part in (sent, body, sent + body, sent):
            writer.write(part)
        for _ in range(5):
            await reader.readuntil(b"HTTP/1.1 200 OK")
        assert listener.server.connections() == 1
    assert len(listener.calls.asked) == 5


NOTHING = [
    "GET /",
    "GET /mla/1/",
    "GET /mla/1/ping/",
    "GET /mla/1/ping?x=1",
    "GET /mla/1//ping",
    "GET /mla/1/./ping",
    "GET /mla/1/%70ing",
    "GET /mla/1/PING",
    "GET https://x/mla/1/ping",
    "POST /mla/1/ping",
    "GET /mla/1/deliver",
    "DELETE /mla/1/card",
    "OPTIONS *",
    "GET /api/v1/messages",
    "GET /mla/1/log/tile/entries/000",
    "GET /mla/1/log/tile/0/../../x",
    "GET /mla/1/log/tile/0/1",
    "GET /mla/1/log/tile/64/000",
    "GET /mla/1/log/tile/",
]


@pytest.mark.parametrize("line", NOTHING)
async def test_what_is_not_a_call_is_not_there(
    line: str,
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    answer = await exchange(listener.server.port, context, request(*line.split()))
    assert code_of(answer) == (404, "not-found")
    assert not listener.calls.asked


DELIVER = "/mla/1/deliver"
KIND = "application/mla-delivery"
TYPE = f"Content-Type: {KIND}"

MALFORMED = {
    "compressed": post(DELIVER, KIND, b"x", "Content-Encoding: gzip"),
    "chunked": request(
        "POST",
        DELIVER,
        TYPE,
        "Transfer-Encoding: chunked",
        body=b"1\r\nx\r\n0\r\nTrailer: x\r\n\r\n",
    ),
    "of another kind": post(DELIVER, "application/json", b"x"),
    "of no kind": request("POST", DELIVER, "Content-Length: 1", body=b"x"),
    "of two kinds": post(DELIVER, KIND, b"x", TYPE),
    "with parameters": post(DELIVER, f"{KIND}; charset=utf-8", b"x"),
    "without a length": request("POST", DELIVER, TYPE),
    "with two lengths": post(DELIVER, KIND, b"x", "Content-Length: 2"),
    "with a negative length": request("POST", DELIVER, TYPE, "Content-Length: -1"),
    "length and chunks": post(DELIVER, KIND, b"x", "Transfer-Encoding: chunked"),
    "upgrading": request("GET", "/mla/1/ping", "Upgrade: websocket"),
    "upgrading to HTTP/2": request("GET", "/mla/1/ping", "Upgrade: h2c"),
    "HTTP/1.0": PING.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "65 headers": request("GET", "/mla/1/ping", *["X: 1"] * 65),
    "a folded header": request("GET", "/mla/1/ping", "X: 1", " 2"),
    "a header without a name": request("GET", "/mla/1/ping", ": 1"),
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_a_request_with_a_second_meaning_is_malformed(
    case: str,
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    answer = await exchange(listener.server.port, context, MALFORMED[case])
    assert code_of(answer) == (400, "malformed")
    assert not listener.calls.asked


TOO_LARGE = {
    "a delivery": request(
        "POST",
        DELIVER,
        TYPE,
        f"Content-Length: {MAX_DELIVERY_BYTES + 1}",
    ),
    "a card": request(
        "POST",
        "/mla/1/card",
        "Content-Type: application/mla-card",
        f"Content-Length: {MAX_CARD_BYTES + 1}",
    ),
    "a body where none belongs": request("GET", "/mla/1/ping", "Content-Length: 1"),
    "a header line": request("GET", "/mla/1/ping", f"X: {'x' * 9 * KIB}"),
    "a request line": request("GET", f"/{'x' * 9 * KIB}"),
    "a header block": request(
        "GET",
        "/mla/1/ping",
        *[f"X-{at}: {'x' * 4 * KIB}" for at in range(5)],
    ),
}


@pytest.mark.parametrize("case", TOO_LARGE)
async def test_what_is_over_its_limit_is_refused_before_it_is_read(
    case: str,
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    async with (
        asyncio.timeout(2),
        connected(listener.server.port, context) as (
            reader,
            writer,
        ),
    ):
        writer.write(TOO_LARGE[case])
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}")
    assert code_of(head + body) == (413, "too-large")
    assert not listener.calls.asked


async def test_a_header_that_never_ends_is_cut_off(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    sent = b"GET /mla/1/ping HTTP/1.1\r\n" + b"X: " + b"x" * KIB
    more = b"\r\nX: " + b"x" * KIB
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(sent)
        for _ in range(20):
            await asyncio.sleep(0.002)
            writer.write(more)
        async with asyncio.timeout(2):
            with pytest.raises(ConnectionError):
                _refuse_empty(await reader.read())


async def test_the_largest_body_arrives_whole(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    body = bytes(range(256)) * (MAX_DELIVERY_BYTES // 256)
    sent = post(DELIVER, KIND, body)
    status, _, _ = split(await exchange(listener.server.port, context, sent))
    assert status == 200
    assert listener.calls.asked[0][2] == body


# --- patience ---


HALF_A_HEADER = b"GET /mla/1/ping HTTP/1.1\r\nX: "
HALF_A_BODY = post(DELIVER, KIND, b"1234")[:-2]
STOPS = {
    "before its header": (b"", Patience.HEADER),
    "in its header": (HALF_A_HEADER, Patience.HEADER),
    "in its body": (HALF_A_BODY, Patience.IDLE),
    "in its body, however patient we are in between": (HALF_A_BODY, Patience.BODY),
}


@pytest.mark.parametrize("case", STOPS)
async def test_who_stops_sending_is_cut_off(
    case: str,
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    sent, limits = STOPS[case]
    async with hasty(limits) as running, asyncio.timeout(2):
        assert await exchange(running.server.port, context, sent) == b""
        await until(lambda: running.server.connections() == 0)
        assert not running.calls.asked


async def test_a_dripping_header_is_cut_off(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    """On a connection that was used before, too."""
    async with (
        hasty(Patience.HEADER) as running,
        connected(running.server.port, context) as (reader, writer),
    ):
        writer.write(request("GET", "/mla/1/ping", closing=False))
        await reader.readuntil(canonical.encode(PING_REPLY))
        await asyncio.sleep(0.15)
        assert running.server.connections() == 1
        for byte in b"GET /mla/1/pi":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        await until(lambda: running.server.connections() == 0)
        assert len(running.calls.asked) == 1


async def test_a_dripping_body_is_cut_off(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    head = post(DELIVER, KIND, b"x" * 5_000)[:-5_000]
    async with (
        hasty(Patience.RATE) as running,
        connected(running.server.port, context) as (_, writer),
    ):
        writer.write(head)
        for _ in range(12):
            writer.write(b"x")
            await asyncio.sleep(0.02)
        await until(lambda: running.server.connections() == 0)
        assert not running.calls.asked


async def test_a_steady_body_is_waited_for(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    sent = post(DELIVER, KIND, b"x" * 5_000)
    async with (
        hasty(Patience.RATE) as running,
        connected(running.server.port, context) as (reader, writer),
    ):
        for start in range(0, len(sent), 500):
            writer.write(sent[start : start + 500])
            await asyncio.sleep(0.02)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_an_idle_connection_ends(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    async with (
        asyncio.timeout(2),
        hasty(Patience.IDLE) as running,
        connected(running.server.port, context) as (reader, writer),
    ):
        writer.write(request("GET", "/mla/1/ping", closing=False))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_who_does_not_take_its_answer_is_cut_off(
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    async with hasty(Patience.WRITE) as running:
        running.calls.card_bytes = bytes(64 * 1024 * KIB)
        async with connected(running.server.port, context) as (_, writer):
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # typed as write-only
            writer.write(request("GET", "/mla/1/card"))
            await until(lambda: running.server.connections() == 1)
            await until(lambda: running.server.connections() == 0)


# --- room ---


@pytest.mark.parametrize("limits", [Patience.ROOM, Patience.ROOM_FOR_ALL])
async def test_bodies_that_find_no_room_come_back_later(
    limits: ListenerLimits,
    hasty: Listening,
    context: ssl.SSLContext,
) -> None:
    big = post(DELIVER, KIND, b"x" * 4 * KIB)
    async with hasty(limits) as running:
        port = running.server.port
        running.calls.gate = asyncio.Event()
        async with connected(port, context) as (reader, writer):
            writer.write(big)
            await until(lambda: len(running.calls.asked) == 1)
            answer = await exchange(port, context, big)
            assert code_of(answer) == (429, "quota")
            assert "Retry-After: 5" in split(answer)[1]
            running.calls.gate.set()
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        assert (await exchange(port, context, big)).startswith(b"HTTP/1.1 200 ")


async def test_a_body_that_was_not_read_ends_the_connection(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    """What follows must never be taken for the next request."""
    head = request(
        "POST",
        DELIVER,
        "Content-Type: text/plain",
        f"Content-Length: {len(PING)}",
        closing=False,
    )
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b"Connection: close\r\n" in answer
        writer.write(PING + PING)
        assert b"HTTP/1.1" not in await reader.read()
    assert not listener.calls.asked


# --- errors of the flows ---


ERRORS = [
    (MalformedError("a secret"), 400, "malformed"),
    (NotAllowedError("a secret"), 403, "not-allowed"),
    (LogOutOfStepError("a secret", seen=41), 409, "log-out-of-step"),
    (QuotaError("a secret", retry_after_s=7), 429, "quota"),
    (MaintenanceError("a secret", retry_after_s=7), 503, "maintenance"),
    (StoreError("a secret"), 500, "internal"),
    (RuntimeError("a secret"), 500, "internal"),
    (TimeoutError("a secret"), 500, "internal"),
    (ConnectionResetError("a secret"), 500, "internal"),
]


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: type(case[0]).__name__)
async def test_an_error_is_told_by_its_code_and_nothing_else(
    case: tuple[Exception, int, str],
    listener: Listener,
    context: ssl.SSLContext,
    capsys: pytest.CaptureFixture[str],
) -> None:
    listener.calls.error, status, code = case
    answer = await exchange(listener.server.port, context, PING)
    assert code_of(answer) == (status, code)
    assert b"secret" not in answer
    if code == "internal":
        assert "peer_call_failed" in capsys.readouterr().out or isinstance(
            case[0],
            GatewayError,
        )
    fields = json.loads(split(answer)[2])
    assert fields.get("seen") == (41 if code == "log-out-of-step" else None)
    assert ("Retry-After: 7" in split(answer)[1]) is (status in {429, 503})


async def test_a_refused_call_leaves_the_connection_usable(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    listener.calls.error = MalformedError("no")
    sent = post("/mla/1/events", "application/json", b"{}").replace(
        b"Connection: close\r\n",
        b"",
    )
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(sent)
        await reader.readuntil(b"}")
        listener.calls.error = None
        writer.write(PING)
        assert b"HTTP/1.1 200 OK" in await reader.read()


# --- stopping ---


async def test_draining_lets_a_call_be_answered_and_takes_no_other(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    listener.calls.gate = gate = asyncio.Event()
    port = listener.server.port
    async with (
        connected(port, context) as (reader, writer),
        connected(port, context) as (idle, _),
        asyncio.TaskGroup() as tasks,
    ):
        writer.write(PING)
        await until(lambda: len(listener.calls.asked) == 1)
        tasks.create_task(listener.server.drain(5))
        await asyncio.sleep(0.02)
        assert await exchange(port, context, PING) == b""
        gate.set()
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        assert await idle.read() == b""
    assert len(listener.calls.asked) == 1


async def test_draining_ends_in_time(
    listener: Listener,
    context: ssl.SSLContext,
) -> None:
    listener.calls.gate = asyncio.Event()
    async with connected(listener.server.port, context) as (_, writer):
        writer.write(PING)
        await until(lambda: len(listener.calls.asked) == 1)
        async with asyncio.timeout(2):
            await listener.server.drain(0.05)
        await until(lambda: listener.server.connections() == 0)


def _refuse_empty(answer: bytes) -> None:
    if not answer:
        raise ConnectionResetError("closed without an answer")


async def test_another_version_of_the_protocol_is_told_apart(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    answer = await exchange(
        listener.server.port,
        theirs.issue().client_context(tmp_path),
        PING.replace(b"/mla/1/", b"/mla/2/"),
    )
    assert code_of(answer) == (426, "version")
