"""Which files a log folder has, and whether they are all there and undamaged."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.errors import GatewayError, MalformedError
from gateway.core.limits import MIB
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.core.translog.tiles import (
    MAX_BUNDLE_ENTRY_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Bundle,
    Tile,
    parse_path,
)
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    check_listed,
    sha256_hex,
)
from gateway.verifier.report import Findings, failure_from

CHECKPOINT_NAME = "checkpoint"
CHECKPOINTS_FOLDER = "checkpoints"
KEYS_NAME = "keys.txt"
POLICY_NAME = "policy"
README_NAME = "README.txt"

_SINGLE_FILES = frozenset(
    {CHECKPOINT_NAME, KEYS_NAME, POLICY_NAME, README_NAME, MANIFEST_NAME},
)
_TILES = "tile/"
_NUMBER = r"(0|[1-9][0-9]{0,18})"
_PROOF = re.escape(PROOF_SUFFIX)

# What files a log folder has beside single files and tiles, and where.
_KINDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(rf"{pattern}\Z")
    for kind, pattern in {
        "earlier": rf"{CHECKPOINTS_FOLDER}/{_NUMBER}",
        "seen": rf"seen/[^/]+-{_NUMBER}",
        "consistency": rf"consistency/{_NUMBER}-{_NUMBER}\.txt",
        "disclosed": rf"disclosures/{_NUMBER}\.jsonl",
        "proofs": rf"proofs/[^/]+{_PROOF}",
        "receipts": rf"receipts/[^/]+{_PROOF}",
        "history": rf"history/[^/]+/{_NUMBER}{_PROOF}",
        "stamps": rf"tsa/{_NUMBER}\.(?:body|tsr)",
        "stampers": r"tsa/ca\.pem",
        "conflicts": r"conflicts/[^/]+",
        "cards": r"cards/[^/]+\.card",
    }.items()
}
# More than any of them has; what each may have is checked where it is read.
_MAX_OTHER_BYTES = 4 * MIB
_SUBJECT = "FILES"
_LENGTH_BYTES = 2


def earlier_name(size: int) -> str:
    """Return where the checkpoint of a smaller tree lies."""
    return f"{CHECKPOINTS_FOLDER}/{size}"


def consistency_name(old_size: int, new_size: int) -> str:
    """Return where the proof lies that one tree grew from another."""
    return f"consistency/{old_size}-{new_size}.txt"


def disclosure_name(index: int) -> str:
    """Return where the disclosures of an entry lie."""
    return f"disclosures/{index}.jsonl"


def tile_at(level: int, index: int, size: int) -> Tile | None:
    """Return the tile of a tree at a place, as wide as it is there, if there is one."""
    width = (size >> TILE_HEIGHT * level) - index * TILE_WIDTH
    return Tile(level, index, min(TILE_WIDTH, width)) if width > 0 else None


def bundle_at(index: int, size: int) -> Bundle:
    """Return the entry bundle at a place of a log that reaches there."""
    return Bundle(index, min(TILE_WIDTH, size - index * TILE_WIDTH))


def max_bundle_bytes(bundle: Bundle) -> int:
    """Return the largest size that the file of an entry bundle can have."""
    return bundle.width * (_LENGTH_BYTES + MAX_BUNDLE_ENTRY_BYTES)


@dataclass(frozen=True, slots=True)
class FolderContent:
    """What a log folder holds; names are sorted, numbers ascend.

    Attributes:
        names: Of the files that are neither tiles nor single, by kind: `earlier`
            checkpoints, those `seen` by others, proofs of `consistency`, `disclosed`
            values, `proofs` of entries of this log and `receipts` in others, the
            `history` of keys, time `stamps` and certificates of `stampers`, which say
            nothing by themselves, `conflicts` and `cards`.
        bundles: Entry bundles.
        tiles: Hash tiles.
    """

    names: Mapping[str, Sequence[str]]
    bundles: tuple[Bundle, ...]
    tiles: tuple[Tile, ...]

    def numbers(self, kind: str) -> list[tuple[int, ...]]:
        """Return the numbers in the names of a kind."""
        found = (_KINDS[kind].match(name) for name in self.names[kind])
        return sorted(
            tuple(int(number) for number in match.groups()) for match in found if match
        )

    def first_entry(self, size: int) -> int:
        """Return the index of the first entry there is; the log's size if none is."""
        return TILE_WIDTH * self.bundles[0].index if self.bundles else size

    def check_size(self, size: int) -> None:
        """Check that all tiles and bundles are of a log of that size.

        Raises:
            MalformedError: One is not.
        """
        for bundle in self.bundles:
            is_within = bundle.index * TILE_WIDTH < size
            if not is_within or bundle != bundle_at(bundle.index, size):
                raise _not_of_log(bundle.path(), size)
        for tile in self.tiles:
            if tile != tile_at(tile.level, tile.index, size):
                raise _not_of_log(tile.path(), size)


def read_layout(names: Iterable[str]) -> FolderContent:
    """Return what the files of a folder are.

    Raises:
        MalformedError: A file that no log folder has. Nobody would have checked it,
            yet it would look like evidence.
    """
    by_kind: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    places: list[Tile | Bundle] = []
    for name in sorted(frozenset(names) - _SINGLE_FILES):
        if name.startswith(_TILES):
            places.append(parse_path(name))
        else:
            by_kind[_kind(name)].append(name)
    return FolderContent(
        names=by_kind,
        bundles=tuple(sorted(at for at in places if isinstance(at, Bundle))),
        tiles=tuple(sorted(at for at in places if isinstance(at, Tile))),
    )


def _kind(name: str) -> str:
    for kind, pattern in _KINDS.items():
        if pattern.match(name):
            return kind
    raise MalformedError(f"{name}: not a file of a log folder")


def _not_of_log(name: str, size: int) -> MalformedError:
    return MalformedError(f"{name}: not a file of a log of {size} entries")


def _max_bytes(name: str) -> int:
    """Return what is read of a file to compare its digest, at most."""
    place = parse_path(name) if name.startswith(_TILES) else None
    return max_bundle_bytes(place) if isinstance(place, Bundle) else _MAX_OTHER_BYTES


def check_manifest(
    files: EvidenceFiles,
    names: frozenset[str],
    findings: Findings,
) -> None:
    """Report whether all files are there and undamaged."""
    if MANIFEST_NAME not in names:
        text = f"{MANIFEST_NAME} missing: the export was not finished, or cut down"
        findings.incomplete(_SUBJECT, text, "no-manifest")
        return
    try:
        raw = files.read(MANIFEST_NAME, max_bytes=MAX_MANIFEST_BYTES)
        count = check_listed(
            raw,
            names - {MANIFEST_NAME},
            lambda name: sha256_hex(files.chunks(name, max_bytes=_max_bytes(name))),
        )
    except GatewayError as error:
        findings.add_line(failure_from(_SUBJECT, error).line)
        return
    text = f"{count} files as {MANIFEST_NAME} lists them"
    findings.ok(_SUBJECT, text, "files")
