"""`alert`: what is not well with the node, and whether people are told."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, print_table, say

if TYPE_CHECKING:
    from gateway.admin.alert_shapes import AlertState

_PAGE = 500


@command("list", example="mla-gateway alert list")
@click.option(
    "--state",
    type=click.Choice(["open", "resolved", "all"]),
    default="open",
    help="Which ones.",
)
@pass_invocation
def list_all(invocation: Invocation, state: "AlertState") -> None:
    """What is not well with the node, newest first.

    Alerts are raised and resolved by the node itself. What to do about each stands in
    docs/runbooks.md under its name.
    """
    from gateway.admin.alert_shapes import Alert, AlertQuery
    from gateway.client.alert_calls import list_alerts

    found: list[Alert] = []
    query = AlertQuery(state=state, limit=_PAGE)
    while True:
        page = invocation.send(list_alerts(query))
        found += page.items
        if not page.next:
            break
        query = AlertQuery(state=state, limit=_PAGE, before=int(page.next))
    if invocation.as_json:
        print_json({"items": found})
        return
    print_table(
        ("ALERT", "SEVERITY", "NAME", "SUBJECT", "SINCE", "STATE", "WHAT", "REMEDY"),
        [
            (
                one.alert,
                one.severity,
                one.name,
                one.subject,
                one.raised_at,
                _state(one.resolved_at, one.acknowledged_by),
                one.text,
                one.remedy,
            )
            for one in found
        ],
    )


@command("ack", example="mla-gateway alert ack 17")
@click.argument("number", type=click.IntRange(min=1))
@pass_invocation
def acknowledge(invocation: Invocation, number: int) -> None:
    """You know of an alert; nobody is reminded of it any more.

    It stays open until its reason is gone, and is told again if it gets worse.
    """
    from gateway.client.alert_calls import acknowledge_alert

    alert = invocation.send(acknowledge_alert(number))
    if invocation.as_json:
        print_json(alert)
    else:
        say(f"alert {number} ({alert.name}): {alert.acknowledged_by} knows of it")


@command("test", example="mla-gateway alert test")
@pass_invocation
def test(invocation: Invocation) -> None:
    """Send a test to everybody who is told of alerts.

    Exit code 6 if one of the channels did not take it.
    """
    from gateway.client.alert_calls import try_alerts

    tests = invocation.send(try_alerts())
    if invocation.as_json:
        print_json(tests)
    else:
        for one in tests.channels:
            print_line(f"{one.channel}: {one.error or 'taken'}")
        if not tests.channels:
            say("nobody is told of alerts: see section [alerts] of gateway.toml")
    if any(one.error for one in tests.channels):
        click.get_current_context().exit(ExitCode.UNAVAILABLE)


def _state(resolved_at: str, acknowledged_by: str) -> str:
    if resolved_at:
        return f"resolved {resolved_at}"
    return f"known to {acknowledged_by}" if acknowledged_by else "open"
