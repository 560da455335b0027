"""Units: cases come to them by rules, and their people see theirs and no others."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
import pytest_asyncio

from gateway.admin import shapes, unit_shapes
from gateway.admin.approval_shapes import ApprovalQuery
from gateway.admin.case_shapes import CaseQuery
from gateway.admin.desk_shapes import AlarmQuery, DeadlineQuery
from gateway.admin.form_shapes import CheckRequest
from gateway.admin.opening_shapes import OpenRequest
from gateway.client import calls
from gateway.client.approval_calls import list_approvals, show_approval
from gateway.client.case_calls import list_cases, show_case
from gateway.client.client import GatewayClient
from gateway.client.desk_calls import claim_alarm, list_alarms, list_deadlines
from gateway.client.form_calls import check_message
from gateway.client.unit_calls import (
    assign_case,
    list_units,
    put_unit,
    remove_unit,
    set_routing,
)
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.core.operators import Role
from gateway.core.units import NOBODY
from gateway.core.values import MessageId, new_uuid7
from gateway.flows.days import day_of
from gateway.flows.operators import TokenRequest
from gateway.flows.validate import Validation
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.approvals import ApprovalKind, NewApproval
from tests.support.admin_api import PT, AdminNode, admin_node, request_form
from tests.support.forms import sample
from tests.support.trusting import ACT

UNKNOWN = "00000000-0000-7000-8000-000000000000"
pytestmark = pytest.mark.asyncio(loop_scope="module")

READ = OpenRequest(purpose="to see what is asked")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AdminNode]:
    async with admin_node(tmp_path_factory.mktemp("node")) as node:
        await people(node, "anna", "bert")
        yield node


@pytest_asyncio.fixture(loop_scope="module")
async def node(started: AdminNode) -> AdminNode:
    """Give the node without units; cases of other tests are there."""
    desk = started.services.unit_desk
    await desk.route((), NOBODY, ACT)
    for unit in desk.all().units:
        await desk.remove(unit.code, ACT)
    return started


async def people(node: AdminNode, *names: str) -> None:
    """Give more caseworkers."""
    for name in names:
        await node.services.operators.add(name, frozenset({Role.CASEWORKER}), ACT)
        issued = await node.services.operators.create_token(
            name, TokenRequest(label="desk"), ACT
        )
        node.tokens = {**node.tokens, name: issued.text}


async def units(node: AdminNode, **members: tuple[str, ...]) -> None:
    async with node.client("security") as client:
        for code, names in members.items():
            request = unit_shapes.PutUnitRequest(name=f"Unit {code}", members=names)
            await client.send(put_unit(code, request))


async def route(node: AdminNode, *rules: unit_shapes.RoutingRule, default: str) -> None:
    async with node.client("security") as client:
        request = unit_shapes.RoutingRequest(rules=rules, default_unit=default)
        await client.send(set_routing(request))


async def received(node: AdminNode) -> MessageId:
    case = new_uuid7(node.trust.clock.now())
    message = await node.receive(sample("MLA_REQ") | {"case_id": case})
    checks = Validation(
        node.services.exchange,
        open_=node.services.open,
        submit=node.services.submit,
        received=asyncio.Event(),
        validated=lambda: None,
        wake=lambda _peer: None,
        units=node.services.unit_desk,
    )
    await checks.validate_some()
    return message


async def case_of(node: AdminNode, message: str) -> str:
    return (await node.trust.store.message(MessageId(message))).case_id


async def sees(client: GatewayClient, message: str) -> bool:
    page = await client.send(calls.list_messages(shapes.MessageQuery()))
    try:
        await client.send(calls.show_message(message))
    except NotFoundError:
        assert all(one.id != message for one in page.items)
        return False
    assert any(one.id == message for one in page.items)
    return True


async def test_the_first_rule_that_fits_decides_and_the_log_says_so(
    node: AdminNode,
) -> None:
    await units(node, north=("anna",), south=("bert",))
    await route(
        node,
        unit_shapes.RoutingRule(unit="north", countries=("XX",)),
        unit_shapes.RoutingRule(people=("bert",), peers=(PT,), types=("MLA_REQ",)),
        unit_shapes.RoutingRule(unit="north"),
        default="north",
    )
    message = await received(node)
    entry = (await node.entries("admin.case-assign"))[-1]
    assert (entry["detail"], entry["actor"]) == ("to bert", "node")
    assert entry["case"] == await case_of(node, message)
    async with node.client("bert") as bert, node.client("anna") as anna:
        assert await sees(bert, message)
        assert not await sees(anna, message)
        page = await bert.send(list_cases(CaseQuery()))
        case = page.items[0]
        assert (case.case, case.people, case.unit) == (entry["case"], ("bert",), "")
        assert (await bert.send(calls.open_message(message, READ))).id == message


async def souths(node: AdminNode) -> MessageId:
    """Give a case to unit south, which is bert's; anna is of unit north."""
    await units(node, north=("anna",), south=("bert",))
    await route(node, default="south")
    return await received(node)


