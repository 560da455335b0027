"""`list`, `show` and `timeline`: what is known of messages without opening them."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.filter_options import chooses_messages, chosen_messages
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say
from gateway.cli.units import duration_text, share_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.admin.shapes import (
        AttachmentStanding,
        Message,
        MessagePage,
        MessageQuery,
    )

_MAX_LISTED = 100_000


@command("list", example="mla-gateway list --box in --state received")
@chooses_messages
@click.option(
    "--limit",
    type=click.IntRange(1, _MAX_LISTED),
    default=50,
    show_default=True,
    help="How many at most.",
)
@click.option("--cursor", default="", help="Go on where `next` of the last list says.")
@pass_invocation
def list_all(
    invocation: Invocation,
    *,
    limit: int,
    cursor: str,
) -> None:
    """Messages, newest first; metadata only."""
    from gateway.admin.shapes import MessageQuery

    query = MessageQuery(**chosen_messages(), cursor=cursor)
    page = _gather(invocation, query, limit)
    if invocation.as_json:
        print_json(page)
        return
    print_table(
        ("ID", "BOX", "PEER", "STATE", "TYPE", "FILES", "CASE", "AT"),
        [
            (
                message.id,
                message.box,
                message.peer,
                message.state,
                message.type,
                message.attachments or "",
                message.case,
                message.accepted_at,
            )
            for message in page.items
        ],
    )
    if page.next:
        say(f"there are more: --cursor {page.next}")


@command("show", example="mla-gateway show 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203")
@click.argument("message_id", metavar="ID")
@pass_invocation
def show(invocation: Invocation, message_id: str) -> None:
    """Metadata of a message.

    Of every evidence file it shows how much has arrived: here of a received message,
    at the peer of a sent one.
    """
    from gateway.client.calls import show_message

    message = invocation.send(show_message(message_id))
    if invocation.as_json:
        print_json(message)
        return
    fields = {name: getattr(message, name) for name in message.__struct_fields__}
    if message.problems < 0:
        fields.pop("problems")  # not validated yet
    del fields["evidence"]
    if message.attachments:
        fields["attachment_bytes"] = size_text(message.attachment_bytes)
    else:
        del fields["attachments"], fields["attachment_bytes"]
    print_fields(fields)
    if message.evidence:
        _print_evidence(message.evidence)


def _print_evidence(evidence: "Iterable[AttachmentStanding]") -> None:
    print_table(
        ("ATTACHMENT", "STATE", "THERE", "OF", "SHARE", "RATE", "LEFT"),
        [
            (
                one.aid,
                one.state,
                size_text(one.there),
                size_text(one.length),
                share_text(one.there, one.length),
                f"{size_text(one.rate)}/s" if one.rate else "",
                duration_text((one.length - one.there) / one.rate) if one.rate else "",
            )
            for one in evidence
        ],
    )


@command(
    "timeline",
    example="mla-gateway timeline 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
)
@click.argument("message_id", metavar="ID")
@pass_invocation
def timeline(invocation: Invocation, message_id: str) -> None:
    """What happened to a message.

    Each line is an entry of our log; who looked at it and why is shown to auditors.
    Attempts to deliver that came to nothing, the last 20, stand between them with `-`.
    """
    from gateway.client import calls

    told = invocation.send(calls.timeline(message_id))
    if invocation.as_json:
        print_json(told)
        return
    lines: list[tuple[object, str, str, str, object]] = [
        (step.index, step.at, step.kind, step.result, step.disclosed)
        for step in told.steps
    ]
    lines += [
        ("-", one.at, f"attempt {one.attempt}", one.code, {}) for one in told.attempts
    ]
    lines.sort(key=lambda line: line[1])
    print_table(
        ("INDEX", "AT", "KIND", "RESULT", "DISCLOSED"),
        lines,
    )


def _gather(
    invocation: Invocation,
    query: "MessageQuery",
    limit: int,
) -> "MessagePage":
    """Return up to `limit` messages, page after page."""
    import msgspec

    from gateway.admin.shapes import MAX_PAGE, MessagePage
    from gateway.client.calls import list_messages

    items: list[Message] = []
    cursor = query.cursor
    while len(items) < limit:
        part = msgspec.structs.replace(
            query,
            cursor=cursor,
            limit=min(limit - len(items), MAX_PAGE),
        )
        page = invocation.send(list_messages(part))
        items.extend(page.items)
        cursor = page.next
        if not cursor:
            break
    return MessagePage(items=tuple(items), next=cursor)
