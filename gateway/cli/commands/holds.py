"""`hold add`, `list` and `lift`: what must not be erased."""

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say
from gateway.cli.subject_options import subject_of, subject_options


@command(
    "add",
    example="mla-gateway hold add --case 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--reason "appeal is pending" --review-on 2027-06-30',
)
@click.option("--case", default="", help="All messages of this case.")
@click.option("--message", default="", help="This message.")
@subject_options
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@click.option(
    "--review-on",
    required=True,
    help="Day by which somebody asks whether it is still needed.",
)
@pass_invocation
def add(
    invocation: Invocation,
    /,
    *,
    case: str,
    message: str,
    reason: str,
    review_on: str,
    **person: str,
) -> None:
    """Keep a case, a message or all about a person.

    While the hold stands, nothing that it is on can be erased or pruned. Of a person,
    it is on every message that names somebody who may be meant, also on later ones.
    """
    from gateway.admin.lifecycle_shapes import AddHoldRequest
    from gateway.client.lifecycle_calls import add_hold

    request = AddHoldRequest(
        reason=reason,
        review_on=review_on,
        case=case,
        message=message,
        person=subject_of(person) if any(person.values()) else None,
    )
    hold = invocation.send(add_hold(request))
    if invocation.as_json:
        print_json(hold)
    else:
        say(f"hold {hold.hold_id} on a {hold.scope}; to be reviewed {hold.review_on}")


@command("list", example="mla-gateway hold list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All legal holds, oldest first."""
    from gateway.client.lifecycle_calls import list_holds

    found = invocation.send(list_holds())
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("HOLD", "ON", "TARGET", "BY", "SINCE", "REVIEW", "REASON"),
        [
            (
                one.hold_id,
                one.scope,
                one.target,
                one.by,
                one.since,
                f"{one.review_on} OVERDUE" if one.overdue else one.review_on,
                one.reason,
            )
            for one in found.items
        ],
    )


@command(
    "lift",
    example="mla-gateway hold lift 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--reason "the judgment is final"',
)
@click.argument("hold_id", metavar="HOLD")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def lift(invocation: Invocation, hold_id: str, *, reason: str) -> None:
    """Lift a hold that somebody else has set."""
    from gateway.admin.lifecycle_shapes import LiftHoldRequest
    from gateway.client.lifecycle_calls import lift_hold

    done = invocation.send(lift_hold(hold_id, LiftHoldRequest(reason=reason)))
    if invocation.as_json:
        print_json(done)
    else:
        say(f"hold {done.hold_id} lifted, logged at {done.index}")
