"""`definitions export` and `apply`: people, units, peers and views as one file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.findings import tell_file_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, print_text, say
from gateway.core.errors import GatewayError, NeedsApprovalError

if TYPE_CHECKING:
    from gateway.cli.definitions import Change
    from gateway.client.blocking import BlockingClient


@command("export", example="mla-gateway definitions export --out definitions.toml")
@click.option(
    "--out", type=click.Path(path_type=Path), help="New file; without it, stdout."
)
@pass_invocation
def export(invocation: Invocation, out: Path | None) -> None:
    """What is defined at the node, as a file that `apply` reads.

    Roles of accounts, units and routing, what was agreed with peers, webhooks, and
    your saved views. Never secrets: no token, password or key.
    """
    from gateway.cli.definitions import current
    from gateway.cli.definitions_file import render
    from gateway.cli.files import new_file

    with invocation.node() as client:
        found = current(client)
    if invocation.as_json:
        print_json(found)
        return
    text = render(found)
    if out is None:
        print_text(text)
        return
    with new_file(out) as file:
        file.write(text.encode())
    say(f"written to {out}")


@command("apply", example="mla-gateway definitions apply definitions.toml --dry-run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would be changed.")
@pass_invocation
def apply(invocation: Invocation, file: Path, *, dry_run: bool) -> None:
    """Make the node as a file says; show every difference.

    Nothing that the file does not name is changed or removed, and what is so already
    is left alone. What needs a second person is asked of one. Exit code 8 if
    something is left to be done.
    """
    from gateway.cli.definitions import changes, current, not_named
    from gateway.cli.definitions_file import read

    wanted, problems = read(file)
    if problems:
        tell_file_problems(invocation, problems)
        return
    with invocation.node() as client:
        have = current(client)
        found = changes(wanted, have)
        for change in found:
            if not invocation.as_json:
                for line in change.lines():
                    print_line(line)
        outcomes = [] if dry_run else [_do(client, change) for change in found]
    left = not_named(wanted, have)
    if invocation.as_json:
        items = [
            {
                "definition": change.path,
                "before": change.before,
                "after": change.after,
                "outcome": "dry-run" if dry_run else outcomes[number],
            }
            for number, change in enumerate(found)
        ]
        print_json({"changes": items, "not_named": left})
    else:
        for name in left:
            say(f"not in the file, and left as it is: {name}")
        if not found:
            say("all is as the file says")
    is_whole = dry_run or all(outcome == "done" for outcome in outcomes)
    click.get_current_context().exit(ExitCode.DONE if is_whole else ExitCode.IN_PART)


def _do(client: "BlockingClient", change: "Change") -> str:
    """Have a change made; return how that went, and say it if it did not."""
    if not change.acts:
        return "by-hand"
    outcome = "done"
    for act in change.acts:
        try:
            act(client)
        except NeedsApprovalError as error:
            say(f"{change.path}: waits for a second person: {error}")
            outcome = "waits"
        except GatewayError as error:
            say(f"{change.path}: {error.code}: {error}")
            return "failed"
    return outcome
