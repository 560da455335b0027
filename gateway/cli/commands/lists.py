"""`export`, `failures` and `view`: what goes with the list of messages."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.filter_options import chooses_messages, chosen_messages
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.moments import moment
from gateway.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from gateway.admin.view_shapes import RoleName


@command(
    "export", example="mla-gateway export --box out --since 2026-11-01 --out m.csv"
)
@chooses_messages
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="A table, or an array with one message a line.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to make; nothing is overwritten.",
)
@pass_invocation
def export(invocation: Invocation, *, form: str, out: Path) -> None:
    """Metadata of all messages of a filter as a file.

    A text that a spreadsheet could take for a formula has an apostrophe in front.
    """
    from gateway.admin.shapes import MessageFields
    from gateway.client.job_calls import export_messages

    call = export_messages(MessageFields(**chosen_messages()), form)

    def write(file: BinaryIO) -> int:
        with invocation.node() as client:
            return sum(file.write(block) for block in client.download(call))

    with new_file(out) as file:
        length = file.fill(write)
    if invocation.as_json:
        print_json({"file": str(out), "bytes": length})
    else:
        say(f"{out}: {length} bytes")


@command("failures", example="mla-gateway failures --since 2026-11-21")
@click.option("--since", default="", help="Accepted since a day or moment, UTC.")
@pass_invocation
def failures(invocation: Invocation, since: str) -> None:
    """Why messages wait or have failed, by cause."""
    from gateway.client.job_calls import list_failures

    found = invocation.send(list_failures(moment(since)))
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("COUNT", "STATE", "CAUSE", "PEER", "OLDEST", "NEWEST"),
        [
            (one.count, one.state, one.code, one.peer, one.oldest_at, one.newest_at)
            for one in found.items
        ],
    )


@command("list", example="mla-gateway view list")
@pass_invocation
def list_views(invocation: Invocation) -> None:
    """Saved views of the message list: yours, and those shared with you."""
    from gateway.client import job_calls

    found = invocation.send(job_calls.list_views())
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("VIEW", "NAME", "FILTER", "OWNER", "SHARED WITH"),
        [
            (one.id, one.name, one.query, one.owner, one.shared_with)
            for one in found.items
        ],
    )


@command(
    "save",
    example='mla-gateway view save "waiting for Paris" --peer moj.fr --state queued',
)
@click.argument("name")
@chooses_messages
@click.option(
    "--share-with", default="", metavar="ROLE", help="Who has this role sees it too."
)
@pass_invocation
def save_view(invocation: Invocation, *, name: str, share_with: str) -> None:
    """Keep a filter under a name; the same name again replaces it."""
    from urllib.parse import urlencode

    from gateway.admin.view_shapes import SaveViewRequest
    from gateway.client import job_calls

    request = SaveViewRequest(
        name=name,
        query=urlencode(
            {key: value for key, value in chosen_messages().items() if value}
        ),
        shared_with=cast("RoleName", share_with),
    )
    saved = invocation.send(job_calls.save_view(request))
    if invocation.as_json:
        print_json(saved)
    else:
        say(f"view {saved.id}: {saved.name}")


@command("remove", example="mla-gateway view remove 3")
@click.argument("number", type=click.IntRange(min=1), metavar="VIEW")
@pass_invocation
def remove_view(invocation: Invocation, number: int) -> None:
    """Forget a view of your own."""
    from gateway.client import job_calls

    invocation.send(job_calls.drop_view(number))
    if invocation.as_json:
        print_json({"view": number})
    else:
        say(f"view {number} is gone")