async def test_lists_show_what_is_ours_and_nothing_else(node: AdminNode) -> None:
    message = await souths(node)
    case = await case_of(node, message)
    new = NewAlarm(kind=AlarmKind.EMERGENCY, subject=message, case_id=case, peer=PT)
    now = node.trust.clock.now()
    await node.trust.store.raise_alarm(new, Act("node", "node"), now)
    await asked_for(node, message)
    for account, is_seen in (("bert", True), ("anna", False)):
        async with node.client(account) as client:
            listed = await client.send(calls.list_messages(shapes.MessageQuery()))
            found = (
                listed.items,
                (await client.send(list_cases(CaseQuery()))).items,
                (await client.send(list_alarms(AlarmQuery()))).items,
                (await client.send(list_approvals(ApprovalQuery()))).items,
                (await client.send(list_deadlines(DeadlineQuery(owner="any")))).items,
                (await client.send(calls.changes(shapes.ChangesQuery(after=0)))).items,
            )
            for one in found:
                text = msgspec.json.encode(one).decode()
                assert (case in text or message in text) is is_seen, text
        assert (message in await exported(node, account)) is is_seen


async def test_what_is_not_ours_is_not_there(node: AdminNode) -> None:
    message = await souths(node)
    case = await case_of(node, message)
    new = NewAlarm(kind=AlarmKind.EMERGENCY, subject=message, case_id=case, peer=PT)
    now = node.trust.clock.now()
    alarm = await node.trust.store.raise_alarm(new, Act("node", "node"), now)
    assert alarm is not None
    number = await asked_for(node, message)
    async with node.client("anna") as anna:
        with pytest.raises(NotFoundError):
            await anna.send(show_case(case))
        with pytest.raises(NotFoundError):
            await anna.send(calls.timeline(message))
        with pytest.raises(NotFoundError):
            await anna.send(calls.open_message(message, READ))
        with pytest.raises(NotFoundError):
            await anna.send(calls.confirm_message(message))
        with pytest.raises(NotFoundError):
            await anna.send(claim_alarm(alarm.number))
        with pytest.raises(NotFoundError):
            await anna.send(show_approval(number))
        # Figures count what belongs to all of them.
        assert (await anna.send(calls.stats())).peers == ()
        assert (await anna.send(calls.show_peer(PT))).highest_seq == 0
    refused = await node.entries("msg.access")
    own = [one for one in refused if one["actor"] == "anna"]
    assert (own[-1]["res"], own[-1]["m"]) == ("not-allowed", message)
    for account in ("bert", "observer"):
        async with node.client(account) as client:
            assert await sees(client, message)
            assert (await client.send(show_case(case))).unit == "south"


async def test_nothing_goes_into_a_case_that_is_not_ours(node: AdminNode) -> None:
    case = await case_of(node, await souths(node))
    form: dict[str, object] = {**request_form(), "case_id": case}
    async with node.client("anna") as anna:
        with pytest.raises(NotFoundError):
            await anna.send(calls.submit(shapes.SubmitRequest(to=PT, message=form)))
        with pytest.raises(NotFoundError):
            await anna.send(check_message(CheckRequest(to=PT, message=form)))
    async with node.client("bert") as bert:
        await bert.send(check_message(CheckRequest(to=PT, message=form)))


async def asked_for(node: AdminNode, message: MessageId) -> int:
    new = NewApproval(
        kind=ApprovalKind.OPEN, subject=message, message_id=message, peer=PT
    )
    act, now = Act("bert", "caseworker"), node.trust.clock.now()
    return (await node.trust.store.ask_approval(new, act, now)).number


async def exported(node: AdminNode, account: str) -> str:
    url = f"{node.url}/api/v1/messages/csv"
    async with node.session.get(url, headers=node.headers(account)) as response:
        return await response.text()


