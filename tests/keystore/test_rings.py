"""Ring keys lie in a file of their own; destroyed ones are gone and remembered."""

import hashlib
import os
from pathlib import Path

import pytest

from gateway.core.errors import CannotOpenError, KeystoreError
from gateway.core.values import MessageId, UnixMs
from gateway.keystore.archive import Vault
from gateway.keystore.rings import SLOT_BYTES, RingFile
from gateway.keystore.sealed import Secret
from gateway.ports.keys import ErasedNote, RingId

KEY = Secret(b"v" * 32)
NOTE = ErasedNote(
    MessageId("019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"),
    42,
    UnixMs(1_790_000_000_000),
    "retention-10y",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "disclosure.rings"


def vault(path: Path) -> Vault:
    return Vault(KEY, RingFile(path))


def made(path: Path, count: int = 1, *, made_at: int = 0) -> list[RingId]:
    """Return rings that are on disk."""
    one = vault(path)
    rings = [one.new_ring(made_at) for _ in range(count)]
    one.flush()
    return rings


def test_a_ring_is_there_after_a_restart_once_it_was_flushed(path: Path) -> None:
    first = vault(path)
    ring = first.new_ring(0)
    sealed = first.sealer(ring)(b"officer 7", b"c")
    assert not path.exists()

    first.flush()

    assert vault(path).open(ring, sealed, context=b"c") == b"officer 7"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_destroyed_ring_opens_nothing_and_its_key_is_overwritten(path: Path) -> None:
    one = vault(path)
    ring, other = one.new_ring(0), one.new_ring(0)
    one.flush()
    sealed, kept = (one.sealer(r)(b"K-17/2026", b"c") for r in (ring, other))
    wrapped = RingFile(path).wrapped_key(ring)
    assert wrapped
    assert wrapped in path.read_bytes()

    assert one.destroy([ring]) == 1

    assert wrapped not in path.read_bytes()
    for again in (one, vault(path)):
        assert again.open(ring, sealed, context=b"c") is None
        assert not again.is_live(ring)
        assert again.open(other, kept, context=b"c") == b"K-17/2026"
        with pytest.raises(CannotOpenError):
            again.sealer(ring)(b"more", b"c")
        assert again.destroy([ring]) == 0


def test_slots_are_never_given_twice(path: Path) -> None:
    (ring,) = made(path)
    vault(path).destroy([ring])

    (fresh,) = made(path)

    assert fresh.partition(".")[0] != ring.partition(".")[0]
    assert not vault(path).is_live(ring)


def test_a_ring_of_another_file_is_not_taken_for_one(path: Path) -> None:
    (ring,) = made(path)
    elsewhere = path.with_name("other.rings")
    made(elsewhere)

    assert not vault(elsewhere).is_live(ring)


def test_what_was_cut_off_by_a_crash_is_passed_over(path: Path) -> None:
    first, last = made(path, 2)
    os.truncate(path, path.stat().st_size - SLOT_BYTES // 2)

    (fresh,) = made(path)

    again = vault(path)
    assert again.is_live(first)
    assert not again.is_live(last)
    assert again.is_live(fresh)


def test_orphans_go_only_once_the_log_has_grown_beyond_them(path: Path) -> None:
    """Else a database that was put back would cost the keys of the newer one."""
    named, old, new = (made(path, made_at=size)[0] for size in (10, 10, 30))

    assert vault(path).sweep([named], 30) == 1

    again = vault(path)
    assert [again.is_live(one) for one in (named, old, new)] == [True, False, True]
    assert again.sweep([named], 31) == 1


def test_erased_messages_are_remembered(path: Path) -> None:
    vault(path).remember([NOTE])

    assert vault(path).erased() == {NOTE.id: NOTE}


def test_many_slots_are_read_page_by_page(path: Path) -> None:
    rings = made(path, 5_000)
    vault(path).remember([NOTE])

    assert vault(path).erased() == {NOTE.id: NOTE}
    assert vault(path).sweep(rings[1:], 1) == 1


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    made(path)
    path.chmod(0o644)

    with pytest.raises(KeystoreError, match="chmod"):
        RingFile(path)


@pytest.mark.parametrize("content", [b"", b"something else entirely" * 20])
def test_another_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(KeystoreError, match="not a file of ring keys"):
        RingFile(path)


def test_a_slot_of_a_newer_version_is_refused(path: Path) -> None:
    (ring,) = made(path)
    raw = bytearray(path.read_bytes())
    raw[SLOT_BYTES + 24] = 9
    body = bytes(raw[SLOT_BYTES : 2 * SLOT_BYTES - 32])
    raw[2 * SLOT_BYTES - 32 :] = hashlib.sha256(body).digest()
    path.write_bytes(raw)

    with pytest.raises(KeystoreError, match="newer version"):
        vault(path).is_live(ring)


def test_nothing_is_flushed_after_a_flush_has_failed(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = vault(path)
    one.new_ring(0)
    one.flush()

    def fail(_file: int) -> None:
        raise OSError(5, "Input/output error")

    one.new_ring(0)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fail)
        with pytest.raises(KeystoreError, match="Input/output"):
            one.flush()
    with pytest.raises(KeystoreError, match="restart"):
        one.flush()
