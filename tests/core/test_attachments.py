"""Evidence files sealed and opened as streams (specification, section 5)."""

import hashlib
from collections.abc import Callable, Iterator
from random import Random

import pytest
from cryptography.cobblestone import Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.attachments import (
    AttachmentOpener,
    AttachmentSealer,
    SealedFile,
    attachment_context,
)
from gateway.core.errors import CannotOpenError, MalformedError
from gateway.core.keys import AttachmentKey
from gateway.core.limits import KIB, MIB, PART_BYTES
from gateway.core.parts import part_list_root
from gateway.core.sizes import (
    CHUNK_BYTES,
    CHUNK_TAG_BYTES,
    SALT_AND_COMMITMENT_BYTES,
    attachment_length,
    padme,
)
from gateway.core.values import HexDigest

AID = "0123456789abcdef" * 2
OTHER_AID = "fedcba9876543210" * 2
SMALL = b"every bit of this counts"
FULL_CHUNK = CHUNK_BYTES + CHUNK_TAG_BYTES


def content(size: int) -> bytes:
    return Random(size).randbytes(size)  # noqa: S311 - not a secret


def digest_of(data: bytes) -> HexDigest:
    return HexDigest(hashlib.sha256(data).hexdigest())


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    for at in range(0, len(data), length):
        yield data[at : at + length]


def sealed(data: bytes, length: int = 1 * MIB) -> tuple[bytes, SealedFile, bytes]:
    """Return ciphertext, what is known of it, and its key."""
    sealer = AttachmentSealer(AID, len(data))
    made = [sealer.update(piece) for piece in pieces(data, length)]
    assert sealer.made == sum(map(len, made))
    made += sealer.finish()
    return b"".join(made), sealer.sealed(), sealer.key.raw


def opener(key: bytes, data: bytes, aid: str = AID) -> AttachmentOpener:
    return AttachmentOpener(AttachmentKey(key), aid, len(data), digest_of(data))


def opened(one: AttachmentOpener, ciphertext: bytes, length: int = 1 * MIB) -> bytes:
    given = [one.update(piece) for piece in pieces(ciphertext, length)]
    return b"".join([*given, one.finish()])


def refused(one: AttachmentOpener, ciphertext: bytes, truth: bytes) -> None:
    """Check that a ciphertext is refused, and that no wrong byte is given before."""
    got = bytearray()
    with pytest.raises(CannotOpenError):
        _open_into(got, one, ciphertext)
    assert truth.startswith(bytes(got))


def _open_into(got: bytearray, one: AttachmentOpener, ciphertext: bytes) -> None:
    for piece in pieces(ciphertext, 5 * KIB):
        got += one.update(piece)
    got += one.finish()


