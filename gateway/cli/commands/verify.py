"""`verify`: check evidence with nothing but files and keys that were compared."""

import sys
from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_text

_FILE = click.Path(path_type=Path)


@command(
    "verify",
    example="mla-gateway verify log-2026-11-21 --keys moj.ee.card",
)
@click.argument("path", type=_FILE)
@click.option(
    "--keys",
    multiple=True,
    type=_FILE,
    help="Card or file of vkeys, compared by fingerprint; say it again for each.",
)
@click.option(
    "--history",
    multiple=True,
    type=_FILE,
    help="Statement of the root of a card given, for keys that were retired.",
)
@click.option("--policy", type=_FILE, help="Which witnesses must have cosigned.")
@click.option(
    "--seen",
    multiple=True,
    type=_FILE,
    help="Checkpoint, proof or card that others hold; say it again for each.",
)
@click.option(
    "--min-size",
    type=click.IntRange(min=0),
    help="Entries that the log is known to have at least.",
)
@click.option("--envelope", type=_FILE, help="The sealed message a proof is about.")
@click.option("--manifest", type=_FILE, help="The manifest.json a proof is about.")
@click.option("--fingerprint", help="The fingerprint that a card must have.")
@click.option(
    "--attachments",
    type=_FILE,
    help="Folder with the files that the manifest in a bundle names.",
)
@click.option(
    "--tsa-ca",
    type=_FILE,
    help="Certificates, PEM, of the time-stamping authorities that you believe.",
)
@click.option(
    "--conflicts-out",
    type=_FILE,
    help="Folder for signed heads that contradict each other.",
)
@pass_invocation
def verify(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    path: Path,
    *,
    keys: tuple[Path, ...],
    history: tuple[Path, ...],
    policy: Path | None,
    seen: tuple[Path, ...],
    min_size: int | None,
    envelope: Path | None,
    manifest: Path | None,
    fingerprint: str | None,
    attachments: Path | None,
    tsa_ca: Path | None,
    conflicts_out: Path | None,
) -> None:
    """Check evidence; needs no node, no network.

    PATH is the folder or ZIP file of an exported log, the bundle of a message, a
    .tlog-proof file or a card. Prints what was shown and what was not. Exit code 0:
    verified, 7: failed, 8: nothing is wrong, but less was shown than asked for.
    """
    from gateway.core.identity import parse_fingerprint
    from gateway.verifier.options import VerifyOptions
    from gateway.verifier.progress import progress_on
    from gateway.verifier.verify import verify_path

    options = VerifyOptions(
        keys=keys,
        history=history,
        policy=policy,
        seen=seen,
        min_size=min_size,
        envelope=envelope,
        manifest=manifest,
        fingerprint=None if fingerprint is None else parse_fingerprint(fingerprint),
        attachments=attachments,
        tsa_ca=tsa_ca,
        conflicts_out=conflicts_out,
        progress=progress_on(sys.stderr),
    )
    report = verify_path(path, options)
    if invocation.as_json:
        print_json(report.to_json())
    else:
        print_text(report.render())
    click.get_current_context().exit(report.exit_code)
