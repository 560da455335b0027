"""`audit tail`, `show`, `verify` and `checkpoint`: looking at our own log."""

import contextlib
import json
from typing import TYPE_CHECKING

import click

from gateway.cli.commands.audit_watch import print_findings
from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import (
    cell,
    print_fields,
    print_json,
    print_line,
    print_text,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.admin.node_shapes import LogEntry

_MAX_TAIL = 500
_DEFAULT_TAIL = 20
_FOLLOW_WAIT_S = 30


@command("tail", example="mla-gateway audit tail -f")
@click.option("-f", "--follow", is_flag=True, help="Go on with new entries.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(1, _MAX_TAIL),
    default=_DEFAULT_TAIL,
    show_default=True,
    help="How many of the newest.",
)
@pass_invocation
def tail(invocation: Invocation, *, follow: bool, lines: int) -> None:
    """The newest entries.

    With -f and --json every entry is one document on a line of its own.
    """
    from gateway.admin.node_shapes import EntriesQuery
    from gateway.client.calls import log_entries

    page = invocation.send(log_entries(EntriesQuery(limit=lines)))
    if invocation.as_json and not follow:
        print_json(page)
        return
    _print_entries(invocation, page.items)
    if follow:
        with contextlib.suppress(KeyboardInterrupt):
            _follow(invocation, page.next)


@command("show", example="mla-gateway audit show 42")
@click.argument("index", type=click.IntRange(min=0))
@pass_invocation
def show(invocation: Invocation, index: int) -> None:
    """One entry with what it discloses."""
    from gateway.client.calls import log_entry

    entry = invocation.send(log_entry(index))
    if invocation.as_json:
        print_json(entry)
        return
    print_fields(
        {
            "index": entry.index,
            "at": entry.at,
            "kind": entry.kind,
            "message": entry.message,
            "leaf hash": entry.leaf_hash,
            "leaf": entry.leaf or "pruned, only its hash is left",
            **dict(sorted(entry.disclosed.items())),
        },
    )


@command("verify", example="mla-gateway audit verify")
@pass_invocation
def verify(invocation: Invocation) -> None:
    """Hash every entry again and compare.

    Every message is compared with its entries as well. The node checks itself here. To
    trust no node, check an export on another machine:
    `mla-gateway audit export --out DIR`, then `mla-gateway verify DIR --keys CARD`.
    """
    from gateway.client.calls import verify_log

    found = invocation.send(verify_log())
    if invocation.as_json:
        print_json(found)
    else:
        print_fields(
            {
                "log": found.origin,
                "entries": found.size,
                "pruned": found.pruned,
                "root": found.root,
                "signed up to": found.checkpoint_size,
                "messages": found.messages,
                "result": "VERIFIED" if found.verified else "FAILED",
            },
        )
        print_findings(found.findings)
    if not found.verified:
        say("the log is not what was signed: stop the node and keep its files")
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)


@command("checkpoint", example="mla-gateway audit checkpoint > checkpoint")
@pass_invocation
def checkpoint(invocation: Invocation) -> None:
    """A signed checkpoint as of now.

    The note that others can keep, cosign and compare.
    """
    from gateway.client.calls import log_checkpoint

    signed = invocation.send(log_checkpoint())
    if invocation.as_json:
        print_json(signed)
    else:
        print_text(signed.note)


def _follow(invocation: Invocation, start: int) -> None:
    """Print entries as they come, without end."""
    from gateway.admin.node_shapes import EntriesQuery
    from gateway.client.calls import log_entries

    while True:
        query = EntriesQuery(start=start, wait=_FOLLOW_WAIT_S)
        page = invocation.send(log_entries(query))
        _print_entries(invocation, page.items)
        start = page.next


def _print_entries(invocation: Invocation, entries: "Iterable[LogEntry]") -> None:
    for entry in entries:
        if invocation.as_json:
            print_json(entry)
        else:
            told = cell(_told(entry))
            line = f"{entry.index:>8}  {entry.at}  {entry.kind:<14}  {entry.message}"
            print_line(f"{line}  {told}".rstrip())


def _told(entry: "LogEntry") -> dict[str, str]:
    """Return what people want to see of an entry beside its kind, in a fixed order."""
    leaf = json.loads(entry.leaf) if entry.leaf else {}
    plain = {"peer": leaf.get("peer"), "result": leaf.get("res")}
    said = {name: str(value) for name, value in plain.items() if value}
    return said | dict(sorted(entry.disclosed.items()))