@settings(max_examples=60)
@given(
    st.integers(min_value=0, max_value=3 * CHUNK_BYTES),
    st.integers(min_value=1, max_value=3 * CHUNK_BYTES),
    st.integers(min_value=100, max_value=3 * CHUNK_BYTES),
)
def test_a_file_comes_back_however_it_is_cut(size: int, fed: int, read: int) -> None:
    data = content(size)
    ciphertext, known, key = sealed(data, max(fed, size // 50))
    assert len(ciphertext) == known.length == attachment_length(size)
    assert known.sha256 == digest_of(data)
    assert opened(opener(key, data), ciphertext, read) == data


EDGES = sorted(
    edge + step
    for edge in (CHUNK_BYTES, 2 * CHUNK_BYTES, PART_BYTES, 2 * PART_BYTES)
    for step in (-57, -1, 0, 1)
)


@pytest.mark.parametrize("size", [0, 1, *EDGES])
def test_a_file_comes_back_at_the_edges_of_chunks_and_parts(size: int) -> None:
    data = content(size)
    ciphertext, known, key = sealed(data)
    assert opened(opener(key, data), ciphertext) == data
    digests = [hashlib.sha256(part).digest() for part in pieces(ciphertext, PART_BYTES)]
    assert known.part_list == b"".join(digests)
    assert known.root == part_list_root(len(ciphertext), digests)


def test_the_ciphertext_is_bound_to_its_attachment_and_says_so() -> None:
    context = b"mla-envelope/1 attachment\0" + bytes.fromhex(AID)
    assert attachment_context(AID) == context


def test_every_file_has_its_own_key() -> None:
    keys = {AttachmentSealer(AID, 0).key.raw for _ in range(8)}
    assert len(keys) == 8


# --- what is fed ---


def test_a_file_that_is_longer_than_announced_is_refused_unsealed() -> None:
    sealer = AttachmentSealer(AID, 10)
    sealer.update(b"12345")
    with pytest.raises(MalformedError, match="over its 10 bytes"):
        sealer.update(b"123456")
    assert sealer.fed == 5


def test_a_file_that_is_shorter_than_announced_is_never_finished() -> None:
    sealer = AttachmentSealer(AID, 10)
    sealer.update(b"123456789")
    with pytest.raises(MalformedError, match="9 of 10 bytes"):
        list(sealer.finish())


def test_nothing_is_known_of_a_file_before_it_is_finished() -> None:
    sealer = AttachmentSealer(AID, 3)
    sealer.update(b"abc")
    with pytest.raises(AssertionError, match="not finished"):
        sealer.sealed()


# --- what is opened ---


def test_no_bit_of_a_ciphertext_can_be_changed() -> None:
    ciphertext, _, key = sealed(SMALL)
    for bit in range(8 * len(ciphertext)):
        changed = bytearray(ciphertext)
        changed[bit // 8] ^= 1 << bit % 8
        refused(opener(key, SMALL), bytes(changed), SMALL)


LONG = content(padme(3 * CHUNK_BYTES))
HEAD = SALT_AND_COMMITMENT_BYTES


def _moved(raw: bytes, *order: int) -> bytes:
    """Return the ciphertext with its chunks in another order."""
    chunks = list(pieces(raw[HEAD:], FULL_CHUNK))
    return raw[:HEAD] + b"".join(chunks[at] for at in order)


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "without its beginning": lambda raw: raw[1:],
    "without its first chunk": lambda raw: _moved(raw, 1, 2, 3),
    "without a chunk in the middle": lambda raw: _moved(raw, 0, 2, 3),
    "without its end": lambda raw: _moved(raw, 0, 1, 2),
    "without its last byte": lambda raw: raw[:-1],
    "with a chunk twice": lambda raw: _moved(raw, 0, 1, 1, 2, 3),
    "with two chunks exchanged": lambda raw: _moved(raw, 0, 2, 1, 3),
    "with its end twice": lambda raw: _moved(raw, 0, 1, 2, 3, 3),
    "with a byte behind it": lambda raw: raw + b"\0",
    "twice": lambda raw: raw + raw,
    "of nothing": lambda _: b"",
    "of its head alone": lambda raw: raw[:HEAD],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_ciphertext_that_was_cut_or_moved_is_refused(case: str) -> None:
    ciphertext, _, key = sealed(LONG)
    assert len(ciphertext) == HEAD + 3 * FULL_CHUNK + CHUNK_TAG_BYTES
    refused(opener(key, LONG), BROKEN[case](ciphertext), LONG)


def test_another_key_or_attachment_opens_nothing() -> None:
    ciphertext, _, key = sealed(LONG)
    refused(opener(bytes(32), LONG), ciphertext, b"")
    refused(opener(key, LONG, aid=OTHER_AID), ciphertext, b"")


def _sealed_by_hand(padded: bytes) -> tuple[bytes, bytes]:
    """Return ciphertext and key of whatever a lying sender calls padded."""
    key = bytes(range(32))
    encryptor = Cobblestone256Encryptor(key, attachment_context(AID))
    return encryptor.update(padded) + encryptor.finalize(), key


@pytest.mark.parametrize(
    "padding",
    [b"\0\0\0\1", b"\1\0\0\0", b"\0\0\0", b"\0" * 5, b"", b"\0" * 40_000],
    ids=["last not zero", "first not zero", "short", "long", "none", "very long"],
)
def test_padding_is_zeros_up_to_the_padme_length(padding: bytes) -> None:
    data = bytes([7]) * 100
    assert padme(len(data)) == 104
    ciphertext, key = _sealed_by_hand(data + b"\0" * 4)
    assert opened(opener(key, data), ciphertext) == data
    ciphertext, key = _sealed_by_hand(data + padding)
    refused(opener(key, data), ciphertext, data)


@pytest.mark.parametrize("size", [0, 99, 101, 103, 104, 105, 2**40])
def test_a_file_of_another_size_than_the_manifest_says_is_refused(size: int) -> None:
    """Also where padding would do for the bytes that are missing."""
    data = bytes([7]) * 100
    ciphertext, _, key = sealed(data)
    one = AttachmentOpener(AttachmentKey(key), AID, size, digest_of(data))
    refused(one, ciphertext, data)


def test_a_file_of_another_digest_than_the_manifest_says_is_refused() -> None:
    ciphertext, _, key = sealed(SMALL)
    one = AttachmentOpener(AttachmentKey(key), AID, len(SMALL), HexDigest("00" * 32))
    refused(one, ciphertext, SMALL)


def test_a_digest_that_nobody_knows_yet_is_not_compared() -> None:
    ciphertext, _, key = sealed(SMALL)
    one = AttachmentOpener(AttachmentKey(key), AID, len(SMALL), None)
    assert opened(one, ciphertext) == SMALL


def test_a_file_that_was_sealed_and_not_digested_is_not_passed_off_as_whole() -> None:
    sealer = AttachmentSealer(AID, len(SMALL))
    sealer.seal(SMALL)
    list(sealer.finish())
    with pytest.raises(AssertionError, match="not all digested"):
        sealer.sealed()


def test_a_file_that_was_opened_and_not_digested_is_not_passed_off_as_whole() -> None:
    data = content(3 * CHUNK_BYTES)
    ciphertext, _, key = sealed(data)
    reader = opener(key, data)
    reader.open(ciphertext)
    with pytest.raises(AssertionError, match="not all digested"):
        reader.finish()
