"""A message whose key the addressee has retired is sealed again (section 10.4)."""

from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.values import MessageId
from gateway.ports.messages import ProofRole
from gateway.ports.peers import Peer
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]


async def entries_about(side: Side, message_id: MessageId) -> list[Leaf]:
    """Return all entries of a log about a message, in order."""
    indices = await side.store.log_indices(message_id)
    entries = await side.store.entries(0, 1000)
    return [
        parse_leaf(entries[index].data, log=side.keyring.log.origin)
        for index in indices
    ]


async def refused_for_its_key(ee: Side, pt: Side) -> MessageId:
    """Send a message that arrives after its key has gone."""
    sent = await ee.send()
    await pt.retire_key()
    await ee.deliver()
    return sent.accepted.id


async def test_a_message_whose_key_was_retired_is_held_with_its_number(
    two: Two,
) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    row = await ee.row(sent)
    assert (row.state.value, row.hold_reason, row.seq) == ("held", "key-retired", 1)
    assert await ee.store.pending_seqs(pt.authority) == [(1, 1)]
    assert [one.role for one in await ee.store.proofs(sent)] == [ProofRole.KEY_REFUSAL]
    conservation = await ee.store.conservation(None)
    assert conservation.accepted == sum(count for _, count in conservation.by_state)


async def test_it_is_sealed_again_with_the_same_id_and_number_and_arrives(
    two: Two,
) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    before = await ee.row(sent)
    assert await ee.reseal.reseal_refused(ee.other) == 1
    after = await ee.row(sent)
    assert (after.state.value, after.hold_reason) == ("queued", "")
    assert (after.seq, after.digest != before.digest) == (before.seq, True)
    assert (after.created_at, after.priority) == (before.created_at, before.priority)
    await ee.deliver()
    assert await ee.state(sent) == "delivered"
    opened = await pt.open.open(sent, CASEWORKER)
    own = await ee.open.open(sent, CASEWORKER)
    assert opened.message == own.message
    await pt.validation.validate_some()
    assert (await pt.row(sent)).problems == 0


async def test_the_log_tells_refusal_access_and_second_sending(two: Two) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    await ee.reseal.reseal_refused(ee.other)
    first, refusal, access, second = await entries_about(ee, sent)
    kinds = [one.kind for one in (first, refusal, access, second)]
    assert kinds == ["msg.send", "msg.refused", "msg.check", "msg.send"]
    assert refusal.text("res") == "key-retired"
    assert second.number("ref") == first.index
    assert second.number("seq") == first.number("seq")
    assert second.text("dig") != first.text("dig")


async def test_a_peer_whose_card_still_names_the_key_is_not_sealed_to_again(
    two: Two,
) -> None:
    """It costs one look at the card every five minutes, and no entry of the log."""
    ee, pt = two
    sent = await ee.send()
    await pt.retire_key(issues_card=False)
    await ee.deliver()
    before = await ee.logged()
    for _ in range(5):
        assert await ee.reseal.reseal_refused(ee.other) == 0
        ee.clock.advance(301)
    assert await ee.logged() == before
    assert await ee.state(sent.accepted.id) == "held"
    await pt.our_card.renew_if_due()
    pt.card = pt.our_card.verified()
    assert await ee.reseal.reseal_refused(ee.other) == 1


async def test_a_peer_that_retires_key_after_key_is_answered_ever_more_slowly(
    two: Two,
) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    resealed = 0
    for _ in range(20):
        count = await ee.reseal.reseal_refused(ee.other)
        resealed += count
        if count:
            await pt.retire_key()
            await ee.deliver()
            ee.directory.known[pt.authority] = await newest(ee)
    assert resealed <= 4
    ee.clock.advance(301)
    assert await ee.reseal.reseal_refused(ee.other) == 1
    await ee.deliver()
    assert await ee.state(sent) == "delivered"


async def newest(side: Side) -> Peer:
    """Return the peer with the card it would push."""
    await side.reseal._refresh(side.other.authority)
    return side.other


async def test_a_peer_that_can_not_be_reached_leaves_the_message_held(
    two: Two,
) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    ee.wire.is_cut = True
    assert await ee.reseal.reseal_refused(ee.other) == 0
    ee.wire.is_cut = False
    ee.clock.advance(301)
    assert await ee.reseal.reseal_refused(ee.other) == 1
    await ee.deliver()
    assert await ee.state(sent) == "delivered"


async def test_a_held_draft_and_a_refused_message_do_not_get_in_each_others_way(
    two: Two,
) -> None:
    ee, pt = two
    refused = await refused_for_its_key(ee, pt)
    ee.pause(is_paused=True)
    draft = await ee.send()
    ee.pause(is_paused=False)
    assert await ee.release.release_held(ee.other) == 1
    assert await ee.reseal.reseal_refused(ee.other) == 1
    seqs = {(await ee.row(one)).seq for one in (refused, draft.accepted.id)}
    assert seqs == {1, 2}


async def test_a_message_held_for_its_key_can_be_withdrawn_and_read(two: Two) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    assert (await ee.open.open(sent, CASEWORKER)).message["msg_id"] == sent
    row = await ee.queue.cancel(sent, CASEWORKER)
    assert row.state.value == "cancelled"
    assert await ee.store.pending_seqs(pt.authority) == []
    assert await ee.telling.tell_due(ee.other) == 1


async def test_a_message_held_for_its_key_expires_like_any_other(two: Two) -> None:
    ee, pt = two
    sent = await refused_for_its_key(ee, pt)
    ee.clock.advance(31 * 86_400)
    await ee.store.expire_due(ee.clock.now(), 10)
    assert await ee.state(sent) == "expired"
    assert await ee.reseal.reseal_refused(ee.other) == 0


async def test_other_bytes_are_taken_only_if_the_first_never_were(two: Two) -> None:
    """The receiver refuses a second envelope of a message that it has received."""
    ee, pt = two
    sent = await ee.send()
    await ee.deliver()
    reply = await pt.receive.take(pt.other, await ee.twin_of(sent.accepted.id))
    assert [(one.status, one.code) for one in reply.items] == [
        ("refused", "id-conflict"),
    ]
