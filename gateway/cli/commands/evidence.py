"""`evidence`: all that a dispute about a message needs, in one file."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file, read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say

if TYPE_CHECKING:
    from gateway.admin.evidence_shapes import EvidenceParts
    from gateway.verifier.bundle import BundleParts, EnrolmentRecord

_FILE = click.Path(path_type=Path)


@command(
    "evidence",
    example="mla-gateway evidence 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    "--out evidence-17.zip --manifest case-17/manifest.json",
)
@click.argument("message_id", metavar="ID")
@click.option("--out", required=True, type=_FILE, help="New file for the bundle.")
@click.option(
    "--manifest",
    type=_FILE,
    help="The manifest.json that `open --out` wrote; without it nothing is plaintext.",
)
@pass_invocation
def evidence(
    invocation: Invocation,
    message_id: str,
    out: Path,
    manifest: Path | None,
) -> None:
    """Everything that proves a message, in one file.

    A ZIP file with the sealed message, every proof, both authorities' cards and a page
    on how to check it. Check it anywhere with
    `mla-gateway verify FILE --keys CARD --keys CARD`.
    """
    from gateway.client.calls import evidence
    from gateway.verifier.bundle import encode_bundle

    content = b"" if manifest is None else _read_manifest(manifest)
    # The name is taken first: nothing is asked for and logged in vain.
    with new_file(out) as file:
        found = invocation.send(evidence(message_id))
        raw = encode_bundle(parts_of(found, content))
        file.write(raw)
    if invocation.as_json:
        print_json(
            {
                "file": str(out),
                "id": found.id,
                "proofs": [proof.name for proof in found.proofs],
                "has_manifest": bool(content),
                "size_bytes": len(raw),
            },
        )
    else:
        kind = "with its manifest" if content else "no plaintext"
        say(f"{out}: message {found.id}, {len(found.proofs)} proofs, {kind}")


def _read_manifest(path: Path) -> bytes:
    from gateway.core.errors import UsageError
    from gateway.core.limits import MAX_MANIFEST_BYTES

    raw = read_input(path, max_bytes=MAX_MANIFEST_BYTES)
    if not raw:
        raise UsageError(f"--manifest {path}: is empty")
    return raw


def parts_of(found: "EvidenceParts", content: bytes) -> "BundleParts":
    """Return what the node answered as the parts of a bundle.

    Raises:
        MalformedError: The node names no authority, digest or time where it should.
    """
    from gateway.verifier.bundle import BundleParts

    return BundleParts(
        envelope=base64.b64decode(found.envelope),
        proofs={proof.name: proof.proof.encode() for proof in found.proofs},
        cards=[base64.b64decode(one.card) for one in found.cards],
        enrolment=_enrolment_of(found),
        content=content,
    )


def _enrolment_of(found: "EvidenceParts") -> "EnrolmentRecord | None":
    from gateway.core.values import parse_authority_id, parse_digest, parse_time
    from gateway.verifier.bundle import EnrolmentRecord

    told = found.enrolment
    if told is None:
        return None
    return EnrolmentRecord(
        peer=parse_authority_id(found.peer),
        fingerprint=parse_digest(told.fingerprint),
        compared_by=told.compared_by,
        compared_how=told.compared_how,
        compared_at=parse_time(told.compared_at),
    )
