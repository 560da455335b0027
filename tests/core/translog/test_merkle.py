"""The Merkle tree: published vectors, every small tree, and what must be refused."""

import base64
import hashlib
import json
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import LogProofError, MalformedError
from gateway.core.translog.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_path,
    inclusion_paths,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from gateway.core.translog.readers import MemoryTree, NodeTable

VECTORS = Path(__file__).parents[2] / "vectors" / "translog" / "merkle.json"
LARGEST = 70

RFC_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
RFC_ROOTS = {
    1: "6e340b9c",
    2: "fac54203",
    3: "aeb6bcfe",
    4: "d37ee418",
    5: "4e3bbb1f",
    6: "76e67dad",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class InclusionCase(TypedDict):
    name: str
    leafIdx: int
    treeSize: int
    leafHash: str
    root: str
    proof: list[str] | None
    wantErr: bool


class ConsistencyCase(TypedDict):
    name: str
    size1: int
    size2: int
    root1: str
    root2: str
    proof: list[str] | None
    wantErr: bool


class Cases(TypedDict):
    inclusion: list[InclusionCase]
    consistency: list[ConsistencyCase]


# Accepted by the library the vectors come from, though its roots are 12 bytes long.
STRICTER_HERE = {"additional/sizes-are-equal-one-and-proof-is-empty"}

CASES: Cases = json.loads(VECTORS.read_text())
LEAVES = [leaf_hash(bytes([i])) for i in range(LARGEST)]
TREE = MemoryTree(LEAVES)
ROOTS = [root_of(LEAVES[:size]) for size in range(LARGEST + 1)]


def textbook_root(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(textbook_root(leaves[:split]), textbook_root(leaves[split:]))


def textbook_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*textbook_path(index, left), textbook_root(right)]
    return [*textbook_path(index - split, right), textbook_root(left)]


def textbook_proof(old: int, leaves: list[bytes], *, known: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if known else [textbook_root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    if old <= split:
        return [*textbook_proof(old, left, known=known), textbook_root(right)]
    return [*textbook_proof(old - split, right, known=False), textbook_root(left)]


def decoded(proof: list[str] | None) -> list[bytes]:
    return [base64.b64decode(item) for item in proof or ()]


def test_leaf_and_node_hashes_have_their_own_prefix() -> None:
    assert leaf_hash(b"ab") == hashlib.sha256(b"\x00ab").digest()
    assert (
        node_hash(b"l" * 32, b"r" * 32)
        == hashlib.sha256(
            b"\x01" + b"l" * 32 + b"r" * 32,
        ).digest()
    )


@pytest.mark.parametrize(("size", "root"), RFC_ROOTS.items())
def test_published_roots_come_out(size: int, root: str) -> None:
    leaves = [leaf_hash(bytes.fromhex(item)) for item in RFC_LEAVES[:size]]
    assert root_of(leaves).hex().startswith(root)


def test_the_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert Frontier().root() == EMPTY_ROOT == root_of([])
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afb")


@pytest.mark.parametrize("case", CASES["inclusion"], ids=lambda case: case["name"])
def test_published_inclusion_proofs_are_judged_as_published(
    case: InclusionCase,
) -> None:
    def check() -> None:
        verify_inclusion(
            index=case["leafIdx"],
            size=case["treeSize"],
            leaf=base64.b64decode(case["leafHash"]),
            path=decoded(case["proof"]),
            root=base64.b64decode(case["root"]),
        )

    if case["wantErr"]:
        with pytest.raises(LogProofError):
            check()
    else:
        check()


@pytest.mark.parametrize("case", CASES["consistency"], ids=lambda case: case["name"])
def test_published_consistency_proofs_are_judged_as_published(
    case: ConsistencyCase,
) -> None:
    def check() -> None:
        verify_consistency(
            old_size=case["size1"],
            new_size=case["size2"],
            old_root=base64.b64decode(case["root1"]),
            new_root=base64.b64decode(case["root2"]),
            proof=decoded(case["proof"]),
        )

    if case["wantErr"] or case["name"] in STRICTER_HERE:
        with pytest.raises(LogProofError):
            check()
    else:
        check()


def test_there_are_196_published_proofs() -> None:
    assert len(CASES["inclusion"]) + len(CASES["consistency"]) == 196


def test_every_root_up_to_70_is_that_of_the_definition() -> None:
    frontier = Frontier()
    for size in range(LARGEST + 1):
        assert frontier.size == size
        assert frontier.root() == ROOTS[size] == textbook_root(LEAVES[:size])
        if size < LARGEST:
            frontier = frontier.push(LEAVES[size])


def test_extending_equals_pushing_from_every_size_to_every_size() -> None:
    frontiers = [Frontier()]
    for leaf in LEAVES:
        frontiers.append(frontiers[-1].push(leaf))
    for old in range(LARGEST + 1):
        for new in range(old, LARGEST + 1):
            assert frontiers[old].extend(LEAVES[old:new]) == frontiers[new]


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_a_frontier_survives_storage(size: int) -> None:
    frontier = Frontier().extend(LEAVES[:size])
    assert Frontier.from_bytes(size, frontier.to_bytes()) == frontier


@pytest.mark.parametrize(("size", "length"), [(3, 32), (3, 65), (0, 32), (-1, 32)])
def test_a_frontier_with_too_few_or_many_hashes_is_refused(
    size: int,
    length: int,
) -> None:
    with pytest.raises(MalformedError):
        Frontier.from_bytes(size, bytes(length))


def test_every_inclusion_up_to_70_is_proven_as_defined_and_verifies() -> None:
    for size in range(1, LARGEST + 1):
        paths = inclusion_paths(range(size), size, TREE)
        for index in range(size):
            path = inclusion_path(index, size, TREE)
            assert list(path) == textbook_path(index, LEAVES[:size])
            assert paths[index] == path
            verify_inclusion(
                index=index,
                size=size,
                leaf=LEAVES[index],
                path=path,
                root=ROOTS[size],
            )


def test_every_consistency_up_to_70_is_proven_as_defined_and_verifies() -> None:
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            proof = consistency_proof(old, new, TREE)
            if old:
                assert list(proof) == textbook_proof(old, LEAVES[:new])
            verify_consistency(
                old_size=old,
                new_size=new,
                old_root=ROOTS[old],
                new_root=ROOTS[new],
                proof=proof,
            )


def test_a_consistency_proof_holds_for_no_other_pair_of_sizes_or_roots() -> None:
    """Exhaustive: a consistency check that is wrong fails open."""
    top = 20
    for new in range(1, top):
        for old in range(1, new):
            proof = consistency_proof(old, new, TREE)
            for other in range(1, top):
                if other != old:
                    with pytest.raises(LogProofError):
                        verify_consistency(
                            old_size=other,
                            new_size=new,
                            old_root=ROOTS[other],
                            new_root=ROOTS[new],
                            proof=proof,
                        )
                    with pytest.raises(LogProofError):
                        verify_consistency(
                            old_size=old,
                            new_size=new,
                            old_root=ROOTS[other],
                            new_root=ROOTS[new],
                            proof=proof,
                        )
                if other != new:
                    with pytest.raises(LogProofError):
                        verify_consistency(
                            old_size=old,
                            new_size=new,
                            old_root=ROOTS[old],
                            new_root=ROOTS[other],
                            proof=proof,
                        )


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_listed_subtrees_are_just_those_a_proof_reads(size: int) -> None:
    for index in range(size):
        wanted = inclusion_nodes(index, size)
        table = NodeTable({node: TREE.node(*node) for node in wanted})
        assert inclusion_path(index, size, table) == inclusion_path(index, size, TREE)
        assert all((k + 1) << h <= size for h, k in wanted)
    for old in range(size + 1):
        wanted = consistency_nodes(old, size)
        table = NodeTable({node: TREE.node(*node) for node in wanted})
        assert consistency_proof(old, size, table) == consistency_proof(old, size, TREE)
        assert all((k + 1) << h <= size for h, k in wanted)


@given(
    size=st.integers(1, LARGEST),
    data=st.data(),
)
def test_a_changed_inclusion_proof_never_verifies(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = list(inclusion_path(index, size, TREE))
    parts = [LEAVES[index], ROOTS[size], *path]
    at = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = int.from_bytes(parts[at], "big") ^ 1 << bit
    parts[at] = flipped.to_bytes(32, "big")
    leaf, root, *path = parts
    with pytest.raises(LogProofError):
        verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)


@given(
    old=st.integers(1, LARGEST - 1),
    data=st.data(),
)
def test_a_changed_consistency_proof_never_verifies(
    old: int,
    data: st.DataObject,
) -> None:
    new = data.draw(st.integers(old + 1, LARGEST))
    parts = [ROOTS[old], ROOTS[new], *consistency_proof(old, new, TREE)]
    at = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = int.from_bytes(parts[at], "big") ^ 1 << bit
    parts[at] = flipped.to_bytes(32, "big")
    old_root, new_root, *proof = parts
    with pytest.raises(LogProofError):
        verify_consistency(
            old_size=old,
            new_size=new,
            old_root=old_root,
            new_root=new_root,
            proof=proof,
        )


@pytest.mark.parametrize("change", ["shorter", "longer"])
@pytest.mark.parametrize("size", range(2, LARGEST + 1))
def test_a_path_of_the_wrong_length_is_refused(size: int, change: str) -> None:
    path = inclusion_path(1, size, TREE)
    path = path[:-1] if change == "shorter" else (*path, LEAVES[0])
    with pytest.raises(LogProofError):
        verify_inclusion(
            index=1,
            size=size,
            leaf=LEAVES[1],
            path=path,
            root=ROOTS[size],
        )


@pytest.mark.parametrize("change", ["shorter", "longer", "none"])
@pytest.mark.parametrize("old", range(1, LARGEST))
def test_a_consistency_proof_of_the_wrong_length_is_refused(
    old: int,
    change: str,
) -> None:
    proof = consistency_proof(old, LARGEST, TREE)
    changed = {"shorter": proof[:-1], "longer": (*proof, LEAVES[0]), "none": ()}[change]
    with pytest.raises(LogProofError):
        verify_consistency(
            old_size=old,
            new_size=LARGEST,
            old_root=ROOTS[old],
            new_root=ROOTS[LARGEST],
            proof=changed,
        )


@pytest.mark.parametrize("length", [0, 31, 33])
def test_hashes_of_another_length_are_refused_everywhere(length: int) -> None:
    odd = bytes(length)
    with pytest.raises(LogProofError, match="32 bytes"):
        verify_inclusion(index=0, size=1, leaf=odd, path=(), root=odd)
    with pytest.raises(LogProofError, match="32 bytes"):
        verify_inclusion(index=0, size=2, leaf=LEAVES[0], path=(odd,), root=ROOTS[2])
    with pytest.raises(LogProofError, match="32 bytes"):
        verify_consistency(old_size=1, new_size=1, old_root=odd, new_root=odd, proof=())
    with pytest.raises(LogProofError, match="32 bytes"):
        verify_consistency(
            old_size=1,
            new_size=2,
            old_root=ROOTS[1],
            new_root=ROOTS[2],
            proof=(odd,),
        )


def test_from_size_0_only_the_empty_root_and_no_proof_are_accepted() -> None:
    verify_consistency(
        old_size=0,
        new_size=3,
        old_root=EMPTY_ROOT,
        new_root=ROOTS[3],
        proof=(),
    )
    with pytest.raises(LogProofError, match="size 0"):
        verify_consistency(
            old_size=0,
            new_size=3,
            old_root=ROOTS[1],
            new_root=ROOTS[3],
            proof=(),
        )
    with pytest.raises(LogProofError, match="no proof"):
        verify_consistency(
            old_size=0,
            new_size=3,
            old_root=EMPTY_ROOT,
            new_root=ROOTS[3],
            proof=(LEAVES[0],),
        )


@pytest.mark.parametrize("size", [0, 1, 5])
def test_one_size_has_one_root(size: int) -> None:
    with pytest.raises(LogProofError, match="two roots"):
        verify_consistency(
            old_size=size,
            new_size=size,
            old_root=ROOTS[size],
            new_root=LEAVES[7],
            proof=(),
        )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_outside_the_tree_can_be_neither_proven_nor_verified(
    index: int,
    size: int,
) -> None:
    with pytest.raises(LogProofError):
        inclusion_nodes(index, size)
    with pytest.raises(LogProofError):
        inclusion_path(index, size, TREE)
    with pytest.raises(LogProofError):
        inclusion_paths([index], size, TREE)
    with pytest.raises(LogProofError):
        verify_inclusion(
            index=index,
            size=size,
            leaf=LEAVES[0],
            path=(),
            root=ROOTS[size],
        )


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 3)])
def test_a_tree_never_shrinks(old: int, new: int) -> None:
    with pytest.raises(LogProofError):
        consistency_nodes(old, new)
    with pytest.raises(LogProofError):
        consistency_proof(old, new, TREE)
    with pytest.raises(LogProofError):
        verify_consistency(
            old_size=old,
            new_size=new,
            old_root=ROOTS[2],
            new_root=ROOTS[1],
            proof=(),
        )


def test_a_reader_names_the_subtree_it_lacks() -> None:
    with pytest.raises(LogProofError, match="subtree 9 of height 3"):
        TREE.node(3, 9)
    with pytest.raises(LogProofError, match="subtree 9 of height 3"):
        NodeTable({}).node(3, 9)
