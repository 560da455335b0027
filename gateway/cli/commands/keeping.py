"""`retention`: what is due by the table of classes, erasing it, saying it was done."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, print_text, say
from gateway.core.errors import NotAllowedError, UsageError

if TYPE_CHECKING:
    from gateway.admin.keeping_shapes import (
        DisposalReport,
        RetentionItem,
        RetentionPreview,
        RetentionReport,
    )

_CLASSES = (
    "withdrawn-data",
    "refused-information",
    "draft",
    "criminal-record",
    "unused-information",
    "ended-without-data",
    "transferred-evidence",
    "case",
)


@command("rules", example="mla-gateway retention rules")
@pass_invocation
def rules(invocation: Invocation) -> None:
    """How long what is kept, counted from when, and what then."""
    from gateway.client.keeping_calls import retention_rules

    found = invocation.send(retention_rules())
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("CLASS", "ABOUT", "COUNTED FROM", "DAYS", "THEN", "BY ITSELF"),
        [
            (
                one.name,
                one.about,
                one.counted_from,
                one.days,
                one.then,
                one.automatic,
            )
            for one in found.items
        ],
    )


@command("preview", example="mla-gateway retention preview --within 30")
@click.option(
    "--within",
    type=click.IntRange(0, 36_525),
    default=0,
    show_default=True,
    help="Also what is due within so many days.",
)
@pass_invocation
def preview(invocation: Invocation, *, within: int) -> None:
    """What would go and when, what is held, and what is to be looked at."""
    from gateway.admin.keeping_shapes import RetentionQuery
    from gateway.client.keeping_calls import preview_retention

    found = invocation.send(preview_retention(RetentionQuery(within=within)))
    if invocation.as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: "RetentionPreview") -> None:
    print_table(
        ("DUE", "THEN", "CLASS", "CASE", "PEER", "MESSAGES", "STANDS AGAINST IT"),
        [
            (
                f"{one.due} OVERDUE" if one.overdue else one.due,
                one.then,
                one.rule,
                one.case,
                one.peer,
                len(one.ids),
                _against(one),
            )
            for one in found.items
        ],
    )
    more = "; there are more" if found.more else ""
    say(f"{len(found.items)} due of {found.cases} case(s){more}")
    if found.prunable:
        say(
            f"the log is older than it need be below entry {found.prunable}: "
            f"mla-gateway audit prune --below {found.prunable}",
        )


def _against(item: "RetentionItem") -> str:
    counted: dict[str, int] = {}
    for obstacle in item.kept.values():
        counted[obstacle] = counted.get(obstacle, 0) + 1
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))


@command(
    "run",
    example='mla-gateway retention run --reason "end of the retention period" --yes',
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    type=click.Choice(_CLASSES),
    help="Only this class; say it again for each.",
)
@click.option(
    "--reason",
    required=True,
    help="Why; it is logged with your name. No names, no case numbers.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def run(
    invocation: Invocation, *, classes: tuple[str, ...], reason: str, yes: bool
) -> None:
    """Erase what is due, and report by count and digests.

    What is held or cannot go yet stays, and is named. Where there is a second person,
    they approve exactly these messages first: run it again after that.
    """
    import msgspec

    from gateway.admin.keeping_shapes import RetentionQuery, RetentionRunRequest
    from gateway.client.keeping_calls import preview_retention, run_retention

    if not yes:
        found = invocation.send(preview_retention(RetentionQuery()))
        going = [
            one
            for one in found.items
            if one.then == "erase" and (not classes or one.rule in classes)
        ]
        if not sys.stdin.isatty():
            raise UsageError("retention run: no terminal to ask at; give --yes")
        count = sum(len(set(one.ids) - one.kept.keys()) for one in going)
        if not click.confirm(f"Erase {count} message(s) for good?", err=True):
            raise NotAllowedError("nothing was removed")
    form = {"reason": reason, "classes": list(classes)}
    request = msgspec.convert(form, RetentionRunRequest)
    _report(invocation, invocation.send(run_retention(request)))


def _report(invocation: Invocation, report: "RetentionReport") -> None:
    if invocation.as_json:
        print_json(report)
        return
    print_table(
        ("CLASS", "CASE", "PEER", "ERASED", "KEPT", "KEYS", "LOGGED AT", "FAILED"),
        [
            (
                one.rule,
                one.case,
                one.peer,
                one.erased,
                len(one.kept),
                one.rings,
                one.indices,
                one.failed,
            )
            for one in report.items
        ],
    )
    for one in report.items:
        for digest in one.digests:
            say(f"erased {digest}")
    say(f"{report.erased} erased")


@command(
    "review",
    example="mla-gateway retention review 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--reason "the trial is pending"',
)
@click.argument("case")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def review(invocation: Invocation, case: str, *, reason: str) -> None:
    """Record that a case is still needed; its period begins again."""
    from gateway.admin.keeping_shapes import ReviewRequest
    from gateway.client.keeping_calls import review_case

    done = invocation.send(review_case(ReviewRequest(case=case, reason=reason)))
    if invocation.as_json:
        print_json(done)
    else:
        say(f"case {done.case} reviewed, logged at {done.index}")


@command(
    "confirm",
    example="mla-gateway retention confirm 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    "--out confirmation.json",
)
@click.argument("case")
@click.option(
    "--out", type=click.Path(path_type=Path), help="New file for the form to send."
)
@click.option("--send", "is_sent", is_flag=True, help="Send it as it is.")
@click.option(
    "--returned-on",
    default="",
    metavar="DAY",
    help="Confirm that what was asked back was given back that day.",
)
@click.option("--how", default="", help="How it was given back, and to whom.")
@pass_invocation
def confirm(
    invocation: Invocation,
    case: str,
    *,
    out: Path | None,
    is_sent: bool,
    returned_on: str,
    how: str,
) -> None:
    """The form that tells the other side what was destroyed, or given back.

    For a RET_REQ or a DPC with ERASE that came, or a WDR of ours with DELETE, once
    something was erased: how many messages and files, by the digests of their ids. For
    a RET_REQ or a WDR with RETURN, when and how the items were given back.
    """
    from gateway.admin.keeping_shapes import DisposalQuery
    from gateway.client.keeping_calls import disposal_report

    query = DisposalQuery(returned_on=returned_on, how=how)
    found = invocation.send(disposal_report(case, query))
    if out is not None:
        with new_file(out) as file:
            text = json.dumps(found.form, ensure_ascii=False, indent=2)
            file.write(f"{text}\n".encode())
    if is_sent:
        _send(invocation, found)
    elif invocation.as_json:
        print_json(found)
    elif out is None:
        print_text(json.dumps(found.form, ensure_ascii=False, indent=2))
    else:
        count = sum(len(one.digests) for one in found.disposals)
        what = "what was given back" if returned_on else f"{count} message(s)"
        say(f"{out}: confirms {what} to {found.peer}; look, then send it")


def _send(invocation: Invocation, found: "DisposalReport") -> None:
    from gateway.admin.shapes import SubmitRequest
    from gateway.client.calls import submit

    request = SubmitRequest(to=found.peer, message=found.form)
    done = invocation.send(submit(request))
    if invocation.as_json:
        print_json(done)
        return
    print_fields({"message": done.id, "to": found.peer, "state": done.state})
