"""Stopping exchange over the API: maintenance windows, and incidents of a peer."""

import asyncio

import pytest

from gateway.admin import approval_shapes, halt_shapes, shapes
from gateway.client import approval_calls, calls, halt_calls
from gateway.core.errors import (
    ConflictError,
    MaintenanceError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.core.operators import Operator, Role, issue_token
from gateway.core.values import UnixMs, format_time
from gateway.flows.trust import TrustNote
from gateway.ports.trust import TrustChange, TrustEdit
from tests.support.admin_api import PT, AdminNode
from tests.support.peer_net import until as until_it_holds
from tests.support.trusting import ACT

HOUR_MS = 3_600_000
ALL = approval_shapes.ApprovalQuery()


def moment(node: AdminNode, after_ms: int) -> str:
    return format_time(UnixMs(node.trust.clock.now() + after_ms))


async def test_a_window_is_announced_and_ends_by_itself(node: AdminNode) -> None:
    halts = node.services.exchange.halts
    until = moment(node, HOUR_MS)
    async with node.client("operator") as client:
        begun = await client.send(halt_calls.begin_maintenance(until, "new disks"))
        ready = await client.send(calls.readyz())
    assert (begun.on, begun.until, begun.reason) == (True, until, "new disks")
    assert (ready.status, ready.until) == ("maintenance", until)
    async with node.client("observer") as client:
        assert await client.send(halt_calls.show_maintenance()) == begun
        with pytest.raises(NotAllowedError):
            await client.send(halt_calls.end_maintenance())
    assert halts.stops(PT, node.trust.clock.now())
    with pytest.raises(MaintenanceError) as later:
        halts.check_window(node.trust.clock.now())
    assert later.value.retry_after_s == 60

    await node.trust.clock.sleep(HOUR_MS / 1_000)
    await node.services.maintenance.tidy()

    async with node.client("observer") as client:
        assert not (await client.send(halt_calls.show_maintenance())).on
        assert (await client.send(calls.readyz())).status == "ready"
    (ended,) = await node.entries("admin.maintenance-end")
    assert ended["actor"] == "node"
    assert node.trust.woken[-1] == PT


async def test_a_window_survives_a_restart(node: AdminNode) -> None:
    until = moment(node, HOUR_MS)
    async with node.client("security") as client:
        await client.send(halt_calls.begin_maintenance(until, "new disks"))
    halts = node.services.exchange.halts
    halts.window = None
    await halts.load(node.trust.store)
    assert halts.stops(PT, node.trust.clock.now())
    async with node.client("security") as client:
        await client.send(halt_calls.end_maintenance())
        with pytest.raises(ConflictError, match="no window"):
            await client.send(halt_calls.end_maintenance())
    assert not halts.stops(PT, node.trust.clock.now())


async def test_the_worker_ends_a_window_in_time(node: AdminNode) -> None:
    maintenance = node.services.maintenance
    halts = node.services.exchange.halts
    async with asyncio.TaskGroup() as group:
        task = group.create_task(maintenance.run())
        await maintenance.begin(UnixMs(node.trust.clock.now() + 30), ACT)
        await node.trust.clock.sleep(1)
        await until_it_holds(lambda: halts.window is None)
        task.cancel()
    assert len(await node.entries("admin.maintenance-end")) == 1


@pytest.mark.parametrize("after_ms", [0, -1, 7 * 86_400_000 + 1])
async def test_a_window_is_of_the_next_days(node: AdminNode, after_ms: int) -> None:
    until = moment(node, after_ms)
    async with node.client("operator") as client:
        with pytest.raises(UsageError, match="next seven days"):
            await client.send(halt_calls.begin_maintenance(until, "r"))
        with pytest.raises(UsageError, match="until"):
            await client.send(halt_calls.begin_maintenance("tomorrow", "r"))


async def stop(node: AdminNode, since: str = "") -> halt_shapes.Incident:
    request = halt_shapes.IncidentRequest(reason="stolen keys", since=since)
    async with node.client("operator") as client:
        return await client.send(halt_calls.begin_incident(PT, request))


async def test_one_person_stops_a_peer_and_what_came_is_suspect(
    node: AdminNode,
) -> None:
    before = await node.receive()
    await node.trust.clock.sleep(10)
    since = moment(node, 0)
    after = await node.receive()

    incident = await stop(node, since)

    async with node.client("admin") as client:
        peer = await client.send(calls.show_peer(PT))
        plain = await client.send(calls.show_message(before))
        shown = await client.send(calls.show_message(after))
        page = await client.send(calls.list_messages(shapes.MessageQuery()))
        found = await client.send(halt_calls.show_exchanged(PT))
        all_of_it = await client.send(
            halt_calls.show_exchanged(PT, moment(node, -HOUR_MS))
        )
    assert peer.paused
    assert peer.incident == incident
    assert plain.suspect is None
    assert shown.suspect is not None
    assert (shown.suspect.incident, shown.suspect.since) == (incident.id, since)
    assert shown.suspect.open
    assert [bool(one.suspect) for one in page.items] == [True, False]
    assert (found.since, found.received, found.sent) == (since, {"received": 1}, {})
    assert found.incidents == (incident,)
    assert all_of_it.received == {"received": 2}
    with pytest.raises(MaintenanceError):
        node.services.exchange.halts.check_peer(PT)
    (entry,) = await node.entries("admin.incident-begin")
    assert (entry["actor"], entry["purpose"], entry["peer"]) == (
        "operator",
        "stolen keys",
        PT,
    )


async def second_person(node: AdminNode) -> None:
    """Let `admin` be no second person for who asks as `security`."""
    issued = issue_token("desk", now=node.trust.clock.now(), lifetime_ms=HOUR_MS)
    operator = Operator("tamm", frozenset({Role.SECURITY}), (issued.token,))
    async with node.trust.changes.turn:
        await node.trust.changes.commit(
            TrustEdit(put_operators=(operator,)),
            TrustNote(TrustChange.OPERATOR_ADDED, ACT),
        )


async def test_two_people_allow_it_again(node: AdminNode) -> None:
    await second_person(node)
    incident = await stop(node)
    async with node.client("operator") as client:
        with pytest.raises(NeedsApprovalError, match="approve 1"):
            await client.send(calls.resume_peer(PT))
    async with node.client("security") as client:
        (asked,) = (await client.send(approval_calls.list_approvals(ALL))).items
        assert (asked.kind, asked.peer, asked.asked_by) == ("reenable", PT, "operator")
        await client.send(approval_calls.approve(asked.id))
        shown = await client.send(calls.show_peer(PT))
    assert shown.incident == incident
    async with node.client("operator") as client:
        peer = await client.send(calls.resume_peer(PT))
    assert not peer.paused
    assert peer.incident is None
    assert len(await node.entries("admin.incident-end")) == 1
    # What came in its time stays suspect.
    (past,) = node.services.exchange.halts.all_of(PT)
    assert past.ended_by == "operator"


async def test_only_what_there_is_and_was_can_be_stopped(node: AdminNode) -> None:
    async with node.client("operator") as client:
        request = halt_shapes.IncidentRequest(reason="r")
        with pytest.raises(NotFoundError):
            await client.send(halt_calls.begin_incident("nobody.fr", request))
        with pytest.raises(NotFoundError):
            await client.send(halt_calls.show_exchanged("nobody.fr"))
        future = halt_shapes.IncidentRequest(reason="r", since=moment(node, HOUR_MS))
        with pytest.raises(UsageError, match="has been"):
            await client.send(halt_calls.begin_incident(PT, future))
    async with node.client("caseworker") as client:
        with pytest.raises(NotAllowedError):
            await client.send(halt_calls.begin_incident(PT, request))
