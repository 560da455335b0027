"""`forms`: which types of message there are, their schemas and pages."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, print_text, say


@command("list", example="mla-gateway forms list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All types of message.

    Those of the home's national declarations too. Needs no running node.
    """
    from gateway.mla.types import all_types

    invocation.know_forms()
    if invocation.as_json:
        items = [
            {
                "type": one.name,
                "titles": {"en": one.title_en, "fr": one.title_fr},
                "opens_case": one.opens_case,
                "senders": sorted(one.senders),
                "declaration": one.declaration,
            }
            for one in all_types()
        ]
        print_json({"items": items})
        return
    rows = [
        (one.name, one.title_en, one.title_fr, ", ".join(sorted(one.senders)))
        for one in all_types()
    ]
    print_table(("TYPE", "TITLE", "TITRE", "SENT BY"), rows)


@command("schema", example="mla-gateway forms schema MLA_REQ > MLA_REQ.schema.json")
@click.argument("msg_type", metavar="TYPE")
@click.option(
    "--form",
    "form_name",
    type=click.Choice(("author", "complete")),
    default="author",
    show_default=True,
    help="As an author writes it, or as it is sent and received.",
)
@pass_invocation
def schema(invocation: Invocation, *, msg_type: str, form_name: str) -> None:
    """The JSON Schema of a type.

    Needs no running node.
    """
    from gateway.mla.envelope_fields import Form
    from gateway.mla.publishing import schema_text
    from gateway.mla.schema import schema_of
    from gateway.mla.types import declared_type

    invocation.know_forms()
    form = Form[form_name.upper()]
    print_text(schema_text(schema_of(declared_type(msg_type), form)))


@command("write", example="mla-gateway forms write published")
@click.argument("folder", type=click.Path(path_type=Path))
@pass_invocation
def write(invocation: Invocation, *, folder: Path) -> None:
    """Write all schemas and pages to a folder.

    They go to the folders `schemas` and `messages` in it. No file is replaced. Needs
    no running node.
    """
    from gateway.cli.files import result_folder
    from gateway.mla.publishing import publication
    from gateway.mla.types import all_types

    invocation.know_forms()
    texts = publication(all_types())
    with result_folder(folder):
        for path, text in texts.items():
            place = folder / path
            with result_folder(place.parent) as target:
                target.write(place.name, text.encode())
    if invocation.as_json:
        print_json({"files": sorted(texts)})
    else:
        say(f"{len(texts)} files written to {folder}")