async def test_a_case_is_given_to_others_with_a_reason(node: AdminNode) -> None:
    await units(node, north=("anna",), south=("bert",))
    await route(node, default="south")
    message = await received(node)
    case = await case_of(node, message)
    to_anna = unit_shapes.AssignRequest(reason="she knows it", people=("anna",))
    async with node.client("anna") as anna, node.client("bert") as bert:
        with pytest.raises(NotFoundError):
            await anna.send(assign_case(case, to_anna))
        (done,) = (await bert.send(assign_case(case, to_anna))).items
        assert (done.people, done.by, done.peer) == (("anna",), "bert", PT)
        assert await sees(anna, message)
        assert not await sees(bert, message)
        for request in (
            unit_shapes.AssignRequest(reason="x", unit="west"),
            unit_shapes.AssignRequest(reason="x", people=("observer",)),
            unit_shapes.AssignRequest(reason="x", unit="north", people=("anna",)),
        ):
            with pytest.raises(UsageError):
                await anna.send(assign_case(case, request))
        nobody = unit_shapes.AssignRequest(reason="anybody may", peer=PT)
        await anna.send(assign_case(case, nobody))
        assert await sees(bert, message)
        size = (await node.trust.store.log_head()).size
        await anna.send(assign_case(case, nobody))
        assert (await node.trust.store.log_head()).size == size
        with pytest.raises(NotFoundError):
            await anna.send(
                assign_case("0" * 8 + "-0000-7000-8000-000000000000", nobody)
            )
    entries = await node.entries("admin.case-assign")
    assert [(one["actor"], one.get("purpose")) for one in entries[-3:]] == [
        ("node", None),
        ("bert", "she knows it"),
        ("anna", "anybody may"),
    ]


async def test_a_substitute_sees_it_for_the_time_and_no_longer(
    node: AdminNode,
) -> None:
    await units(node, north=("anna",))
    await route(node, default="north")
    message = await received(node)
    today = day_of(node.trust.clock.now())
    async with node.client("security") as client, node.client("bert") as bert:
        for first, last, is_seen in ((-2, -1, False), (-1, 1, True), (1, 2, False)):
            request = unit_shapes.PutUnitRequest(
                name="North",
                members=("anna",),
                head="anna",
                substitutes=(
                    unit_shapes.Substitution(
                        name="bert",
                        stands_for="anna",
                        first=(today + timedelta(days=first)).isoformat(),
                        last=(today + timedelta(days=last)).isoformat(),
                    ),
                ),
            )
            unit = await client.send(put_unit("north", request))
            assert ("bert" in unit.today) is is_seen
            assert await sees(bert, message) is is_seen


async def test_a_token_may_be_limited_to_a_unit(node: AdminNode) -> None:
    await units(node, north=("anna",), south=("anna",))
    await route(node, default="south")
    message = await received(node)
    make = node.services.operators.create_token
    only = TokenRequest(label="app", units=frozenset({"north"}))
    issued = await make("anna", only, ACT)
    with pytest.raises(UsageError, match="not in a unit west"):
        await make("anna", TokenRequest(label="x", units=frozenset({"west"})), ACT)
    node.tokens = {**node.tokens, "app": issued.text}
    async with node.client("app") as app, node.client("anna") as anna:
        assert not await sees(app, message)
        assert await sees(anna, message)
        session = await app.send(calls.session())
        assert (session.units, session.scoped) == (("north",), True)
        assert session.expires_at


async def test_who_opens_a_case_keeps_it_in_their_unit(node: AdminNode) -> None:
    await units(node, north=("anna",), south=("bert",))
    async with node.client("anna") as anna, node.client("bert") as bert:
        request = shapes.SubmitRequest(to=PT, message=dict(request_form()))
        message = (await anna.send(calls.submit(request))).id
        assert await sees(anna, message)
        assert not await sees(bert, message)


async def test_units_that_lead_nowhere_are_refused(node: AdminNode) -> None:
    await units(node, north=())
    await route(node, default="north")
    async with node.client("security") as client:
        with pytest.raises(ConflictError, match="leads to north"):
            await client.send(remove_unit("north"))
        with pytest.raises(NotFoundError):
            await client.send(remove_unit("west"))
        for members, head in ((("nobody",), ""), (("observer",), "admin")):
            request = unit_shapes.PutUnitRequest(
                name="South", members=members, head=head
            )
            with pytest.raises(UsageError):
                await client.send(put_unit("south", request))
        wrong = unit_shapes.RoutingRequest(default_unit="west")
        with pytest.raises(UsageError):
            await client.send(set_routing(wrong))
        await client.send(set_routing(unit_shapes.RoutingRequest()))
        await client.send(remove_unit("north"))
        assert await client.send(list_units()) == unit_shapes.UnitList()
    async with node.client("operator") as client:
        with pytest.raises(NotAllowedError):
            await client.send(remove_unit("north"))


async def test_without_units_everybody_with_the_role_sees_everything(
    node: AdminNode,
) -> None:
    before = len(await node.entries("admin.case-assign"))
    message = await received(node)
    assert len(await node.entries("admin.case-assign")) == before
    async with node.client("caseworker") as client:
        assert await sees(client, message)
        assert (await client.send(calls.stats())).peers
        session = await client.send(calls.session())
        assert (session.units, session.scoped) == ((), False)
