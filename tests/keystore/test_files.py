"""Files that only the gateway may read (promises: names as paths, permissions)."""

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import KeystoreError
from gateway.keystore import files
from gateway.keystore.files import (
    check_private_folder,
    create_private,
    destroy,
    make_private_folder,
    read_private,
    read_public,
    replace_private,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("write", [create_private, replace_private])
def test_what_is_written_is_read_back_and_for_the_owner_alone(
    write: Callable[[Path, bytes], None],
    tmp_path: Path,
) -> None:
    old_umask = os.umask(0)
    try:
        write(tmp_path / "key", b"secret")
        make_private_folder(tmp_path / "folder")
    finally:
        os.umask(old_umask)

    assert read_private(tmp_path / "key", max_bytes=6) == b"secret"
    assert mode(tmp_path / "key") == 0o600
    assert mode(tmp_path / "folder") == 0o700
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "key"]


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_a_file_that_others_can_use_is_refused_with_the_remedy(
    bit: int,
    tmp_path: Path,
) -> None:
    path = tmp_path / "key"
    create_private(path, b"secret")
    path.chmod(0o600 | bit)

    with pytest.raises(KeystoreError, match=f"chmod go= {path}"):
        read_private(path, max_bytes=10)


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)

    with pytest.raises(KeystoreError, match="chmod go="):
        make_private_folder(folder)


def test_another_users_file_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_private(tmp_path / "key", b"secret")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(KeystoreError, match="belongs to user"):
        read_private(tmp_path / "key", max_bytes=10)
    with pytest.raises(KeystoreError, match="belongs to user"):
        check_private_folder(tmp_path)


@pytest.mark.parametrize("name", ["link", "folder", "pipe", "missing"])
def test_links_folders_and_pipes_are_not_read(name: str, tmp_path: Path) -> None:
    create_private(tmp_path / "key", b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)

    with pytest.raises(KeystoreError):
        read_private(tmp_path / name, max_bytes=10)
    with pytest.raises(KeystoreError):
        read_public(tmp_path / name, max_bytes=10)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "victim")

    with pytest.raises(KeystoreError):
        create_private(tmp_path / "link", b"secret")
    replace_private(tmp_path / "link", b"secret")

    assert not (tmp_path / "victim").exists()
    assert not (tmp_path / "link").is_symlink()


def test_a_file_over_its_limit_is_refused(tmp_path: Path) -> None:
    create_private(tmp_path / "key", b"1234567")

    with pytest.raises(KeystoreError, match="over 6 bytes"):
        read_private(tmp_path / "key", max_bytes=6)


def test_an_existing_file_is_not_created_again(tmp_path: Path) -> None:
    create_private(tmp_path / "key", b"old")

    with pytest.raises(KeystoreError):
        create_private(tmp_path / "key", b"new")

    assert read_private(tmp_path / "key", max_bytes=10) == b"old"


@pytest.mark.parametrize("failing", ["write", "fsync", "rename"])
def test_a_replacement_that_fails_leaves_the_old_file_and_no_other(
    failing: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "key"
    create_private(path, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if failing == "rename":
        monkeypatch.setattr(Path, "rename", fail)
    elif failing == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(files, "_write_new", fail)
    with pytest.raises(KeystoreError, match="No space left"):
        replace_private(path, b"new")
    monkeypatch.undo()

    assert read_private(path, max_bytes=10) == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("failing", ["write", "fsync", "fchmod"])
def test_a_new_file_that_cannot_be_written_is_not_there_at_all(
    failing: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    class Full(io.FileIO):
        def write(self, _content: object) -> int:
            raise OSError(28, "No space left on device")

    if failing == "write":
        monkeypatch.setattr(
            os, "fdopen", lambda fd, *_, **__: Full(fd, "w", closefd=False)
        )
    else:
        monkeypatch.setattr(os, failing, fail)
    with pytest.raises(KeystoreError, match="No space left"):
        create_private(tmp_path / "key", b"new")
    monkeypatch.undo()

    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_while_it_writes_leaves_no_part_of_a_new_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there: list[bool] = []

    def killed(_descriptor: int) -> None:
        there.append((tmp_path / "key").exists())
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeystoreError):
        create_private(tmp_path / "key", b"new")

    assert there == [False]


def test_destroying_twice_is_destroying(tmp_path: Path) -> None:
    create_private(tmp_path / "key", b"old")

    destroy(tmp_path / "key")
    destroy(tmp_path / "key")

    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=2000))
def test_any_content_survives(
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
) -> None:
    path = tmp_path_factory.mktemp("any") / "file"

    replace_private(path, content)

    assert read_private(path, max_bytes=2000) == content
