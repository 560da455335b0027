"""`subject search` and `subject requests`: what people may ask about data on them."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say
from gateway.cli.subject_options import subject_of, subject_options

if TYPE_CHECKING:
    from gateway.admin.lifecycle_shapes import RegisteredRequest, SubjectCandidates

_reason_option = click.option(
    "--reason", required=True, help="Why; it is logged with your name."
)


@command(
    "search",
    example="mla-gateway subject search --surname Tamm --forenames Anna "
    "--born 1970-01-01 --request 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
)
@subject_options
@click.option(
    "--request",
    "request_id",
    required=True,
    help="The registered request it is for.",
)
@pass_invocation
def search(invocation: Invocation, /, *, request_id: str, **person: str) -> None:
    """Look for messages that may be about a person.

    Shows which messages, never what is in them. Spelling, accents, script and the order
    of names do not matter. Look into each and confirm before you answer anybody. Where
    there is a second person, they approve first: search again after that.
    """
    from gateway.admin.lifecycle_shapes import SubjectSearchRequest
    from gateway.client.lifecycle_calls import search_subjects

    request = SubjectSearchRequest(subject=subject_of(person), request=request_id)
    found = invocation.send(search_subjects(request))
    if invocation.as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: "SubjectCandidates") -> None:
    print_table(
        ("MESSAGE", "BOX", "PEER", "CASE", "TYPE", "PERSON", "ROLE", "AGREES"),
        [
            (
                one.id,
                one.box,
                one.peer,
                one.case,
                one.type,
                one.person,
                one.role,
                one.agrees,
            )
            for one in found.items
        ],
    )
    say(f"{len(found.items)} candidate(s), logged at {found.index} as {found.query}")
    if found.more:
        say("there are more: ask more narrowly")
    if found.unsearchable:
        say(
            f"{found.unsearchable} message(s) from before this search existed were not "
            "looked into",
        )


@command("list", example="mla-gateway subject requests list")
@click.option("--closed", is_flag=True, help="Also those that are closed.")
@pass_invocation
def list_requests(invocation: Invocation, *, closed: bool) -> None:
    """What people have asked, the first due first."""
    from gateway.admin.lifecycle_shapes import SubjectRequestsQuery
    from gateway.client.lifecycle_calls import list_subject_requests

    query = SubjectRequestsQuery(closed=closed)
    found = invocation.send(list_subject_requests(query))
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("REQUEST", "KIND", "REFERENCE", "RECEIVED", "DUE", "DELAY", "OUTCOME"),
        [
            (
                one.request_id,
                one.kind,
                one.reference,
                one.received,
                f"{one.due} OVERDUE" if one.overdue else one.due,
                f"{one.delay} until {one.review_on}" if one.delay else "",
                one.outcome,
            )
            for one in found.items
        ],
    )


@command(
    "add",
    example="mla-gateway subject requests add access --reference DP-2026-17",
)
@click.argument(
    "kind",
    type=click.Choice(["access", "rectification", "erasure", "restriction"]),
)
@click.option(
    "--reference",
    required=True,
    help="File number under which your office keeps who asked. No name.",
)
@click.option(
    "--via",
    type=click.Choice(["person", "supervisory-authority"]),
    default="person",
    show_default=True,
    help="Who brought it.",
)
@click.option("--received", help="Day it came; else today.")
@click.option("--due", help="Day by which it is to be answered; else 30 days later.")
@pass_invocation
def add_request(
    invocation: Invocation,
    kind: str,
    *,
    reference: str,
    via: str,
    received: str | None,
    due: str | None,
) -> None:
    """Register a request of a person."""
    import msgspec

    from gateway.admin.lifecycle_shapes import AddSubjectRequest
    from gateway.client.lifecycle_calls import add_subject_request

    form = {"kind": kind, "reference": reference, "via": via}
    days = {"received": received, "due": due}
    given = form | {name: day for name, day in days.items() if day}
    request = msgspec.convert(given, AddSubjectRequest)
    _tell(invocation, invocation.send(add_subject_request(request)))


@command(
    "delay",
    example="mla-gateway subject requests delay 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--code D1 --reason "searches are planned" --review-on 2027-01-31',
)
@click.argument("request_id", metavar="REQUEST")
@click.option("--code", required=True, help="Of list NOTICE_DELAY, D1 to D5.")
@_reason_option
@click.option("--review-on", required=True, help="Day on which it is looked at again.")
@pass_invocation
def delay_request(
    invocation: Invocation,
    request_id: str,
    *,
    code: str,
    reason: str,
    review_on: str,
) -> None:
    """Delay or omit information to the person, with a reason and a review."""
    from gateway.admin.lifecycle_shapes import DelaySubjectRequest
    from gateway.client.lifecycle_calls import delay_subject_request

    request = DelaySubjectRequest(code=code, reason=reason, review_on=review_on)
    _tell(invocation, invocation.send(delay_subject_request(request_id, request)))


@command(
    "close",
    example="mla-gateway subject requests close 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--outcome granted --reason "answered by letter"',
)
@click.argument("request_id", metavar="REQUEST")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice(["granted", "partly-granted", "refused", "no-data", "withdrawn"]),
    help="How it ended.",
)
@_reason_option
@pass_invocation
def close_request(
    invocation: Invocation, request_id: str, *, outcome: str, reason: str
) -> None:
    """Close a request with its outcome."""
    import msgspec

    from gateway.admin.lifecycle_shapes import CloseSubjectRequest
    from gateway.client.lifecycle_calls import close_subject_request

    given = {"outcome": outcome, "reason": reason}
    request = msgspec.convert(given, CloseSubjectRequest)
    _tell(invocation, invocation.send(close_subject_request(request_id, request)))


def _tell(invocation: Invocation, request: "RegisteredRequest") -> None:
    if invocation.as_json:
        print_json(request)
        return
    print_fields(
        {
            "request": request.request_id,
            "kind": request.kind,
            "reference": request.reference,
            "received": request.received,
            "due": request.due,
            "delay": request.delay,
            "review on": request.review_on,
            "outcome": request.outcome,
            "closed": request.closed,
            "logged at": request.index,
        },
    )
