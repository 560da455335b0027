"""`print`: a message as a PDF form, with its evidence of delivery."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say


@command(
    "print",
    example="mla-gateway print 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--purpose "for the file of the court" --language fr --out request.pdf',
)
@click.argument("message_id", metavar="ID")
@click.option("--purpose", required=True, help="Why; it is logged with your name.")
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="Of the labels; texts stand in the languages they were written in.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to make; nothing is overwritten.",
)
@pass_invocation
def print_form(
    invocation: Invocation,
    message_id: str,
    *,
    purpose: str,
    language: str,
    out: Path,
) -> None:
    """Print a message as an accessible PDF; the access is logged.

    All its fields stand there with their labels, codes beside their words. The last
    page holds what the logs of both sides show of its way, entry by entry.
    """
    from typing import Literal, cast

    from gateway.admin.opening_shapes import PrintRequest
    from gateway.client.calls import print_message

    chosen = cast("Literal['en', 'fr']", language)
    request = PrintRequest(purpose=purpose, language=chosen)
    with new_file(out) as file:
        pdf = invocation.send(print_message(message_id, request))
        file.write(pdf)
    if invocation.as_json:
        print_json({"id": message_id, "file": str(out), "bytes": len(pdf)})
    else:
        say(str(out))
