"""Four eyes, purpose, named readers, onward use and recall between two nodes."""

import base64
from dataclasses import replace
from typing import cast

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import (
    ConflictError,
    InvalidFormError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
    PurposeError,
    UsageError,
)
from gateway.core.operators import Operator, Role, issue_token
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.admission import Outgoing
from gateway.flows.guarded import Readers
from gateway.flows.indexing import message_index
from gateway.flows.item_origins import ItemOrigins
from gateway.flows.open import Open
from gateway.flows.recall import Action, Order, Recall
from gateway.mla.envelope_fields import Form
from gateway.mla.purposes import Use
from gateway.ports.approvals import ApprovalFilter, ApprovalState
from gateway.ports.inbox import CheckDone
from gateway.ports.peers import Peer
from tests.support.forms import in_form, sample, whole
from tests.support.pair import Side

Two = tuple[Side, Side]

KASK = Act("kask", "caseworker", "asked for by the court")
SAAR = Act("saar", "approver", "seen and agreed")
ROLES = frozenset({Role.APPROVER})


def person(side: Side, name: str, *roles: Role) -> None:
    """Let somebody with a valid token be there."""
    now = side.clock.now()
    token = issue_token("desk", now=now, lifetime_ms=10**9).token
    side.people.append(Operator(name, frozenset(roles), (token,)))


def marked(*markings: str, **fields: object) -> JsonObject:
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    form["handling"] = ["TLP:AMBER", *markings]
    return cast("JsonObject", form | fields)


async def kinds(side: Side, message_id: str) -> list[str]:
    found = []
    for index in await side.store.log_indices(MessageId(message_id)):
        (entry,) = await side.store.entries(index, 1)
        leaf = parse_leaf(entry.data, log=side.exchange.checkpoints.origin)
        result = leaf.text("res") if "res" in leaf.fields else ""
        found.append(f"{leaf.kind} {result}".strip())
    return found


# --- four eyes ---


async def test_a_marked_message_leaves_once_a_second_person_lets_it(two: Two) -> None:
    ee, pt = two
    person(ee, "saar", Role.APPROVER)
    sent = await ee.send(marked("SOURCE_PROTECTED"))

    assert sent.accepted.state == "held"
    assert sent.accepted.approval
    assert await ee.release.release_held(ee.other) == 0
    approval, _ = await ee.approvals.show(sent.accepted.approval)
    assert approval.new.detail == "SOURCE_PROTECTED"
    await ee.approvals.approve(approval.number, SAAR, ROLES)

    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "delivered"
    assert await pt.state(sent.accepted.id) == "received"
    with pytest.raises(ConflictError):
        await ee.approvals.approve(approval.number, SAAR, ROLES)


async def test_without_a_second_person_it_leaves_at_once(two: Two) -> None:
    ee, _ = two
    person(ee, "ee-desk", Role.CASEWORKER)
    sent = await ee.send(marked("SOURCE_PROTECTED"))
    assert sent.accepted.state == "queued"


async def test_what_is_not_marked_waits_for_nobody(two: Two) -> None:
    ee, _ = two
    person(ee, "saar", Role.APPROVER)
    sent = await ee.send(marked())
    assert (sent.accepted.state, sent.accepted.approval) == ("queued", 0)


async def test_a_rejected_message_is_cancelled(two: Two) -> None:
    ee, _ = two
    person(ee, "saar", Role.APPROVER)
    sent = await ee.send(marked("EYES_ONLY"))
    refusing = replace(SAAR, purpose="names a source")
    done = await ee.approvals.reject(sent.accepted.approval, refusing, ROLES)
    assert done.state is ApprovalState.REJECTED
    assert await ee.state(sent.accepted.id) == "cancelled"


async def test_who_decides_is_a_person_in_the_role_of_the_kind(two: Two) -> None:
    ee, _ = two
    person(ee, "saar", Role.APPROVER)
    number = (await ee.send(marked("MINOR"))).accepted.approval
    with pytest.raises(NotAllowedError, match="role approver"):
        await ee.approvals.approve(number, SAAR, frozenset({Role.SECURITY}))
    with pytest.raises(NotAllowedError, match="a person decides"):
        await ee.approvals.approve(number, SAAR, ROLES, is_system=True)


async def test_the_absent_second_person_is_passed_over_and_that_is_reviewed(
    two: Two,
) -> None:
    ee, _ = two
    person(ee, "saar", Role.APPROVER)
    sent = await ee.send(marked("MINOR"))
    done = await ee.approvals.override(sent.accepted.approval, KASK)
    assert done.is_override
    assert await ee.state(sent.accepted.id) == "queued"
    counts = await ee.store.open_alarm_counts()
    assert counts == {("break-glass-review", False): 1}


