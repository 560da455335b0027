"""`case`: where cases stand, and what may be sent next."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.admin.case_shapes import (
        Case,
        CaseNext,
        CaseQuery,
        CaseSummary,
        StateStep,
    )

_PAGE = 100


@command("list", example="mla-gateway case list --open --peer ca01.pt.example")
@click.option("--state", default="", metavar="STATE", help="As RECEIVED or EXECUTING.")
@click.option("--peer", default="", help="Only with this authority.")
@click.option("--type", "msg_type", default="", help="Opened by it, as MLA_REQ.")
@click.option("--measure", default="", help="Asking for it, as A42.")
@click.option("--urgency", default="", help="As URGENT.")
@click.option(
    "--open/--ended",
    "is_open",
    default=None,
    help="Only those in which something is to be answered, or nothing is.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="At most.")
@pass_invocation
def cases(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    *,
    state: str,
    peer: str,
    msg_type: str,
    measure: str,
    urgency: str,
    is_open: bool | None,
    limit: int,
) -> None:
    """Cases and where they stand, newest first."""
    from gateway.admin.case_shapes import CaseQuery

    query = CaseQuery(
        state=state.upper(),
        peer=peer,
        type=msg_type.upper(),
        measure=measure.upper(),
        urgency=urgency.upper(),
        open=is_open,
        limit=min(limit, _PAGE),
    )
    found = [one for one, _ in zip(_all(invocation, query), range(limit), strict=False)]
    if invocation.as_json:
        print_json({"items": found})
        return
    print_table(
        ("CASE", "PEER", "WE ARE", "TYPE", "STATE", "TO ANSWER", "LAST", "FILE"),
        [
            (
                one.case,
                one.peer,
                one.role,
                one.type or "?",
                one.state,
                str(one.awaits_us or ""),
                one.last_at,
                one.sender_ref if one.role == "REQ" else one.recipient_ref,
            )
            for one in found
        ],
    )


def _all(invocation: Invocation, query: "CaseQuery") -> "Iterator[CaseSummary]":
    from msgspec.structs import replace

    from gateway.client.case_calls import list_cases

    while True:
        page = invocation.send(list_cases(query))
        yield from page.items
        if not page.next:
            return
        query = replace(query, before=int(page.next))


@command("show", example="mla-gateway case show 01990000-0000-7000-8000-000000000001")
@click.argument("case")
@click.option("--peer", default="", help="With this authority, if with several.")
@click.option("--why-not", is_flag=True, help="Also why others may not be sent.")
@pass_invocation
def show(invocation: Invocation, case: str, peer: str, *, why_not: bool) -> None:
    """A case as a whole, and what may be sent next.

    Computed from its messages. Their content stays sealed: `mla-gateway open` shows it.
    """
    from gateway.client.case_calls import show_case

    found = invocation.send(show_case(case, peer))
    if invocation.as_json:
        print_json(found)
        return
    _print(found, why_not=why_not)


def _print(case: "Case", *, why_not: bool) -> None:
    side = "the requesting side" if case.role == "REQ" else "the requested side"
    click.echo(f"case {case.case} with {case.peer}; we are {side}")
    click.echo(
        f"state: {case.state}{'' if case.whole else ' (its beginning is not here)'}"
    )
    if case.measures:
        _table(
            "Measures",
            ("MEASURE", "ASSIST", "STATE", "RESULT", "SINCE"),
            [
                (
                    one.id or "all",
                    one.assist,
                    one.state,
                    one.result,
                    _since(one.history),
                )
                for one in case.measures
            ],
        )
    if case.sub_states:
        _table(
            "Procedures",
            ("PROCEDURE", "OF", "STATE", "SINCE"),
            [
                (one.procedure, one.subject, one.state, _since(one.history))
                for one in case.sub_states
            ],
        )
    _table(
        "Conversation",
        ("AT", "BY", "TYPE", "MESSAGE", "THEN", "NOTE"),
        [
            (
                one.at,
                one.role,
                one.type or "?",
                one.id,
                one.case_state,
                "; ".join(filter(None, (", ".join(one.flags), one.note))),
            )
            for one in case.conversation
        ],
    )
    _print_open(case)
    _print_next("We may send", case.next, why_not=why_not)
    _print_next("The other side may send", case.next_of_peer, why_not=why_not)


def _print_open(case: "Case") -> None:
    """Print what somebody still has to do."""
    rows = [
        (
            one.role,
            " or ".join(one.answered_by),
            f"answer to {one.type} {one.by}",
            one.reply_by,
        )
        for one in case.questions
    ]
    rows += [(one.role, one.told_by, one.what, one.due) for one in case.duties]
    if rows:
        _table("Open", ("WHO", "BY", "WHAT", "UNTIL"), rows)
    pending = [one for one in case.deadlines if one.state not in {"met", "ended"}]
    if pending:
        _table(
            "Deadlines",
            ("DUE", "STATE", "RULE", "WHAT", "WHO"),
            [
                (
                    one.due or "no date",
                    one.state,
                    one.rule,
                    one.title,
                    "us" if one.ours else one.owner,
                )
                for one in pending
            ],
        )


def _print_next(title: str, ways: "Sequence[CaseNext]", *, why_not: bool) -> None:
    shown = [one for one in ways if one.allowed or why_not]
    _table(
        title,
        ("TYPE", "OF", "SAYING", "WHY NOT"),
        [
            (
                one.type,
                ", ".join(filter(None, one.measures)),
                ", ".join(one.says),
                one.why_not,
            )
            for one in shown
        ],
    )


def _since(history: "Sequence[StateStep]") -> str:
    return history[-1].at if history else ""


def _table(
    title: str, heads: tuple[str, ...], rows: "Sequence[tuple[str, ...]]"
) -> None:
    click.echo(f"\n{title}")
    print_table(heads, rows)
