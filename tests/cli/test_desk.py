"""`deadline` and `alarm` on the command line."""

import pytest

from gateway.admin.desk_shapes import (
    Alarm,
    AlarmPage,
    AlarmQuery,
    Deadline,
    DeadlinePage,
    DeadlineQuery,
)
from tests.support.command_line import AT, run_at
from tests.support.scripted_api import Answer, ScriptedApi


def _deadline(rule: str, *, is_assumed: bool = False, due: str = AT) -> Deadline:
    return Deadline(
        case="case-1",
        peer="pgr.pt",
        rule=rule,
        title="Acknowledge receipt",
        kind="target",
        source="service target",
        mark="P",
        owner="moj.ee",
        ours=True,
        state="open",
        starts_at=AT,
        started_by="m",
        due=due,
        calendar_assumed=is_assumed,
    )


def _alarm(number: int, **more: str) -> Alarm:
    return Alarm(alarm=number, kind="emergency", raised_at=AT, index=4, **more)  # type: ignore[arg-type]


def test_our_deadlines_are_listed_page_by_page(api: ScriptedApi) -> None:
    def answer(count: int) -> Answer:
        first = DeadlinePage(items=(_deadline("D01"),), next="5:D01:m")
        last = DeadlinePage(items=(_deadline("D27.ack", due=""),))
        return first if count % 2 == 0 else last

    api.answers["list_deadlines"] = answer

    done = run_at(api, "deadline", "list", "--within", "14d", "--peer", "pgr.pt")

    rows = done.stdout.splitlines()[1:]
    assert [row.split()[2] for row in rows] == ["D01", "open"]
    assert "no date" in rows[1]
    assert api.last.query == DeadlineQuery(
        within="14d", peer="pgr.pt", owner="us", cursor="5:D01:m", limit=500
    )
    assert done.stderr == ""
    document = run_at(api, "deadline", "list", "--json").document()
    assert str(document["items"]).count("'rule': ") == 2


@pytest.mark.parametrize(("option", "owner"), [("--theirs", "them"), ("--all", "any")])
def test_whose_deadlines(api: ScriptedApi, option: str, owner: str) -> None:
    page = DeadlinePage(items=(_deadline("D01", is_assumed=True),))
    api.answers["list_deadlines"] = page

    done = run_at(api, "deadline", "list", option, "--state", "overdue")

    assert isinstance(api.last.query, DeadlineQuery)
    assert (api.last.query.owner, api.last.query.state) == (owner, "overdue")
    assert "no calendar" in done.stderr


def test_alarms_say_who_has_to_do_with_them(api: ScriptedApi) -> None:
    def answer(count: int) -> Answer:
        if count % 2 == 0:
            items = (_alarm(4, person="saar"), _alarm(3, claimed_by="kask"))
            return AlarmPage(items=items, next="3")
        resolved = _alarm(2, resolved_by="ann", outcome="done", message="m-2")
        return AlarmPage(items=(resolved, _alarm(1, rule="D01", title="Acknowledge")))

    api.answers["list_alarms"] = answer

    done = run_at(api, "alarm", "list", "--state", "all", "--kind", "emergency")

    rows = done.stdout.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["4", "3", "2", "1"]
    for row, word in zip(
        rows, ("asked saar", "kask", "ann (done)", "D01 Acknowledge"), strict=True
    ):
        assert word in row
    assert api.last.query == AlarmQuery(
        state="all", kind="emergency", before=3, limit=500
    )
    document = run_at(api, "alarm", "list", "--json").document()
    assert str(document["items"]).count("'alarm': ") == 4


def test_an_alarm_is_claimed_and_resolved(api: ScriptedApi) -> None:
    api.answers["claim_alarm"] = _alarm(7, claimed_by="ann")
    api.answers["resolve_alarm"] = _alarm(7, resolved_by="ann")

    assert "alarm 7 is yours" in run_at(api, "alarm", "claim", "7").stderr
    done = run_at(api, "alarm", "resolve", "7", "--reason", "called", "--json")
    assert done.document()["resolved_by"] == "ann"
    assert run_at(api, "alarm", "resolve", "7").exit_code == 2
    assert run_at(api, "alarm", "claim", "0").exit_code == 2
