"""`maintenance` and `peer incident`: what people stop."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.moments import moment
from gateway.cli.output import print_fields, print_json, say

if TYPE_CHECKING:
    from gateway.admin.halt_shapes import Maintenance


@command(
    "start",
    example="mla-gateway maintenance start --until 2026-11-28T23:30 "
    '--reason "new disks"',
)
@click.option("--until", required=True, help="A moment, UTC: 2026-11-28T23:30.")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def start(invocation: Invocation, until: str, reason: str) -> None:
    """Tell peers to come later, and send nothing, until a moment.

    It ends by itself. What your own systems submit meanwhile is accepted and waits.
    """
    from gateway.client.halt_calls import begin_maintenance

    spelled = moment(until, "--until")
    _print(invocation, invocation.send(begin_maintenance(spelled, reason)))


@command("stop", example="mla-gateway maintenance stop")
@pass_invocation
def stop(invocation: Invocation) -> None:
    """Go on with all peers now."""
    from gateway.client import halt_calls

    invocation.send(halt_calls.end_maintenance())
    _print(invocation, invocation.send(halt_calls.show_maintenance()))


@command("show", example="mla-gateway maintenance show")
@pass_invocation
def show(invocation: Invocation) -> None:
    """Whether this node is being maintained, and until when."""
    from gateway.client.halt_calls import show_maintenance

    _print(invocation, invocation.send(show_maintenance()))


@command(
    "incident",
    example='mla-gateway peer incident moj.fr --reason "their keys are stolen" '
    "--since 2026-11-20",
)
@click.argument("peer")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@click.option(
    "--since",
    default="",
    help="What came since this day or moment, UTC, is suspect; without, all.",
)
@pass_invocation
def incident(invocation: Invocation, peer: str, reason: str, since: str) -> None:
    """Stop both directions with a peer at once.

    Whatever came from it is marked as suspect. To go on takes peer resume, and the
    approval of a second person.
    """
    from gateway.admin.halt_shapes import IncidentRequest
    from gateway.client.halt_calls import begin_incident

    request = IncidentRequest(reason=reason, since=moment(since))
    begun = invocation.send(begin_incident(peer, request))
    if invocation.as_json:
        print_json(begun)
        return
    say(f"incident {begun.id}: nothing goes to or comes from {peer} any more")
    say(f"what was exchanged: peer exchanged {peer}")


@command("exchanged", example="mla-gateway peer exchanged moj.fr --since 2026-11-20")
@click.argument("peer")
@click.option(
    "--since",
    default="",
    help="A day or moment, UTC; without, that of the newest incident, or all.",
)
@pass_invocation
def exchanged(invocation: Invocation, peer: str, since: str) -> None:
    """What was exchanged with a peer and opened since a moment."""
    from gateway.client.halt_calls import show_exchanged

    found = invocation.send(show_exchanged(peer, moment(since)))
    if invocation.as_json:
        print_json(found)
        return
    fields: dict[str, object] = {"peer": found.peer, "since": found.since or "ever"}
    fields |= {f"sent {state}": count for state, count in found.sent.items()}
    fields |= {f"received {state}": count for state, count in found.received.items()}
    fields |= {
        "opened here": found.opened_here,
        "opened there": found.opened_there,
        "with files": found.with_files,
    }
    for one in found.incidents:
        ended = f", ended {one.ended_at} by {one.ended_by}" if one.ended_at else ""
        fields[f"incident {one.id}"] = (
            f"{one.begun_at} by {one.begun_by}: {one.reason}{ended}"
        )
    print_fields(fields)
    option = f" --since {found.since}" if found.since else ""
    say(f"the messages: list --peer {peer}{option}; as a file: export")


def _print(invocation: Invocation, found: "Maintenance") -> None:
    if invocation.as_json:
        print_json(found)
    elif found.on:
        say(f"maintained until {found.until}: {found.reason} ({found.begun_by})")
    else:
        say("not maintained")
