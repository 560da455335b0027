"""`webhook`: systems that are told of every change of a message's state."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.moments import moment
from gateway.cli.output import print_fields, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from gateway.admin.webhook_shapes import IssuedWebhook, Webhook
    from gateway.client.call import Call

_CALLS = 20

_name = click.argument("name")
_out = click.option(
    "--out", type=click.Path(path_type=Path), help="New file for the secret."
)


@command(
    "add",
    example="mla-gateway webhook add cms https://cms.example.org/hook --out cms.key",
)
@_name
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="message.STATE",
    help="Only this event; say it again for each. Without it, all.",
)
@_out
@pass_invocation
def add(
    invocation: Invocation,
    name: str,
    url: str,
    events: tuple[str, ...],
    out: Path | None,
) -> None:
    """Add an endpoint; its secret is shown once.

    It is told of what happens from now on. With --out the secret that signs every call
    goes into a file that only you can read; the node keeps it sealed.
    """
    from gateway.admin.webhook_shapes import AddWebhookRequest
    from gateway.client.webhook_calls import add_webhook
    from gateway.core.webhooks import check_events, check_webhook_name

    check_webhook_name(name)
    check_events(events)
    request = AddWebhookRequest(name=name, url=url, events=events)
    _issue(invocation, add_webhook(request), out, f"{name} added")


@command("list", example="mla-gateway webhook list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All endpoints, and how they stand."""
    from gateway.client.webhook_calls import list_webhooks

    found = invocation.send(list_webhooks())
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("NAME", "STATE", "WAITING", "LAST TAKEN", "URL"),
        [
            (
                one.name,
                f"{one.state} ({one.why})" if one.why else one.state,
                one.waiting,
                one.last_taken_at,
                one.url,
            )
            for one in found.items
        ],
    )


@command("show", example="mla-gateway webhook show cms")
@_name
@pass_invocation
def show(invocation: Invocation, name: str) -> None:
    """An endpoint, and how calls of it went."""
    from gateway.admin.webhook_shapes import WebhookCallsQuery
    from gateway.client.webhook_calls import show_webhook, webhook_calls

    webhook = invocation.send(show_webhook(name))
    query = WebhookCallsQuery(limit=_CALLS)
    calls = invocation.send(webhook_calls(name, query)).items
    if invocation.as_json:
        print_json({"webhook": webhook, "calls": calls})
        return
    _print(webhook)
    print_table(
        ("CALL", "AT", "EVENT", "MESSAGE", "TRY", "OUTCOME", "MS"),
        [
            (
                one.call,
                one.at,
                one.event,
                one.message,
                one.attempt,
                "taken" if one.outcome.taken else one.outcome.detail,
                one.outcome.duration_ms,
            )
            for one in calls
        ],
    )


@command("test", example="mla-gateway webhook test cms")
@_name
@pass_invocation
def test(invocation: Invocation, name: str) -> None:
    """Call an endpoint with a test.

    The event says that it is one. Fails if the endpoint does not take it.
    """
    from gateway.client.webhook_calls import try_webhook
    from gateway.core.errors import UnreachableError

    outcome = invocation.send(try_webhook(name))
    if invocation.as_json:
        print_json(outcome)
    elif outcome.taken:
        say(f"{name} has taken it: HTTP {outcome.status}, {outcome.duration_ms} ms")
    if not outcome.taken:
        raise UnreachableError(f"{name} has not taken it: {outcome.detail}")


@command("replay", example="mla-gateway webhook replay cms --since 2026-11-21T23:05")
@_name
@click.option("--since", default="", help="A day or moment, UTC: 2026-11-21T23:05.")
@pass_invocation
def replay(invocation: Invocation, name: str, since: str) -> None:
    """Call an endpoint again.

    It goes on where it stands, or from a moment on; also one that was disabled.
    What is told once more has the id it had.
    """
    from gateway.client.webhook_calls import replay_webhook

    webhook = invocation.send(replay_webhook(name, moment(since)))
    if invocation.as_json:
        print_json(webhook)
    else:
        say(f"{name} is told what happened since change {webhook.cursor}")


@command("remove", example="mla-gateway webhook remove cms")
@_name
@pass_invocation
def remove(invocation: Invocation, name: str) -> None:
    """Tell an endpoint nothing any more."""
    from gateway.client.webhook_calls import remove_webhook

    invocation.send(remove_webhook(name))
    if invocation.as_json:
        print_json({"name": name})
    else:
        say(f"{name} removed")


@command("rotate", example="mla-gateway webhook rotate cms --overlap-hours 48")
@_name
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    help="How long calls are signed with the old secret too.",
)
@_out
@pass_invocation
def rotate(
    invocation: Invocation, name: str, overlap_hours: int, out: Path | None
) -> None:
    """Give an endpoint a new secret.

    Until the overlap ends calls carry two signatures, so that the endpoint can change
    over when it likes. --overlap-hours 0 makes the old one worth nothing at once.
    """
    from gateway.client.webhook_calls import rotate_webhook

    call = rotate_webhook(name, overlap_hours)
    _issue(invocation, call, out, f"{name} has a new secret")


def _issue(
    invocation: Invocation,
    call: "Call[IssuedWebhook]",
    out: Path | None,
    told: str,
) -> None:
    """Send a call and show the secret, or put it into a file taken before."""
    if out is None:
        issued = invocation.send(call)
        if not invocation.as_json:
            print_line(issued.secret)
    else:
        with new_file(out) as file:
            issued = invocation.send(call)
            file.write(f"{issued.secret}\n".encode())
    if invocation.as_json:
        print_json(issued)
    else:
        say(told)


def _print(webhook: "Webhook") -> None:
    print_fields(
        {
            "name": webhook.name,
            "url": webhook.url,
            "state": f"{webhook.state} {webhook.why}".strip(),
            "events": ", ".join(webhook.events) or "all",
            "told up to change": webhook.cursor,
            "changes after it": webhook.waiting,
            "failures": webhook.failures or "",
            "failing since": webhook.failing_since,
            "called next": webhook.next_at,
            "last taken": webhook.last_taken_at,
            "two secrets until": webhook.two_secrets_until,
        },
    )
