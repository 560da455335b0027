"""`open`: the content of a message, for a person with a purpose."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import ResultFolder, result_folder
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_json, say

if TYPE_CHECKING:
    from gateway.admin.shapes import Opened

_MESSAGE_FILE = "message.json"
_MANIFEST_FILE = "manifest.json"


@command(
    "open",
    example="mla-gateway open 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--purpose "execution of the request" --out case-17',
)
@click.argument("message_id", metavar="ID")
@click.option("--purpose", required=True, help="Why; it is logged with your name.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for message.json and manifest.json; else the message goes to stdout.",
)
@pass_invocation
def open_content(
    invocation: Invocation,
    message_id: str,
    purpose: str,
    out: Path | None,
) -> None:
    """Open a message; the access is logged.

    The log entry with your name and purpose is durable before anything is decrypted.
    Files are for you alone (mode 0600); nothing is overwritten.
    """
    if out is None:
        opened = _open(invocation, message_id, purpose)
    else:
        with result_folder(out) as folder:
            # Before the access is logged: one for nothing should not stand there.
            folder.refuse_existing((_MESSAGE_FILE, _MANIFEST_FILE))
            opened = _open(invocation, message_id, purpose)
            _save(folder, opened)
    if invocation.as_json:
        print_json(opened)
    elif out is None:
        print_json(opened.message, indent=2)


def _open(invocation: Invocation, message_id: str, purpose: str) -> "Opened":
    from gateway.admin.shapes import OpenRequest
    from gateway.client.calls import open_message

    return invocation.send(open_message(message_id, OpenRequest(purpose=purpose)))


def _save(folder: ResultFolder, opened: "Opened") -> None:
    text = json_text(opened.message, indent=2) + "\n"
    say(str(folder.write(_MESSAGE_FILE, text.encode())))
    # A message that is still held has no manifest: it is not sealed.
    if opened.manifest:
        manifest = base64.b64decode(opened.manifest)
        say(str(folder.write(_MANIFEST_FILE, manifest)))
