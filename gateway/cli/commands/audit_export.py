"""`audit export`: the log as a folder that any tlog-tiles tool reads."""

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import ConflictError

if TYPE_CHECKING:
    from gateway.core.translog.note import VerifierKey
    from gateway.verifier.export import ExportEntry


@command("export", example="mla-gateway audit export --out log-2026-11-21")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New or empty folder.",
)
@pass_invocation
def export(invocation: Invocation, out: Path) -> None:
    """Write the log as a folder of tiles.

    In the C2SP tlog-tiles format, with a signed checkpoint, the keys and a page on how
    to check it. What entries disclose to you is in it too: look before handing it on.
    """
    from gateway.verifier.export import export_log

    done = export_log(_ApiLog(invocation), out)
    if invocation.as_json:
        print_json(
            {
                "folder": str(done.folder),
                "origin": done.origin,
                "size": done.size,
                "root": base64.b64encode(done.root).decode(),
                "files": done.files,
            },
        )
    else:
        say(f"{out}: {done.size} entries of {done.origin} in {done.files} files")


class _ApiLog:
    """Our log as the admin API gives it; a source of the exporter."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    def keys(self) -> "Sequence[VerifierKey]":
        """Return the public keys of the log, from our own card."""
        from gateway.client.calls import own_card
        from gateway.core.identity import parse_card, verify_card

        raw = base64.b64decode(self._invocation.send(own_card()).card)
        return verify_card(raw, stage=parse_card(raw).card.stage).log_keys

    def earlier_checkpoints(self) -> Iterable[bytes]:
        """Return none: the API gives the newest, from which every size follows."""
        return ()

    def checkpoint(self) -> bytes:
        """Return a signed note of the log as it stands."""
        from gateway.client.calls import log_checkpoint

        return self._invocation.send(log_checkpoint()).note.encode()

    def entries(self, start: int, limit: int) -> "Sequence[ExportEntry]":
        """Return entries from `start` on.

        Raises:
            ConflictError: Only the hash of one is left.
        """
        from gateway.admin.node_shapes import EntriesQuery
        from gateway.admin.shapes import MAX_PAGE
        from gateway.client.calls import log_entries
        from gateway.verifier.export import ExportEntry

        query = EntriesQuery(start=start, limit=min(limit, MAX_PAGE))
        items = self._invocation.send(log_entries(query)).items
        for entry in items:
            if not entry.leaf:
                raise ConflictError(
                    f"entry {entry.index}: pruned, only its hash is left, so the log "
                    "can't be exported from its start",
                )
        return [ExportEntry(entry.leaf.encode(), entry.disclosures) for entry in items]
