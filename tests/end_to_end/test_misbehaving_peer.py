"""A peer with valid keys that lies, against a real node process over real TLS.

The same rules as in `tests/flows/test_misbehaviour.py`; here nothing is left out.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from gateway.assembly.base import tls_trust
from gateway.assembly.node import Node
from gateway.client import calls
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.envelope import SealRequest, seal
from gateway.core.errors import GatewayError
from gateway.core.protocol import DeliveryReply, ItemReply
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import (
    AuthorityId,
    MessageId,
    Priority,
    UnixMs,
    new_uuid7,
    parse_authority_id,
)
from gateway.flows.submission import Submission
from gateway.mla.envelope_fields import Form
from gateway.ports.outbox import DueMessage
from gateway.transport.peer_server import PeerServer
from tests.support.certificates import Ca
from tests.support.edits import (
    edited,
    edited_head,
    edited_item,
    flipped,
    with_checkpoint,
)
from tests.support.forms import in_form, sample
from tests.support.impostor import LyingAnswers, lying_delivery, taken_over
from tests.support.processes import RunningNode, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

Pair = tuple[RunningNode, RunningNode]
ACT = Act("ann", "caseworker", "test")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as nodes:
        ee, pt = nodes
        # Both have met, so that each has compared the other's memory with its log.
        for one, other in ((ee, pt), (pt, ee)):
            first = one.submit(other.id, "met")
            until(lambda one=one, first=first: one.state(first) != "queued", "meeting")  # type: ignore[misc]  # bound early
        yield nodes


@pytest.fixture
def taken(pair: Pair) -> Iterator[Pair]:
    """The first node's process is stopped; its home is in a liar's hands."""
    pair[0].node.stop()
    yield pair
    pair[0].start()


async def deliver_the_rest(node: Node) -> None:
    """Deliver honestly what other tests have left in the queue."""
    (peer,) = node.base.directory.peers()
    now = node.base.clock.now()
    await node.exchange.store.retry((), peer.authority, ACT, now)
    while await lying_delivery(node, lambda body: body).deliver_due(peer):
        pass


async def submitted(node: Node, peer: str) -> MessageId:
    submission = Submission(
        parse_authority_id(peer),
        in_form(sample("MLA_REQ"), Form.AUTHOR) | {"case_id": new_uuid7(UnixMs(1))},
        ACT,
    )
    return (await node.submit.submit(submission)).accepted.id


def arrivals(one: RunningNode) -> set[str]:
    return {message.id for message in one.messages("in")}


BAD_ITEMS: dict[str, Callable[[bytes], bytes]] = {
    "envelope changed on the way": edited(flipped),
    "envelope that was never logged": edited_item(path=[]),
    "leaf of another place": edited_item(index=1),
    "leaf that is none": edited_item(leaf="{}"),
    "digest of something else": edited_item(digest="00" * 32),
}


@pytest.mark.parametrize("lie", BAD_ITEMS)
async def test_an_item_without_its_proof_is_put_off(taken: Pair, lie: str) -> None:
    ee, pt = taken
    async with taken_over(ee.node.home) as node:
        (peer,) = node.base.directory.peers()
        await deliver_the_rest(node)
        sent = await submitted(node, pt.id)
        before = await asyncio.to_thread(arrivals, pt)
        await lying_delivery(node, BAD_ITEMS[lie]).deliver_due(peer)
        row = await node.exchange.store.message(sent)
        assert row.state.value == "queued"
        assert row.last_code in {"log-proof-invalid", "malformed"}
        assert await asyncio.to_thread(arrivals, pt) == before


async def test_a_forked_or_shortened_log_can_not_send(taken: Pair) -> None:
    ee, pt = taken
    async with taken_over(ee.node.home) as node:
        await deliver_the_rest(node)
        sent = await submitted(node, pt.id)
        (peer,) = node.base.directory.peers()
        before = await asyncio.to_thread(arrivals, pt)
        size = (await node.exchange.store.log_head()).size
        for fork_size, root in ((size, b"\1" * 32), (2, None)):
            true_root = await node.exchange.store.root_at(fork_size)
            signing = node.base.keys.keyring.log
            note = await signing.sign(
                Checkpoint(signing.origin, fork_size, root or true_root),
            )
            lie = edited_head(checkpoint=note.decode())
            await node.exchange.store.retry([sent], None, ACT, node.base.clock.now())
            with pytest.raises(GatewayError) as caught:
                await lying_delivery(node, lie).deliver_due(peer)
            assert caught.value.code in {
                "log-proof-invalid",
                "log-out-of-step",
                "maintenance",
            }
        assert await asyncio.to_thread(arrivals, pt) == before
        row = await node.exchange.store.message(sent)
        assert row.state.value == "queued"


async def test_a_replay_and_a_second_message_under_a_used_id(taken: Pair) -> None:
    ee, pt = taken
    async with taken_over(ee.node.home) as node:
        (peer,) = node.base.directory.peers()
        delivery = lying_delivery(node, lambda body: body)
        sent = await submitted(node, pt.id)
        await delivery.deliver_due(peer)
        row = await node.exchange.store.message(sent)
        assert row.state.value == "delivered"
        arrived = await asyncio.to_thread(arrivals, pt)
        transport = delivery.exchange.transport
        body = transport.last_body  # type: ignore[attr-defined]  # the lying one
        reply = await node.base.client.deliver(peer.authority, body)
        assert {item.status for item in reply.items} == {"already"}
        twin, _ = await delivery._frame(peer, [await logged_twin(node, sent)], None)
        reply = await node.base.client.deliver(peer.authority, twin)
        assert [(item.status, item.code) for item in reply.items] == [
            ("refused", "id-conflict"),
        ]
        assert await asyncio.to_thread(arrivals, pt) == arrived


async def logged_twin(node: Node, message_id: MessageId) -> DueMessage:
    """Log and seal other content under a used id."""
    (peer,) = node.base.directory.peers()
    now = node.base.clock.now()
    sealed = seal(
        SealRequest(
            id=message_id,
            sender=node.exchange.ourselves,
            addressee=peer.authority,
            created=now,
            expires=UnixMs(now + 86_400_000),
            priority=Priority.ROUTINE,
            recipients=peer.card.keys,
            message=sample("MLA_REQ"),
        ),
    )
    draft = EntryDraft(
        "msg.send",
        now,
        {
            "m": message_id,
            "peer": peer.authority,
            "dig": sealed.digest,
            "man": sealed.content_digest,
            "seq": 10_000,
        },
    )
    (index,) = await node.exchange.store.append([draft])
    return DueMessage(
        id=message_id,
        digest=sealed.digest,
        envelope=sealed.raw,
        send_index=index,
        seq=10_000,
        expires_at=UnixMs(now + 86_400_000),
        attempts=1,
    )


async def lie_to(
    pair: Pair,
    change: Callable[[Node], "Callable[[DeliveryReply], DeliveryReply]"],
    key: str,
) -> None:
    """Answer a live node's delivery with lies, then honestly again."""
    ee, pt = pair
    await asyncio.to_thread(pt.node.stop)
    async with taken_over(pt.node.home) as node:
        answers = LyingAnswers(node.answering, change(node))
        listen = node.base.settings.peer.listen
        server = PeerServer(
            answers,
            node.base.clock,
            address=(listen.host, listen.port),
            strangers=node.base.strangers,
        )
        await server.open(node.base.keys.tls_identity, tls_trust(node.base.directory))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.run())
            message_id = await asyncio.to_thread(ee.submit, pt.id, key)
            async with asyncio.timeout(20):
                while not answers.lies:  # noqa: ASYNC110 - another process acts
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
            assert await asyncio.to_thread(ee.state, message_id) == "queued"
            await server.drain(2.0)
    await asyncio.to_thread(pt.start)
    await asyncio.to_thread(ee.send, calls.retry_message(message_id))
    await asyncio.to_thread(
        until,
        lambda: ee.state(message_id) == "delivered",
        "an honest answer",
    )


