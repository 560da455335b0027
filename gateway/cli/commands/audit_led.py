"""`audit led-export` and `audit review`: the log for those who supervise."""

import json
from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say
from gateway.core.errors import UsageError

_since_option = click.option(
    "--from", "since", required=True, help="First day or moment, UTC: 2026-11-01."
)
_until_option = click.option(
    "--to", "until", required=True, help="Day or moment before which it ends, UTC."
)


@command(
    "led-export",
    example="mla-gateway audit led-export --from 2026-11-01 --to 2026-12-01 "
    '--reason "request DPA-2026-4" --out led-2026-11',
)
@_since_option
@_until_option
@click.option("--case", default="", help="Only what the log holds about a case.")
@click.option("--actor", default="", help="Only what one account did.")
@click.option(
    "--person",
    type=click.Path(path_type=Path),
    help="Only about a person: the JSON of a subject search, of which only the "
    "confirmed candidates are left.",
)
@click.option(
    "--reason", required=True, help="Why; it is logged with your name. No names."
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New or empty folder.",
)
@pass_invocation
def led_export(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    *,
    since: str,
    until: str,
    case: str,
    actor: str,
    person: Path | None,
    reason: str,
    out: Path,
) -> None:
    """Write the record of processing operations for a supervisory authority.

    As Directive (EU) 2016/680, article 25 asks: who did what, when, why, and to whom it
    was disclosed. JSON lines and CSV, and every entry with its proof, so that
    `mla-gateway verify OUT/log --keys CARD` checks it. The export is itself logged.
    """
    from gateway.admin.supervision_shapes import BeginExportRequest
    from gateway.cli.led_source import LedFilter, export_led

    messages = _candidates(person) if person else frozenset[str]()
    wanted = LedFilter(case=case, actor=actor, messages=messages)
    request = BeginExportRequest(
        since=_moment(since),
        until=_moment(until),
        reason=reason,
        about=wanted.words,
    )
    done = export_led(invocation, out, request, wanted)
    if invocation.as_json:
        print_json({"path": str(out), "origin": done.origin, "records": done.entries})
    else:
        say(f"{out}: {done.entries} record(s) of {done.origin}")


@command(
    "review",
    example="mla-gateway audit review --from 2026-11-01 --to 2026-12-01 "
    "--zone Europe/Tallinn",
)
@_since_option
@_until_option
@click.option(
    "--zone", default="UTC", show_default=True, help="Time zone in which night is."
)
@pass_invocation
def review(invocation: Invocation, *, since: str, until: str, zone: str) -> None:
    """Accesses that somebody should look at.

    Many in an hour, at night, denied again and again, to special categories of data, in
    cases that have ended, or in place of an absent approver. Questions, not offences.
    """
    from gateway.admin.supervision_shapes import ReviewQuery
    from gateway.client.supervision_calls import review_log

    query = ReviewQuery(since=_moment(since), until=_moment(until), zone=zone)
    found = invocation.send(review_log(query))
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("AT", "WHY", "ACTOR", "COUNT", "ENTRIES"),
        [
            (one.at, one.reason, one.actor, len(one.entries), one.entries[:10])
            for one in found.items
        ],
    )


def _moment(text: str) -> str:
    """Return a day or moment as the API takes it.

    Raises:
        UsageError: Neither.
    """
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r}: expected a day like 2026-11-01") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    told = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return told.removesuffix("+00:00") + "Z"


def _candidates(path: Path) -> frozenset[str]:
    """Return the messages of the candidates that a search has given.

    Raises:
        UsageError: Not what `subject search --json` prints, or there are none.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        ids = frozenset(str(one["id"]) for one in found["items"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path}: expected what `subject search --json` prints"
        ) from error
    if not ids:
        raise UsageError(f"{path}: no candidate is left in it")
    return ids
