"""`audit stamps` and `audit stamp`: time stamps of the log."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import result_folder
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.admin.stamp_shapes import LogStamp

_MAX_SHOWN = 100
_DEFAULT_SHOWN = 20


@command("stamps", example="mla-gateway audit stamps")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(1, _MAX_SHOWN),
    default=_DEFAULT_SHOWN,
    show_default=True,
    help="How many of the newest.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the files SIZE.body and SIZE.tsr of each.",
)
@pass_invocation
def stamps(invocation: Invocation, lines: int, out: Path | None) -> None:
    """Time stamps that there are of the log.

    Check one anywhere with
    `openssl ts -verify -data SIZE.body -in SIZE.tsr -CAfile CA.pem`.
    """
    from gateway.admin.stamp_shapes import StampsQuery
    from gateway.client.calls import log_stamps

    found = invocation.send(log_stamps(StampsQuery(limit=lines)))
    if out is not None:
        _save(out, found.items)
    if invocation.as_json:
        print_json(found)
        return
    if out is None:
        print_table(
            ("SIZE", "STAMPED AT", "AUTHORITY", "CERTIFICATE ENDS", "ENTRY"),
            [
                (one.size, one.at, one.authority, one.valid_until, one.index)
                for one in found.items
            ],
        )
    if not found.configured:
        say("no authority is configured: set tsa and tsa_ca in section [log]")
    if found.failure:
        say(f"the last attempt failed: {found.failure}")


@command("stamp", example="mla-gateway audit stamp")
@pass_invocation
def stamp(invocation: Invocation) -> None:
    """Get a time stamp over the log now.

    If nothing was logged since the newest stamp, that one is shown.
    """
    from gateway.client.calls import stamp_log

    made = invocation.send(stamp_log())
    if invocation.as_json:
        print_json(made)
        return
    print_fields(
        {
            "size": made.size,
            "stamped at": made.at,
            "authority": made.authority,
            "certificate ends": made.valid_until,
            "entry": made.index,
            "digest": made.digest,
        },
    )


def _save(out: Path, found: "Sequence[LogStamp]") -> None:
    with result_folder(out) as folder:
        files = {
            name: content
            for one in found
            for name, content in (
                (f"{one.size}.body", one.text.encode()),
                (f"{one.size}.tsr", base64.b64decode(one.response)),
            )
        }
        folder.refuse_existing(files)
        for name, content in files.items():
            say(str(folder.write(name, content)))
