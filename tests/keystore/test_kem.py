"""The keys messages to us are sealed to: opening, turning over, destroying."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.core.envelope import ParsedEnvelope, SealRequest, parse_envelope, seal
from gateway.core.errors import (
    CannotOpenError,
    KeyRetiredError,
    KeystoreError,
    MalformedError,
)
from gateway.core.keys import KemKeyRecord, check_record, new_kem_key
from gateway.core.values import AuthorityId, Priority, UnixMs, new_uuid7, parse_time
from gateway.keystore.home import HomeLayout
from gateway.keystore.kem import RENEW_BEFORE_MS, KemKeys, store_kem_key
from gateway.keystore.sealed import KeyLock
from tests.support.homes import MOJ, NOW, copy_home, unlocked

PGR = AuthorityId("pgr.pt")
DAY_MS = 86_400_000


@pytest.fixture
def lock(tmp_path: Path) -> KeyLock:
    return unlocked(copy_home(tmp_path / "home"))


@pytest.fixture
def keys(lock: KeyLock) -> KemKeys:
    return KemKeys.load(MOJ, lock)


def sealed_to(records: Sequence[KemKeyRecord]) -> ParsedEnvelope:
    request = SealRequest(
        id=new_uuid7(NOW),
        sender=PGR,
        addressee=MOJ,
        created=NOW,
        expires=UnixMs(NOW + DAY_MS),
        priority=Priority.ROUTINE,
        recipients=tuple(records),
        message={"a": 1},
    )
    return parse_envelope(seal(request).raw)


def test_a_message_sealed_to_our_card_opens(keys: KemKeys) -> None:
    envelope = sealed_to(keys.card_records())

    assert keys.check_seal(envelope, NOW) == keys.check_seal(envelope, NOW)


def test_a_message_sealed_to_a_key_we_never_had_is_malformed(keys: KemKeys) -> None:
    foreign = new_kem_key(MOJ, NOW).record

    with pytest.raises(MalformedError):
        keys.check_seal(sealed_to([foreign]), NOW)


def test_a_key_past_its_time_opens_nothing(keys: KemKeys) -> None:
    (record,) = keys.card_records()
    envelope = sealed_to([record])
    last = parse_time(record.open_until)

    keys.check_seal(envelope, last)
    with pytest.raises(KeyRetiredError):
        keys.check_seal(envelope, UnixMs(last + 1))


def test_a_destroyed_key_is_remembered_as_retired(
    keys: KemKeys,
    lock: KeyLock,
) -> None:
    (record,) = keys.card_records()
    envelope = sealed_to([record])
    keys.rotate(NOW)

    keys.destroy(check_record(record, MOJ).kid)
    keys.destroy(check_record(record, MOJ).kid)

    for keyring in (keys, KemKeys.load(MOJ, lock)):
        assert record.kid not in keyring.ids()
        with pytest.raises(KeyRetiredError):
            keyring.check_seal(envelope, NOW)
    assert not (lock.folder / "kem" / f"{record.kid}.key").exists()


def test_a_changed_seal_does_not_hold(keys: KemKeys) -> None:
    raw = bytearray(sealed_to(keys.card_records()).raw)
    raw[-1] ^= 1

    with pytest.raises(CannotOpenError):
        keys.check_seal(parse_envelope(bytes(raw)), NOW)


def test_after_rotation_the_card_shows_the_new_key_and_the_old_one_opens(
    keys: KemKeys,
    lock: KeyLock,
) -> None:
    envelope = sealed_to(keys.card_records())

    new = keys.rotate(UnixMs(NOW + DAY_MS))

    for keyring in (keys, KemKeys.load(MOJ, lock)):
        assert keyring.card_records() == (new,)
        assert len(keyring.records()) == 2
        keyring.check_seal(envelope, NOW)


def test_a_key_is_renewed_in_time_for_every_peer_to_learn(keys: KemKeys) -> None:
    (record,) = keys.records()
    due = parse_time(record.send_until) - RENEW_BEFORE_MS

    assert not keys.renewal_due(UnixMs(due - 1))
    assert keys.renewal_due(UnixMs(due))
    keys.rotate(UnixMs(due))
    assert not keys.renewal_due(UnixMs(due))


def test_expired_keys_are_named_for_destruction(keys: KemKeys) -> None:
    (record,) = keys.records()
    end = parse_time(record.open_until)

    assert keys.expired(end) == ()
    assert keys.expired(UnixMs(end + 1)) == (record.kid,)


def test_a_key_store_without_a_kem_key_is_refused(lock: KeyLock) -> None:
    for path in (lock.folder / "kem").iterdir():
        path.unlink()
    with pytest.raises(KeystoreError, match="holds no key"):
        KemKeys.load(MOJ, lock)
    (lock.folder / "kem").rmdir()
    with pytest.raises(KeystoreError):
        KemKeys.load(MOJ, lock)


def test_a_file_under_another_keys_id_is_refused(lock: KeyLock) -> None:
    (path,) = (lock.folder / "kem").iterdir()
    content = lock.read(f"kem/{path.name}")
    lock.create(f"kem/{'0' * 64}.key", content)

    with pytest.raises(KeystoreError, match="is not the file of key"):
        KemKeys.load(MOJ, lock)


def test_a_file_that_is_no_keys_is_refused(lock: KeyLock) -> None:
    lock.create(f"kem/{'0' * 64}.key", b"{}")

    with pytest.raises(KeystoreError):
        KemKeys.load(MOJ, lock)


@pytest.mark.parametrize("name", ["short.key", "short.retired"])
def test_a_file_with_another_name_is_refused(name: str, lock: KeyLock) -> None:
    lock.create(f"kem/{name}", b"{}")

    with pytest.raises(KeystoreError):
        KemKeys.load(MOJ, lock)


def test_a_key_is_not_written_over(lock: KeyLock) -> None:
    new = new_kem_key(MOJ, NOW)
    store_kem_key(lock, new)

    with pytest.raises(KeystoreError):
        store_kem_key(lock, new)


def test_left_overs_of_a_crash_do_not_stop_the_node(lock: KeyLock) -> None:
    (lock.folder / "kem" / "x.key.0011.new").write_bytes(b"half")

    assert len(KemKeys.load(MOJ, lock).records()) == 1
    assert HomeLayout(lock.folder.parent).keys.kem == lock.folder / "kem"
