"""A peer or network that lies: what is refused, what is put off, what is kept.

Each test breaks one rule on the wire between two real sides (specification, 10.3).
"""

import base64
import hashlib
from dataclasses import replace
from typing import cast

import msgspec
import pytest

from gateway.core import canonical
from gateway.core.errors import (
    GatewayError,
    LogOutOfStepError,
    LogProofError,
    MaintenanceError,
    MalformedError,
    TryLaterError,
)
from gateway.core.protocol import (
    DeliveryHead,
    ItemReply,
    encode_delivery,
    parse_delivery,
)
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.values import AuthorityId, HexDigest, MessageId
from gateway.ports.log import PeerLogLink
from gateway.ports.outbox import Sealing
from gateway.ports.peers import PeerPolicy
from tests.support.edits import (
    edited,
    edited_head,
    edited_item,
    flipped,
    with_checkpoint,
)
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]


async def refused_whole(ee: Side, pt: Side, *, accused: int = 0) -> GatewayError:
    """Deliver, expect the batch to fail, and show that nothing was stored.

    Nothing but the accusations that are expected.
    """
    before = await pt.logged()
    with pytest.raises(GatewayError) as caught:
        await ee.deliver()
    assert await pt.logged() == before + accused
    assert len(await pt.store.conflicts()) == accused
    return caught.value


async def put_off(ee: Side, pt: Side, message_id: MessageId, code: str) -> None:
    """Deliver, expect the item to be put off with a code and nothing stored."""
    before = await pt.logged()
    await ee.deliver()
    row = await ee.row(message_id)
    assert (row.state.value, row.last_code) == ("queued", code)
    assert await pt.logged() == before
    assert await pt.store.known_inbound(ee.authority, [message_id]) == {}


