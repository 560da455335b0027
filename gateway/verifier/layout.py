"""Which files a log folder has, and whether they are all there and undamaged."""

import re
from dataclasses import dataclass

from gateway.core.errors import GatewayError, MalformedError
from gateway.core.translog.encoding import parse_decimal
from gateway.core.translog.tiles import (
    MAX_BUNDLE_ENTRY_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Bundle,
    Tile,
    parse_path,
)
from gateway.verifier.files import EvidenceFolder
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
_EARLIER = re.compile(rf"{CHECKPOINTS_FOLDER}/([0-9]+)\Z")
_DISCLOSURES = re.compile(r"disclosures/([0-9]+)\.jsonl\Z")
_SUBJECT = "FILES"
_LENGTH_BYTES = 2


def earlier_name(size: int) -> str:
    """Return where the checkpoint of a smaller tree lies."""
    return f"{CHECKPOINTS_FOLDER}/{size}"


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
    """What a log folder holds beside its tiles.

    Attributes:
        earlier_sizes: Sizes of the earlier checkpoints, ascending.
        disclosed: Indices of the entries with disclosures, ascending.
    """

    earlier_sizes: tuple[int, ...]
    disclosed: tuple[int, ...]


def read_layout(names: frozenset[str], size: int) -> FolderContent:
    """Return what the files of a folder are.

    Raises:
        MalformedError: A file that the log of that size does not have. Nobody would
            have checked it, yet it would look like evidence.
    """
    earlier, disclosed = [], []
    for name in names - _SINGLE_FILES:
        if match := _EARLIER.match(name):
            earlier.append(parse_decimal(match[1], name))
        elif match := _DISCLOSURES.match(name):
            disclosed.append(parse_decimal(match[1], name))
        elif not _is_of_tree(name, size):
            raise MalformedError(f"{name}: not a file of a log of {size} entries")
    return FolderContent(tuple(sorted(earlier)), tuple(sorted(disclosed)))


def _is_of_tree(name: str, size: int) -> bool:
    place = parse_path(name)
    if isinstance(place, Bundle):
        return place.index * TILE_WIDTH < size and place == bundle_at(place.index, size)
    return place == tile_at(place.level, place.index, size)


def check_manifest(
    folder: EvidenceFolder,
    names: frozenset[str],
    findings: Findings,
) -> None:
    """Report whether all files are there and undamaged."""
    if MANIFEST_NAME not in names:
        text = f"{MANIFEST_NAME} missing: the export was not finished, or cut down"
        findings.incomplete(_SUBJECT, text, "no-manifest")
        return
    try:
        raw = folder.read(MANIFEST_NAME, max_bytes=MAX_MANIFEST_BYTES)
        count = check_listed(
            raw,
            names - {MANIFEST_NAME},
            lambda name: sha256_hex(folder.chunks(name)),
        )
    except GatewayError as error:
        findings.add_line(failure_from(_SUBJECT, error).line)
        return
    text = f"{count} files as {MANIFEST_NAME} lists them"
    findings.ok(_SUBJECT, text, "files")
