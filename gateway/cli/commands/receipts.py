"""`receipt`: the proofs of a message, as files that verify without a node."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import ResultFolder, result_folder
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from gateway.admin.shapes import Receipts


@command(
    "receipt",
    example="mla-gateway receipt 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 --out proofs",
)
@click.argument("message_id", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for one .tlog-proof file each.",
)
@pass_invocation
def receipt(invocation: Invocation, message_id: str, out: Path | None) -> None:
    """Every proof there is of a message.

    Origin, receipt, refusal, opening and so on, as far as they have happened. Check
    one anywhere with `mla-gateway verify FILE --keys CARD`.
    """
    from gateway.client.calls import receipts

    proofs = invocation.send(receipts(message_id))
    if out is not None:
        with result_folder(out) as folder:
            _save(folder, proofs)
    if invocation.as_json:
        print_json(proofs)
    elif out is None:
        print_table(
            ("ROLE", "LOG", "INDEX", "KIND", "FILE"),
            [
                (proof.role, proof.log, proof.index, proof.kind, proof.name)
                for proof in proofs.items
            ],
        )


def _save(folder: ResultFolder, proofs: "Receipts") -> None:
    folder.refuse_existing(proof.name for proof in proofs.items)
    for proof in proofs.items:
        say(str(folder.write(proof.name, proof.proof.encode())))
