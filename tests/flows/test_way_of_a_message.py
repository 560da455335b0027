"""A message's way between two authorities, step by step (specification, 10 to 12)."""

import asyncio

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import (
    ConflictError,
    InvalidFormError,
    NotFoundError,
    TooLargeError,
    UnreachableError,
    UsageError,
)
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.submission import Submission
from gateway.mla.envelope_fields import Form
from gateway.ports.messages import Box, MessageFilter, ProofRole
from tests.support.forms import in_form, sample, without
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
DAY_S = 86_400


async def delivered(ee: Side, pt: Side) -> MessageId:
    """Send a request and let it arrive."""
    submitted = await ee.send()
    await ee.deliver()
    await pt.validation.validate_some()
    return submitted.accepted.id


async def kinds_about(side: Side, message_id: MessageId) -> list[str]:
    """Return the kinds of all entries about a message, in order."""
    indices = await side.store.log_indices(message_id)
    entries = await side.store.entries(0, 1000)
    leaves = [parse_leaf(one.data, log=side.keyring.log.origin) for one in entries]
    return [leaves[index].kind for index in indices]


def answer(request: JsonObject, msg_type: str = "ACK") -> JsonObject:
    """Return the author's form of an answer to a request that was opened."""
    form = in_form(sample(msg_type), Form.AUTHOR)
    return form | {"case_id": request["case_id"], "in_reply_to": request["msg_id"]}