async def test_what_nobody_decides_ends(two: Two) -> None:
    ee, _ = two
    person(ee, "saar", Role.APPROVER)
    number = (await ee.send(marked("MINOR"))).accepted.approval
    ee.clock.advance(31 * 86_400)
    await ee.approvals.tidy()
    found = await ee.approvals.find(ApprovalFilter(), before=None, limit=5)
    assert [(one.number, one.state) for one in found] == [
        (number, ApprovalState.EXPIRED)
    ]


# --- opening ---


async def received(two: Two, *markings: str, **fields: object) -> MessageId:
    """Send a message to the second node and validate it there."""
    ee, pt = two
    sent = await ee.send(marked(*markings, **fields))
    await ee.deliver()
    await pt.validation.validate_some()
    return sent.accepted.id


async def test_an_opening_for_its_own_purpose_is_logged_with_the_code(
    two: Two,
) -> None:
    _, pt = two
    message_id = await received(two, purpose="INVESTIGATION")
    opened = await pt.open.open(message_id, KASK)
    disclosed = await pt.store.disclosures(opened.access_index)
    assert any("purpose_code" in _text(one.encoded) for one in disclosed)


def _text(encoded: str) -> str:
    return base64.urlsafe_b64decode(encoded + "==").decode()


@pytest.mark.parametrize(
    "use",
    [
        Use(purpose="RELATED_PROC"),
        Use(purpose="INTEL"),
        Use(purpose="INVESTIGATION", case_number="SI-K-2026-560"),
    ],
)
async def test_another_use_is_refused_and_logged(two: Two, use: Use) -> None:
    _, pt = two
    message_id = await received(two, purpose="INVESTIGATION")
    with pytest.raises(PurposeError) as caught:
        await pt.open.open(message_id, KASK, use)
    assert caught.value.code == "E_PURPOSE"
    assert (await kinds(pt, message_id))[-1] == "msg.access e_purpose"
    assert await pt.state(message_id) == "received"


async def test_there_has_to_be_such_a_purpose(two: Two) -> None:
    _, pt = two
    message_id = await received(two)
    with pytest.raises(UsageError, match="list PURPOSE"):
        await pt.open.open(message_id, KASK, Use(purpose="FUN"))


async def test_sensitive_content_is_opened_once_for_each_approval(two: Two) -> None:
    _, pt = two
    person(pt, "saar", Role.APPROVER)
    message_id = await received(two, "SOURCE_PROTECTED")

    with pytest.raises(NeedsApprovalError, match="approve 1"):
        await pt.open.open(message_id, KASK)
    assert await pt.state(message_id) == "received"
    assert (await kinds(pt, message_id))[-1] == "msg.access needs-approval"
    await pt.approvals.approve(1, SAAR, ROLES)
    opened = await pt.open.open(message_id, KASK)
    assert opened.message["msg_id"] == message_id
    with pytest.raises(NeedsApprovalError, match="approve 2"):
        await pt.open.open(message_id, KASK)


async def test_alone_it_is_opened_without(two: Two) -> None:
    _, pt = two
    message_id = await received(two, "SOURCE_PROTECTED")
    assert (await pt.open.open(message_id, KASK)).id == message_id


@pytest.mark.parametrize("marking", ["EYES_ONLY", "COURT_ONLY"])
async def test_only_people_named_for_the_case_open_it(two: Two, marking: str) -> None:
    _, pt = two
    message_id = await received(two, marking)
    readers = Readers(pt.exchange, lambda: pt.people)
    case_id = (await pt.store.message(message_id)).case_id

    with pytest.raises(NotAllowedError, match="named readers"):
        await pt.open.open(message_id, KASK)
    await readers.grant(case_id, "kask", SAAR)
    assert (await pt.open.open(message_id, KASK)).id == message_id
    by_system = replace(
        KASK, actor="app", on_behalf_of='{"id":"kask","name":"K","role":"judge"}'
    )
    assert (await pt.open.open(message_id, by_system)).id == message_id
    await readers.revoke(case_id, "kask", SAAR)
    with pytest.raises(NotAllowedError):
        await pt.open.open(message_id, KASK)
    with pytest.raises(NotFoundError):
        await readers.revoke(case_id, "kask", SAAR)


