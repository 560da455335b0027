"""Lengths of what is padded and sealed (specification, sections 4 and 5)."""

import math

import pytest
from cryptography.cobblestone import (
    Cobblestone256Decryptor,
    Cobblestone256Encryptor,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import MAX_PARTS, PART_BYTES
from gateway.core.sizes import (
    CHUNK_BYTES,
    attachment_length,
    check_attachment_length,
    ciphertext_length,
    ciphertext_of_chunks,
    inner_length,
    largest_attachment,
    padme,
    whole_chunks,
)


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (9, 10),
        (100, 104),
        (1023, 1024),
        (4097, 4352),
        (1_000_000, 1_015_808),
        (2**40 + 1, 2**40 + 2**34),
    ],
)
def test_padme_gives_the_lengths_worked_out_by_hand(length: int, padded: int) -> None:
    assert padme(length) == padded


@given(st.integers(min_value=2, max_value=2**48))
def test_padme_rounds_up_as_its_definition_says(length: int) -> None:
    exponent = length.bit_length() - 1
    step = 2 ** (exponent - (math.floor(math.log2(exponent)) + 1 if exponent else 0))
    assert padme(length) == -(-length // max(step, 1)) * max(step, 1)


@given(st.integers(min_value=0, max_value=2**48))
def test_padding_twice_is_padding_once_and_costs_at_most_an_eighth(length: int) -> None:
    padded = padme(length)
    assert padme(padded) == padded
    assert length <= padded <= length * 1.125


def test_an_inner_part_is_never_below_four_kibibytes() -> None:
    assert inner_length(0) == inner_length(4096) == 4096
    assert inner_length(4097) == padme(4097)


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 40000])
def test_ciphertext_is_as_long_as_computed(size: int) -> None:
    encryptor = Cobblestone256Encryptor(bytes(32), b"")
    made = encryptor.update(bytes(size)) + encryptor.finalize()
    assert len(made) == ciphertext_length(size)


@given(st.integers(min_value=0, max_value=2**36))
def test_every_attachment_has_a_possible_length(size: int) -> None:
    check_attachment_length(attachment_length(size))


@pytest.mark.parametrize("length", [-1, 0, 71, 16400 + 56, 16400 + 71, 32800 + 60])
def test_a_length_between_two_chunks_is_refused(length: int) -> None:
    with pytest.raises(MalformedError):
        check_attachment_length(length)


def test_an_attachment_with_too_many_parts_is_refused() -> None:
    at_most = MAX_PARTS * PART_BYTES
    check_attachment_length(at_most)
    with pytest.raises(TooLargeError):
        check_attachment_length(at_most + 1)


def test_the_largest_attachment_fits_and_one_byte_more_does_not() -> None:
    at_most = MAX_PARTS * PART_BYTES
    largest = largest_attachment()
    assert padme(largest) == largest
    assert attachment_length(largest) <= at_most < attachment_length(largest + 1)
    check_attachment_length(attachment_length(largest))
    with pytest.raises(TooLargeError):
        check_attachment_length(attachment_length(largest + 1))


@given(st.integers(min_value=0, max_value=2**40))
def test_no_smaller_file_is_over_the_limit(size: int) -> None:
    fits = attachment_length(size) <= MAX_PARTS * PART_BYTES
    assert fits is (size <= largest_attachment())


@given(
    st.integers(min_value=0, max_value=4 * CHUNK_BYTES),
    st.integers(min_value=0, max_value=5 * CHUNK_BYTES),
)
def test_whole_chunks_are_what_a_cut_off_ciphertext_still_opens_to(
    size: int,
    cut_at: int,
) -> None:
    encryptor = Cobblestone256Encryptor(bytes(32), b"")
    beginning = encryptor.update(bytes(size))[:cut_at]
    held = whole_chunks(len(beginning))
    assert held % CHUNK_BYTES == 0
    assert held <= size
    assert ciphertext_of_chunks(held) <= len(beginning)
    decryptor = Cobblestone256Decryptor(bytes(32), b"")
    assert decryptor.update(beginning[: ciphertext_of_chunks(held)]) == bytes(held)
    assert len(beginning) < ciphertext_of_chunks(held + CHUNK_BYTES)


@given(st.integers(min_value=0, max_value=2**40))
def test_no_attachment_fills_its_last_part(size: int) -> None:
    assert attachment_length(size) % PART_BYTES != 0


@given(st.integers(min_value=1, max_value=MAX_PARTS))
def test_no_attachment_fills_its_last_part_at_any_edge(parts: int) -> None:
    whole = whole_chunks(parts * PART_BYTES)
    for size in range(whole - 20, whole + CHUNK_BYTES, 1021):
        assert attachment_length(size) % PART_BYTES != 0
