"""Parts of evidence files verify alone (specification, section 5)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError, PartMismatchError, RootMismatchError
from gateway.core.limits import PART_BYTES
from gateway.core.parts import (
    check_part,
    check_part_list,
    locate_part,
    part_count,
    part_list_root,
)
from gateway.core.values import HexDigest

LENGTH = 2 * PART_BYTES + 100
DIGESTS = [bytes((n,)) * 32 for n in range(3)]
ROOT = part_list_root(LENGTH, DIGESTS)


def test_the_root_is_the_hash_the_specification_spells_out() -> None:
    spelled = (
        b"mla-parts/1\0"
        + bytes.fromhex("0000000001000064")
        + bytes.fromhex("00800000")
        + b"".join(DIGESTS)
    )
    assert hashlib.sha256(spelled).hexdigest() == ROOT


@given(st.integers(min_value=1, max_value=2**30))
def test_parts_cover_the_ciphertext_end_to_end(length: int) -> None:
    parts = [locate_part(length, index) for index in range(part_count(length))]
    assert [part.offset for part in parts] == [
        n * PART_BYTES for n in range(len(parts))
    ]
    assert all(part.length == PART_BYTES for part in parts[:-1])
    assert parts[-1].offset + parts[-1].length == length
    assert 1 <= parts[-1].length <= PART_BYTES


@pytest.mark.parametrize("index", [-1, 3, 2**40])
def test_an_index_out_of_range_is_refused(index: int) -> None:
    with pytest.raises(MalformedError):
        locate_part(LENGTH, index)


@pytest.mark.parametrize(
    "digests",
    [[], DIGESTS[:2], [*DIGESTS, bytes(32)], [*DIGESTS[:2], bytes(31)]],
    ids=["empty", "short", "long", "digest"],
)
def test_a_list_that_is_not_one_digest_a_part_is_refused(digests: list[bytes]) -> None:
    with pytest.raises(MalformedError):
        check_part_list(LENGTH, digests, ROOT)


def test_a_list_with_another_root_is_refused() -> None:
    check_part_list(LENGTH, DIGESTS, ROOT)
    for digests, length in (
        (DIGESTS[::-1], LENGTH),
        ([*DIGESTS[:2], bytes(32)], LENGTH),
        (DIGESTS, LENGTH + 1),
    ):
        with pytest.raises(RootMismatchError):
            check_part_list(length, digests, ROOT)
    with pytest.raises(RootMismatchError):
        check_part_list(LENGTH, DIGESTS, HexDigest("00" * 32))


def test_a_part_of_another_length_or_digest_is_refused() -> None:
    last = locate_part(LENGTH, 2)
    digest = DIGESTS[2]
    check_part(last, length=100, digest=digest, expected=digest)
    with pytest.raises(PartMismatchError):
        check_part(last, length=99, digest=digest, expected=digest)
    with pytest.raises(PartMismatchError):
        check_part(last, length=100, digest=DIGESTS[1], expected=digest)
