"""Tiles: names, which there are, what they hold, and reading proofs from them."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import LogProofError, MalformedError, TooLargeError
from gateway.core.translog.merkle import (
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_path,
    leaf_hash,
    root_of,
    verify_inclusion,
)
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.tiles import (
    Bundle,
    Tile,
    TileReader,
    build_tile,
    bundles_of,
    decode_bundle,
    encode_bundle,
    entries_path,
    parse_path,
    split_tile,
    tile_path,
    tiles_filled,
    tiles_for,
    tiles_of,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "translog"
LEAVES = [leaf_hash(i.to_bytes(4, "big")) for i in range(70_000)]
TREE = MemoryTree(LEAVES)


@pytest.mark.parametrize(
    ("index", "number"),
    [
        (0, "000"),
        (5, "005"),
        (999, "999"),
        (1_000, "x001/000"),
        (1_234, "x001/234"),
        (1_234_067, "x001/x234/067"),
    ],
)
def test_numbers_are_cut_into_groups_of_three_digits(index: int, number: str) -> None:
    assert tile_path(0, index) == f"tile/0/{number}"
    assert tile_path(7, index, 44) == f"tile/7/{number}.p/44"
    assert entries_path(index, 1) == f"tile/entries/{number}.p/1"


@given(
    level=st.integers(0, 63),
    index=st.integers(0, 2**55 - 1),
    width=st.integers(1, 256),
)
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    tile, bundle = Tile(level, index, width), Bundle(index, width)
    assert parse_path(tile.path()) == tile
    assert parse_path(bundle.path()) == bundle


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/8/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/data/000",
        "tile/entries/x000/001",
        "tile/entries/000.p/256",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/\u0660\u0660\u0660",
    ],
)
def test_a_path_with_another_spelling_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_path(path)


def test_a_log_of_256_has_one_full_tile_and_its_root_above() -> None:
    assert [tile.path() for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]


def test_a_log_of_300_has_a_partial_tile_too() -> None:
    assert [tile.path() for tile in tiles_of(300)] == [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
    ]


def test_a_log_of_70000_has_three_levels() -> None:
    tiles = list(tiles_of(70_000))
    full = [tile.level for tile in tiles if tile.width == 256]
    assert (full.count(0), full.count(1), full.count(2)) == (273, 1, 0)
    assert [tile for tile in tiles if tile.width < 256] == [
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_an_empty_log_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []
    assert list(bundles_of(0)) == []


def test_entry_bundles_follow_the_lowest_tiles() -> None:
    assert list(bundles_of(256)) == [Bundle(0)]
    assert list(bundles_of(300)) == [Bundle(0), Bundle(1, 44)]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_tiles_fill_once(one: int, two: int) -> None:
    old, new = sorted((one, two))
    before = {tile for tile in tiles_of(old) if tile.width == 256}
    after = {tile for tile in tiles_of(new) if tile.width == 256}
    filled = list(tiles_filled(old, new))
    assert filled == sorted(after - before)
    assert len(set(filled)) == len(filled)


def test_published_tiles_and_bundles_come_out() -> None:
    log = json.loads((VECTORS / "tessera-log.json").read_text())
    entries = [entry.encode() for entry in log["entries"]]
    tree = MemoryTree([leaf_hash(entry) for entry in entries])
    for path, content in log["tiles"].items():
        raw = base64.b64decode(content)
        found = parse_path(path)
        if isinstance(found, Tile):
            assert build_tile(found, tree) == raw
            hashes = split_tile(raw, found.width)
            assert root_of(hashes) == root_of(tree._rows[0][: found.width])
        else:
            assert encode_bundle(entries[: found.width]) == raw
            assert decode_bundle(raw, found.width) == tuple(entries[: found.width])


def tiles_at(size: int) -> TileReader:
    return TileReader(
        {
            (tile.level, tile.index): split_tile(build_tile(tile, TREE), tile.width)
            for tile in tiles_of(size)
        },
    )


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 511, 512, 65_536, 70_000])
def test_proofs_read_from_tiles_are_those_of_the_tree(size: int) -> None:
    reader = tiles_at(size)
    root = root_of(LEAVES[:size])
    for index in {0, size // 3, size // 2, size - 1}:
        path = inclusion_path(index, size, reader)
        assert path == inclusion_path(index, size, TREE)
        leaf = LEAVES[index]
        verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)
    for old in {1, size // 3, size // 2, size - 1, size}:
        proof = consistency_proof(old, size, reader)
        assert proof == consistency_proof(old, size, TREE)


@pytest.mark.parametrize("size", [1, 256, 300, 65_536, 70_000])
def test_the_tiles_named_for_a_proof_are_enough_for_it(size: int) -> None:
    index, old = size // 2, size // 3
    nodes = inclusion_nodes(index, size) + consistency_nodes(old, size)
    named = tiles_for(nodes, size)
    assert set(named) <= set(tiles_of(size))
    assert list(named) == sorted(named)
    reader = TileReader(
        {
            (tile.level, tile.index): split_tile(build_tile(tile, TREE), tile.width)
            for tile in named
        },
    )
    assert inclusion_path(index, size, reader) == inclusion_path(index, size, TREE)
    assert consistency_proof(old, size, reader) == consistency_proof(old, size, TREE)


def test_a_subtree_that_is_not_complete_is_in_no_tile() -> None:
    assert tiles_for([(8, 0)], 256) == (Tile(1, 0, 1),)
    with pytest.raises(LogProofError, match="height 8"):
        tiles_for([(8, 0)], 255)


def test_a_missing_or_short_tile_is_named() -> None:
    reader = TileReader({(0, 0): LEAVES[:3]})
    assert reader.node(1, 0) == root_of(LEAVES[:2])
    with pytest.raises(LogProofError, match="tile/0/001: missing"):
        reader.node(0, 256)
    with pytest.raises(LogProofError, match="tile/0/000: too short"):
        reader.node(0, 3)
    with pytest.raises(LogProofError, match="tile/0/000: too short"):
        reader.node(4, 0)


@pytest.mark.parametrize("length", [0, 31, 33, 63, 96])
def test_a_tile_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedError):
        split_tile(bytes(length), 2)


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == tuple(entries)


@pytest.mark.parametrize(
    ("raw", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00", 2),
        (b"\x00\x01ab", 1),
        (b"\x00\x01a\x00\x01b", 1),
    ],
)
def test_a_bundle_that_is_cut_or_goes_on_is_refused(raw: bytes, width: int) -> None:
    with pytest.raises(MalformedError, match="entry bundle"):
        decode_bundle(raw, width)


def test_an_entry_fits_its_length_field() -> None:
    assert encode_bundle([bytes(65_535)])[:2] == b"\xff\xff"
    with pytest.raises(TooLargeError):
        encode_bundle([bytes(65_536)])
