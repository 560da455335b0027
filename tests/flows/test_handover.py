"""Somebody leaves: nothing of theirs works any more, and their tasks are not lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.operators import Role
from gateway.core.units import Assignee, Rule, Substitute, Unit
from gateway.core.values import UnixMs
from gateway.flows.days import day_of
from gateway.flows.operators import Operators, TokenRequest
from gateway.flows.units import UnitDesk
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.approvals import ApprovalKind, ApprovalState, NewApproval
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.people import Moved
from gateway.trust.directory import TrustDirectory
from tests.support.cards import NOW
from tests.support.trusting import ACT, DETAILS, TrustingNode, trusting_node

ANNA = Act("anna", "caseworker", "work")
WORK = frozenset({Role.CASEWORKER, Role.APPROVER})


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        operators = Operators(made.changes, made.clock)
        for name in ("anna", "bert"):
            await operators.add(name, WORK, ACT)
        yield made


@pytest.fixture
def operators(node: TrustingNode) -> Operators:
    return Operators(node.changes, node.clock)


async def alarm(node: TrustingNode, number: int, raised_by: Act = ACT) -> int:
    new = NewAlarm(kind=AlarmKind.BREAK_GLASS_REVIEW, subject=f"approval {number}")
    raised = await node.store.raise_alarm(new, raised_by, node.clock.now())
    assert raised is not None
    await node.store.claim_alarm(raised.number, ANNA, node.clock.now())
    return raised.number


async def ask(node: TrustingNode, kind: ApprovalKind, subject: str) -> int:
    new = NewApproval(kind=kind, subject=subject)
    return (await node.store.ask_approval(new, ANNA, node.clock.now())).number


async def test_tasks_go_to_the_heir_and_what_was_granted_ends(
    node: TrustingNode, operators: Operators
) -> None:
    theirs, own = await alarm(node, 1), await alarm(node, 2, Act("bert", "operator"))
    asked = await ask(node, ApprovalKind.OPEN, "message 1")
    granted = await ask(node, ApprovalKind.SEARCH, "search 1")
    await node.store.permit(granted, ACT, node.clock.now())
    ordered = await ask(node, ApprovalKind.TRUST, "add-peer 1")
    doubled = await ask(node, ApprovalKind.ERASE, "ids 1")
    new = NewApproval(kind=ApprovalKind.ERASE, subject="ids 1")
    await node.store.ask_approval(new, Act("bert", "caseworker"), node.clock.now())
    await node.store.grant_reader("case-1", "anna", ACT, node.clock.now())

    done = await operators.remove("anna", ACT, "bert")

    assert set(done.moved) == {
        Moved("alarm", str(theirs), "bert"),
        Moved("alarm", str(own), ""),
        Moved("approval", str(asked), "bert"),
        Moved("approval", str(granted), ""),
        Moved("approval", str(ordered), ""),
        Moved("approval", str(doubled), ""),
        Moved("reader", "case-1", ""),
    }
    taken = await node.store.alarm(theirs)
    assert (taken.claimed_by, taken.is_open) == ("bert", True)
    assert (await node.store.alarm(own)).claimed_by == ""
    passed = await node.store.approval(asked)
    assert (passed.asked_by, passed.state) == ("bert", ApprovalState.WAITING)
    for number in (granted, ordered, doubled):
        assert (await node.store.approval(number)).state is ApprovalState.WITHDRAWN
    assert await node.store.case_readers("case-1") == []
    assert len(await node.logged("admin.handover")) == len(done.moved)


async def test_a_hold_is_reviewed_by_the_heir(
    node: TrustingNode, operators: Operators
) -> None:
    hold = LegalHold(
        hold_id="h1",
        scope=HoldScope.PERSON,
        target="",
        held_by="anna",
        reason="court order",
        since=NOW,
        review_on="2027-01-01",
    )
    await node.store.add_hold(hold, ANNA)
    done = await operators.remove("anna", ACT, "bert")
    assert done.moved == (Moved("hold", "h1", "bert"),)
    assert [one.held_by for one in await node.store.holds()] == ["bert"]
    # Without an heir it stands all the same, and anybody else may lift it.
    await operators.remove("bert", ACT)
    assert [one.held_by for one in await node.store.holds()] == ["bert"]


async def test_a_name_is_never_given_again_and_stays_known(
    node: TrustingNode, operators: Operators
) -> None:
    await operators.remove("anna", ACT, "bert")
    with pytest.raises(ConflictError, match="somebody who has left"):
        await operators.add("anna", WORK, ACT)
    with pytest.raises(NotFoundError):
        await operators.remove("anna", ACT)
    again = TrustDirectory(node.layout.folder, DETAILS.stage)
    await again.load(node.listing_digest())
    assert again.operator("anna") is None
    (gone,) = again.all_departed()
    assert (gone.name, gone.heir, gone.removed_at) == ("anna", "bert", node.clock.now())


async def test_secrets_that_somebody_has_seen_are_named(
    operators: Operators,
) -> None:
    await operators.add("chief", frozenset({Role.SECURITY}), ACT)
    request = TokenRequest(label="case-system", is_system=True)
    await operators.create_token("bert", request, Act("chief", "security"))
    await operators.create_token("anna", request, ACT)
    done = await operators.remove("chief", ACT)
    seen = done.secrets[0]
    assert "case-system of bert" in seen.secret
    assert "mla-gateway operator token bert --revoke" in seen.remedy
    assert len(done.secrets) == 3
    assert (await operators.remove("anna", ACT)).secrets == ()


async def test_units_and_routes_follow_in_the_same_step(
    node: TrustingNode, operators: Operators
) -> None:
    desk = UnitDesk(node.exchange, node.changes)
    today = day_of(node.clock.now())
    unit = Unit(
        code="baltic",
        name="Unit for Baltic states",
        members=("anna", "bert"),
        head="anna",
        substitutes=(Substitute("bert", "anna", today, today),),
    )
    await desk.put(unit, ACT)
    rules = (Rule(to=Assignee(people=("anna",)), countries=("LV",)),)
    await desk.route(rules, Assignee(unit="baltic"), ACT)
    done = await operators.remove("anna", ACT, "bert")
    assert Moved("unit", "baltic", "bert") in done.moved
    (left,) = desk.all().units
    assert (left.members, left.head, left.substitutes) == (("bert",), "bert", ())
    assert desk.all().rules[0].to.people == ("bert",)
    await operators.remove("bert", ACT)
    assert desk.all().units[0].members == ()
    assert desk.all().rules == ()


async def test_nobody_inherits_from_themselves_or_from_nobody(
    operators: Operators,
) -> None:
    with pytest.raises(UsageError):
        await operators.remove("anna", ACT, "anna")
    with pytest.raises(NotFoundError):
        await operators.remove("anna", ACT, "nobody")
    assert operators.find("anna").roles == WORK


async def test_the_use_of_tokens_is_forgotten_with_the_account(
    node: TrustingNode, operators: Operators
) -> None:
    await node.store.note_token_use("anna", "desk", UnixMs(5))
    await node.store.note_token_use("anna", "desk", UnixMs(7))
    assert await node.store.token_uses() == {("anna", "desk"): 7}
    await operators.remove("anna", ACT)
    assert await node.store.token_uses() == {}
