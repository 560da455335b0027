"""`audit check` and `audit owed`: what the node's monitors say."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.admin.watch_shapes import LogFinding, OwedItem

_PAGE = 500


@command("check", example="mla-gateway audit check")
@pass_invocation
def check(invocation: Invocation) -> None:
    """What the node has found while checking its own store.

    It does so for as long as it runs; `mla-gateway audit verify` checks all at once.
    """
    from gateway.client.watch_calls import log_check

    state = invocation.send(log_check())
    if invocation.as_json:
        print_json(state)
    else:
        print_fields(
            {
                "entries": state.size,
                "checked as they came": state.followed,
                "checked again now": state.walked,
                "last whole check": state.whole_at or "not yet",
                "entries then": state.whole_entries,
                "messages then": state.whole_messages,
                "result": "SOUND" if state.sound else "FINDINGS",
            },
        )
        print_findings(state.findings)
    if not state.sound:
        say("the store is not what was logged: keep its files, and call an auditor")
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)


@command("owed", example="mla-gateway audit owed --peer moj.fr")
@click.option("--peer", default="", help="Only between us and this peer.")
@pass_invocation
def owed(invocation: Invocation, peer: str) -> None:
    """Who owes whom a receipt, files or an event.

    What a peer owes is receipt, witness or evidence; what we owe is our-receipt or
    our-event.
    """
    items = tuple(_all_owed(invocation, peer))
    if invocation.as_json:
        print_json({"items": items})
        return
    print_table(
        ("PEER", "WHO OWES", "WHAT", "SINCE", "MESSAGE", "ENTRY"),
        [
            (one.peer, one.debtor, one.what, one.since, one.message, one.log_index)
            for one in items
        ],
    )


def print_findings(findings: "Iterable[LogFinding]") -> None:
    """Print what a check of the store has found, if it found anything."""
    rows = [(one.code, one.place, one.text) for one in findings]
    if rows:
        print_table(("CODE", "PLACE", "WHAT"), rows)


def _all_owed(invocation: Invocation, peer: str) -> "Iterator[OwedItem]":
    from gateway.admin.watch_shapes import OwedQuery
    from gateway.client.watch_calls import log_owed

    cursor = ""
    while True:
        query = OwedQuery(peer=peer, cursor=cursor, limit=_PAGE)
        page = invocation.send(log_owed(query))
        yield from page.items
        cursor = page.next
        if not cursor:
            return
