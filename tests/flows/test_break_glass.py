"""Acting in an emergency without the approver: logged, and reviewed by another."""

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.values import UnixMs
from gateway.flows.break_glass import BreakGlass
from gateway.ports.alarms import REVIEW_WITHIN_MS, AlarmFilter, AlarmKind
from gateway.ports.approvals import Approval, ApprovalKind, NewApproval
from tests.support.desks import DeskOf, emergency_request
from tests.support.pair import Side

Two = tuple[Side, Side]
ANN = Act("ann", "caseworker", "nobody on duty reached")
BOB = Act("bob", "caseworker", "it was in order")
DAY_S = 86_400.0


async def _waiting(
    side: Side,
    form: JsonObject | None = None,
    kind: ApprovalKind = ApprovalKind.OPEN,
) -> Approval:
    """Submit a message, and ask for approval of something about it."""
    sent = await side.send(form)
    row = await side.row(sent.accepted.id)
    new = NewApproval(
        kind=kind,
        subject=row.id,
        message_id=row.id,
        case_id=row.case_id,
        peer=row.peer,
    )
    return await side.approvals.ask(new, Act("ann", "caseworker", "to read it"))


async def _reviews(side: Side) -> list[int]:
    wanted = AlarmFilter(kind=AlarmKind.BREAK_GLASS_REVIEW, is_open=True)
    found = await side.store.alarms(wanted, before=None, limit=9)
    return [alarm.number for alarm in found]


async def test_a_caseworker_acts_and_another_person_reviews_it(two: Two) -> None:
    ee, _ = two
    waiting = await _waiting(ee, emergency_request())
    done = await BreakGlass(ee.exchange, ee.approvals).act(
        waiting.number, ANN, is_system=False
    )

    assert (done.is_override, done.decided_by) == (True, "ann")
    (number,) = await _reviews(ee)
    alarm = await ee.store.alarm(number)
    assert (alarm.raised_by, alarm.new.due) == (
        "ann",
        ee.clock.now() + REVIEW_WITHIN_MS,
    )
    (entry,) = await ee.store.entries(done.decision_index, 1)
    leaf = parse_leaf(entry.data, log=ee.exchange.checkpoints.origin)
    assert leaf.kind == "admin.approval-override"
    disclosed = {
        one.name: one.value
        for sealed in await ee.store.disclosures(done.decision_index)
        for one in [read_disclosure(sealed.encoded)]
    }
    assert disclosed["actor"] == "ann"
    assert disclosed["purpose"] == "nobody on duty reached"

    with pytest.raises(NotAllowedError):
        await ee.store.resolve_alarm(number, ANN, ee.clock.now())
    await ee.store.resolve_alarm(number, BOB, ee.clock.now())
    assert await _reviews(ee) == []


async def test_what_was_decided_is_not_decided_again(two: Two) -> None:
    ee, _ = two
    glass = BreakGlass(ee.exchange, ee.approvals)
    waiting = await _waiting(ee, emergency_request())
    await glass.act(waiting.number, ANN, is_system=False)

    with pytest.raises(ConflictError):
        await glass.act(waiting.number, ANN, is_system=False)
    assert len(await _reviews(ee)) == 1


async def test_only_a_person_in_an_emergency_may(two: Two) -> None:
    ee, _ = two
    glass = BreakGlass(ee.exchange, ee.approvals)
    urgent = await _waiting(ee, emergency_request())
    routine = await _waiting(ee)
    search = await _waiting(ee, emergency_request(), ApprovalKind.SEARCH)
    before = await ee.logged()

    with pytest.raises(NotAllowedError, match="person"):
        await glass.act(urgent.number, ANN, is_system=True)
    with pytest.raises(NotAllowedError, match="no emergency"):
        await glass.act(routine.number, ANN, is_system=False)
    with pytest.raises(NotAllowedError, match="search"):
        await glass.act(search.number, ANN, is_system=False)
    with pytest.raises(NotFoundError):
        await glass.act(99, ANN, is_system=False)
    assert await ee.logged() == before
    assert await _reviews(ee) == []


async def test_an_approval_about_no_message_is_no_emergency(two: Two) -> None:
    ee, _ = two
    new = NewApproval(kind=ApprovalKind.OPEN, subject="x", message_id="gone")
    waiting = await ee.approvals.ask(new, ANN)

    with pytest.raises(NotAllowedError, match="no emergency"):
        await BreakGlass(ee.exchange, ee.approvals).act(
            waiting.number, ANN, is_system=False
        )


async def test_a_review_is_told_of_again_every_day(two: Two) -> None:
    ee, _ = two
    desk = DeskOf(ee)
    waiting = await _waiting(ee, emergency_request())
    await BreakGlass(ee.exchange, ee.approvals).act(
        waiting.number, ANN, is_system=False
    )
    (number,) = await _reviews(ee)

    async def told() -> int:
        await desk.desk.tell()
        kinds = [one["kind"] for one in desk.program.told]
        return kinds.count("break-glass-review")

    assert await told() == 1
    ee.clock.advance(DAY_S - 60)
    assert await told() == 1
    ee.clock.advance(120)
    assert await told() == 2
    ee.clock.advance(DAY_S + 60)
    assert await told() == 3
    await ee.store.resolve_alarm(number, BOB, UnixMs(ee.clock.now()))
    ee.clock.advance(2 * DAY_S)
    assert await told() == 3
