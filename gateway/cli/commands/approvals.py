"""`approval list`, `approval show`, `approve` and `reject`: four eyes."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say

if TYPE_CHECKING:
    from gateway.admin.approval_shapes import Approval

_number = click.argument("number", metavar="ID", type=click.IntRange(1, 10**15 - 1))


@command("list", example="mla-gateway approval list")
@click.option("--state", default="waiting", show_default=True, help="Or all.")
@click.option("--kind", default="", help="Like release or open.")
@click.option("--case", default="", help="Of this case.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@pass_invocation
def list_all(
    invocation: Invocation, *, state: str, kind: str, case: str, limit: int
) -> None:
    """What waits for a second person, newest first."""
    from gateway.admin.approval_shapes import ApprovalQuery
    from gateway.client.approval_calls import list_approvals

    wanted = "" if state == "all" else state
    query = ApprovalQuery(state=wanted, kind=kind, case=case, limit=limit)
    page = invocation.send(list_approvals(query))
    if invocation.as_json:
        print_json(page)
        return
    print_table(
        ("ID", "KIND", "STATE", "SUBJECT", "ASKED BY", "AT", "NEEDS", "UNTIL"),
        [
            (
                one.id,
                one.kind,
                one.state,
                one.subject,
                one.asked_by,
                one.asked_at,
                one.role,
                one.expires_at,
            )
            for one in page.items
        ],
    )


@command("show", example="mla-gateway approval show 7")
@_number
@pass_invocation
def show(invocation: Invocation, number: int) -> None:
    """One of them, with the reason that was given."""
    from gateway.client.approval_calls import show_approval

    _print(invocation, invocation.send(show_approval(number)))


@command("approve", example="mla-gateway approve 7")
@_number
@click.option("--reason", default="", help="Logged with your name, if given.")
@pass_invocation
def approve(invocation: Invocation, number: int, reason: str) -> None:
    """Approve what somebody else asked for.

    A message that waited for it leaves. Who asked to read something may open it now,
    once. Nobody approves what they asked for themselves.
    """
    from gateway.client.approval_calls import approve as approve_call

    approval = invocation.send(approve_call(number, reason))
    if invocation.as_json:
        print_json(approval)
    else:
        say(f"approval {approval.id} ({approval.kind}) is {approval.state}")


@command("reject", example='mla-gateway reject 7 --reason "names a protected source"')
@_number
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def reject(invocation: Invocation, number: int, reason: str) -> None:
    """Reject what somebody else asked for.

    A message that waited for it is cancelled.
    """
    from gateway.client.approval_calls import reject as reject_call

    approval = invocation.send(reject_call(number, reason))
    if invocation.as_json:
        print_json(approval)
    else:
        say(f"approval {approval.id} ({approval.kind}) is {approval.state}")


@command(
    "break-glass",
    example='mla-gateway break-glass 7 --reason "a child is missing, nobody reached"',
)
@_number
@click.option("--reason", required=True, help="Why nobody else could approve.")
@pass_invocation
def break_glass(invocation: Invocation, number: int, reason: str) -> None:
    """Approve in an emergency in place of the approver.

    Only for an EMERGENCY message that is to leave or to be read. It is logged as an act
    of its own, and somebody else has to review it by the next day: see `alarm list`.
    """
    from gateway.client.approval_calls import break_glass as break_glass_call

    approval = invocation.send(break_glass_call(number, reason))
    if invocation.as_json:
        print_json(approval)
    else:
        say(
            f"approval {approval.id} ({approval.kind}) is {approval.state}; "
            "somebody else has to review this by tomorrow"
        )


def _print(invocation: Invocation, approval: "Approval") -> None:
    if invocation.as_json:
        print_json(approval)
        return
    print_fields(
        {
            "id": approval.id,
            "kind": approval.kind,
            "state": approval.state,
            "subject": approval.subject,
            "detail": approval.detail,
            "case": approval.case,
            "peer": approval.peer,
            "asked by": approval.asked_by,
            "for": approval.asked_for,
            "at": approval.asked_at,
            "entry": approval.index,
            "reason": approval.reason,
            "needs": approval.role,
            "until": approval.expires_at,
            "decided by": approval.decided_by,
            "decided at": approval.decided_at,
            "its entry": approval.decision_index,
            "passed over": approval.override,
        }
    )
