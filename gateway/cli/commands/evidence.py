"""`evidence bundle`: all that a dispute about messages needs, in one file or folder."""

import tempfile
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

    from gateway.cli.dispute import Bundled
    from gateway.verifier.files import NewFolder

_FILE = click.Path(path_type=Path)
_TOLD_EVERY = 50


@command(
    "bundle",
    example="mla-gateway evidence bundle 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    "--out evidence-17.zip --manifest case-17/manifest.json",
)
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--case", default="", help="All messages of a case instead.")
@click.option("--out", type=_FILE, help="New ZIP file for the bundle.")
@click.option("--folder", type=_FILE, help="New or empty folder for it instead.")
@click.option(
    "--manifest",
    "manifests",
    type=_FILE,
    multiple=True,
    help="The manifest.json that `open --out` wrote, one a message; without it nothing "
    "is plaintext.",
)
@pass_invocation
def bundle(
    invocation: Invocation,
    ids: tuple[str, ...],
    *,
    case: str,
    out: Path | None,
    folder: Path | None,
    manifests: tuple[Path, ...],
) -> None:
    """Everything that proves messages, in one file or folder.

    The sealed messages, every proof, who accessed them (to auditors), both
    authorities' cards and a page on how to check it. Check it anywhere with
    `mla-gateway verify FILE --keys CARD --keys CARD`.
    """
    from gateway.cli.dispute import messages_of_case, read_manifests, write_bundle

    if bool(ids) == bool(case):
        raise UsageError("evidence: name messages, or a case with --case")
    if (out is None) == (folder is None):
        raise UsageError("evidence: say --out FILE or --folder DIR")
    known = read_manifests(manifests)

    def write(into: "NewFolder") -> "Bundled":
        wanted = tuple(dict.fromkeys(ids)) or messages_of_case(invocation, case)
        return write_bundle(
            invocation,
            wanted,
            into,
            manifests=known,
            progress=lambda count: _tell(count, len(wanted)),
        )

    if folder is not None:
        from gateway.verifier.files import NewFolder

        _report(invocation, folder, write(NewFolder.create(folder)))
    elif out is not None:
        done, length = _pack(out, write)
        _report(invocation, out, done, length)


def _pack(
    out: Path,
    write: "Callable[[NewFolder], Bundled]",
) -> "tuple[Bundled, int]":
    """Write a bundle into a folder of its own beside the file, and pack that."""
    from gateway.verifier.bundle_writer import pack_folder
    from gateway.verifier.files import NewFolder

    # The name is taken first: nothing is asked for and logged in vain.
    with (
        new_file(out) as file,
        tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.parent) as place,
    ):
        into = NewFolder(Path(place))
        done = write(into)
        return done, file.fill(lambda target: pack_folder(into, target))


def _tell(count: int, total: int) -> None:
    if total > _TOLD_EVERY and (count % _TOLD_EVERY == 0 or count == total):
        say(f"{count} of {total} messages")


def _report(
    invocation: Invocation,
    place: Path,
    done: "Bundled",
    size_bytes: int = 0,
) -> None:
    if invocation.as_json:
        print_json(
            {
                "path": str(place),
                "ids": done.ids,
                "proofs": done.proofs,
                "disclosures": done.disclosures,
                "manifests": done.manifests,
                "files": done.files,
                "size_bytes": size_bytes,
            },
        )
        return
    count = len(done.ids)
    what = f"message {done.ids[0]}" if count == 1 else f"{count} messages"
    kind = "no plaintext"
    if done.manifests:
        kind = "with its manifest" if count == 1 else f"manifests of {done.manifests}"
    said = f"{place}: {what}, {done.proofs} proofs, {kind}"
    if not done.disclosures:
        said += "; who accessed what is not shown (an auditor's token is needed)"
    say(said)
