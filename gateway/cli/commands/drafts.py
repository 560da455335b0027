"""`draft` and `check`: a form to fill in, and what is still wrong with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.documents import read_document
from gateway.cli.exits import ExitCode
from gateway.cli.findings import print_problems, say_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_text, say

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject
    from gateway.core.errors import FormProblem

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
    `check` and `send` leave them out. With --instrument, a field tells which provision
    asks for it. Needs no running node.
    """
    from gateway.cli.files import new_file
    from gateway.core.errors import UsageError
    from gateway.mla.asked_for import articles_by_field
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
        articles=articles_by_field(msg_type, instruments, Language(lang)),
    )
    text = json_text(drafted(request), indent=2) + "\n"
    if out is None:
        print_text(text)
        return
    with new_file(out) as file:
        file.write(text.encode())
    say(f"written to {out}")


@command("check", example="mla-gateway check request.json --to moj.fr")
@click.argument("message", type=_FILE)
@click.option("--to", help="Authority id of the addressee: ask the node as well.")
@pass_invocation
def check(invocation: Invocation, *, message: Path, to: str | None) -> None:
    """Check a message without sending it.

    MESSAGE is the file of the document, JSON; - reads stdin. The form alone is checked
    here, without a node. With --to the node looks at everything that sending would
    look at, and keeps and logs nothing. Exit code 1 says that it can't be sent as it
    is; advice alone is no failure.
    """
    document = read_document(message)
    if to is None:
        problems = _of_form(invocation, document)
    else:
        problems = _of_node(invocation, document, to)
    faults = sum(problem.blocking for problem in problems)
    if invocation.as_json:
        print_problems(problems, checked="form" if to is None else "all")
    else:
        say_problems(problems)
        say(_verdict(faults, is_whole=to is not None))
    if faults:
        click.get_current_context().exit(ExitCode.FAILED)


def _of_form(invocation: Invocation, document: "JsonObject") -> Sequence["FormProblem"]:
    """Return what is wrong with a form by itself."""
    from gateway.mla.envelope_fields import Form
    from gateway.mla.validate import validate

    invocation.know_forms()
    return validate(document, form=Form.AUTHOR)


def _of_node(
    invocation: Invocation, document: "JsonObject", to: str
) -> Sequence["FormProblem"]:
    """Return what the node would find of a message to a peer."""
    from gateway.admin.form_shapes import CheckRequest
    from gateway.client.form_calls import check_message

    request = CheckRequest(to=to, message=dict(document))
    checked = invocation.send(check_message(request))
    for field in checked.ignored:
        say(f"would be ignored, because only the node gives it: {field}")
    return checked.problems


def _verdict(faults: int, *, is_whole: bool) -> str:
    if faults:
        return f"cannot be sent as it is: {faults} to put right"
    if is_whole:
        return "can be sent"
    return "the form is complete; with --to its case and addressee are looked at too"
