"""Our log as the admin API gives it, on its way into a folder."""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.dispute import ask, messages_of_case
from gateway.cli.invocation import Invocation

if TYPE_CHECKING:
    from gateway.admin.evidence_shapes import EvidenceParts
    from gateway.core.translog.note import VerifierKey
    from gateway.verifier.export import Exported, ExportEntry, Progress
    from gateway.verifier.export_selection import SelectionWriter


def export_whole(
    invocation: Invocation,
    folder: Path,
    *,
    progress: "Progress",
) -> "Exported":
    """Write the whole log, as far as it was not pruned.

    Raises:
        GatewayError: As `export_log`, or the node refused.
    """
    from gateway.verifier.export import export_log

    source = ApiLog(invocation)
    return export_log(
        source,
        folder,
        beside=source.beside(),
        policy=own_policy(invocation, source.keys()),
        progress=progress,
    )


class ApiLog:
    """Our log as the admin API gives it; a source of the exporter."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._size = 0

    def keys(self) -> "Sequence[VerifierKey]":
        """Return the public keys of the log, from our own card."""
        return own_keys(self._invocation)

    def checkpoint(self) -> bytes:
        """Return the newest note of a round; before the first, of the log as it is."""
        from gateway.admin.witness_shapes import RoundsQuery
        from gateway.client.calls import log_checkpoint, rounds

        found = self._invocation.send(rounds(RoundsQuery(limit=1))).items
        if found:
            self._size = found[0].size
            return found[0].note.encode()
        newest = self._invocation.send(log_checkpoint())
        self._size = newest.size
        return newest.note.encode()

    def earlier_checkpoints(self) -> Iterator[bytes]:
        """Yield the notes of earlier rounds, the largest first."""
        from gateway.admin.witness_shapes import MAX_ROUNDS, RoundsQuery
        from gateway.client.calls import rounds

        before = self._size
        while before:
            query = RoundsQuery(before=before, limit=MAX_ROUNDS)
            page = self._invocation.send(rounds(query))
            yield from (one.note.encode() for one in page.items)
            before = page.next

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """Yield our card, time stamps, and what is held against peers' logs."""
        from gateway.client.calls import conflicts, own_card
        from gateway.core.values import parse_authority_id
        from gateway.verifier.bundle import history_name

        card = self._invocation.send(own_card())
        yield f"cards/{card.authority}.card", base64.b64decode(card.card)
        for told in card.history:
            yield (
                history_name(parse_authority_id(told.authority), told.number),
                told.proof.encode(),
            )
        yield from self._stamps()
        for one in self._invocation.send(conflicts()).items:
            yield f"conflicts/{one.name}", one.file.encode()

    def _stamps(self) -> Iterator[tuple[str, bytes]]:
        """Yield time stamps over checkpoints of what is exported."""
        from gateway.admin.stamp_shapes import MAX_STAMPS, StampsQuery
        from gateway.client.calls import log_stamps
        from gateway.verifier.stamps import body_name, response_name

        before = self._size + 1
        while True:
            query = StampsQuery(before=before, limit=MAX_STAMPS)
            page = self._invocation.send(log_stamps(query)).items
            for one in page:
                yield body_name(one.size), one.text.encode()
                yield response_name(one.size), base64.b64decode(one.response)
            if len(page) < MAX_STAMPS:
                return
            before = page[-1].size

    def entries(self, start: int, limit: int) -> "Sequence[ExportEntry]":
        """Return entries from `start` on; of pruned ones the hash."""
        from gateway.admin.node_shapes import EntriesQuery
        from gateway.admin.shapes import MAX_PAGE
        from gateway.client.calls import log_entries
        from gateway.verifier.export import ExportEntry

        query = EntriesQuery(start=start, limit=min(limit, MAX_PAGE))
        return [
            ExportEntry(
                entry.leaf.encode(),
                entry.disclosures,
                b"" if entry.leaf else bytes.fromhex(entry.leaf_hash),
            )
            for entry in self._invocation.send(log_entries(query)).items
        ]


def own_keys(invocation: Invocation) -> "Sequence[VerifierKey]":
    """Return the public keys of our log, from our own card."""
    from gateway.client.calls import own_card
    from gateway.core.identity import parse_card, verify_card

    raw = base64.b64decode(invocation.send(own_card()).card)
    return verify_card(raw, stage=parse_card(raw).card.stage).log_keys


def own_policy(invocation: Invocation, keys: "Sequence[VerifierKey]") -> bytes:
    """Return our policy: our log, and the witnesses that we ask."""
    from gateway.client.calls import witnesses
    from gateway.verifier.export_texts import policy_text

    found = invocation.send(witnesses())
    return policy_text(
        keys[0].name,
        keys,
        witnesses={one.name: one.vkeys for one in found.items},
        quorum=found.quorum,
    )


def export_messages(
    invocation: Invocation,
    folder: Path,
    *,
    ids: Sequence[str],
    case: str,
) -> "Exported":
    """Write the entries about some messages with their proofs, and no others.

    Raises:
        NotFoundError: No such message, or none of that case.
        ConflictError: What is asked about grows faster than it can be fetched.
        GatewayError: The node refused, or the folder can't be written.
    """
    from gateway.admin.witness_shapes import RoundsQuery
    from gateway.client.calls import log_checkpoint, rounds
    from gateway.verifier.export_selection import Selection, SelectionWriter

    writer = SelectionWriter(folder)
    wanted = ids or messages_of_case(invocation, case)
    newest_round = invocation.send(rounds(RoundsQuery(limit=1))).items
    newest = invocation.send(log_checkpoint())
    selection = Selection(keys=own_keys(invocation), head=newest.note.encode())
    links: dict[tuple[int, int], Sequence[bytes]] = {}
    for message_id in dict.fromkeys(wanted):
        for found in ask(invocation, message_id, newest.size):
            _add(writer, found, newest.origin, newest.size)
            links |= _links(found, newest.size)
            # With the cosignatures that there are of it.
            selection.head = found.head.encode()
    selection.links = links
    selection.rounds = [
        one.note.encode()
        for one in newest_round
        if one.size < newest.size and (one.size, newest.size) in links
    ]
    return writer.finish(selection)


def _add(
    writer: "SelectionWriter",
    found: "EvidenceParts",
    origin: str,
    size: int,
) -> None:
    disclosures = {one.index: one.disclosures for one in found.disclosures}
    for proof in (*found.proofs, *found.entries):
        if proof.log != origin:
            writer.add_receipt(proof.name, proof.proof.encode())
        elif proof.index < size:
            writer.add_entry(
                proof.index,
                proof.proof.encode(),
                disclosures.get(proof.index, ()),
            )


def _links(
    found: "EvidenceParts",
    size: int,
) -> dict[tuple[int, int], Sequence[bytes]]:
    return {
        (one.old, one.new): [base64.b64decode(text) for text in one.hashes]
        for one in found.links
        if one.new == size
    }
