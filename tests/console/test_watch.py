"""Pages of the log, alarms, alerts and diagnostics over the real listener."""

import pytest

from gateway.admin.node_shapes import Check
from gateway.assembly.alerts import look_by
from gateway.console.handlers.watch import ALARM_LABELS, ALERT_LABELS
from gateway.core.alerts import ALERTS
from gateway.core.entries.disclosures import Act
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.jobs import JobKind
from tests.support.admin_api import PT, AdminNode
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_alarm_and_alert_has_a_name_for_readers() -> None:
    assert set(ALARM_LABELS) == set(AlarmKind)
    assert {name: kind.title for name, kind in ALERTS.items()} == ALERT_LABELS


async def test_the_log_is_browsed_entry_by_entry(node: AdminNode) -> None:
    message_id = await node.receive()
    page = await look(node, "/console/log")
    assert page.status == 200
    assert "msg.receive" in page.text
    filtered = await look(node, f"/console/log?kind=msg.&message={message_id}")
    assert "msg.receive" in filtered.text
    assert "key.card" not in filtered.text
    assert "entries were looked through" in filtered.text
    none = await look(node, "/console/log?kind=nothing")
    assert "No such entry here." in none.text
    entry = await look(node, "/console/log/entries/0")
    assert (entry.status, entry.count("pre")) == (200, 1)
    assert (await look(node, "/console/log/entries/99999")).status == 404
    older = await look(node, "/console/log?before=2")
    assert "/console/log/entries/1" in older.links
    assert "/console/log/entries/2" not in older.links
    assert (await look(node, "/console/log?before=x")).status in {400, 422}


async def test_the_log_is_verified_as_a_job(node: AdminNode) -> None:
    page = await look(node, "/console/log")
    assert "/console/log/verifications" in page.actions
    begun = await look(node, "/console/log/verifications", form={"once": "1"})
    assert begun.status in {204, 303}
    place = begun.headers["location"]
    assert place.startswith("/console/log/verifications/")
    again = await look(node, "/console/log")
    assert place in again.links
    waiting = await look(node, place)
    assert "data-refresh" in {name for _, found in waiting.tags for name in found}
    await node.services.jobs.turn({JobKind.VERIFY_LOG})
    shown = await look(node, place)
    assert "Everything agrees" in shown.text
    assert "data-refresh" not in {name for _, found in shown.tags for name in found}


async def test_who_vouches_for_the_log_is_shown(node: AdminNode) -> None:
    page = await look(node, "/console/log/witnesses")
    assert page.status == 200
    assert "None: every log is what was seen of it." in page.text
    assert node.services.log_origin in page.text
    begun = await look(node, "/console/log/witnesses/round", form={})
    assert begun.headers["location"] == "/console/log/witnesses"
    assert (await look(node, "/console/log/witnesses", "security")).status == 200


async def test_an_alarm_is_claimed_and_dealt_with(node: AdminNode) -> None:
    alarm = await node.services.exchange.store.raise_alarm(
        NewAlarm(kind=AlarmKind.EMERGENCY, subject="1", peer=PT, rule="D01"),
        Act("ann", "caseworker"),
        node.services.exchange.clock.now(),
    )
    assert alarm is not None
    place = f"/console/alarms/{alarm.number}"
    page = await look(node, "/console/alarms", "caseworker")
    assert {f"{place}/claim", f"{place}/resolve"} <= set(page.actions)
    assert "an emergency message" in page.text
    seen = await look(node, "/console/alarms", "observer")
    assert seen.actions == []

    claimed = await look(node, f"{place}/claim", "caseworker", form={})
    assert claimed.headers["location"] == "/console/alarms"
    page = await look(node, "/console/alarms", "operator")
    assert "looks after it" in page.text
    assert f"{place}/claim" not in page.actions
    dealt = await look(node, f"{place}/resolve", form={"reason": "called them"})
    assert dealt.headers["location"] == "/console/alarms"
    assert "Nothing wants anybody." in (await look(node, "/console/alarms")).text
    resolved = await look(node, "/console/alarms?state=resolved&kind=emergency")
    assert "resolved by" in resolved.text


async def test_an_alert_is_acknowledged(node: AdminNode) -> None:
    async def checks() -> list[Check]:
        return [
            Check(
                name="disk",
                level="fail",
                text="1 MiB free",
                remedy="free some disk",
                alert="disk-low",
                subject="disk",
            )
        ]

    await node.services.alerts.watch(look_by(checks))
    page = await look(node, "/console/alerts")
    assert "The disk is nearly full" in page.text
    assert "docs/runbooks.md#disk-low" in page.text
    (place,) = [one for one in page.actions if one.endswith("/acknowledge")]
    known = await look(node, place, "operator", form={})
    assert known.headers["location"] == "/console/alerts"
    assert place not in (await look(node, "/console/alerts")).actions
    tried = await look(node, "/console/alerts/test", form={})
    assert tried.headers["location"] == "/console/alerts"
    french = await look(node, "/console/alerts", headers={"Accept-Language": "fr"})
    assert "Le disque est presque plein" in french.text


async def test_checks_are_shown_worst_first(node: AdminNode) -> None:
    page = await look(node, "/console/diagnostics")
    assert page.status == 200
    assert page.text.index("witnesses are demanded") < page.text.index(
        "a durable write"
    )
    peer = await look(node, f"/console/diagnostics?peer={PT}")
    assert f"The way to {PT}" in peer.text
    assert (await look(node, "/console/diagnostics?peer=nobody.xx")).status == 404