async def test_nobody_names_themselves_while_somebody_else_could(two: Two) -> None:
    _, pt = two
    readers = Readers(pt.exchange, lambda: pt.people)
    await readers.grant("c", "saar", SAAR)  # nobody else is there
    person(pt, "chief", Role.SECURITY)
    with pytest.raises(NotAllowedError, match="somebody else"):
        await readers.grant("c", "saar", SAAR)


async def test_no_copy_is_made_for_the_eyes_of_named_people(two: Two) -> None:
    _, pt = two
    message_id = await received(two, "EYES_ONLY")
    case_id = (await pt.store.message(message_id)).case_id
    await pt.store.grant_reader(case_id, "kask", SAAR, pt.clock.now())
    with pytest.raises(NotAllowedError, match="no copy"):
        await pt.open.open(message_id, KASK, is_copy=True)


async def test_what_was_not_validated_yet_is_looked_at_first(two: Two) -> None:
    ee, pt = two
    sent = await ee.send(marked("EYES_ONLY"))
    await ee.deliver()
    with pytest.raises(NotAllowedError, match="named readers"):
        await pt.open.open(sent.accepted.id, KASK)
    assert (await kinds(pt, sent.accepted.id))[1:] == [
        "msg.check",
        "msg.access not-allowed",
    ]


# --- onward ---


async def test_an_item_of_one_authority_goes_to_no_other_without_consent(
    two: Two,
) -> None:
    """The form that came in is offered to a third authority, under another name."""
    ee, pt = two
    item: JsonObject = {"digests": [{"alg": "SHA-256", "value": "ab" * 32}]}
    answer: JsonObject = {"purpose": "TRIAL", "payload": {"manifest": [item]}}
    origins = ItemOrigins(pt.exchange, pt.keyring.subjects)
    sent = await ee.send(marked())
    await ee.deliver()
    (row,) = (await pt.store.begin_checks(8, pt.clock.now()))[:1]
    index = message_index(pt.open.unseal(row).message)
    tags = origins.tags_of(answer)
    done = CheckDone(sent.accepted.id, ee.authority, index, 0, b"{}", (), tags)
    await pt.store.finish_checks([done])

    back = Outgoing(peer=pt.other, document=answer, act=KASK)
    assert await origins.check(back) == []
    onward = _Elsewhere(pt.other, AuthorityId("minjus.cl"))
    (first, *_) = await origins.check(
        Outgoing(peer=cast("Peer", onward), document=answer, act=KASK)
    )
    assert (first.code.value, first.blocking, first.is_overridable) == (
        "E_PURPOSE",
        True,
        False,
    )


class _Elsewhere:
    """A peer like another, with an id of its own."""

    def __init__(self, like: Peer, authority: AuthorityId) -> None:
        self.authority = authority
        self.card = like.card


# --- recall ---


def recalling(side: Side) -> Recall:
    return Recall(side.exchange, side.queue, side.submit)


async def test_what_has_not_left_is_cancelled(two: Two) -> None:
    ee, _ = two
    sent = await ee.send(marked())
    done = await recalling(ee).recall(
        sent.accepted.id, Order(Action.RESTRICT, "wrong authority"), KASK
    )
    assert (done.state, done.order_id) == ("cancelled", "")
    assert await ee.state(sent.accepted.id) == "cancelled"


async def recalled(two: Two, message_id: MessageId) -> None:
    """Recall a delivered message, and let the other node obey and tell."""
    ee, pt = two
    done = await recalling(ee).recall(
        message_id, Order(Action.RESTRICT, "sent by mistake"), KASK
    )
    assert done.state == "ordered"
    await ee.deliver()
    await pt.validation.validate_some()
    await pt.telling.tell_due(pt.other)


async def test_what_nobody_opened_is_restricted_and_that_is_proven(two: Two) -> None:
    ee, pt = two
    message_id = await received(two)
    await recalled(two, message_id)

    assert "msg.restrict not-opened" in await kinds(pt, message_id)
    assert "msg.restricted not-opened" in await kinds(ee, message_id)
    assert (await ee.store.message(message_id)).last_code == "restricted-not-opened"
    roles = [one.role.value for one in await ee.store.proofs(message_id)]
    assert "restriction" in roles
    with pytest.raises(NeedsApprovalError):
        await pt.open.open(message_id, KASK)
    assert await pt.state(message_id) == "received"


