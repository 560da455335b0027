"""Parts of evidence files verify alone (specification, section 5)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError, PartMismatchError, RootMismatchError
from gateway.core.limits import PART_BYTES
from gateway.core.parts import (
    PartSet,
    bytes_there,
    check_part,
    check_part_list,
    digest_at,
    locate_part,
    part_count,
    part_list_root,
    split_part_list,
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


def test_digests_back_to_back_are_split_again() -> None:
    assert split_part_list(b"".join(DIGESTS)) == DIGESTS
    assert split_part_list(b"") == []


@pytest.mark.parametrize("index", range(3))
def test_a_digest_is_found_in_a_list_by_its_part(index: int) -> None:
    assert digest_at(b"".join(DIGESTS), index) == DIGESTS[index]


COUNTS = st.integers(min_value=1, max_value=300)


@st.composite
def some_parts(draw: st.DrawFn) -> tuple[int, set[int]]:
    """Return how many parts there are, and which of them are there."""
    count = draw(COUNTS)
    return count, draw(st.sets(st.integers(min_value=0, max_value=count - 1)))


def parts_of(count: int, there: set[int]) -> PartSet:
    parts = PartSet(count)
    for index in there:
        parts = parts.with_part(index)
    return parts


@given(some_parts())
def test_a_set_of_parts_is_a_set(drawn: tuple[int, set[int]]) -> None:
    count, there = drawn
    parts = parts_of(count, there)
    everything = set(range(count))
    assert {index for index in range(count + 9) if index in parts} == there
    assert len(parts) == len(there)
    assert parts.is_whole is (there == everything)
    assert parts.missing() == sorted(everything - there)
    assert parts.without(there).missing() == sorted(there)
    assert parts.without(parts.missing()).missing() == parts.missing()


@given(some_parts())
def test_a_set_of_parts_is_kept_as_one_bit_each(drawn: tuple[int, set[int]]) -> None:
    count, there = drawn
    raw = parts_of(count, there).to_bytes()
    assert len(raw) == -(-count // 8)
    assert PartSet(count, raw).missing() == parts_of(count, there).missing()
    assert [raw[at // 8] >> at % 8 & 1 for at in range(count)] == [
        int(at in there) for at in range(count)
    ]


@given(some_parts())
def test_a_part_more_leaves_the_set_before_as_it_was(
    drawn: tuple[int, set[int]],
) -> None:
    count, there = drawn
    before = parts_of(count, there)
    after = before.with_part(count - 1)
    assert before.missing() == sorted(set(range(count)) - there)
    assert after.missing() == sorted(set(range(count - 1)) - there)


@given(some_parts(), some_parts())
def test_equal_sets_are_equal_values(
    drawn: tuple[int, set[int]],
    other: tuple[int, set[int]],
) -> None:
    one, again = parts_of(*drawn), parts_of(*drawn)
    assert one == again
    assert hash(one) == hash(again)
    assert (one == parts_of(*other)) is (drawn == other)
    assert one != drawn
    assert repr(one) == f"PartSet({len(drawn[1])} of {drawn[0]})"


@given(COUNTS, st.binary(max_size=64))
def test_bits_beyond_the_last_part_are_none(count: int, raw: bytes) -> None:
    parts = PartSet(count, raw)
    assert len(parts) + len(parts.missing()) == count
    assert len(parts.to_bytes()) == -(-count // 8)


@given(some_parts(), st.integers(min_value=1, max_value=PART_BYTES))
def test_what_is_there_is_the_sum_of_its_parts(
    drawn: tuple[int, set[int]],
    last_bytes: int,
) -> None:
    count, there = drawn
    length = (count - 1) * PART_BYTES + last_bytes
    lengths = [locate_part(length, index).length for index in there]
    assert bytes_there(length, parts_of(count, there)) == sum(lengths)
