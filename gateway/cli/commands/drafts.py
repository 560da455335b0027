"""`draft` and `check`: a form to fill in, and what is still wrong with it."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.documents import read_document
from gateway.cli.exits import ExitCode
from gateway.cli.findings import print_problems, say_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_text, say

_FILE = click.Path(path_type=Path)


@command("draft", example="mla-gateway draft --type MLA_REQ --out request.json")
@click.option("--type", "msg_type", required=True, help="Type of message.")
@click.option(
    "--instrument",
    "instruments",
    multiple=True,
    help="Legal basis, the main one first; may be repeated.",
)
@click.option(
    "--lang",
    type=click.Choice(("en", "fr")),
    default="en",
    show_default=True,
    help="Language of the explanations, and of the message to be.",
)
@click.option("--out", type=_FILE, help="File to write; else standard output.")
@pass_invocation
def draft(
    invocation: Invocation,
    *,
    msg_type: str,
    instruments: tuple[str, ...],
    lang: str,
    out: Path | None,
) -> None:
    """A form to fill in, with explanations.

    It is JSON. Keys that begin with // explain, or hold fields that are not used:
    `check` and `send` leave them out. Needs no running node.
    """
    from gateway.cli.files import new_file
    from gateway.core.errors import UsageError
    from gateway.mla.codelists import is_code
    from gateway.mla.skeleton import DraftRequest
    from gateway.mla.skeleton import draft as drafted
    from gateway.mla.types import declared_type
    from gateway.mla.wording import Language

    invocation.know_forms()
    for instrument in instruments:
        if not is_code("INSTRUMENT", instrument):
            raise UsageError(
                "--instrument: no such code, expected one of list INSTRUMENT",
            )
    request = DraftRequest(
        declared=declared_type(msg_type),
        language=Language(lang),
        instruments=instruments,
    )
    text = json_text(drafted(request), indent=2) + "\n"
    if out is None:
        print_text(text)
        return
    with new_file(out) as file:
        file.write(text.encode())
    say(f"written to {out}")


@command("check", example="mla-gateway check request.json")
@click.argument("message", type=_FILE)
@pass_invocation
def check(invocation: Invocation, *, message: Path) -> None:
    """Check a message without sending it.

    MESSAGE is the file of the document, JSON; - reads stdin. Exit code 1 says that it
    can't be sent as it is; advice alone is no failure. Needs no running node.
    """
    from gateway.mla.envelope_fields import Form
    from gateway.mla.validate import blocking, validate

    invocation.know_forms()
    problems = validate(read_document(message), form=Form.AUTHOR)
    faults = len(blocking(problems))
    if invocation.as_json:
        print_problems(problems)
    else:
        say_problems(problems)
        if faults:
            say(f"cannot be sent as it is: {faults} to put right")
        else:
            say("the form is complete; its case and addressee were not looked at")
    if faults:
        click.get_current_context().exit(ExitCode.FAILED)
