"""`confirm`, `retry` and `cancel`: what is done with messages."""

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import ConflictError, UsageError


@command("confirm", example="mla-gateway confirm 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203")
@click.argument("message_id", metavar="ID")
@pass_invocation
def confirm(invocation: Invocation, message_id: str) -> None:
    """The recipient has taken a message.

    It is in your own system now, and is never offered as new again.
    """
    from gateway.client.calls import confirm_message

    message = invocation.send(confirm_message(message_id))
    if invocation.as_json:
        print_json(message)
    else:
        say(f"{message.id} is {message.state}")


@command("retry", example="mla-gateway retry --peer moj.fr")
@click.argument("message_ids", metavar="[ID]...", nargs=-1)
@click.option("--peer", default="", help="Everything queued for this peer.")
@pass_invocation
def retry(invocation: Invocation, message_ids: tuple[str, ...], peer: str) -> None:
    """Try queued messages now.

    They would be tried again in any case; this does not wait for the next time.
    """
    from gateway.admin.shapes import RetryRequest
    from gateway.client.calls import retry_messages

    if bool(message_ids) is bool(peer):
        raise UsageError("retry: name either messages or --peer")
    answer = invocation.send(retry_messages(RetryRequest(ids=message_ids, peer=peer)))
    wanted = len(set(message_ids))
    if wanted and not answer.due:
        raise ConflictError("retry: none of these messages is queued")
    if invocation.as_json:
        print_json(answer)
    else:
        say(f"{answer.due} tried now")
    if answer.due < wanted:
        say(f"{wanted - answer.due} not queued")
        click.get_current_context().exit(ExitCode.IN_PART)


@command(
    "cancel",
    example="mla-gateway cancel 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--reason "sent twice"',
)
@click.argument("message_id", metavar="ID")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def cancel(invocation: Invocation, message_id: str, reason: str) -> None:
    """Withdraw a message not yet tried.

    After an attempt whose outcome is not known the peer may have the message, so it
    can't be cancelled any more.
    """
    from gateway.client.calls import cancel_message

    message = invocation.send(cancel_message(message_id, reason))
    if invocation.as_json:
        print_json(message)
    else:
        say(f"{message.id} is {message.state}")