async def test_what_was_opened_before_is_told_to_be(two: Two) -> None:
    ee, pt = two
    message_id = await received(two)
    await pt.open.open(message_id, KASK)
    await recalled(two, message_id)

    assert "msg.restricted opened" in await kinds(ee, message_id)
    with pytest.raises(NeedsApprovalError):
        await pt.open.open(message_id, KASK)
    person(pt, "saar", Role.APPROVER)
    found = await pt.approvals.find(
        ApprovalFilter(state="waiting"), before=None, limit=5
    )
    await pt.approvals.approve(found[0].number, SAAR, ROLES)
    assert (await pt.open.open(message_id, KASK)).id == message_id


async def withdrawn(two: Two, action: str) -> tuple[MessageId, MessageId]:
    """Ask, be answered by a receipt, and withdraw; return both messages.

    The first side asks. The answer is read by its node, and by nobody there.
    """
    ee, pt = two
    asked = await ee.send(marked())
    await passed_on(ee, pt)
    case_id = (await ee.store.message(asked.accepted.id)).case_id
    in_case: JsonObject = {"case_id": case_id, "in_reply_to": asked.accepted.id}
    answer = in_form(sample("ACK"), Form.AUTHOR) | in_case | {"handling": ["TLP:AMBER"]}
    answered = await pt.send(answer)
    await passed_on(pt, ee)
    form = in_form(whole("WDR"), Form.AUTHOR) | in_case
    payload = cast("JsonObject", form["payload"]) | {"data_action": action}
    await ee.send(form | {"payload": payload})
    return asked.accepted.id, answered.accepted.id


async def passed_on(sender: Side, receiver: Side) -> None:
    await sender.deliver()
    await receiver.validation.validate_some()


@pytest.mark.parametrize("action", ["RESTRICT", "DELETE", "RETURN"])
async def test_a_withdrawal_restricts_what_each_side_received(
    two: Two, action: str
) -> None:
    ee, pt = two
    request, answer = await withdrawn(two, action)

    # What we hold is restricted as soon as we say so, not when it is delivered.
    assert "msg.restrict not-opened" in await kinds(ee, answer)
    with pytest.raises(NeedsApprovalError):
        await ee.open.open(answer, KASK)
    assert await ee.state(answer) == "received"
    assert (await pt.open.open(request, KASK)).id == request

    await passed_on(ee, pt)
    await pt.telling.tell_due(pt.other)
    await ee.telling.tell_due(ee.other)
    assert "msg.restrict opened" in await kinds(pt, request)
    assert "msg.restricted opened" in await kinds(ee, request)
    assert "msg.restricted not-opened" in await kinds(pt, answer)
    with pytest.raises(NeedsApprovalError):
        await pt.open.open(request, KASK)
    ordered = [
        one.ordered.value
        for one in (
            await ee.store.restriction(answer, pt.authority),
            await pt.store.restriction(request, ee.authority),
        )
        if one is not None
    ]
    assert ordered == [action.lower()] * 2


async def test_what_may_be_kept_is_not_restricted(two: Two) -> None:
    ee, pt = two
    request, answer = await withdrawn(two, "KEEP")
    await passed_on(ee, pt)
    assert (await ee.open.open(answer, KASK)).id == answer
    assert (await pt.open.open(request, KASK)).id == request


async def test_repeating_a_recall_sends_no_second_order(two: Two) -> None:
    ee, _ = two
    message_id = await received(two)
    first = await recalling(ee).recall(message_id, Order(Action.RESTRICT, "why"), KASK)
    again = await recalling(ee).recall(message_id, Order(Action.RESTRICT, "why"), KASK)
    assert again.order_id == first.order_id


async def test_only_ours_can_be_recalled(two: Two) -> None:
    _, pt = two
    message_id = await received(two)
    with pytest.raises(NotFoundError):
        await recalling(pt).recall(message_id, Order(Action.RESTRICT, "why"), KASK)


async def test_necessity_is_more_than_a_word(two: Two) -> None:
    ee, _ = two
    form = marked()
    payload = cast("JsonObject", form["payload"])
    necessity = cast("JsonObject", payload["necessity"])
    bare: JsonObject = {
        "necessity": [{"lang": "en", "text": "Needed", "is_translation": False}]
    }
    form["payload"] = payload | {"necessity": necessity | bare}
    with pytest.raises(InvalidFormError) as caught:
        await ee.send(form)
    assert any("one word" in one.sentence for one in caught.value.problems)


async def test_without_rules_a_node_opens_as_before(two: Two) -> None:
    _, pt = two
    message_id = await received(two, "EYES_ONLY")
    plain = Open(pt.exchange, pt.keyring.archive, pt.blobs, wake=lambda _: None)
    assert (await plain.open(message_id, KASK)).id == message_id