async def test_a_request_arrives_and_its_receipt_is_stored(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    assert await ee.state(message_id) == "delivered"
    assert await pt.state(message_id) == "received"
    assert [proof.role for proof in await ee.store.proofs(message_id)] == [
        ProofRole.RECEIPT,
    ]
    assert [proof.role for proof in await pt.store.proofs(message_id)] == [
        ProofRole.ORIGIN,
    ]
    assert await kinds_about(ee, message_id) == ["msg.send", "msg.deliver"]
    assert await kinds_about(pt, message_id) == ["msg.receive", "msg.check"]


async def test_what_was_written_is_what_is_opened(two: Two) -> None:
    ee, pt = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    submitted = await ee.send(form)
    await ee.deliver()
    opened = await pt.open.open(submitted.accepted.id, CASEWORKER)
    assert opened.message["payload"] == form["payload"]
    assert opened.message["msg_id"] == submitted.accepted.id
    own = await ee.open.open(submitted.accepted.id, CASEWORKER)
    assert own.manifest == opened.manifest


async def test_the_first_opening_is_told_to_the_sender_once(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    await pt.open.open(message_id, CASEWORKER)
    await pt.open.open(message_id, CASEWORKER)
    assert await pt.telling.tell_due(pt.other) == 1
    assert await pt.telling.tell_due(pt.other) == 0
    assert await ee.state(message_id) == "opened"
    assert await kinds_about(ee, message_id) == [
        "msg.send",
        "msg.deliver",
        "msg.opened",
    ]
    assert await kinds_about(pt, message_id) == [
        "msg.receive",
        "msg.check",
        "msg.access",
        "msg.access",
    ]


async def test_the_nodes_own_check_is_no_opening(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    assert await pt.telling.tell_due(pt.other) == 0
    assert await ee.state(message_id) == "delivered"


async def test_an_opening_told_before_its_receipt_is_told_again(two: Two) -> None:
    ee, pt = two
    submitted = await ee.send()
    ee.wire.loses_replies = True
    with pytest.raises(UnreachableError):
        await ee.deliver()
    await pt.open.open(submitted.accepted.id, CASEWORKER)
    assert await pt.telling.tell_due(pt.other) == 0
    ee.wire.loses_replies = False
    await ee.deliver()
    assert await pt.telling.tell_due(pt.other) == 1
    assert await ee.state(submitted.accepted.id) == "opened"


async def test_opening_demands_a_purpose(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    before = await pt.logged()
    for purpose in ("", "   ", "x" * 501):
        with pytest.raises(UsageError, match="purpose"):
            await pt.open.open(message_id, Act("ann", "caseworker", purpose))
    assert await pt.logged() == before


async def test_a_refused_access_is_logged_and_opens_nothing(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    await pt.open.log_refused(message_id, CASEWORKER, "not-allowed")
    assert (await kinds_about(pt, message_id))[-1] == "msg.access"
    assert await pt.state(message_id) == "received"


async def test_a_confirmed_message_is_handed_over(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    row = await pt.queue.confirm(message_id, CASEWORKER)
    again = await pt.queue.confirm(message_id, CASEWORKER)
    assert row.state.value == again.state.value == "handed_over"
    assert (await kinds_about(pt, message_id)).count("msg.confirm") == 1
    assert ee.authority == row.peer


async def test_the_conversation_of_a_case_is_numbered_and_chained(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    request = (await pt.open.open(message_id, CASEWORKER)).message
    first = await pt.send(answer(request))
    second = await pt.send(answer(request))
    await pt.deliver()
    await ee.validation.validate_some()
    documents = [
        (await ee.open.open(sent.accepted.id, CASEWORKER)).message
        for sent in (first, second)
    ]
    assert [document["seq"] for document in documents] == [1, 2]
    assert [document["case_id"] for document in documents] == [request["case_id"]] * 2
    assert "prev_hash" not in documents[0]
    assert documents[1]["prev_hash"]
    assert documents[0]["from"] == {
        "country": "PT",
        "authority_id": "pgr.pt",
        "role": "RQD",
    }


async def test_submits_of_one_case_at_once_leave_no_gap(two: Two) -> None:
    ee, pt = two
    message_id = await delivered(ee, pt)
    request = (await pt.open.open(message_id, CASEWORKER)).message
    sent = await asyncio.gather(*(pt.send(answer(request)) for _ in range(8)))
    rows = [await pt.row(one.accepted.id) for one in sent]
    assert sorted(row.index.case_seq for row in rows if row.index) == list(range(1, 9))


async def test_repeating_a_submit_gives_the_first_answer(two: Two) -> None:
    ee, _ = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    first = await ee.send(form, key="k1")
    again = await ee.send(form, key="k1")
    assert again.accepted.id == first.accepted.id
    assert again.accepted.is_repetition
    with pytest.raises(ConflictError):
        await ee.send(form | {"sender_ref": "another"}, key="k1")


async def test_node_fields_of_a_given_form_are_ignored_and_named(two: Two) -> None:
    ee, _ = two
    form = sample("MLA_REQ")
    submitted = await ee.send(form)
    assert {"msg_id", "seq", "from", "to", "schema_version"} <= set(submitted.ignored)
    assert submitted.accepted.id != form["msg_id"]


async def test_an_unknown_addressee_is_refused(two: Two) -> None:
    ee, _ = two
    submission = Submission(AuthorityId("mj.fr"), sample("MLA_REQ"), CASEWORKER)
    with pytest.raises(NotFoundError, match=r"mj\.fr"):
        await ee.submit.submit(submission)


async def test_an_invalid_form_is_refused_with_its_places(two: Two) -> None:
    ee, _ = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    del form["purpose"]
    before = await ee.logged()
    with pytest.raises(InvalidFormError) as caught:
        await ee.send(form)
    assert "/purpose" in {problem.pointer for problem in caught.value.problems}
    assert await ee.logged() == before


async def test_a_form_over_its_limit_is_refused(two: Two) -> None:
    ee, _ = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    with pytest.raises(TooLargeError):
        await ee.send(form | {"sender_ref": "x" * 300_000})


async def test_an_answer_to_nothing_is_out_of_place(two: Two) -> None:
    ee, _ = two
    with pytest.raises(InvalidFormError) as caught:
        await ee.send(in_form(sample("ACK"), Form.AUTHOR))
    assert {str(problem.code) for problem in caught.value.problems} == {"E_REF"}


async def test_an_invalid_form_that_arrives_is_answered_once(two: Two) -> None:
    """A sender with other rules: its form passes there and fails here."""
    ee, pt = two
    forged = await ee.send_unchecked(
        without(in_form(sample("MLA_REQ"), Form.AUTHOR), "/purpose")
    )
    await ee.deliver()
    await pt.validation.validate_some()
    assert (await pt.row(forged)).problems > 0
    assert await pt.state(forged) == "received"
    await pt.deliver()
    await ee.validation.validate_some()
    box = await ee.store.messages(MessageFilter(box=Box.IN), cursor="", limit=10)
    (error,) = [row for row in box.rows if row.index and row.index.msg_type == "ERR"]
    assert error.index
    assert error.index.in_reply_to == forged
    assert await pt.validation.validate_some() == 0


async def test_a_message_for_a_paused_peer_is_held_and_released(two: Two) -> None:
    ee, pt = two
    ee.pause(is_paused=True)
    submitted = await ee.send()
    assert submitted.accepted.state.value == "held"
    assert await ee.release.release_held(ee.other) == 0
    assert (await ee.open.open(submitted.accepted.id, CASEWORKER)).manifest == b""
    ee.pause(is_paused=False)
    assert await ee.release.release_held(ee.other) == 1
    await ee.deliver()
    assert await ee.state(submitted.accepted.id) == "delivered"
    opened = await pt.open.open(submitted.accepted.id, CASEWORKER)
    assert opened.message["msg_id"] == submitted.accepted.id
    assert (await kinds_about(ee, submitted.accepted.id))[:3] == [
        "msg.hold",
        "msg.access",
        "msg.send",
    ]


async def test_without_a_sealable_key_a_message_is_held(two: Two) -> None:
    ee, _ = two
    ee.clock.advance(60 * DAY_S)
    submitted = await ee.send()
    row = await ee.row(submitted.accepted.id)
    assert (row.state.value, row.hold_reason) == ("held", "no-key")


async def test_a_message_that_was_never_attempted_can_be_cancelled(two: Two) -> None:
    ee, pt = two
    submitted = await ee.send()
    row = await ee.queue.cancel(submitted.accepted.id, CASEWORKER)
    assert row.state.value == "cancelled"
    assert await ee.deliver() == 0
    assert await ee.telling.tell_due(ee.other) == 1
    traffic = await pt.store.traffic(ee.authority, pt.clock.now())
    assert traffic.missing_seqs == ()
    assert traffic.highest_seq == 1


async def test_a_message_of_unknown_outcome_cannot_be_cancelled(two: Two) -> None:
    ee, _ = two
    submitted = await ee.send()
    ee.wire.loses_replies = True
    with pytest.raises(UnreachableError):
        await ee.deliver()
    with pytest.raises(ConflictError):
        await ee.queue.cancel(submitted.accepted.id, CASEWORKER)


async def test_an_undelivered_message_expires(two: Two) -> None:
    ee, _ = two
    submitted = await ee.send()
    ee.wire.is_cut = True
    with pytest.raises(UnreachableError):
        await ee.deliver()
    ee.clock.advance(31 * DAY_S)
    expired = await ee.store.expire_due(ee.clock.now(), 10)
    assert expired == [submitted.accepted.id]
    assert await ee.state(submitted.accepted.id) == "expired"


async def test_a_late_receipt_turns_expired_into_delivered(two: Two) -> None:
    ee, pt = two
    submitted = await ee.send()
    ee.wire.loses_replies = True
    with pytest.raises(UnreachableError):
        await ee.deliver()
    ee.wire.loses_replies = False
    ee.clock.advance(31 * DAY_S)
    await ee.store.expire_due(ee.clock.now(), 10)
    assert await ee.state(submitted.accepted.id) == "expired"
    await ee.deliver()
    assert await ee.state(submitted.accepted.id) == "delivered"
    assert await pt.state(submitted.accepted.id) == "received"


async def test_urgent_messages_go_first(two: Two) -> None:
    ee, pt = two
    routine = in_form(sample("MLA_REQ"), Form.AUTHOR) | {"urgency": "ROUTINE"}
    del routine["case_id"]
    urgent = routine | {"urgency": "URGENT"}
    sent = [await ee.send(form) for form in (routine, urgent)]
    assert len(await due_ids(ee)) == 2
    del pt
    assert (await due_ids(ee, again=True))[0] == sent[1].accepted.id


async def due_ids(side: Side, *, again: bool = False) -> list[MessageId]:
    """Claim what is due and return the ids in the order to send."""
    if again:
        await side.store.release_leases()
    due = await side.store.claim_due(
        side.other.authority,
        now=side.clock.now(),
        lease_ms=60_000,
        max_items=10,
        max_bytes=10_000_000,
    )
    return [message.id for message in due]


async def test_nothing_is_lost_or_double_counted(two: Two) -> None:
    ee, pt = two
    await delivered(ee, pt)
    ee.pause(is_paused=True)
    await ee.send()
    ee.pause(is_paused=False)
    cancelled = await ee.send()
    await ee.queue.cancel(cancelled.accepted.id, CASEWORKER)
    await ee.send()
    counts = await ee.store.conservation(None)
    assert counts.accepted == 4
    assert sum(count for _, count in counts.by_state) == 4
    assert {state: count for state, count in counts.by_state if count} == {
        "cancelled": 1,
        "delivered": 1,
        "held": 1,
        "queued": 1,
    }


async def test_both_directions_at_once_make_progress(two: Two) -> None:
    """Each side's view of the other's log moves while its own request is under way."""
    ee, pt = two
    for _ in range(6):
        sent = [await side.send() for side in (ee, pt) for _ in range(2)]
        await asyncio.gather(ee.deliver(), pt.deliver())
        states = [
            await side.state(one.accepted.id)
            for side, one in zip((ee, ee, pt, pt), sent, strict=True)
        ]
        assert states == ["delivered"] * 4


async def test_many_messages_beside_few_are_stored_in_pieces_and_all_answered(
    two: Two,
) -> None:
    ee, pt = two
    sent = [(await ee.send()).accepted.id for _ in range(40)]
    with pt.exchange.giving_way.handling_message(1):
        assert await ee.deliver() == len(sent)
    assert {await ee.state(one) for one in sent} == {"delivered"}
    assert {await pt.state(one) for one in sent} == {"received"}
    linked = await pt.store.peer_log(ee.authority)
    signed = await ee.store.newest_checkpoint()
    assert linked is not None
    assert signed is not None
    assert linked.size == signed.size
    traffic = await pt.store.traffic(ee.authority, pt.clock.now())
    assert not traffic.holes
