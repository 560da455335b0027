"""Disclosures in a log folder: whether entries commit to what they are said to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from gateway.core import canonical
from gateway.core.entries.disclosures import disclosure_digest, read_disclosure
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.limits import MAX_STATEMENT_BYTES
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.tiles import TILE_WIDTH, decode_bundle
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.layout import bundle_at, disclosure_name, max_bundle_bytes
from gateway.verifier.report import Findings

_SUBJECT = "DISCLOSED"

# Beyond this only their number is told; they can be read in their files.
_MAX_SHOWN = 100
MAX_DISCLOSURES_BYTES = 4 * MAX_STATEMENT_BYTES
"""What one entry discloses, as a file."""


@dataclass(frozen=True, slots=True)
class VerifiedEntries:
    """Where entries can be read whose own bytes have been verified.

    Attributes:
        files: The folder.
        checkpoint: Its newest head.
        start: Index of the first entry in its bundles.
        proven: Entries by index that came with their own proofs.
    """

    files: EvidenceFiles
    checkpoint: Checkpoint
    start: int
    proven: Mapping[int, Leaf]

    def leaves(self, indices: Iterable[int]) -> Iterator[tuple[int, Leaf | None]]:
        """Yield entries in order, reading each bundle once; None where it is not here.

        Raises:
            MalformedError: A bundle is not what it was when it was verified.
        """
        for number, group in groupby(
            sorted(indices), lambda index: index // TILE_WIDTH
        ):
            entries = self._bundle(number)
            for index in group:
                if index in self.proven or not entries:
                    yield index, self.proven.get(index)
                elif index < self.checkpoint.size:
                    raw = entries[index % TILE_WIDTH]
                    yield index, parse_leaf(raw, log=self.checkpoint.origin)
                else:
                    yield index, None

    def _bundle(self, number: int) -> tuple[bytes, ...]:
        if not self.start <= number * TILE_WIDTH < self.checkpoint.size:
            return ()
        bundle = bundle_at(number, self.checkpoint.size)
        raw = self.files.read(bundle.path(), max_bytes=max_bundle_bytes(bundle))
        return decode_bundle(raw, bundle.width)


def check_disclosures(
    indices: Iterable[int],
    entries: VerifiedEntries,
    findings: Findings,
) -> None:
    """Report the disclosures of entries whose own bytes have been verified."""
    count = 0
    for index, leaf in entries.leaves(indices):
        if leaf is None:
            text = f"{index}: no such entry here, nor a proof of it"
            findings.failed(_SUBJECT, text, "disclosure")
            continue
        try:
            shown = _read(entries.files, leaf)
        except GatewayError as error:
            findings.failed(_SUBJECT, f"{index}: {error}", "disclosure")
            continue
        count += 1
        if count <= _MAX_SHOWN:
            text = f"{index}: {', '.join(shown)}; digests match"
            findings.ok(_SUBJECT, text, "disclosure")
    if count > _MAX_SHOWN:
        text = f"{count - _MAX_SHOWN} more entries; digests match"
        findings.ok(_SUBJECT, text, "disclosures")


def _read(files: EvidenceFiles, leaf: Leaf) -> list[str]:
    raw = files.read(disclosure_name(leaf.index), max_bytes=MAX_DISCLOSURES_BYTES)
    return read_disclosures(raw, leaf)


def read_disclosures(raw: bytes, leaf: Leaf) -> list[str]:
    """Return `name="value"` of every disclosure after comparing its digest.

    Raises:
        MalformedError: Not such a file, or the entry commits to nothing of the kind.
        TooLargeError: Over its limit.
    """
    shown = []
    if not raw.endswith(b"\n"):
        raise MalformedError("disclosures: the last line does not end")
    for line in raw[:-1].split(b"\n"):
        text = canonical.decode_as(line, str, max_bytes=MAX_DISCLOSURES_BYTES)
        if not text.isascii() or disclosure_digest(text) not in leaf.disclosure_digests:
            raise MalformedError("the entry commits to no such disclosure")
        disclosure = read_disclosure(text)
        shown.append(f'{disclosure.name}="{disclosure.value}"')
    return shown
