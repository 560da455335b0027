"""What a peer can not cause: a crash, a flood, a message that waits for ever."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from msgspec import UNSET
from structlog.testing import capture_logs

from gateway.core import canonical
from gateway.core.errors import CannotOpenError, MalformedError
from gateway.core.limits import MAX_ENVELOPE_BYTES
from gateway.core.protocol import DeliveryReply, EventsRequest, ItemReply, parse_events
from gateway.core.routing import HoldReason
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    new_uuid7,
)
from gateway.flows.couriers import Couriers
from gateway.flows.digests import document_digest
from gateway.flows.indexing import message_index
from gateway.mla.envelope_fields import Form
from gateway.ports.messages import Box, MessageFilter
from gateway.ports.outbox import AttemptOutcome, NewOutbound, OutcomeKind, Sealing
from gateway.ports.peers import PeerPolicy
from gateway.storage.operations import validation
from tests.support.forms import in_form, sample
from tests.support.pair import CASEWORKER, Side

if TYPE_CHECKING:
    from gateway.storage.sqlite.store import SqliteRunner, SqliteStore

Two = tuple[Side, Side]
HOUR_MS = 3_600_000


def unbound(sealing: Sealing) -> Sealing:
    """Return a seal that holds, of a content that is not the logged one."""
    return replace(sealing, content_digest=HexDigest("00" * 32))


def first_item(reply: DeliveryReply, **changes: object) -> DeliveryReply:
    """Return an answer with other fields of its first item."""
    item = msgspec.structs.replace(reply.items[0], **changes)
    return msgspec.structs.replace(reply, items=[item, *reply.items[1:]])


@pytest.mark.parametrize("claimed", [UNSET, "expired"])
async def test_a_refusal_counts_for_what_its_entry_says(
    two: Two, claimed: object
) -> None:
    """The reply's own code is nobody's word, and may even be missing."""
    ee, _ = two
    sent = await ee.send_sealed(addressee=AuthorityId("mj.fr"))
    ee.wire.change_reply = lambda reply: first_item(reply, code=claimed)
    await ee.deliver()
    row = await ee.row(sent)
    assert (row.state.value, row.last_code) == ("refused", "not-addressee")


@pytest.mark.parametrize("code", ["", "NO", "a b", "x" * 65, "a\nb"])
def test_a_code_that_is_none_is_no_answer(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        ItemReply(status="later", code=code)


async def test_a_peer_can_not_put_off_a_message_for_ever(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(
        reply, items=[ItemReply(status="later", code="quota", retry_after=2**50)]
    )
    await ee.deliver()
    row = await ee.row(sent.accepted.id)
    assert row.next_attempt_at <= ee.clock.now() + HOUR_MS


async def test_a_broken_message_that_somebody_tried_to_open_is_set_aside(
    two: Two,
) -> None:
    """The person was quicker than the check; the check goes on all the same."""
    ee, pt = two
    sent = await ee.send_sealed(unbound)
    await ee.deliver()
    with pytest.raises(CannotOpenError):
        await pt.open.open(sent, CASEWORKER)
    assert await pt.state(sent) == "opened"
    await pt.validation.validate_some()
    assert await pt.state(sent) == "quarantined"


async def test_a_broken_message_that_was_confirmed_unread_is_set_aside(
    two: Two,
) -> None:
    ee, pt = two
    sent = await ee.send_sealed(unbound)
    await ee.deliver()
    await pt.queue.confirm(sent, CASEWORKER)
    await pt.validation.validate_some()
    assert await pt.state(sent) == "quarantined"


async def test_what_is_set_aside_counts_as_unopened(two: Two) -> None:
    """Else broken messages would fill the disk that all peers share."""
    ee, pt = two
    pt.directory.known[ee.authority] = replace(
        pt.other, policy=PeerPolicy(max_unopened=1)
    )
    await ee.send_sealed(unbound)
    await ee.deliver()
    await pt.validation.validate_some()
    second = await ee.send()
    await ee.deliver()
    row = await ee.row(second.accepted.id)
    assert (row.state.value, row.last_code) == ("queued", "quota")


async def refused_in_a_row(ee: Side, count: int) -> list[MessageId]:
    """Send messages that are refused for good, in one batch."""
    sent = [await ee.send_sealed(addressee=AuthorityId("mj.fr")) for _ in range(count)]
    await ee.deliver()
    return sent


async def test_refusals_are_logged_up_to_a_budget_a_minute(two: Two) -> None:
    ee, pt = two
    before = await pt.logged()
    sent = await refused_in_a_row(ee, 70)
    assert await pt.logged() - before == 60
    states = [await ee.state(one) for one in sent]
    assert (states.count("refused"), states.count("queued")) == (60, 10)
    ee.clock.advance(61)
    await ee.deliver()
    assert {await ee.state(one) for one in sent} == {"refused"}


async def test_the_same_refusal_again_is_not_told_to_operators_again(
    two: Two,
) -> None:
    ee, pt = two
    await refused_in_a_row(ee, 1)
    with capture_logs() as logs:
        reply = await pt.receive.take(pt.other, ee.wire.deliveries[0])
    assert [item.status for item in reply.items] == ["refused"]
    assert "message_refused" not in {one["event"] for one in logs}


async def unbelievable_events(ee: Side, pt: Side) -> bytes:
    """Return 200 events of which none is proven."""
    sent = await ee.send()
    await ee.deliver()
    await pt.open.open(sent.accepted.id, CASEWORKER)
    (event,) = await pt.store.events_due(ee.authority, 10)
    body, _ = await pt.telling._frame(ee.authority, [event], None)
    request = parse_events(body)
    bad = msgspec.structs.replace(request.items[0], path=[])
    many: EventsRequest = msgspec.structs.replace(request, items=[bad] * 200)
    return canonical.encode(many)


async def test_unproven_events_are_counted_and_not_told_one_by_one(two: Two) -> None:
    ee, pt = two
    body = await unbelievable_events(ee, pt)
    with capture_logs() as logs:
        reply = await ee.taking.take(ee.other, body)
    statuses = [item.status for item in reply.items]
    assert (statuses.count("refused"), statuses.count("later")) == (60, 140)
    assert len([one for one in logs if one["event"] == "unproven_item"]) == 1
    assert "event_not_believed" not in {one["event"] for one in logs}


async def unreadable_draft(side: Side) -> MessageId:
    """Hold a message whose draft the archive key does not open."""
    now = side.clock.now()
    message_id = new_uuid7(now)
    document = sample("MLA_REQ") | {"msg_id": message_id}
    new = NewOutbound(
        id=message_id,
        peer=side.other.authority,
        priority=Priority.ROUTINE,
        created_at=now,
        index=message_index(document | {"case_id": message_id, "seq": 1}),
        document_digest=document_digest(document),
        act=CASEWORKER,
        opener_if_new=Box.OUT,
        draft=bytes(100),
        hold_reason=HoldReason.PEER_PAUSED,
        draft_expires_at=UnixMs(now + 24 * HOUR_MS),
    )
    return (await side.store.accept(new, now)).id


async def test_an_unreadable_draft_holds_up_no_other_message(two: Two) -> None:
    ee, _ = two
    bad = await unreadable_draft(ee)
    ee.pause(is_paused=True)
    good = (await ee.send()).accepted.id
    assert await ee.release.release_held(ee.other) == 0
    ee.pause(is_paused=False)
    assert await ee.release.release_held(ee.other) == 1
    assert (await ee.state(bad), await ee.state(good)) == ("held", "queued")


def couriers(side: Side) -> Couriers:
    """Return the delivery workers of a side, not running."""
    return Couriers(
        side.exchange,
        delivery=side.delivery,
        telling=side.telling,
        release=side.release,
        reseal=side.reseal,
    )


async def test_what_is_accepted_goes_at_once_and_every_other_turn_is_a_whole_one(
    two: Two,
) -> None:
    ee, pt = two
    workers = couriers(ee)
    stored: list[str] = []
    workers.subscribe(lambda: stored.append("outcomes"))
    await workers._turn(pt.authority)
    assert stored == []
    first = await ee.send()
    workers.queued(pt.authority)
    assert await workers._turn(pt.authority) == 0
    assert await ee.state(first.accepted.id) == "delivered"
    assert stored == ["outcomes"]
    # Still a message accepted before each turn: a lasting load starves nothing.
    second = await ee.send()
    workers.queued(pt.authority)
    assert pt.authority not in workers._serving
    await workers._turn(pt.authority)
    assert await ee.state(second.accepted.id) == "delivered"
    assert pt.authority in workers._serving
    heard = await ee.store.traffic(pt.authority, ee.clock.now())
    assert heard.last_contact_at == ee.clock.now()


async def test_a_new_message_does_not_disturb_a_peer_that_is_left_alone(
    two: Two,
) -> None:
    ee, pt = two
    workers = couriers(ee)
    await ee.send()
    ee.wire.is_cut = True
    await workers._turn(pt.authority)
    failures = (await ee.store.traffic(pt.authority, ee.clock.now())).failures
    assert failures == 1
    ee.wire.is_cut = False
    sent = await ee.send()
    workers.queued(pt.authority)
    await workers._turn(pt.authority)
    assert await ee.state(sent.accepted.id) == "queued"
    ee.clock.advance(3_600)
    await workers._turn(pt.authority)
    assert await ee.state(sent.accepted.id) == "delivered"


async def test_a_clock_that_was_wrong_for_a_while_stops_no_peer(two: Two) -> None:
    """Failures were noted in the year 2036, and then the clock was set right."""
    ee, pt = two
    workers = couriers(ee)
    sent = await ee.send()
    ee.clock.advance(10 * 365 * 86_400)
    ee.wire.is_cut = True
    await workers._turn(pt.authority)
    ee.clock.advance(-10 * 365 * 86_400)
    ee.wire.is_cut = False
    for _ in range(3):
        await workers._turn(pt.authority)
    assert await ee.state(sent.accepted.id) == "delivered"


async def test_a_message_put_off_by_a_wrong_clock_is_offered_again(two: Two) -> None:
    ee, pt = two
    workers = couriers(ee)
    sent = await ee.send()
    ee.wire.change_reply = lambda reply: msgspec.structs.replace(
        reply, items=[ItemReply(status="later", code="quota", retry_after=60)]
    )
    ee.exchange.agreement._agreed.add(pt.authority)
    pt.exchange.agreement._agreed.add(ee.authority)
    await ee.store.claim_due(
        pt.authority,
        now=UnixMs(ee.clock.now() + 10 * 365 * 24 * HOUR_MS),
        lease_ms=1000,
        max_items=10,
        max_bytes=10**7,
    )
    row = await ee.row(sent.accepted.id)
    await ee.store.record_outcomes(
        pt.authority,
        [
            AttemptOutcome(
                row.id,
                HexDigest(row.digest),
                OutcomeKind.LATER,
                next_attempt_at=row.next_attempt_at,
            )
        ],
        None,
        ee.clock.now(),
    )
    ee.wire.change_reply = lambda reply: reply
    for _ in range(3):
        await workers._turn(pt.authority)
    assert await ee.state(sent.accepted.id) == "delivered"


async def test_what_is_validated_at_once_fits_into_a_few_mebibytes(two: Two) -> None:
    """Envelopes of a peer are opened in memory; it chooses how large they are."""
    ee, pt = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    for _ in range(3):
        await ee.send(form)
    await ee.deliver()
    rows = await pt.store.messages(MessageFilter(box=Box.IN), cursor="", limit=10)
    assert validation._CHECKED_AT_ONCE_BYTES >= MAX_ENVELOPE_BYTES
    two_of_them = sum(row.size_bytes for row in rows.rows[:2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "_CHECKED_AT_ONCE_BYTES", two_of_them)
        begun = [len(await pt.store.begin_checks(64, pt.clock.now())) for _ in "abc"]
    assert begun == [2, 1, 0]


async def checkpoints_kept(side: Side) -> int:
    """Return how many checkpoints of peers a store keeps for good."""
    runner = cast("SqliteRunner", cast("SqliteStore", side.store)._runner)
    return await runner._writer_connection.run(
        lambda engine: int(
            engine.execute("SELECT count(*) FROM peer_checkpoint").fetchone()[0]
        )
    )


async def test_offering_the_same_message_without_end_leaves_nothing_behind(
    two: Two,
) -> None:
    """Every time under a new checkpoint, which would be kept for a proof under it."""
    ee, pt = two
    await ee.send()
    due = await ee.store.claim_due(
        pt.authority, now=ee.clock.now(), lease_ms=1, max_items=1, max_bytes=10**7
    )
    kept = []
    for _ in range(3):
        await ee.send()
        await ee.exchange.checkpoints.newest()
        state = await pt.store.peer_log(ee.authority)
        body, _ = await ee.delivery._frame(ee.other, due, state.size if state else 0)
        await pt.receive.take(pt.other, body)
        kept.append(await checkpoints_kept(pt))
    assert kept == [1, 1, 1]


async def test_garbage_beyond_the_budget_is_answered_later(two: Two) -> None:
    ee, pt = two
    waited_s = []
    for _ in range(61):
        before_s = pt.clock.monotonic_s()
        with capture_logs(), pytest.raises(MalformedError):
            await pt.receive.take(pt.other, b"no delivery")
        waited_s.append(pt.clock.monotonic_s() - before_s)
    assert waited_s[:60] == [0.0] * 60
    assert waited_s[60] > 0
    sent = (await ee.send()).accepted.id
    await ee.deliver()
    assert await ee.state(sent) == "delivered"
