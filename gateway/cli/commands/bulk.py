"""`bulk`: one action for many messages, looked at first."""

from typing import TYPE_CHECKING, cast

import click

from gateway.cli.commands.jobs import print_job, wait_for
from gateway.cli.declare import command
from gateway.cli.filter_options import chooses_messages, chosen_messages
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, print_table, say

if TYPE_CHECKING:
    from gateway.admin.job_shapes import BulkActionName

_ACTION = click.argument(
    "action", type=click.Choice(["retry", "cancel", "other-channel"])
)


@command(
    "preview",
    example="mla-gateway bulk preview retry --peer moj.fr --state queued",
)
@_ACTION
@chooses_messages
@pass_invocation
def preview(invocation: Invocation, *, action: str) -> None:
    """What an action on all messages of a filter would do.

    Its digest, given to `bulk run`, makes sure that just this is done.
    """
    from gateway.admin.job_shapes import BulkFilter, BulkPreviewRequest
    from gateway.client.job_calls import preview_bulk

    named = cast("BulkActionName", action)
    request = BulkPreviewRequest(action=named, filter=BulkFilter(**chosen_messages()))
    shown = invocation.send(preview_bulk(request))
    if invocation.as_json:
        print_json(shown)
        return
    print_table(
        ("ID", "PEER", "STATE", "TYPE", "ATTEMPTS", "LAST", "AT"),
        [
            (
                one.id,
                one.peer,
                one.state,
                one.type,
                one.attempts,
                one.last_code or one.hold_reason,
                one.accepted_at,
            )
            for one in shown.first
        ],
    )
    say(f"{action}: {shown.count} of {shown.matched} messages")
    for one in shown.excluded:
        say(f"not {one.count}: {one.sentence}; such as {', '.join(one.first[:3])}")
    if shown.warning:
        say(f"think: {shown.warning}")
    print_line(shown.digest)


@command(
    "run",
    example="mla-gateway bulk run retry --peer moj.fr --state queued "
    '--digest 9f2c... --reason "their node is back"',
)
@_ACTION
@chooses_messages
@click.option("--digest", required=True, help="Of the preview.")
@click.option("--reason", required=True, help="Why; logged with every message.")
@click.option(
    "--reference",
    default="",
    help="Of what went by another channel: where it is found there.",
)
@click.option(
    "--idempotency-key", default="", help="The same again is the same job again."
)
@click.option("--wait", is_flag=True, help="Answer once it has ended.")
@pass_invocation
def run(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    *,
    action: str,
    digest: str,
    reason: str,
    reference: str,
    idempotency_key: str,
    wait: bool,
) -> None:
    """Do exactly what a preview showed, as a job.

    If something has changed since, nothing is done: look at the preview again.
    """
    from gateway.admin.job_shapes import BulkFilter, BulkRequest
    from gateway.client.job_calls import begin_bulk

    request = BulkRequest(
        action=cast("BulkActionName", action),
        filter=BulkFilter(**chosen_messages()),
        digest=digest,
        reason=reason,
        reference=reference,
    )
    job = invocation.send(begin_bulk(request, idempotency_key=idempotency_key))
    if wait:
        print_job(invocation, wait_for(invocation, job.id))
    elif invocation.as_json:
        print_json(job)
    else:
        say(f"job {job.id}: {job.total} messages; see job show {job.id}")
