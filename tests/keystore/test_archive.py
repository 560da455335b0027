"""What this node seals to itself: content keys, drafts, disclosures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import CannotOpenError
from gateway.core.keys import ContentKey
from gateway.core.values import HexDigest
from gateway.keystore.archive import Archive, Vault
from gateway.keystore.sealed import Secret

DIGEST = HexDigest("ab" * 32)
OTHER = HexDigest("cd" * 32)


@pytest.fixture
def archive() -> Archive:
    return Archive(Secret(b"k" * 32))


@pytest.fixture
def vault() -> Vault:
    return Vault(Secret(b"v" * 32))


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
    for length in range(30):
        with pytest.raises(CannotOpenError):
            archive.open_draft(bytes(length), message_id="m")
        with pytest.raises(CannotOpenError):
            vault.open(bytes(length), bytes(60), context=b"")


def test_a_disclosure_opens_with_its_ring_key_and_context_only(vault: Vault) -> None:
    ring, other = vault.new_key(), vault.new_key()
    sealed = vault.seal(ring, b"officer 7", context=b"moj.ee/audit/1\0007")

    assert vault.open(ring, sealed, context=b"moj.ee/audit/1\0007") == b"officer 7"
    with pytest.raises(CannotOpenError):
        vault.open(other, sealed, context=b"moj.ee/audit/1\0007")
    with pytest.raises(CannotOpenError):
        vault.open(ring, sealed, context=b"moj.ee/audit/1\0008")


def test_a_ring_key_works_in_the_vault_that_made_it_only(vault: Vault) -> None:
    ring = vault.new_key()

    with pytest.raises(CannotOpenError):
        Vault(Secret(b"w" * 32)).seal(ring, b"officer 7", context=b"")
