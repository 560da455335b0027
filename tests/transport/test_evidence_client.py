"""Sending parts of evidence: beside the messages, as a stream, with true causes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.core.errors import (
    BlobError,
    DiskReserveError,
    GatewayError,
    NoSuchMessageError,
    PartConflictError,
    PartMismatchError,
    RootMismatchError,
    UnreachableError,
)
from gateway.core.limits import MIB, PART_BYTES
from gateway.core.values import AuthorityId, MessageId
from gateway.ports.peers import PartName
from gateway.transport.limits import ClientLimits
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import Ca
from tests.support.peer_net import HOST, PARTS_REPLY, Listener, listening, until
from tests.transport.test_peer_client import Caller

OURS = AuthorityId("moj.aa")
MESSAGE = MessageId("01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a")
AID = "0123456789abcdef" * 2
BODY = bytes(range(256)) * 4096
LIMITS = ClientLimits(
    connect_timeout_s=0.5,
    total_timeout_s=0.3,
    part_timeout_s=1.2,
)


@pytest.fixture
async def listener(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> AsyncIterator[Listener]:
    async with listening(our_identity, trust) as running:
        yield running


@pytest.fixture
async def caller(theirs: Ca, tmp_path: Path) -> AsyncIterator[Caller]:
    made = Caller(theirs, tmp_path, LIMITS)
    yield made
    await made.client.close()


def part(body: bytes = BODY, index: int = 0) -> PartName:
    return PartName(MESSAGE, AID, index, hashlib.sha256(body).digest(), len(body))


def giving(
    body: bytes = BODY,
    length: int = 65_536,
) -> Callable[[], AsyncIterator[bytes]]:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), length):
            yield body[at : at + length]

    return chunks


@pytest.mark.parametrize("length", [1, 1 * MIB, PART_BYTES])
async def test_a_part_arrives_byte_for_byte_under_its_name(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    length: int,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    body = (BODY * 8)[:length]
    reply = await client.put_part(OURS, part(body, 7), giving(body))
    assert reply.status == "stored"
    assert listener.calls.parts_named == [part(body, 7)]
    assert listener.calls.asked[0][2] == body


async def test_an_announcement_brings_what_is_missing(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    assert await client.announce_parts(OURS, b"{}") == PARTS_REPLY
    assert listener.calls.asked[0][2] == b"{}"


async def test_small_messages_do_not_wait_for_evidence(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    """Whatever goes on there: they have connections of their own."""
    client = await caller.knows(ours.peer(listener.url))
    held = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield BODY[:1000]
        await held.wait()
        yield BODY[1000:]

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(client.put_part(OURS, part(), slowly))
        await until(lambda: len(listener.calls.parts_named) == 4)
        for _ in range(3):
            await client.ping(OURS)
        assert listener.server.connections() == 5
        held.set()
    assert len(listener.calls.asked) == 7


async def test_evidence_keeps_its_connections(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    for _ in range(3):
        await client.put_part(OURS, part(), giving())
        await client.announce_parts(OURS, b"{}")
    assert listener.server.connections() == 1


async def test_a_part_has_more_time_than_a_message(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))

    async def slowly() -> AsyncIterator[bytes]:
        yield BODY[:1000]
        await asyncio.sleep(0.5)
        yield BODY[1000:]

    assert (await client.put_part(OURS, part(), slowly)).status == "stored"


@pytest.mark.parametrize(
    "error",
    [
        PartMismatchError("x"),
        PartConflictError("x"),
        RootMismatchError("x"),
        NoSuchMessageError("x"),
        DiskReserveError("x", retry_after_s=9),
        BlobError("x", retry_after_s=9),
    ],
    ids=lambda error: error.code,
)
@pytest.mark.parametrize("is_read", [True, False])
async def test_a_refused_part_comes_back_as_its_error(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    error: GatewayError,
    *,
    is_read: bool,
) -> None:
    listener.calls.error, listener.calls.reads_parts = error, is_read
    client = await caller.knows(ours.peer(listener.url))
    with pytest.raises(type(error)) as caught:
        await client.put_part(OURS, part(BODY * 8), giving(BODY * 8))
    assert vars(caught.value) == vars(error)


async def test_a_disk_of_ours_that_fails_is_not_taken_for_the_peer(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))

    async def failing() -> AsyncIterator[bytes]:
        yield BODY[:1000]
        raise BlobError("blob: I/O error")

    with pytest.raises(BlobError, match="I/O error"):
        await client.put_part(OURS, part(), failing)
    assert not listener.calls.asked
    await client.put_part(OURS, part(), giving())


async def test_the_next_address_gets_the_part_from_its_start(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    peer = ours.peer(f"https://{HOST}:1", listener.url)
    client = await caller.knows(peer)
    await client.put_part(OURS, part(), giving())
    assert listener.calls.asked[0][2] == BODY


async def test_a_part_that_gives_less_than_it_is_long_is_not_taken(
    listener: Listener,
    caller: Caller,
    ours: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    with pytest.raises(UnreachableError):
        await client.put_part(OURS, part(), giving(BODY[:-1]))
    assert not listener.calls.asked


async def test_new_trust_ends_the_connections_of_evidence_too(
    listener: Listener,
    caller: Caller,
    ours: Ca,
    theirs: Ca,
) -> None:
    client = await caller.knows(ours.peer(listener.url))
    await client.put_part(OURS, part(), giving())
    await client.ping(OURS)
    assert listener.server.connections() == 2
    await caller.client.reload(TlsTrust.load([theirs.peer()]))
    await until(lambda: listener.server.connections() == 0)
    with pytest.raises(UnreachableError, match="not an active peer"):
        await client.put_part(OURS, part(), giving())
