"""The command line of the one-file verifier: `verify` of mla-gateway, and nothing else.

Same options, output and exit codes: 0 verified, 7 failed, 8 incomplete, 2 usage.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.core.errors import GatewayError, UsageError
from gateway.core.identity import parse_fingerprint
from gateway.verifier.options import VerifyOptions
from gateway.verifier.progress import progress_on
from gateway.verifier.report import printable
from gateway.verifier.verify import verify_path

_USAGE = 2
_FAILED = 7


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments."""
    reader = argparse.ArgumentParser(
        prog="mla-verify.pyz",
        description="Check evidence of an MLA gateway; needs no node, no network.",
        epilog="Exit code 0: verified, 7: failed, 8: nothing is wrong, but less was "
        "shown than asked for, 2: the question was not understood.",
        allow_abbrev=False,
    )
    reader.add_argument(
        "path",
        type=Path,
        help="folder or ZIP file of an exported log, bundle of a message, "
        ".tlog-proof file or card",
    )
    for option, told in (
        ("--keys", "card or file of vkeys, compared by fingerprint"),
        ("--history", "statement of the root of a card given, for retired keys"),
        ("--seen", "checkpoint, proof or card that others hold"),
    ):
        reader.add_argument(
            option,
            action="append",
            type=Path,
            default=[],
            help=f"{told}; say it again for each",
        )
    for option, told in (
        ("--policy", "which witnesses must have cosigned"),
        ("--envelope", "the sealed message a proof is about"),
        ("--manifest", "the manifest.json a proof is about"),
        ("--attachments", "folder with the files that a bundle's manifest names"),
        ("--tsa-ca", "certificates, PEM, of time-stamping authorities you believe"),
        ("--conflicts-out", "folder for signed heads that contradict each other"),
    ):
        reader.add_argument(option, type=Path, help=told)
    reader.add_argument(
        "--min-size",
        type=_count,
        help="entries that the log is known to have at least",
    )
    reader.add_argument("--fingerprint", help="the fingerprint that a card must have")
    reader.add_argument("--json", action="store_true", help="one JSON document")
    return reader


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0 on")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name, print the report, return the exit code."""
    given = parser().parse_args(arguments)
    try:
        report = verify_path(given.path, _options(given))
    except GatewayError as error:
        sys.stderr.write(f"mla-verify: {printable(str(error))}\n")
        return _USAGE if isinstance(error, UsageError) else _FAILED
    if given.json:
        # Escaped as JSON escapes, so that it stays JSON; DEL alone it would leave.
        text = json.dumps(report.to_json()).replace("\x7f", "\\u007f") + "\n"
    else:
        text = report.render()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()
    return report.exit_code


def _options(given: argparse.Namespace) -> VerifyOptions:
    fingerprint = given.fingerprint
    return VerifyOptions(
        keys=tuple(given.keys),
        history=tuple(given.history),
        policy=given.policy,
        seen=tuple(given.seen),
        min_size=given.min_size,
        envelope=given.envelope,
        manifest=given.manifest,
        fingerprint=None if fingerprint is None else parse_fingerprint(fingerprint),
        attachments=given.attachments,
        tsa_ca=given.tsa_ca,
        conflicts_out=given.conflicts_out,
        progress=progress_on(sys.stderr),
    )
