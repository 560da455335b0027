"""`open`: the content of a message and its evidence, for a person with a purpose."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import ResultFolder, result_folder
from gateway.cli.findings import say_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_json, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.admin.opening_shapes import Opened

_MESSAGE_FILE = "message.json"
_MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for, beside the message itself."""

    message_id: str
    purpose: str
    purpose_code: str
    case_number: str
    names: tuple[str, ...]
    has_attachments: bool
    is_resumed: bool


@command(
    "open",
    example="mla-gateway open 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--purpose "execution of the request" --out case-17',
)
@click.argument("message_id", metavar="ID")
@click.option("--purpose", required=True, help="Why; it is logged with your name.")
@click.option(
    "--purpose-code",
    default="",
    help="Code of list PURPOSE, if it is another than the message was given for.",
)
@click.option("--for-case", default="", help="Another case it is to be used in.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for message.json, manifest.json and the evidence files; else the "
    "message goes to stdout.",
)
@click.option(
    "--attachment",
    "names",
    multiple=True,
    metavar="NAME",
    help="Fetch only the evidence file of this name; may be repeated.",
)
@click.option("--no-attachments", is_flag=True, help="Fetch no evidence files.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a folder that an earlier run has begun; opens again.",
)
@pass_invocation
def open_content(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    message_id: str,
    *,
    purpose: str,
    purpose_code: str,
    for_case: str,
    out: Path | None,
    names: tuple[str, ...],
    no_attachments: bool,
    resume: bool,
) -> None:
    """Open a message; the access is logged.

    The log entry with your name and purpose is durable before anything is decrypted.
    Files are for you alone (mode 0600); nothing is overwritten. An evidence file gets
    its name once size and digests are right; exit code 8 says that some could not be
    fetched, 7 that one is not what was announced.
    """
    if names and no_attachments:
        raise UsageError("open: either --attachment or --no-attachments")
    wanted = _Wanted(
        message_id,
        purpose,
        purpose_code,
        for_case,
        names,
        has_attachments=not no_attachments,
        is_resumed=resume,
    )
    if out is not None:
        _open_into(invocation, wanted, out)
        return
    if names or resume:
        raise UsageError("open: --attachment and --resume need --out")
    opened = _open(invocation, wanted)
    _list(opened)
    if invocation.as_json:
        print_json(opened)
    else:
        print_json(opened.message, indent=2)


def _open_into(invocation: Invocation, wanted: _Wanted, out: Path) -> None:
    from gateway.cli.fetching import Fetcher, chosen

    with result_folder(out) as folder:
        if not wanted.is_resumed:
            # Before the access is logged: one for nothing should not stand there.
            folder.refuse_existing((_MESSAGE_FILE, _MANIFEST_FILE))
        opened = _open(invocation, wanted)
        _save(folder, opened)
        if invocation.as_json:
            print_json(opened)
        if not wanted.has_attachments:
            _list(opened)
            return
        fetcher = Fetcher(
            invocation,
            opened,
            folder.target,
            reopen=lambda: _open(invocation, wanted),
            is_resumed=wanted.is_resumed,
        )
        fetcher.fetch(chosen(opened, wanted.names))
    if fetcher.worst:
        click.get_current_context().exit(fetcher.worst)


def _open(invocation: Invocation, wanted: _Wanted) -> "Opened":
    from gateway.admin.opening_shapes import OpenRequest
    from gateway.client.calls import open_message

    request = OpenRequest(
        purpose=wanted.purpose,
        purpose_code=wanted.purpose_code,
        case_number=wanted.case_number,
    )
    opened = invocation.send(open_message(wanted.message_id, request))
    for one in opened.conditions:
        about = f" (item {one.item})" if one.item else ""
        say(f"condition {one.code}: {one.label}{about}")
    say_problems(opened.advice)
    return opened


def _list(opened: "Opened") -> None:
    from gateway.cli.fetching import list_attachments

    list_attachments(opened)


def _save(folder: ResultFolder, opened: "Opened") -> None:
    text = json_text(opened.message, indent=2) + "\n"
    say(str(folder.write_or_compare(_MESSAGE_FILE, text.encode())))
    # A message that is still held has no manifest: it is not sealed.
    if opened.manifest:
        manifest = base64.b64decode(opened.manifest)
        say(str(folder.write_or_compare(_MANIFEST_FILE, manifest)))
