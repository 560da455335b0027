"""Calls to peers: who is believed, and what every failure is called."""

import asyncio
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.core.errors import (
    GatewayError,
    LogOutOfStepError,
    LogProofError,
    MalformedError,
    QuotaError,
    UnreachableError,
)
from gateway.core.limits import MAX_REPLY_BYTES, MIB
from gateway.core.values import AuthorityId
from gateway.ports.peers import PeerTransport
from gateway.transport.limits import ClientLimits
from gateway.transport.peer_client import PeerClient
from gateway.transport.strangers import Strangers
from gateway.transport.tls import TlsIdentity, server_context
from gateway.transport.trust import TlsPeer, TlsTrust
from tests.support.certificates import DAY, Ca, Issued, names_with_bad_text
from tests.support.peer_net import (
    CARD,
    DELIVERY_REPLY,
    EVENTS_REPLY,
    HOST,
    PING_REPLY,
    Listener,
    WallClock,
    listening,
    until,
)

OURS = AuthorityId("moj.aa")
LIMITS = ClientLimits(connect_timeout_s=0.3, total_timeout_s=0.6)


@pytest.fixture
async def listener(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> AsyncIterator[Listener]:
    async with listening(our_identity, trust) as running:
        yield running


class Caller:
    """A client of the calling authority."""

    def __init__(self, ca: Ca, folder: Path, limits: ClientLimits) -> None:
        self.clock = WallClock()
        self.strangers = Strangers()
        self.client = PeerClient(self.clock, strangers=self.strangers, limits=limits)
        self.identity = ca.issue().identity(folder)

    async def knows(self, *peers: TlsPeer) -> PeerTransport:
        await self.client.open(self.identity, TlsTrust.load(peers))
        return self.client


@pytest.fixture
async def caller(theirs: Ca, tmp_path: Path) -> AsyncIterator[Caller]:
    made = Caller(theirs, tmp_path, LIMITS)
    yield made
    await made.client.close()


async def test_every_call_brings_its_answer(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    assert await client.ping(OURS) == PING_REPLY
    assert (await client.missing_numbers(OURS)).missing == [(3, 5)]
    assert await client.deliver(OURS, b"head\nrest") == DELIVERY_REPLY
    assert await client.events(OURS, b"{}") == EVENTS_REPLY
    assert await client.fetch_card(OURS) == CARD
    assert (await client.push_card(OURS, b"card")).number == 3
    assert await client.log_seen(OURS) == b"origin\n1\nroot\n"
    assert await client.log_first(OURS) == b"proof\n"
    assert [name for name, _, _ in listener.calls.asked] == [
        "ping",
        "missing_numbers",
        "deliver",
        "events",
        "card",
        "accept_card",
        "log_seen",
        "log_first",
    ]
    assert {peer.authority for _, peer, _ in listener.calls.asked} == {"moj.bb"}


async def test_calls_share_one_connection(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    for _ in range(5):
        await client.ping(OURS)
        await client.deliver(OURS, b"x")
    assert listener.server.connections() == 1


async def test_a_full_batch_goes_through(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    body = bytes(16 * MIB)
    await (await caller.knows(ours.peer(listener.url))).deliver(OURS, body)
    assert listener.calls.asked[0][2] == body


async def test_the_next_address_is_tried(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    peer = ours.peer(f"https://{HOST}:{_free_port()}", "http://x", listener.url)
    assert await (await caller.knows(peer)).ping(OURS) == PING_REPLY


# --- refusals of the peer ---


@pytest.mark.parametrize(
    "error",
    [
        LogProofError("x"),
        LogOutOfStepError("x", seen=5),
        QuotaError("x", retry_after_s=9),
    ],
    ids=lambda error: error.code,
)
async def test_a_refusal_comes_back_as_its_error(
    error: GatewayError,
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    listener.calls.error = error
    client = await caller.knows(ours.peer(listener.url))
    with pytest.raises(type(error)) as caught:
        await client.deliver(OURS, b"x")
    assert vars(caught.value) == vars(error)


async def test_a_refusal_before_the_body_is_read_is_still_heard(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    with pytest.raises(GatewayError) as caught:
        await client.deliver(OURS, bytes(17 * MIB))
    assert caught.value.code == "too-large"


# --- failures on the way ---


async def fails(client: PeerTransport) -> str:
    with pytest.raises(UnreachableError) as caught:
        await client.ping(OURS)
    return str(caught.value)


async def test_nobody_listens(caller: Caller, ours: Ca) -> None:
    client = await caller.knows(ours.peer(f"https://{HOST}:{_free_port()}"))
    assert (await fails(client)).startswith("connection refused: ")


async def test_no_such_name(caller: Caller, ours: Ca) -> None:
    client = await caller.knows(ours.peer("https://gateway.invalid:1"))
    assert (await fails(client)).startswith(("name resolution: ", "timeout: "))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://",
        "https://[",
        "ftp://x",
        "HTTPS://x",
        "//x",
        "https://u@x",
        "https://x:99999",
        "https://x:y",
        "https://x/?q",
        "https://x/#f",
    ],
)
async def test_no_usable_address(url: str, caller: Caller, ours: Ca) -> None:
    assert "no address" in await fails(await caller.knows(ours.peer()))
    assert "no address" in await fails(await caller.knows(ours.peer(url)))


async def test_a_plain_address_is_never_called(caller: Caller, ours: Ca) -> None:
    async with answering_plainly() as (url, asked):
        client = await caller.knows(ours.peer(url))
        assert "no address" in await fails(client)
        assert not asked


async def test_a_peer_that_is_not_known(caller: Caller, theirs: Ca) -> None:
    client = await caller.knows(theirs.peer())
    assert "not an active peer" in await fails(client)


async def test_a_silent_handshake_times_out(caller: Caller, ours: Ca) -> None:
    with socket.create_server((HOST, 0)) as silent:
        client = await caller.knows(
            ours.peer(f"https://{HOST}:{silent.getsockname()[1]}"),
        )
        assert (await fails(client)).startswith("timeout: ")


async def test_a_late_answer_times_out(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    listener.calls.gate = asyncio.Event()
    client = await caller.knows(ours.peer(listener.url))
    assert (await fails(client)) == "timeout: no answer within 0.6 s"


async def test_a_peer_that_has_not_added_us(
    our_identity: TlsIdentity,
    caller: Caller,
    ours: Ca,
) -> None:
    async with listening(our_identity, TlsTrust.load([ours.peer()])) as running:
        client = await caller.knows(ours.peer(running.url))
        message = await fails(client)
    assert message.startswith("refused by them: ")
    assert "not have added us" in message


async def test_a_peer_that_took_us_out(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
) -> None:
    await listener.server.reload(TlsTrust.load([theirs.peer(may_call=False)]))
    client = await caller.knows(ours.peer(listener.url))
    assert (await fails(client)).startswith("refused by them: ")


def impostors(ours: Ca, theirs: Ca) -> dict[str, tuple[Issued, str]]:
    return {
        "another trusted peer": (theirs.issue(), "certificate"),
        "another peer's CA naming the dialled one": (
            theirs.bent(names=["moj.aa"]),
            "certificate",
        ),
        "a stranger": (Ca("moj.aa").issue(), "certificate"),
        "the dialled peer under another name": (
            ours.bent(names=["moj.cc"]),
            "Hostname mismatch",
        ),
        "two names": (
            ours.bent(names=["moj.aa", "moj.bb"]),
            "2 DNS names",
        ),
        "a wildcard": (ours.bent(names=["*.aa"]), "Hostname mismatch"),
        "a client": (
            ours.bent(uses=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
            "purpose",
        ),
        "no stated use": (ours.bent(uses=()), "what it is for"),
        "a name that is not text": (
            ours.bent(raw_names=names_with_bad_text("moj.aa")),
            "cannot be read",
        ),
        "expired": (
            ours.bent(ends=-timedelta(hours=1)),
            "expired",
        ),
    }


@pytest.mark.parametrize("kind", impostors(Ca("moj.aa"), Ca("moj.bb")))
async def test_an_impostor_gets_no_byte(
    kind: str,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
    trust: TlsTrust,
    tmp_path: Path,
) -> None:
    impostor, reason = impostors(ours, theirs)[kind]
    async with listening(impostor.identity(tmp_path), trust) as running:
        client = await caller.knows(ours.peer(running.url), theirs.peer())
        message = await fails(client)
        assert message.startswith("refused by us: ")
        assert reason in message
        assert not running.calls.asked
    (stranger,) = caller.strangers.recent()
    assert stranger.fingerprint == hashlib.sha256(impostor.der).hexdigest()
    assert stranger.fingerprint in message


async def test_a_revoked_server_gets_no_byte(
    caller: Caller,
    ours: Ca,
    trust: TlsTrust,
    tmp_path: Path,
) -> None:
    revoked = ours.issue()
    crl = tmp_path / "list.pem"
    crl.write_bytes(ours.crl(revoked.serial))
    async with listening(revoked.identity(tmp_path), trust) as running:
        client = await caller.knows(ours.peer(running.url, crl_file=str(crl)))
        assert "revoked" in await fails(client)
        assert not running.calls.asked


# --- answers that are not of the protocol ---


def answer(*headers: str, status: str = "200 OK", body: bytes = b"{}") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


JSON = "Content-Type: application/json"
PROBLEM = "Content-Type: application/problem+json"

ODD = {
    "a redirect": answer("Location: /elsewhere", status="302 Found"),
    "a kept redirect": answer("Location: /elsewhere", status="307 Kept", body=b""),
    "compressed": answer(JSON, "Content-Encoding: gzip", body=b"\x1f\x8b\x08"),
    "of another kind": answer("Content-Type: text/html", body=b"<html>"),
    "of no kind": answer(),
    "of two kinds": answer(JSON, JSON),
    "not canonical": answer(JSON, body=b'{ "a": 1 }'),
    "of another shape": answer(JSON, body=b'{"a":1}'),
    "empty": answer(JSON, body=b""),
    "without content": answer(JSON, status="204 None", body=b""),
    "a problem that is a success": answer(PROBLEM),
    "a success that is a problem": answer(JSON, status="400 Bad"),
    "a problem of another status": answer(
        PROBLEM,
        status="400 Bad",
        body=b'{"code":"quota","status":429,"title":"x"}',
    ),
    "a huge problem": answer(PROBLEM, status="400 Bad", body=b"x" * 9_000),
    "huge": answer(JSON, body=b"x" * (MAX_REPLY_BYTES + 1)),
    "endless": b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    * 40,
    "a long header": answer(JSON, f"X: {'x' * 9_000}"),
    "many headers": answer(JSON, *["X: 1"] * 80),
    "not HTTP": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
}


@asynccontextmanager
async def answering(
    context: ssl.SSLContext | None,
    reply: bytes,
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Listen, answer anything with `reply`, and keep what was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(reply)
            await writer.drain()
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, HOST, 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if context else 'http'}://{HOST}:{port}", asked


@asynccontextmanager
async def answering_plainly() -> AsyncIterator[tuple[str, list[bytes]]]:
    async with answering(None, answer(JSON)) as started:
        yield started


@pytest.mark.parametrize("case", ODD)
async def test_an_answer_that_is_not_of_the_protocol_is_malformed(
    case: str,
    caller: Caller,
    ours: Ca,
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> None:
    context = server_context(our_identity, trust)
    async with answering(context, ODD[case]) as (url, asked):
        client = await caller.knows(ours.peer(url))
        with pytest.raises(MalformedError):
            await client.ping(OURS)
        assert len(asked) == 1


async def test_an_answer_that_breaks_off_is_no_answer(
    caller: Caller,
    ours: Ca,
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> None:
    half = answer(JSON, body=b"x" * 100)[:-50]
    context = server_context(our_identity, trust)
    async with answering(context, half) as (url, _):
        client = await caller.knows(ours.peer(url))
        assert "timeout" in await fails(client)


async def test_nothing_of_the_environment_is_used(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{HOST}:{_free_port()}")
    monkeypatch.setenv("NETRC", "/nowhere")
    client = await caller.knows(ours.peer(listener.url))
    assert await client.ping(OURS) == PING_REPLY


async def test_what_is_sent_says_little(
    caller: Caller,
    ours: Ca,
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> None:
    context = server_context(our_identity, trust)
    async with answering(context, answer(JSON)) as (url, asked):
        client = await caller.knows(ours.peer(url))
        with pytest.raises(MalformedError):
            await client.ping(OURS)
    assert b"Python" not in asked[0]
    assert b"Accept-Encoding: identity\r\n" in asked[0]


# --- trust that changes ---


async def test_a_removed_peer_is_hung_up_on(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    await client.ping(OURS)
    assert listener.server.connections() == 1
    await caller.client.reload(TlsTrust.load([]))
    await until(lambda: listener.server.connections() == 0)
    assert "not an active peer" in await fails(client)


async def test_a_call_under_way_to_a_removed_peer_has_no_outcome(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    listener.calls.gate = asyncio.Event()
    client = await caller.knows(ours.peer(listener.url))
    async with asyncio.TaskGroup() as tasks:
        failing = tasks.create_task(fails(client))
        await until(lambda: len(listener.calls.asked) == 1)
        await caller.client.reload(TlsTrust.load([]))
    assert "timeout" not in failing.result()


async def test_other_peers_keep_their_connections(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url), theirs.peer())
    await client.ping(OURS)
    await caller.client.reload(TlsTrust.load([ours.peer(listener.url)]))
    await client.ping(OURS)
    assert listener.server.connections() == 1


async def test_a_renewed_certificate_is_shown_and_calls_under_way_end_well(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    listener.calls.gate = gate = asyncio.Event()
    client = await caller.knows(ours.peer(listener.url))
    renewed = theirs.issue()
    async with asyncio.TaskGroup() as tasks:
        under_way = tasks.create_task(client.ping(OURS))
        await until(lambda: len(listener.calls.asked) == 1)
        await caller.client.reload(
            TlsTrust.load([ours.peer(listener.url)]),
            renewed.identity(tmp_path),
        )
        gate.set()
    assert under_way.result() == PING_REPLY
    await until(lambda: listener.server.connections() == 0)
    await client.ping(OURS)
    (connection,) = listener.server._all_live()
    assert connection.certificate == renewed.der


async def test_old_connections_are_made_anew(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    await client.ping(OURS)
    (before,) = listener.server._all_live()
    caller.clock.shift = DAY
    await client.ping(OURS)
    await until(lambda: listener.server.connections() == 1)
    (after,) = listener.server._all_live()
    assert after is not before


async def test_a_restarted_peer_is_found_again(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    await client.ping(OURS)
    await listener.server.reload(TlsTrust.load([ours.peer()]))
    await listener.server.reload(TlsTrust.load([theirs.peer()]))
    await until(lambda: listener.server.connections() == 0)
    await asyncio.sleep(0.02)
    assert await client.ping(OURS) == PING_REPLY


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as free:
        port: int = free.getsockname()[1]
        return port
