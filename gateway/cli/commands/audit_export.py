"""`audit export`: the log, or what it holds about a case, for others to check."""

import base64
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.verifier.export import Exported

_TOLD_EVERY_S = 5.0


@command("export", example="mla-gateway audit export --out log-2026-11-21")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New or empty folder; with --zip a new file.",
)
@click.option("--zip", "is_zip", is_flag=True, help="Write one ZIP file.")
@click.option("--case", default="", help="Only what the log holds about a case.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@pass_invocation
def export(
    invocation: Invocation,
    *,
    out: Path,
    is_zip: bool,
    case: str,
    ids: tuple[str, ...],
) -> None:
    """Write the log as a folder of tiles.

    In the C2SP tlog-tiles format, up to the newest checkpoint that witnesses were
    asked to cosign, with the keys and a page on how to check it. With messages or a
    case, only the entries about these, each with its proof. What entries disclose to
    you is in it too: look before handing it on.
    """
    from gateway.cli.log_source import export_messages, export_whole

    if ids and case:
        raise UsageError("audit export: name messages, or a case with --case")

    def write(folder: Path) -> "Exported":
        if ids or case:
            return export_messages(invocation, folder, ids=ids, case=case)
        return export_whole(invocation, folder, progress=_Told())

    done = _packed(out, write) if is_zip else write(out)
    if invocation.as_json:
        print_json(
            {
                "path": str(out),
                "origin": done.origin,
                "size": done.size,
                "root": base64.b64encode(done.root).decode(),
                "entries": done.entries,
                "files": done.files,
            },
        )
    else:
        of = f" of {done.size}" if done.entries != done.size else ""
        say(f"{out}: {done.entries}{of} entries of {done.origin} in {done.files} files")


def _packed(out: Path, write: "Callable[[Path], Exported]") -> "Exported":
    """Export into a folder of its own beside the file, and pack that."""
    from gateway.verifier.archive import write_archive
    from gateway.verifier.files import EvidenceFolder

    with (
        new_file(out) as file,
        tempfile.TemporaryDirectory(prefix=".export-", dir=out.parent) as place,
    ):
        done = write(Path(place))
        files = EvidenceFolder(Path(place))
        file.fill(
            lambda target: write_archive(
                target,
                files.names(),
                lambda name: b"".join(files.chunks(name)),
            ),
        )
        return done


class _Told:
    """Tells on stderr how far it is, now and then."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s - self._last_s >= _TOLD_EVERY_S:
            self._last_s = now_s
            say(f"{done} of {total} entries")
