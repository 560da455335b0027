"""Exported folders: exactly the files of a tiled log, and never over something else."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.core.errors import ConflictError, MalformedError, VerificationError
from gateway.core.translog.checkpoint import Ed25519Cosigner, MlDsaCosigner
from gateway.core.translog.merkle import consistency_proof, leaf_hash
from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.core.translog.policy import parse_policy
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.tiles import (
    build_tile,
    bundles_of,
    decode_bundle,
    tiles_of,
)
from gateway.verifier.consistency import parse_consistency
from gateway.verifier.export import ExportEntry, export_log
from gateway.verifier.export_texts import policy_text
from gateway.verifier.files import NewFolder, write_new_file
from gateway.verifier.layout import consistency_name
from gateway.verifier.trust import parse_vkeys
from tests.support.cards import seed
from tests.support.exports import (
    ORIGIN,
    ListSource,
    leaves,
    raw_entries,
    signer_of,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "translog"
OTHERS = {"checkpoint", "keys.txt", "policy", "README.txt", "MANIFEST.sha256"}


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 513, 70_000])
def test_a_folder_holds_exactly_the_tiles_and_bundles_of_its_size(
    tmp_path: Path,
    size: int,
) -> None:
    entries = raw_entries(size)
    source = ListSource(entries, page=1_000)
    exported = export_log(source, tmp_path / "log")
    files = files_of(tmp_path / "log")

    tree = MemoryTree([leaf_hash(entry.data) for entry in entries])
    tiles = {tile.path(): build_tile(tile, tree) for tile in tiles_of(size)}
    bundles = {bundle.path(): bundle for bundle in bundles_of(size)}
    assert files.keys() == tiles.keys() | bundles.keys() | OTHERS
    assert exported.files == len(files)
    for name, content in tiles.items():
        assert files[name] == content
    read = [
        data
        for name, bundle in bundles.items()
        for data in decode_bundle(files[name], bundle.width)
    ]
    assert read == [entry.data for entry in entries]
    assert files["checkpoint"].startswith(f"{ORIGIN}\n{size}\n".encode())


@dataclass
class PublishedLog:
    """The log another project published, of its first entries."""

    vkey: str
    texts: Sequence[str]
    note: str

    def keys(self) -> Sequence[VerifierKey]:
        return (parse_vkey(self.vkey),)

    def earlier_checkpoints(self) -> list[bytes]:
        return []

    def checkpoint(self) -> bytes:
        return self.note.encode()

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        chosen = self.texts[start : start + limit]
        return [ExportEntry(text.encode()) for text in chosen]


@pytest.mark.parametrize("size", range(1, 16))
def test_a_published_log_is_written_byte_for_byte(tmp_path: Path, size: int) -> None:
    vector = json.loads((VECTORS / "tessera-log.json").read_text())
    note = vector["checkpoints"][f"checkpoint.{size}"]
    export_log(PublishedLog(vector["vkey"], vector["entries"], note), tmp_path / "log")

    files = files_of(tmp_path / "log")
    tiles = {name for name in files if name.startswith("tile/")}
    assert tiles == {f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"}
    for name in tiles:
        assert files[name] == base64.b64decode(vector["tiles"][name])
    assert files["checkpoint"] == note.encode()


def test_the_manifest_lists_every_other_file_as_sha256sum_does(tmp_path: Path) -> None:
    export_log(ListSource(leaves(20), earlier_sizes=(5,)), tmp_path / "log")
    files = files_of(tmp_path / "log")
    lines = files.pop("MANIFEST.sha256").decode().splitlines()
    assert lines == sorted(
        (f"{hashlib.sha256(raw).hexdigest()}  {name}" for name, raw in files.items()),
        key=lambda line: line[66:],
    )
    assert {"disclosures/0.jsonl", "disclosures/10.jsonl", "checkpoints/5"} < set(files)


def test_policy_and_keys_name_the_log_and_warn(tmp_path: Path) -> None:
    export_log(ListSource(raw_entries(3)), tmp_path / "log")
    files = files_of(tmp_path / "log")
    policy = parse_policy(files["policy"])
    assert policy.log_keys(ORIGIN) == signer_of().keys
    assert policy.quorum == "none"
    assert parse_vkeys(files["keys.txt"]) == signer_of().keys
    assert b"COMPARE THE KEYS FIRST" in files["README.txt"]
    assert b"Compare with keys you obtained elsewhere" in files["keys.txt"]


def witness_keys(name: str) -> tuple[VerifierKey, VerifierKey]:
    return (
        Ed25519Cosigner(name, seed(f"{name} ed25519")).key,
        MlDsaCosigner(name, seed(f"{name} ml-dsa")).key,
    )


@pytest.mark.parametrize("quorum", [0, 1, 2, 3])
def test_a_policy_counts_each_witness_once(quorum: int) -> None:
    keys = {name: witness_keys(name) for name in ("bmj.de/witness", "pgr.pt/witness")}
    vkeys = {name: [key.to_text() for key in pair] for name, pair in keys.items()}
    raw = policy_text(ORIGIN, signer_of().keys, witnesses=vkeys, quorum=quorum)
    policy = parse_policy(raw)
    assert set(policy.witness_keys()) == {key for pair in keys.values() for key in pair}
    both_of_one = set(keys["bmj.de/witness"])
    one_of_each = {pair[0] for pair in keys.values()}
    # More than there are can't be demanded of anybody.
    needed = quorum if quorum <= 2 else 0
    reached = {name for name in (policy.quorum,) if name != "none"}
    assert bool(reached) == bool(needed)
    assert reached <= policy.counting(one_of_each)
    assert (reached <= policy.counting(both_of_one)) == (needed <= 1)


def test_earlier_checkpoints_are_kept_as_they_were_signed(tmp_path: Path) -> None:
    source = ListSource(raw_entries(9), earlier_sizes=(1, 4, 9))
    export_log(source, tmp_path / "log")
    for size in (1, 4, 9):
        kept = (tmp_path / "log" / "checkpoints" / str(size)).read_bytes()
        assert kept == source.note(size)
    folder = tmp_path / "log" / "consistency"
    assert {path.name for path in folder.iterdir()} == {"1-9.txt", "4-9.txt"}


@pytest.mark.parametrize("size", [2, 300, 515, 66_000])
def test_the_log_is_shown_to_begin_with_each_earlier_checkpoint(
    tmp_path: Path,
    size: int,
) -> None:
    entries = raw_entries(size)
    sizes = sorted({1, 2, 255, 256, 257, size - 1, size // 2} - {0, size})
    sizes = [one for one in sizes if one < size]
    source = ListSource(entries, earlier_sizes=sizes, page=1_000)
    export_log(source, tmp_path / "log")
    tree = MemoryTree([leaf_hash(entry.data) for entry in entries])
    for old in sizes:
        raw = (tmp_path / "log" / consistency_name(old, size)).read_bytes()
        assert parse_consistency(raw) == consistency_proof(old, size, tree)


def test_a_checkpoint_of_another_past_is_an_error(tmp_path: Path) -> None:
    source = ListSource(raw_entries(9), earlier_sizes=(4,))
    source.signed[4] = ListSource(leaves(4)).checkpoint()
    with pytest.raises(VerificationError, match="consistency"):
        export_log(source, tmp_path / "log")


def pruned(entries: Sequence[ExportEntry], count: int) -> list[ExportEntry]:
    return [
        ExportEntry(b"", hashed=leaf_hash(entry.data)) if index < count else entry
        for index, entry in enumerate(entries)
    ]


def test_of_a_pruned_log_what_is_left_is_exported(tmp_path: Path) -> None:
    whole = ListSource(leaves(600))
    signed = whole.checkpoint()
    source = ListSource(pruned(whole.items, 512), signed={600: signed})
    exported = export_log(source, tmp_path / "log")
    files = files_of(tmp_path / "log")
    assert exported.entries == 88
    assert files["checkpoint"] == signed
    bundles = {name for name in files if name.startswith("tile/entries/")}
    assert bundles == {"tile/entries/002.p/88"}
    assert {"tile/0/000", "tile/0/001", "tile/1/000.p/2"} < set(files)
    assert b"Of the first 512 entries only the hashes are left" in files["README.txt"]


@pytest.mark.parametrize("gone", [{5}, {300}, {*range(256, 512)}])
def test_a_log_with_holes_is_not_exported(tmp_path: Path, gone: set[int]) -> None:
    whole = ListSource(leaves(600))
    items = [
        ExportEntry(b"", hashed=leaf_hash(one.data)) if index in gone else one
        for index, one in enumerate(whole.items)
    ]
    source = ListSource(items, signed={600: whole.checkpoint()})
    with pytest.raises(VerificationError, match="in the midst of others"):
        export_log(source, tmp_path / "log")


def test_what_lies_beside_is_written_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    export_log(
        ListSource(raw_entries(300)),
        tmp_path / "log",
        beside=[("tsa/300.tsr", b"stamp")],
        policy=b"# theirs\nquorum none\n",
        progress=lambda done, total: told.append((done, total)),
    )
    files = files_of(tmp_path / "log")
    assert files["tsa/300.tsr"] == b"stamp"
    assert files["policy"] == b"# theirs\nquorum none\n"
    assert told == [(256, 300), (300, 300)]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    export_log(ListSource(raw_entries(1)), tmp_path)
    assert (tmp_path / "checkpoint").exists()


def test_nothing_is_ever_written_over_or_beside_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConflictError, match="nothing is overwritten"):
        export_log(ListSource(raw_entries(1)), tmp_path)
    with pytest.raises(ConflictError):
        export_log(ListSource(raw_entries(1)), tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(ConflictError):
        export_log(ListSource(raw_entries(1)), tmp_path / "link")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConflictError):
        write_new_file(tmp_path / "dangling", b"x")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "name",
    ["", "../x", "/x", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\nb", "é"],
)
def test_a_name_can_not_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(MalformedError):
        NewFolder.create(tmp_path / "new").write(name, b"x")


def test_an_empty_log_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="empty"):
        export_log(ListSource([]), tmp_path / "log")


class LyingSource(ListSource):
    """Signs one log and gives out another."""

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        found = list(super().entries(start, limit))
        found[-1] = replace(found[-1], data=b"other")
        return found


def test_entries_that_were_not_signed_are_not_passed_off_as_a_log(
    tmp_path: Path,
) -> None:
    with pytest.raises(VerificationError, match="not those signed at size 3"):
        export_log(LyingSource(raw_entries(3)), tmp_path / "log")
    written = files_of(tmp_path / "log").keys()
    assert not written & {"checkpoint", "MANIFEST.sha256"}


class ShortSource(ListSource):
    """Ends before its checkpoint says."""

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        return super().entries(start, limit)[: 2 - start]


def test_a_source_that_ends_early_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="0 entries from 2 on"):
        export_log(ShortSource(raw_entries(3)), tmp_path / "log")


class ForkedSource(ListSource):
    """Has checkpoints that are not of its past."""

    def earlier_checkpoints(self) -> list[bytes]:
        return [ListSource(raw_entries(4), signer=self.other).checkpoint()]

    other = signer_of()


@pytest.mark.parametrize("origin", [ORIGIN, "pgr.pt/audit/1"])
def test_a_checkpoint_that_does_not_precede_is_an_error(
    tmp_path: Path,
    origin: str,
) -> None:
    source = ForkedSource(raw_entries(3))
    source.other = signer_of(origin)
    with pytest.raises(VerificationError, match="does not precede"):
        export_log(source, tmp_path / "log")
