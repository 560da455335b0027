"""Writing the log as a record of processing, with the proof of every entry in it.

Two readings of the same records, as JSON lines and as a table, and beside them a folder
`log/` with the entries themselves, each with its place in the signed tree: what the
records say can be compared with what the log holds, without trusting who wrote them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from gateway.core import canonical
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.merkle import Path as ProofPath
from gateway.core.translog.merkle import inclusion_nodes, inclusion_path
from gateway.core.translog.note import VerifierKey, parse_note
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.translog.tiles import Tile, TileReader, split_tile, tiles_for
from gateway.mla.processing import FIELDS, ProcessingRecord
from gateway.verifier.export import Exported
from gateway.verifier.export_selection import Selection, SelectionWriter
from gateway.verifier.files import NewFolder

RECORDS: Final = "led.jsonl"
TABLE: Final = "led.csv"
LOG_FOLDER: Final = "log"
_README: Final = """\
A record of processing operations (Directive (EU) 2016/680, article 25)
{records} records

  led.jsonl, led.csv   the same records, a line each
  log/                 the entries of the audit log that they were made of, with proofs

Each record names its entry by log_seq and entry_hash. To check that the entries stand
in the signed log, with keys that you obtained from the authority in another way:

  mla-gateway verify log --keys KEYS

What no check can show: that everything that happened was logged. Ask for exports of
adjoining periods, and compare the heads in log/checkpoint with those that the peers of
the authority hold.
"""

FetchTile = Callable[[Tile], bytes]


class LedWriter:
    """Writes records and their entries into a new folder.

    Args:
        folder: New or empty.
        note: The signed checkpoint under which all is proven.
        fetch: Returns the content of a hash tile.

    Raises:
        ConflictError: There is something in the folder; nothing is overwritten.
        UsageError: The folder can't be written.
        MalformedError: The checkpoint is not one.
    """

    def __init__(self, folder: Path, note: bytes, fetch: FetchTile) -> None:
        self._folder = NewFolder.create(folder)
        self._note = note
        self._fetch = fetch
        self._size = parse_checkpoint(parse_note(note).text).size
        self._log = SelectionWriter(folder / LOG_FOLDER)
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}
        self._reader = TileReader(self._tiles)
        self._records: list[ProcessingRecord] = []

    def add(
        self, record: ProcessingRecord, leaf: bytes, disclosures: Sequence[str]
    ) -> None:
        """Write the entry of a record with its proof, and keep the record.

        Raises:
            LogProofError: The log does not hold what it should.
        """
        proof = LogProof(
            index=record.seq,
            path=self._path(record.seq),
            checkpoint_note=self._note,
            extra=leaf,
        )
        self._log.add_entry(record.seq, encode_log_proof(proof), disclosures)
        self._records.append(record)

    def _path(self, index: int) -> ProofPath:
        wanted = tiles_for(inclusion_nodes(index, self._size), self._size)
        for tile in wanted:
            place = (tile.level, tile.index)
            if place not in self._tiles:
                self._tiles[place] = split_tile(self._fetch(tile), tile.width)
        return inclusion_path(index, self._size, self._reader)

    def finish(self, keys: Sequence[VerifierKey]) -> Exported:
        """Write the records, the head and the keys.

        Raises:
            VerificationError: No entry was chosen.
        """
        done = self._log.finish(Selection(keys=keys, head=self._note))
        texts = {
            RECORDS: records_text(self._records),
            TABLE: table_text(self._records),
            "README.txt": _README.format(records=len(self._records)).encode(),
        }
        for name, text in texts.items():
            self._folder.write(name, text)
        return done


def records_text(records: Iterable[ProcessingRecord]) -> bytes:
    """Return records as JSON lines."""
    return b"".join(canonical.encode_typed(one.fields) + b"\n" for one in records)


def table_text(records: Iterable[ProcessingRecord]) -> bytes:
    """Return records as CSV (RFC 4180), in UTF-8.

    A cell that a spreadsheet would take for a formula is written with an apostrophe
    before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    for one in records:
        writer.writerow([_cell(one.fields.get(name, "")) for name in FIELDS])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
