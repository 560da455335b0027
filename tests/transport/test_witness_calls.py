"""Asking witnesses over real connections: peers by mutual TLS, others by HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from gateway.core.errors import MalformedError, NotFoundError, UnreachableError
from gateway.core.gossip import GossipReply
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.core.protocol import Consistency
from gateway.core.values import AuthorityId
from gateway.ports.witness import WitnessAnswer
from gateway.transport.peer_client import PeerClient
from gateway.transport.strangers import Strangers
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from gateway.transport.witness_client import WitnessClient
from tests.support.certificates import Ca
from tests.support.peer_net import HOST, Listener, WallClock, listening

OURS = AuthorityId("moj.aa")


@pytest.fixture
async def listener(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> AsyncIterator[Listener]:
    async with listening(our_identity, trust) as running:
        yield running


@pytest.fixture
async def client(
    listener: Listener,
    ours: Ca,
    theirs: Ca,
    tmp_path: Path,
) -> AsyncIterator[PeerClient]:
    made = PeerClient(WallClock(), strangers=Strangers())
    identity = theirs.issue().identity(tmp_path)
    await made.open(identity, TlsTrust.load([ours.peer(listener.url)]))
    yield made
    await made.close()


@pytest.mark.parametrize(
    "answer",
    [
        WitnessAnswer(200, b"line\n"),
        WitnessAnswer(409, b"17\n"),
        WitnessAnswer(422, b"the proof does not hold\n"),
        WitnessAnswer(503, b"later\n", retry_after_s=240),
    ],
    ids=lambda answer: str(answer.status),
)
async def test_a_peers_answer_arrives_as_it_was_given(
    listener: Listener,
    client: PeerClient,
    answer: WitnessAnswer,
) -> None:
    listener.calls.witness_answer = answer

    assert await client.add_checkpoint(OURS, b"old 0\n\nnote") == answer

    name, _, body = listener.calls.asked[-1]
    assert (name, body) == ("add_checkpoint", b"old 0\n\nnote")


async def test_a_refusal_of_the_protocol_is_an_answer_too(
    listener: Listener,
    client: PeerClient,
) -> None:
    listener.calls.error = NotFoundError("no such log")

    answer = await client.add_checkpoint(OURS, b"old 0\n\nnote")

    assert answer.status == 404
    assert b'"not-found"' in answer.body


async def test_consistency_and_gossip_come_back_as_sent(
    listener: Listener,
    client: PeerClient,
) -> None:
    assert await client.log_consistency(OURS, 3, 9) == Consistency(
        from_size=3,
        proof=[],
    )
    assert await client.gossip(OURS, b"{}") == GossipReply(
        conflicts=["moj.aa/audit/1"],
    )
    asked = [(name, body) for name, _, body in listener.calls.asked]
    assert asked == [("log_consistency", b"3/9"), ("gossip", b"{}")]


# --- witnesses that are no peers ---


@asynccontextmanager
async def witness(status: int, body: bytes, **headers: str) -> AsyncIterator[str]:
    """Run a witness that answers everything the same way; give its address."""

    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/w/add-checkpoint"
        assert await request.read() == b"old 0\n\nnote"
        return web.Response(status=status, body=body, headers=headers)

    app = web.Application()
    app.router.add_post("/w/add-checkpoint", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://{HOST}:{port}/w"
    finally:
        await runner.cleanup()


async def test_an_outside_witness_is_asked_below_its_address() -> None:
    async with witness(409, b"5\n", **{"Retry-After": "12"}) as url:
        answer = await WitnessClient().add_checkpoint(url + "/", b"old 0\n\nnote")
    assert answer == WitnessAnswer(409, b"5\n", 12)


async def test_an_outside_witness_can_not_send_us_elsewhere() -> None:
    async with witness(307, b"", Location="http://127.0.0.1:1/x") as url:
        answer = await WitnessClient().add_checkpoint(url, b"old 0\n\nnote")
    assert answer.status == 307


async def test_an_answer_over_its_limit_is_not_read() -> None:
    async with witness(200, b"x" * (MAX_NOTE_BYTES + 1)) as url:
        with pytest.raises(MalformedError):
            await WitnessClient().add_checkpoint(url, b"old 0\n\nnote")


async def test_an_encoded_answer_is_refused() -> None:
    async with witness(200, b"x", **{"Content-Encoding": "br"}) as url:
        with pytest.raises(MalformedError):
            await WitnessClient().add_checkpoint(url, b"old 0\n\nnote")


async def test_a_witness_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(UnreachableError):
        await WitnessClient().add_checkpoint("http://127.0.0.1:1", b"")
