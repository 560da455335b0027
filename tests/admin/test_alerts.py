"""Alerts through the API, and that every check that can fail names its alert."""

import re
from pathlib import Path

import pytest

from gateway.admin.alert_shapes import AlertQuery
from gateway.admin.handlers.diagnostics import DiagnosticHandlers
from gateway.admin.node_shapes import Check
from gateway.admin.shapes import CheckLevel
from gateway.assembly.alerts import conditions_of, look_by
from gateway.client.alert_calls import acknowledge_alert, list_alerts, try_alerts
from gateway.core.alerts import ALERTS, Severity
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from tests.support.admin_api import AdminNode

ROOT = Path(__file__).parent.parent.parent


def low_disk(level: CheckLevel = "warn") -> Check:
    return Check(
        name="disk",
        level=level,
        text="1 MiB free",
        remedy="free some",
        alert="disk-low",
        subject="disk",
    )


async def watch(node: AdminNode, *checks: Check) -> None:
    async def found() -> tuple[Check, ...]:
        return checks

    await node.services.alerts.watch(look_by(found))


async def test_alerts_are_listed_and_acknowledged(node: AdminNode) -> None:
    await watch(node, low_disk())
    async with node.client("operator") as client:
        page = await client.send(list_alerts(AlertQuery()))
        (alert,) = page.items
        known = await client.send(acknowledge_alert(alert.alert))
        with pytest.raises(NotFoundError):
            await client.send(acknowledge_alert(99))
    assert (alert.name, alert.subject, alert.severity) == (
        "disk-low",
        "disk",
        "warning",
    )
    assert (alert.title, alert.text) == ("The disk is nearly full", "1 MiB free")
    assert alert.acknowledged_by == alert.resolved_at == ""
    assert known.acknowledged_by != ""
    assert known.acknowledged_at != ""

    node.trust.clock.advance(3600)
    await watch(node)
    async with node.client("operator") as client:
        assert (await client.send(list_alerts(AlertQuery()))).items == ()
        resolved = await client.send(list_alerts(AlertQuery(state="resolved")))
        with pytest.raises(ConflictError):
            await client.send(acknowledge_alert(alert.alert))
    assert [one.alert for one in resolved.items] == [alert.alert]
    assert resolved.items[0].resolved_at != ""


async def test_alerts_come_page_by_page(node: AdminNode) -> None:
    await watch(node, low_disk(), *(await _peers_gone("moj.fr", "moj.pt")))
    found = []
    async with node.client("auditor") as client:
        query = AlertQuery(limit=1)
        while True:
            page = await client.send(list_alerts(query))
            found += [one.subject for one in page.items]
            if not page.next:
                break
            query = AlertQuery(limit=1, before=int(page.next))
    assert found == ["moj.pt", "moj.fr", "disk"]


async def _peers_gone(*peers: str) -> list[Check]:
    return [
        Check(
            name=f"peer {peer}",
            level="fail",
            text="gone",
            alert="peer-unreachable",
            subject=peer,
        )
        for peer in peers
    ]


async def test_who_may_not_is_refused(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(NotAllowedError):
            await client.send(list_alerts(AlertQuery()))
    async with node.client("auditor") as client:
        with pytest.raises(NotAllowedError):
            await client.send(try_alerts())


async def test_without_channels_nobody_is_told(node: AdminNode) -> None:
    async with node.client("security") as client:
        assert (await client.send(try_alerts())).channels == ()


async def test_what_diagnostics_find_is_what_alerts_are_about(
    node: AdminNode,
) -> None:
    checks = await DiagnosticHandlers(node.services).node()
    bad = {check.alert for check in checks if check.level != "ok" and check.alert}
    # This node demands two witnesses and has none.
    assert "quorum-missing" in bad
    assert {one.name for one in conditions_of(checks)} == bad


def test_a_check_becomes_a_condition_by_its_level() -> None:
    ok = low_disk("ok")
    warn, fail = conditions_of([ok, low_disk(), low_disk("fail")])
    assert (warn.severity, fail.severity) == (Severity.WARNING, Severity.CRITICAL)
    assert conditions_of([Check(name="x", level="warn", text="y")]) == []


def test_every_alert_is_raised_by_a_check_and_none_is_unknown() -> None:
    sources = [
        *(ROOT / "gateway/admin").rglob("*.py"),
        *(ROOT / "gateway/assembly").glob("*.py"),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r'alert="([a-z-]+)"', text))
    assert named == set(ALERTS)
