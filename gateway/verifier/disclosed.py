"""Disclosures in a log folder: whether entries commit to what they are said to."""

from collections.abc import Iterable

from gateway.core import canonical
from gateway.core.entries.disclosures import disclosure_digest, read_disclosure
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.limits import MAX_STATEMENT_BYTES
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.tiles import TILE_WIDTH, decode_bundle
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.layout import bundle_at, disclosure_name, max_bundle_bytes
from gateway.verifier.report import Findings

# Beyond this only their number is told; they can be read in their files.
_MAX_SHOWN = 100
_MAX_FILE_BYTES = 4 * MAX_STATEMENT_BYTES


def check_disclosures(
    folder: EvidenceFolder,
    indices: Iterable[int],
    *,
    checkpoint: Checkpoint,
    findings: Findings,
) -> None:
    """Report the disclosures of entries whose own bytes have been verified."""
    count = 0
    for index in sorted(indices):
        try:
            leaf = _leaf(folder, index, checkpoint)
            shown = _read(folder, leaf)
        except GatewayError as error:
            findings.failed("DISCLOSED", f"{index}: {error}", "disclosure")
            continue
        count += 1
        if count <= _MAX_SHOWN:
            text = f"{index}: {', '.join(shown)}; digests match"
            findings.ok("DISCLOSED", text, "disclosure")
    if count > _MAX_SHOWN:
        text = f"{count - _MAX_SHOWN} more entries; digests match"
        findings.ok("DISCLOSED", text, "disclosures")


def _leaf(folder: EvidenceFolder, index: int, checkpoint: Checkpoint) -> Leaf:
    if index >= checkpoint.size:
        raise MalformedError(f"no such entry, the log ends at {checkpoint.size}")
    number, position = divmod(index, TILE_WIDTH)
    bundle = bundle_at(number, checkpoint.size)
    raw = folder.read(bundle.path(), max_bytes=max_bundle_bytes(bundle))
    entries = decode_bundle(raw, bundle.width)
    return parse_leaf(entries[position], log=checkpoint.origin)


def _read(folder: EvidenceFolder, leaf: Leaf) -> list[str]:
    """Return `name="value"` of every disclosure after comparing its digest."""
    raw = folder.read(disclosure_name(leaf.index), max_bytes=_MAX_FILE_BYTES)
    shown = []
    if not raw.endswith(b"\n"):
        raise MalformedError("disclosures: the last line does not end")
    for line in raw[:-1].split(b"\n"):
        text = canonical.decode_as(line, str, max_bytes=_MAX_FILE_BYTES)
        if not text.isascii() or disclosure_digest(text) not in leaf.disclosure_digests:
            raise MalformedError("the entry commits to no such disclosure")
        disclosure = read_disclosure(text)
        shown.append(f'{disclosure.name}="{disclosure.value}"')
    return shown
