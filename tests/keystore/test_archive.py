"""What this node seals to itself: content keys, drafts, disclosures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import CannotOpenError
from gateway.core.keys import ContentKey
from gateway.core.values import HexDigest
from gateway.keystore.archive import Archive, Vault, _seal
from gateway.keystore.rings import RingFile
from gateway.keystore.sealed import Secret

DIGEST = HexDigest("ab" * 32)
OTHER = HexDigest("cd" * 32)


@pytest.fixture
def archive() -> Archive:
    return Archive(Secret(b"k" * 32))


@pytest.fixture
def rings() -> RingFile:
    return RingFile.in_memory()


@pytest.fixture
def vault(rings: RingFile) -> Vault:
    return Vault(Secret(b"v" * 32), rings)


def test_a_content_key_comes_back_for_its_box_and_envelope_only(
    archive: Archive,
) -> None:
    key = ContentKey.new()
    wrapped = archive.wrap(key, box="in", digest=DIGEST)

    assert archive.unwrap(wrapped, box="in", digest=DIGEST) == key
    for box, digest in (("out", DIGEST), ("in", OTHER)):
        with pytest.raises(CannotOpenError):
            archive.unwrap(wrapped, box=box, digest=digest)
    with pytest.raises(CannotOpenError):
        Archive(Secret(b"l" * 32)).unwrap(wrapped, box="in", digest=DIGEST)


def test_there_are_two_boxes(archive: Archive) -> None:
    with pytest.raises(AssertionError):
        archive.wrap(ContentKey.new(), box="both", digest=DIGEST)


@given(draft=st.binary(max_size=300), message_id=st.text(max_size=40))
def test_a_draft_comes_back_for_its_message_only(draft: bytes, message_id: str) -> None:
    archive = Archive(Secret(b"k" * 32))
    sealed = archive.seal_draft(draft, message_id=message_id)

    assert archive.open_draft(sealed, message_id=message_id) == draft
    with pytest.raises(CannotOpenError):
        archive.open_draft(sealed, message_id=f"{message_id}x")


@given(draft=st.binary(max_size=300), at=st.integers(0), bit=st.integers(0, 7))
def test_a_changed_draft_does_not_open(draft: bytes, at: int, bit: int) -> None:
    archive = Archive(Secret(b"k" * 32))
    sealed = bytearray(archive.seal_draft(draft, message_id="m"))
    sealed[at % len(sealed)] ^= 1 << bit

    with pytest.raises(CannotOpenError):
        archive.open_draft(bytes(sealed), message_id="m")


def test_a_wrapped_content_key_is_no_draft(archive: Archive) -> None:
    wrapped = archive.wrap(ContentKey.new(), box="in", digest=DIGEST)

    with pytest.raises(CannotOpenError):
        archive.open_draft(wrapped, message_id="m")


def test_what_is_too_short_does_not_open(archive: Archive, vault: Vault) -> None:
    ring = vault.new_ring(0)
    for length in range(30):
        with pytest.raises(CannotOpenError):
            archive.open_draft(bytes(length), message_id="m")
        with pytest.raises(CannotOpenError):
            vault.open(ring, bytes(length), context=b"")


def test_a_disclosure_opens_with_its_ring_and_context_only(vault: Vault) -> None:
    ring, other = vault.new_ring(0), vault.new_ring(0)
    sealed = vault.sealer(ring)(b"officer 7", b"moj.ee/audit/1\0007")

    assert vault.open(ring, sealed, context=b"moj.ee/audit/1\0007") == b"officer 7"
    with pytest.raises(CannotOpenError):
        vault.open(other, sealed, context=b"moj.ee/audit/1\0007")
    with pytest.raises(CannotOpenError):
        vault.open(ring, sealed, context=b"moj.ee/audit/1\0008")


def test_a_ring_works_under_the_key_that_wrapped_it_only(rings: RingFile) -> None:
    ring = Vault(Secret(b"v" * 32), rings).new_ring(0)

    with pytest.raises(CannotOpenError):
        Vault(Secret(b"w" * 32), rings).sealer(ring)(b"officer 7", b"")


def test_a_key_that_lay_in_a_database_seals_on(vault: Vault) -> None:
    """What an older version sealed opens with the ring made of its wrapped key."""
    key, context = bytes(range(32)), b"moj.ee/audit/1\0007"
    old = _seal(b"v" * 32, key, b"disclosure-ring\0")

    ring = vault.adopt(old)

    assert vault.open(ring, _seal(key, b"officer 7", context), context=context)
    with pytest.raises(CannotOpenError):
        vault.adopt(old[:-1] + b"\0")


def test_what_is_blinded_can_be_compared_and_depends_on_the_key(vault: Vault) -> None:
    assert vault.blind("K-17/2026") == vault.blind("K-17/2026")
    assert vault.blind("K-17/2026") != vault.blind("K-18/2026")
    other = Vault(Secret(b"w" * 32), RingFile.in_memory())
    assert vault.blind("K-17/2026") != other.blind("K-17/2026")
