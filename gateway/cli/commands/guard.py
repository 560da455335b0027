"""`recall`, `case readers`, `case grant` and `case revoke`."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from gateway.admin.guard_shapes import ReaderList

    _Action: TypeAlias = Literal["restrict", "delete", "return"]

_reason = click.option("--reason", required=True, help="Why; logged with your name.")
_case = click.argument("case_id", metavar="CASE")
_name = click.argument("name", metavar="NAME")


@command(
    "recall",
    example="mla-gateway recall 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--reason "sent to the wrong authority"',
)
@click.argument("message_id", metavar="ID")
@_reason
@click.option(
    "--action",
    type=click.Choice(("restrict", "delete", "return")),
    default="restrict",
    show_default=True,
    help="What the receiver is to do with it.",
)
@click.option(
    "--by", default="", metavar="DAY", help="Until when its items are to be returned."
)
@pass_invocation
def recall(
    invocation: Invocation,
    message_id: str,
    *,
    reason: str,
    action: "_Action",
    by: str,
) -> None:
    """Cancel a message, or have it restricted where it went.

    The receiver's node restricts it before anybody opens it, and its log says whether
    somebody had: see `mla-gateway timeline ID`. To have its evidence items returned,
    it is restricted first, then they are asked back; the answer is a RET_CNF.
    """
    from gateway.admin.guard_shapes import RecallRequest
    from gateway.client.guard_calls import recall_message

    if (action == "return") is not bool(by):
        raise UsageError("recall: --by goes with --action return, and is needed there")
    request = RecallRequest(reason=reason, action=action, by=by)
    recalled = invocation.send(recall_message(message_id, request))
    if invocation.as_json:
        print_json(recalled)
    elif recalled.order:
        told = "restrict" if action == "return" else action
        say(f"{message_id}: its receiver is told to {told} it, by {recalled.order}")
        if recalled.return_request:
            say(f"its items are asked back by {recalled.return_request}")
    else:
        say(f"{message_id} is {recalled.message.state}")


@command("readers", example="mla-gateway case readers CASE")
@_case
@pass_invocation
def readers(invocation: Invocation, case_id: str) -> None:
    """Who is named for a case whose markings ask for names."""
    from gateway.client.guard_calls import list_readers

    _print(invocation, invocation.send(list_readers(case_id)))


@command("grant", example='mla-gateway case grant CASE anna-tamm --reason "her case"')
@_case
@_name
@_reason
@pass_invocation
def grant(invocation: Invocation, case_id: str, name: str, reason: str) -> None:
    """Name somebody for a case.

    Only people named open what is marked EYES_ONLY, COURT_ONLY or TLP:RED.
    """
    from gateway.client.guard_calls import grant_reader

    _print(invocation, invocation.send(grant_reader(case_id, name, reason)))


@command("revoke", example='mla-gateway case revoke CASE anna-tamm --reason "moved on"')
@_case
@_name
@_reason
@pass_invocation
def revoke(invocation: Invocation, case_id: str, name: str, reason: str) -> None:
    """Take somebody off the list of a case."""
    from gateway.client.guard_calls import revoke_reader

    _print(invocation, invocation.send(revoke_reader(case_id, name, reason)))


def _print(invocation: Invocation, listed: "ReaderList") -> None:
    if invocation.as_json:
        print_json(listed)
        return
    print_table(
        ("NAME", "NAMED BY", "AT", "ENTRY"),
        [(one.name, one.granted_by, one.granted_at, one.index) for one in listed.items],
    )