def without_proof(_node: Node) -> Callable[[DeliveryReply], DeliveryReply]:
    return lambda reply: msgspec.structs.replace(
        reply,
        items=[ItemReply(status="received") for _ in reply.items],
    )


def claimed_refusal(_node: Node) -> Callable[[DeliveryReply], DeliveryReply]:
    return lambda reply: msgspec.structs.replace(
        reply,
        items=[
            msgspec.structs.replace(item, status="refused", code="expired")
            for item in reply.items
        ],
    )


@pytest.mark.parametrize("lie", [without_proof, claimed_refusal])
async def test_a_receipt_or_refusal_without_proof_is_not_believed(
    pair: Pair,
    lie: Callable[[Node], Callable[[DeliveryReply], DeliveryReply]],
) -> None:
    await lie_to(pair, lie, lie.__name__)


async def test_a_receiver_that_forks_its_log_gives_no_receipt(pair: Pair) -> None:
    forked: list[str] = []

    def fork(node: Node) -> Callable[[DeliveryReply], DeliveryReply]:
        signer = node.base.keys.keyring.log

        def change(reply: DeliveryReply) -> DeliveryReply:
            size = int(reply.checkpoint.split("\n")[1])
            forked.append(
                signer._sign(  # the liar has the real keys
                    Checkpoint(signer.origin, size, b"\3" * 32),
                ).decode()
            )
            return with_checkpoint(forked[-1])(reply)

        return change

    await lie_to(pair, fork, "fork")
    assert forked


def test_a_stranger_and_anothers_certificate_end_at_the_door(
    pair: Pair,
    tmp_path: Path,
) -> None:
    """A self-made authority in the peer's own name, and no certificate at all."""
    ee, pt = pair
    stranger = Ca(AuthorityId(ee.id))
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.check_hostname = False
    nobody.verify_mode = ssl.CERT_NONE
    for context in (stranger.issue().client_context(tmp_path), nobody):
        answer = asyncio.run(ask(pt.proxy.port, context))
        assert b"HTTP" not in answer
    texts = [check.text for check in pt.send(calls.diagnostics()).checks]
    assert any("127.0.0.1" in text for text in texts)


async def ask(port: int, context: ssl.SSLContext) -> bytes:
    """Ask for a ping and return all that comes back."""
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(OSError, ssl.SSLError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            port,
            ssl=context,
            server_hostname="pgr.pt",
        )
        writer.write(b"GET /mla/1/ping HTTP/1.1\r\nHost: pgr.pt\r\n\r\n")
        answer = await reader.read(65536)
        writer.close()
        return answer
    return b""
