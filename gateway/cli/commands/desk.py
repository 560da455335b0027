"""`deadline` and `alarm`: what has to be done until when, and what wants somebody."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.admin.desk_shapes import (
        Alarm,
        AlarmQuery,
        AlarmState,
        Deadline,
        DeadlineQuery,
        PendingState,
        TitleLanguage,
    )

_PAGE = 500


@command("list", example="mla-gateway deadline list --within 14d")
@click.option(
    "--within",
    default="",
    metavar="48h|14d",
    help="Only what ends within this time, or has ended.",
)
@click.option(
    "--state",
    type=click.Choice(["pending", "open", "suspended", "overdue"]),
    default="pending",
    help="Only those in this state; pending means all three.",
)
@click.option("--peer", default="", help="Only of cases with this authority.")
@click.option("--theirs", is_flag=True, help="What the others owe us instead.")
@click.option("--all", "everybody", is_flag=True, help="Ours and theirs.")
@click.option(
    "--lang",
    type=click.Choice(["en", "fr"]),
    default="en",
    help="Language of what is to be done.",
)
@pass_invocation
def deadlines(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    within: str,
    state: "PendingState",
    peer: str,
    *,
    theirs: bool,
    everybody: bool,
    lang: "TitleLanguage",
) -> None:
    """Deadlines that we have to meet, the earliest first.

    Computed from the messages of all open cases. A day ends where the authority is
    that has to act; times are UTC.
    """
    from gateway.admin.desk_shapes import DeadlineQuery

    query = DeadlineQuery(
        within=within,
        state=state,
        peer=peer,
        owner="any" if everybody else "them" if theirs else "us",
        language=lang,
        limit=_PAGE,
    )
    items = tuple(_all_deadlines(invocation, query))
    if invocation.as_json:
        print_json({"items": items})
        return
    print_table(
        ("DUE", "STATE", "RULE", "WHAT", "WHO", "CASE", "SOURCE"),
        [
            (
                one.due or "no date",
                one.state,
                one.rule,
                one.title,
                "us" if one.ours else one.owner,
                one.case,
                one.source,
            )
            for one in items
        ],
    )
    if any(one.calendar_assumed for one in items):
        say(
            "some days were counted in UTC with Saturdays and Sundays off: no calendar "
            "of that authority is known"
        )


@command("list", example="mla-gateway alarm list")
@click.option(
    "--state",
    type=click.Choice(["open", "resolved", "all"]),
    default="open",
    help="Which ones.",
)
@click.option("--kind", default="", help="Only of this kind.")
@click.option("--case", "case_id", default="", help="Only about this case.")
@click.option("--peer", default="", help="Only about this authority.")
@click.option(
    "--lang",
    type=click.Choice(["en", "fr"]),
    default="en",
    help="Language of what is to be done.",
)
@pass_invocation
def alarms(
    invocation: Invocation,
    state: "AlarmState",
    kind: str,
    case_id: str,
    peer: str,
    *,
    lang: "TitleLanguage",
) -> None:
    """What somebody has to look at, newest first."""
    from gateway.admin.desk_shapes import AlarmQuery

    query = AlarmQuery(
        state=state, kind=kind, case=case_id, peer=peer, language=lang, limit=_PAGE
    )
    items = tuple(_all_alarms(invocation, query))
    if invocation.as_json:
        print_json({"items": items})
        return
    print_table(
        ("ALARM", "KIND", "SINCE", "ABOUT", "DUE", "PEER", "WHO", "CASE"),
        [
            (
                one.alarm,
                one.kind,
                one.raised_at,
                f"{one.rule} {one.title}".strip() or one.message,
                one.due,
                one.peer,
                _who(one),
                one.case,
            )
            for one in items
        ],
    )


@command("claim", example="mla-gateway alarm claim 17")
@click.argument("number", type=click.IntRange(min=1))
@pass_invocation
def claim(invocation: Invocation, number: int) -> None:
    """Look after an alarm.

    Nobody else on call is asked any more.
    """
    from gateway.client.desk_calls import claim_alarm

    alarm = invocation.send(claim_alarm(number))
    _show(invocation, alarm, f"alarm {number} is yours")


@command(
    "resolve",
    example='mla-gateway alarm resolve 17 --reason "called their duty officer"',
)
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="What was done; it is logged.")
@pass_invocation
def resolve(invocation: Invocation, number: int, reason: str) -> None:
    """An alarm is dealt with.

    The review of a break-glass act takes another person than the one who acted.
    """
    from gateway.client.desk_calls import resolve_alarm

    alarm = invocation.send(resolve_alarm(number, reason))
    _show(invocation, alarm, f"alarm {number} is resolved")


def _show(invocation: Invocation, alarm: "Alarm", text: str) -> None:
    if invocation.as_json:
        print_json(alarm)
    else:
        say(text)


def _who(alarm: "Alarm") -> str:
    """Return who has to do with an alarm now."""
    if alarm.resolved_by:
        return f"{alarm.resolved_by} ({alarm.outcome})"
    if alarm.claimed_by:
        return alarm.claimed_by
    return f"asked {alarm.person}" if alarm.person else ""


def _all_deadlines(
    invocation: Invocation, query: "DeadlineQuery"
) -> "Iterator[Deadline]":
    import msgspec

    from gateway.client.desk_calls import list_deadlines

    while True:
        page = invocation.send(list_deadlines(query))
        yield from page.items
        if not page.next:
            return
        query = msgspec.structs.replace(query, cursor=page.next)


def _all_alarms(invocation: Invocation, query: "AlarmQuery") -> "Iterator[Alarm]":
    import msgspec

    from gateway.client.desk_calls import list_alarms

    while True:
        page = invocation.send(list_alarms(query))
        yield from page.items
        if not page.next:
            return
        query = msgspec.structs.replace(query, before=int(page.next))
