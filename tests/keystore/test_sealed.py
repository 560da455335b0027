"""Keys at rest: passphrase, sealing, and where the passphrase comes from."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.settings import Unlock, UnlockMethod
from gateway.core.errors import KeystoreError
from gateway.keystore.sealed import (
    KeyLock,
    Secret,
    create_lock,
    new_passphrase,
    open_lock,
    read_passphrase,
    read_passphrase_file,
)

PASSPHRASE = Secret(b"correct horse battery")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> KeyLock:
    lock = create_lock(tmp_path_factory.mktemp("keys"), PASSPHRASE)
    (lock.folder / "sub").mkdir()
    return lock


@pytest.fixture
def lock(made: KeyLock, tmp_path: Path) -> KeyLock:
    shutil.copytree(made.folder, tmp_path / "keys")
    return KeyLock(tmp_path / "keys", made._key)


def test_a_key_is_read_back_with_the_passphrase_alone(lock: KeyLock) -> None:
    lock.create("sub/log.key", b"s" * 32)

    assert open_lock(lock.folder, PASSPHRASE).read("sub/log.key") == b"s" * 32


def test_a_wrong_passphrase_is_told_as_such(lock: KeyLock) -> None:
    with pytest.raises(KeystoreError, match="passphrase is wrong"):
        open_lock(lock.folder, Secret(b"correct horse batterz"))


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeystoreError, match="expected 12 or more"):
        create_lock(tmp_path, Secret(b"elevenchars"))


def test_a_folder_is_set_up_once(lock: KeyLock) -> None:
    with pytest.raises(KeystoreError):
        create_lock(lock.folder, PASSPHRASE)


def test_a_key_file_in_anothers_place_is_refused(lock: KeyLock) -> None:
    lock.create("archive.key", b"a" * 32)
    lock.create("database.key", b"b" * 32)
    (lock.folder / "archive.key").replace(lock.folder / "database.key")

    with pytest.raises(KeystoreError, match=r"not the file of key database\.key"):
        lock.read("database.key")


def test_a_key_file_of_another_key_store_is_refused(
    lock: KeyLock,
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    other = create_lock(tmp_path / "other", PASSPHRASE)
    other.create("log.key", b"a" * 32)
    (other.folder / "log.key").replace(lock.folder / "log.key")

    with pytest.raises(KeystoreError, match="not the file of key"):
        lock.read("log.key")


@given(data=st.data())
def test_no_changed_byte_of_a_key_file_goes_unseen(
    data: st.DataObject,
    made: KeyLock,
) -> None:
    made.replace("any.key", b"s" * 32)
    path = made.folder / "any.key"
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    bit = data.draw(st.integers(0, 7))
    path.write_bytes(raw[:at] + bytes((raw[at] ^ 1 << bit,)) + raw[at + 1 :])

    with pytest.raises(KeystoreError):
        made.read("any.key")


@pytest.mark.parametrize("length", [0, 5, 17, 28, 29, 44])
def test_a_cut_key_file_is_refused(length: int, lock: KeyLock) -> None:
    lock.create("log.key", b"s" * 32)
    path = lock.folder / "log.key"
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(KeystoreError):
        lock.read("log.key")


def test_sealing_the_same_key_twice_gives_different_files(lock: KeyLock) -> None:
    lock.create("one.key", b"s" * 32)
    first = (lock.folder / "one.key").read_bytes()
    lock.replace("one.key", b"s" * 32)

    assert (lock.folder / "one.key").read_bytes() != first


def test_no_secret_lies_readable_in_the_folder(lock: KeyLock) -> None:
    lock.create("one.key", b"very secret bytes of a key......")

    for path in lock.folder.rglob("*.*"):
        assert b"very secret" not in path.read_bytes()
        assert PASSPHRASE.raw not in path.read_bytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passes", 1),
        ("memory_kib", 8),
        ("lanes", 1),
        ("algorithm", "pbkdf2"),
        ("salt", "AAAA"),
        ("salt", "@"),
        ("check", 1),
        ("extra", 1),
    ],
)
def test_the_cost_of_a_guess_can_not_be_lowered(
    name: str,
    value: object,
    lock: KeyLock,
) -> None:
    path = lock.folder / "kdf.json"
    kdf = json.loads(path.read_bytes())
    path.write_text(json.dumps({**kdf, name: value}, sort_keys=True).replace(" ", ""))

    with pytest.raises(KeystoreError):
        open_lock(lock.folder, PASSPHRASE)


def test_derived_secrets_differ_by_purpose_and_store(lock: KeyLock) -> None:
    assert lock.derive("a") == lock.derive("a")
    assert lock.derive("a") != lock.derive("b")


def test_a_secret_is_not_shown() -> None:
    secret = Secret(b"hidden")

    assert "hidden" not in repr(secret)
    assert "hidden" not in f"{secret} {secret!r} {[secret]}"
    assert secret != b"hidden"
    assert hash(secret) == hash(Secret(b"hidden"))


def test_a_key_name_can_not_leave_its_folder(lock: KeyLock) -> None:
    for name in ("../log.key", "/log.key", "a//b", "", "a/.hidden", "Ä"):
        with pytest.raises(AssertionError):
            lock.create(name, b"")


def test_a_lock_does_not_show_its_key(lock: KeyLock) -> None:
    assert repr(lock) == f"KeyLock({str(lock.folder)!r})"


def test_new_passphrases_are_long_and_differ() -> None:
    first, second = new_passphrase(), new_passphrase()

    assert first != second
    assert len(first.raw) == 39
    assert first.raw.replace(b"-", b"").isalnum()


def test_a_passphrase_file_ends_with_or_without_a_line_feed(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    for content in (b"a passphrase", b"a passphrase\n"):
        path.write_bytes(content)
        path.chmod(0o600)
        assert read_passphrase_file(path) == Secret(b"a passphrase")


def test_a_passphrase_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(b"a passphrase")
    path.chmod(0o644)

    with pytest.raises(KeystoreError, match="chmod"):
        read_passphrase_file(path)


def test_a_credential_is_found_where_systemd_puts_it(tmp_path: Path) -> None:
    (tmp_path / "mla").write_bytes(b"from systemd")
    (tmp_path / "mla").chmod(0o440)  # as systemd has it: root's, with an ACL
    unlock = Unlock(UnlockMethod.CREDENTIAL, "mla")

    secret = read_passphrase(unlock, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert secret == Secret(b"from systemd")
    with pytest.raises(KeystoreError, match="CREDENTIALS_DIRECTORY"):
        read_passphrase(unlock, {})


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    unlock = Unlock(UnlockMethod.PROMPT)

    def ask(prompt: str) -> str:
        assert prompt
        return "typed by hand"

    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(KeystoreError, match="no terminal"):
        read_passphrase(unlock, {}, ask=ask)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert read_passphrase(unlock, {}, ask=ask) == Secret(b"typed by hand")