async def test_an_envelope_changed_on_the_way_is_put_off(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    ee.wire.change_request = edited(flipped)
    await put_off(ee, pt, sent.accepted.id, "log-proof-invalid")


async def test_an_unlogged_envelope_is_put_off(two: Two) -> None:
    """Its leaf was never in the tree."""
    ee, pt = two
    sent = await ee.send()
    ee.wire.change_request = edited_item(path=[])
    await put_off(ee, pt, sent.accepted.id, "log-proof-invalid")


async def test_a_leaf_of_another_message_does_not_carry_it(two: Two) -> None:
    ee, pt = two
    first, second = await ee.send(), await ee.send()

    def swap(
        head: DeliveryHead, envelopes: list[bytes]
    ) -> tuple[DeliveryHead, list[bytes]]:
        return head, envelopes[::-1]

    ee.wire.change_request = edited(swap)
    await put_off(ee, pt, first.accepted.id, "log-proof-invalid")
    assert await ee.state(second.accepted.id) == "queued"


async def test_a_digest_that_is_not_the_envelopes_is_put_off(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    ee.wire.change_request = edited_item(digest="00" * 32)
    await put_off(ee, pt, sent.accepted.id, "malformed")


async def test_one_bad_item_does_not_fail_the_others(two: Two) -> None:
    ee, pt = two
    bad, good = await ee.send(), await ee.send()
    ee.wire.change_request = edited_item(path=[])
    await ee.deliver()
    assert await ee.state(bad.accepted.id) == "queued"
    assert await ee.state(good.accepted.id) == "delivered"
    assert await pt.state(good.accepted.id) == "received"


async def test_a_flood_of_bad_items_ends_in_quota(two: Two) -> None:
    ee, pt = two
    ee.wire.change_request = edited_item(path=[])
    sent = await ee.send()
    codes = []
    for _ in range(62):
        await ee.store.retry([sent.accepted.id], None, CASEWORKER, ee.clock.now())
        await ee.deliver()
        codes.append((await ee.row(sent.accepted.id)).last_code)
    assert codes[59] == "log-proof-invalid"
    assert codes[61] == "quota"
    assert await pt.store.known_inbound(ee.authority, [sent.accepted.id]) == {}


@pytest.mark.parametrize("raw", [b"", b"{}\n", b"x" * 100, b"[" * 5000 + b"\n"])
async def test_a_delivery_that_is_none_is_refused(two: Two, raw: bytes) -> None:
    ee, pt = two
    await ee.send()
    ee.wire.change_request = lambda _: raw
    assert isinstance(await refused_whole(ee, pt), MalformedError)


async def test_a_checkpoint_of_other_keys_is_refused(two: Two) -> None:
    ee, pt = two
    await ee.send()
    thief = LogSigner(
        ee.keyring.log.origin,
        ed25519_seed=bytes(32),
        ml_dsa_seed=bytes(32),
    )
    head = await ee.store.log_head()
    note = thief.sign(Checkpoint(ee.keyring.log.origin, head.size, head.root))
    ee.wire.change_request = edited_head(checkpoint=note.decode())
    assert isinstance(await refused_whole(ee, pt), LogProofError)


async def fork(side: Side, size: int) -> str:
    """Sign another history of that size with the real keys."""
    note = await side.keyring.log.sign(
        Checkpoint(side.keyring.log.origin, size, b"\1" * 32),
    )
    return note.decode()


async def test_a_sender_that_forks_its_log_can_not_send(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    note = await fork(ee, await ee.logged())
    ee.wire.change_request = edited_head(checkpoint=note)
    assert isinstance(await refused_whole(ee, pt, accused=1), LogProofError)
    assert await ee.state(sent.accepted.id) == "queued"


async def test_a_sender_whose_log_shrank_can_not_send(two: Two) -> None:
    ee, pt = two
    first = await ee.send()
    await ee.deliver()
    assert await ee.state(first.accepted.id) == "delivered"
    await ee.send()
    shorter = await ee.store.root_at(2)
    note = await ee.keyring.log.sign(Checkpoint(ee.keyring.log.origin, 2, shorter))
    ee.wire.change_request = edited_head(checkpoint=note.decode())
    error = await refused_whole(ee, pt, accused=1)
    assert isinstance(error, (LogOutOfStepError, TryLaterError))


async def test_a_receiver_that_forks_its_log_gives_no_receipt(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    note = await fork(pt, await pt.logged() + 1)
    ee.wire.change_reply = with_checkpoint(note)
    with pytest.raises(GatewayError):
        await ee.deliver()
    assert await ee.state(sent.accepted.id) == "queued"
    assert await ee.store.proofs(sent.accepted.id) == []
    ee.wire.change_reply = lambda reply: reply
    await ee.store.retry([sent.accepted.id], None, CASEWORKER, ee.clock.now())
    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "delivered"


async def test_a_receipt_without_its_proof_is_not_believed(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(
        reply,
        items=[ItemReply(status="received")],
    )
    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "queued"


async def test_a_receipt_for_another_message_is_not_believed(two: Two) -> None:
    ee, _ = two
    sent = [await ee.send(), await ee.send()]
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(
        reply,
        items=reply.items[::-1],
    )
    await ee.deliver()
    assert {await ee.state(one.accepted.id) for one in sent} == {"queued"}


async def test_a_refusal_that_is_only_claimed_ends_nothing(two: Two) -> None:
    """The receiver's leaf says `msg.receive`; calling it a refusal changes nothing."""
    ee, _ = two
    sent = await ee.send()
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(
        reply,
        items=[
            msgspec.structs.replace(reply.items[0], status="refused", code="expired")
        ],
    )
    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "queued"


async def test_an_answer_for_fewer_items_is_not_believed(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(reply, items=[])
    with pytest.raises(GatewayError):
        await ee.deliver()
    assert await ee.state(sent.accepted.id) == "queued"


async def test_a_lost_answer_is_settled_by_offering_again(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    ee.wire.loses_replies = True
    for _ in range(3):
        with pytest.raises(GatewayError):
            await ee.deliver()
        await ee.store.retry([sent.accepted.id], None, CASEWORKER, ee.clock.now())
    ee.wire.loses_replies = False
    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "delivered"
    indices = await pt.store.log_indices(sent.accepted.id)
    assert len(indices) == 1


async def test_a_replay_gives_the_first_receipt_and_nothing_else(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    await ee.deliver()
    (body,) = ee.wire.deliveries
    before = await pt.logged()
    head = parse_delivery(body).head
    again = encode_delivery(
        msgspec.structs.replace(
            head,
            consistency=msgspec.structs.replace(head.consistency),
        ),
        parse_delivery(body).envelopes,
    )
    reply = await pt.receive.take(pt.other, again)
    assert [item.status for item in reply.items] == ["already"]
    assert await pt.logged() == before
    assert await pt.state(sent.accepted.id) == "received"


async def test_the_same_id_with_other_bytes_is_a_conflict(two: Two) -> None:
    """A sender that logs and seals a second message under a used id."""
    ee, pt = two
    sent = await ee.send()
    await ee.deliver()
    twin = await ee.twin_of(sent.accepted.id)
    reply = await pt.receive.take(pt.other, twin)
    (item,) = reply.items
    assert (item.status, item.code) == ("refused", "id-conflict")
    assert await pt.state(sent.accepted.id) == "received"
    leaf = cast(
        "dict[str, object]",
        canonical.decode(str(item.leaf).encode(), max_bytes=4096),
    )
    assert (leaf["k"], leaf["res"]) == ("msg.reject", "id-conflict")


async def test_a_message_for_somebody_else_is_refused_with_proof(two: Two) -> None:
    ee, pt = two
    sent = await ee.send_sealed(addressee=AuthorityId("mj.fr"))
    await ee.deliver()
    row = await ee.row(sent)
    assert (row.state.value, row.last_code) == ("refused", "not-addressee")
    assert [proof.role.value for proof in await ee.store.proofs(sent)] == ["refusal"]
    with pytest.raises(GatewayError):
        await pt.row(sent)


def with_broken_tag(sealing: Sealing) -> Sealing:
    """Return an envelope whose last tag is wrong, logged as if it were right."""
    raw = sealing.envelope[:-1] + bytes([sealing.envelope[-1] ^ 1])
    digest = HexDigest(hashlib.sha256(raw).hexdigest())
    return replace(sealing, envelope=raw, digest=digest)


async def test_a_seal_that_does_not_hold_is_refused_with_proof(two: Two) -> None:
    ee, _ = two
    sent = await ee.send_sealed(with_broken_tag)
    await ee.deliver()
    row = await ee.row(sent)
    assert (row.state.value, row.last_code) == ("refused", "cannot-open")


async def test_broken_bindings_are_set_aside_and_rejected_later(two: Two) -> None:
    ee, pt = two
    sent = await ee.send_sealed(
        lambda sealing: replace(sealing, content_digest=HexDigest("00" * 32)),
    )
    await ee.deliver()
    assert await ee.state(sent) == "delivered"
    await pt.validation.validate_some()
    assert await pt.state(sent) == "quarantined"
    await pt.telling.tell_due(pt.other)
    assert await ee.state(sent) == "refused"
    with pytest.raises(GatewayError):
        await pt.open.open(sent, CASEWORKER)


async def test_clocks_that_differ_refuse_nothing_for_good(two: Two) -> None:
    ee, pt = two
    sent = await ee.send()
    ee.wire.change_request = edited_head(now="2031-01-01T00:00:00.000Z")
    await put_off(ee, pt, sent.accepted.id, "clock")


async def test_an_expired_message_is_refused_with_proof(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    await ee.store.claim_due(
        ee.other.authority,
        now=ee.clock.now(),
        lease_ms=1,
        max_items=1,
        max_bytes=10_000_000,
    )
    ee.clock.advance(31 * 86_400)
    await ee.deliver()
    row = await ee.row(sent.accepted.id)
    assert (row.state.value, row.last_code) == ("refused", "expired")


async def test_a_node_that_was_set_back_releases_nothing(two: Two) -> None:
    ee, pt = two
    state = await pt.store.peer_log(ee.authority)
    assert state
    beyond = await ee.keyring.log.sign(
        Checkpoint(ee.keyring.log.origin, state.size + 50, b"\2" * 32),
    )
    await pt.store.link_peer_log(
        PeerLogLink(
            authority=ee.authority,
            origin=state.origin,
            seen_size=state.size,
            size=state.size + 50,
            root=b"\2" * 32,
            note=beyond,
        ),
    )
    sent = await ee.send()
    with pytest.raises(MaintenanceError, match="seen size"):
        await ee.deliver()
    assert ee.wire.deliveries == []
    assert await ee.state(sent.accepted.id) == "queued"
    assert ee.exchange.agreement.disagreeing.keys() == {pt.authority}
    await pt.send()
    with pytest.raises(GatewayError):
        await pt.deliver()


async def test_events_of_the_wrong_kind_or_about_nothing_change_nothing(
    two: Two,
) -> None:
    ee, pt = two
    sent = await ee.send()
    await ee.deliver()
    await pt.open.open(sent.accepted.id, CASEWORKER)
    (event,) = await pt.store.events_due(ee.authority, 10)
    body, _ = await pt.telling._frame(ee.authority, [event], None)
    value = cast(
        "dict[str, object]", canonical.decode(body, max_bytes=10**6, line_feeds=True)
    )
    items = cast("list[dict[str, object]]", value["items"])
    items[0]["path"] = [base64.b64encode(bytes(32)).decode()]
    reply = await ee.taking.take(ee.other, canonical.encode(value))
    assert [item.status for item in reply.items] == ["refused"]
    assert await ee.state(sent.accepted.id) == "delivered"


async def test_a_peer_whose_messages_pile_up_unopened_is_put_off(two: Two) -> None:
    ee, pt = two
    pt.directory.known[ee.authority] = replace(
        pt.other, policy=PeerPolicy(max_unopened=1)
    )
    first = await ee.send()
    await ee.deliver()
    second = await ee.send()
    await put_off(ee, pt, second.accepted.id, "quota")
    await pt.open.open(first.accepted.id, CASEWORKER)
    await ee.store.retry([second.accepted.id], None, CASEWORKER, ee.clock.now())
    await ee.deliver()
    assert await ee.state(second.accepted.id) == "delivered"
