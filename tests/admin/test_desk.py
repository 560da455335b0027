"""Deadlines and alarms through the API."""

import pytest

from gateway.admin.desk_shapes import AlarmQuery, Deadline, DeadlineQuery
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.client.desk_calls import (
    claim_alarm,
    list_alarms,
    list_deadlines,
    resolve_alarm,
)
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.core.values import UnixMs
from gateway.mla.deadlines import RULES
from gateway.ports.alarms import Alarm, AlarmKind, NewAlarm
from tests.support.admin_api import PT, AdminNode, request_form


async def _submit(node: AdminNode) -> str:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def _raise(
    node: AdminNode, subject: str = "1", kind: AlarmKind = AlarmKind.EMERGENCY
) -> Alarm:
    store = node.services.exchange.store
    alarm = await store.raise_alarm(
        NewAlarm(kind=kind, subject=subject, peer=PT, rule="D01", due=UnixMs(1)),
        Act("ann", "caseworker"),
        node.services.exchange.clock.now(),
    )
    assert alarm is not None
    return alarm


ACK_FR = next(one.title_fr for one in RULES if one.name == "D27.ack")


async def test_deadlines_come_by_their_end_page_by_page(node: AdminNode) -> None:
    message = await _submit(node)
    async with node.client("caseworker") as client:
        whole = await client.send(list_deadlines(DeadlineQuery()))
        pages: list[Deadline] = []
        cursor = ""
        while True:
            query = DeadlineQuery(limit=1, cursor=cursor)
            page = await client.send(list_deadlines(query))
            pages += page.items
            cursor = page.next
            if not cursor:
                break

    assert list(whole.items) == pages
    assert {one.started_by for one in pages} == {message}
    ends = [one.due for one in pages if one.due]
    assert ends == sorted(ends)
    assert not any(one.due for one in pages[len(ends) :])
    by_rule = {one.rule: one for one in pages}
    ack = by_rule["D27.ack"]
    assert (ack.owner, ack.ours, ack.state) == (PT, False, "open")
    assert (ack.title, ack.source) == ("Acknowledge receipt", "service target")
    assert ack.calendar_assumed
    async with node.client("caseworker") as client:
        french = await client.send(list_deadlines(DeadlineQuery(language="fr")))
    titles = {one.rule: one.title for one in french.items}
    assert titles["D27.ack"] == ACK_FR


async def test_deadlines_are_filtered(node: AdminNode) -> None:
    await _submit(node)

    async def rules(query: DeadlineQuery) -> list[str]:
        async with node.client("caseworker") as client:
            page = await client.send(list_deadlines(query))
        return [one.rule for one in page.items]

    assert await rules(DeadlineQuery(owner="us")) == []
    assert await rules(DeadlineQuery(peer="none.example")) == []
    theirs = await rules(DeadlineQuery(owner="them"))
    assert "D27.ack" in theirs
    assert await rules(DeadlineQuery(state="suspended")) == []
    assert await rules(DeadlineQuery(state="overdue")) == []
    assert await rules(DeadlineQuery(within="1h")) == []
    assert "D27.ack" in await rules(DeadlineQuery(within="9d"))
    assert "D27.ack" in await rules(DeadlineQuery(state="open"))


async def test_odd_questions_are_refused(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(UsageError):
            await client.send(list_deadlines(DeadlineQuery(cursor="1:2")))
        for within in ("1w", "12345d", "-1d"):
            with pytest.raises((UsageError, MalformedError)):
                await client.send(list_deadlines(DeadlineQuery(within=within)))


async def test_alarms_are_listed_claimed_and_resolved(node: AdminNode) -> None:
    first, second = await _raise(node), await _raise(node, "2")
    async with node.client("caseworker") as client:
        listed = await client.send(list_alarms(AlarmQuery()))
        assert [one.alarm for one in listed.items] == [second.number, first.number]
        page = await client.send(list_alarms(AlarmQuery(limit=1)))
        assert page.next == str(second.number)
        rest = await client.send(list_alarms(AlarmQuery(before=second.number)))
        assert [one.alarm for one in rest.items] == [first.number]

        claimed = await client.send(claim_alarm(first.number))
        assert claimed.claimed_by == "caseworker"
        done = await client.send(resolve_alarm(first.number, "called them"))
        assert (done.resolved_by, done.outcome) == ("caseworker", "done")
        with pytest.raises(ConflictError):
            await client.send(claim_alarm(first.number))
        with pytest.raises(NotFoundError):
            await client.send(claim_alarm(99))
        left = await client.send(list_alarms(AlarmQuery()))
        assert [one.alarm for one in left.items] == [second.number]
        resolved = await client.send(list_alarms(AlarmQuery(state="resolved")))
        assert [one.alarm for one in resolved.items] == [first.number]
        everything = await client.send(list_alarms(AlarmQuery(state="all")))
        assert len(everything.items) == 2
        of_kind = await client.send(list_alarms(AlarmQuery(kind="deadline-ahead")))
        assert of_kind.items == ()


async def test_what_an_alarm_shows(node: AdminNode) -> None:
    alarm = await _raise(node)
    async with node.client("observer") as client:
        (one,) = (await client.send(list_alarms(AlarmQuery()))).items

    assert (one.kind, one.rule, one.peer) == ("emergency", "D01", PT)
    assert one.title == "Acknowledge the European Investigation Order"
    assert (one.index, one.record, one.raised_by) == (alarm.log_index, None, "ann")
    assert one.due == "1970-01-01T00:00:00.001Z"


async def test_a_review_takes_another_person(node: AdminNode) -> None:
    store = node.services.exchange.store
    alarm = await store.raise_alarm(
        NewAlarm(kind=AlarmKind.BREAK_GLASS_REVIEW, subject="x"),
        Act("caseworker", "caseworker"),
        UnixMs(1),
    )
    assert alarm is not None
    async with node.client("caseworker") as client:
        with pytest.raises(NotAllowedError):
            await client.send(resolve_alarm(alarm.number, "mine"))
    async with node.client("approver") as client:
        done = await client.send(resolve_alarm(alarm.number, "in order"))
    assert done.resolved_by == "approver"
