"""The trust files: what was logged last is in force, wherever a change was cut off."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.core.values import HexDigest
from gateway.keystore.files import destroy, move_private
from gateway.trust import files

OLD = {
    "operators/admin.toml": b"admin",
    "peers/pgr.pt.card": b"card 1",
    "peers/pgr.pt.toml": b"policy",
}
NEW = {
    "operators/admin.toml": b"admin, changed",
    "peers/mj.fr.card": b"another card",
    "peers/mj.fr.toml": b"another policy",
    "peers/pgr.pt.card": b"card 2",
    "peers/pgr.pt.toml": b"policy",
}
LESS = {"operators/admin.toml": b"admin"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in files.FOLDERS:
        (tmp_path / folder).mkdir(mode=0o700)
    files.create(tmp_path, OLD)
    return tmp_path


def logged(contents: dict[str, bytes]) -> HexDigest:
    return files.digest_of(files.encode_listing(contents))


def loaded(home: Path, contents: dict[str, bytes]) -> dict[str, bytes]:
    files.settle(home, logged(contents))
    return files.read_all(home, logged(contents))


def test_the_list_is_one_that_sha256sum_checks(home: Path) -> None:
    done = subprocess.run(  # noqa: S603 - a fixed command
        ["/usr/bin/env", "sha256sum", "--check", "--strict", files.LISTING],
        cwd=home,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0


def test_a_logged_change_comes_into_force(home: Path) -> None:
    assert files.stage(home, OLD, NEW) == logged(NEW)
    assert loaded(home, NEW) == NEW
    assert not list(home.rglob("*.new"))


def test_removed_files_are_gone(home: Path) -> None:
    files.stage(home, OLD, LESS)
    assert loaded(home, LESS) == LESS
    assert list((home / "peers").iterdir()) == []


def test_a_change_that_was_not_logged_leaves_no_trace(home: Path) -> None:
    files.stage(home, OLD, NEW)
    assert loaded(home, OLD) == OLD
    assert not list(home.rglob("*.new"))


def test_a_change_cut_off_while_staging_is_dropped(home: Path) -> None:
    files.stage(home, OLD, NEW)
    (home / "trust.sha256.new").unlink()
    assert loaded(home, OLD) == OLD


def cut_off_after(steps: int, patch: pytest.MonkeyPatch) -> None:
    """Let the power fail after so many files were moved or removed."""
    turns = iter(range(steps))

    def step() -> None:
        if next(turns, None) is None:
            raise ConfigError("power cut")

    def move(source: Path, target: Path) -> None:
        step()
        move_private(source, target)

    def remove(path: Path) -> None:
        step()
        destroy(path)

    patch.setattr("gateway.trust.files.move_private", move)
    patch.setattr("gateway.trust.files.destroy", remove)


@pytest.mark.parametrize("wanted", [NEW, LESS])
def test_finishing_goes_on_wherever_it_was_cut_off(
    home: Path,
    wanted: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files.stage(home, OLD, wanted)
    for limit in range(3):
        with monkeypatch.context() as cut:
            cut_off_after(limit, cut)
            with pytest.raises(ConfigError, match="power cut"):
                files.settle(home, logged(wanted))
    assert loaded(home, wanted) == wanted


def test_settling_twice_changes_nothing(home: Path) -> None:
    files.stage(home, OLD, NEW)
    assert loaded(home, NEW) == NEW
    assert loaded(home, NEW) == NEW


def test_a_staged_file_that_was_swapped_does_not_take_a_good_ones_place(
    home: Path,
) -> None:
    files.stage(home, OLD, NEW)
    (home / "peers/pgr.pt.card.new").write_bytes(b"evil")
    with pytest.raises(ConfigError, match=r"pgr\.pt\.card: was changed"):
        loaded(home, NEW)
    assert (home / "peers/pgr.pt.card").read_bytes() == b"card 1"


def spoil_content(home: Path) -> None:
    (home / "peers/pgr.pt.toml").write_bytes(b"polic!")


def spoil_by_removing(home: Path) -> None:
    (home / "peers/pgr.pt.toml").unlink()


def spoil_by_adding(home: Path) -> None:
    (home / "operators/mallory.toml").write_bytes(b"")


def spoil_by_adding_another_kind(home: Path) -> None:
    (home / "peers/notes.txt").write_bytes(b"")


def spoil_by_linking(home: Path) -> None:
    (home / "peers/pgr.pt.toml").rename(home / "elsewhere")
    (home / "peers/pgr.pt.toml").symlink_to(home / "elsewhere")


def spoil_mode(home: Path) -> None:
    (home / "peers/pgr.pt.toml").chmod(0o644)


def spoil_folder_mode(home: Path) -> None:
    (home / "peers").chmod(0o755)


def spoil_list_and_file(home: Path) -> None:
    changed = {**OLD, "peers/pgr.pt.toml": b"polic!"}
    (home / "peers/pgr.pt.toml").write_bytes(changed["peers/pgr.pt.toml"])
    (home / files.LISTING).write_bytes(files.encode_listing(changed))


def spoil_by_removing_the_list(home: Path) -> None:
    (home / files.LISTING).unlink()


def spoil_by_staging_a_list(home: Path) -> None:
    (home / "peers/pgr.pt.toml").write_bytes(b"polic!")
    staged = home / f"{files.LISTING}.new"
    staged.write_bytes(files.encode_listing({**OLD, "peers/pgr.pt.toml": b"polic!"}))
    staged.chmod(0o600)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (spoil_content, "pgr.pt.toml: was changed by hand.*mla-gateway peer"),
        (spoil_by_removing, "pgr.pt.toml: is missing, expected"),
        (spoil_by_adding, "mallory.toml: was added by hand.*mla-gateway operator"),
        (spoil_by_adding_another_kind, "notes.txt: was added"),
        (spoil_by_linking, "pgr.pt.toml: "),
        (spoil_mode, "pgr.pt.toml: others have access"),
        (spoil_folder_mode, "peers: others have access"),
        (spoil_list_and_file, "trust.sha256: digest .* last logged"),
        (spoil_by_removing_the_list, "trust.sha256: No such file"),
        (spoil_by_staging_a_list, "pgr.pt.toml: was changed"),
    ],
)
def test_what_was_not_logged_is_refused_by_name(
    home: Path,
    spoil: Callable[[Path], None],
    found: str,
) -> None:
    spoil(home)
    with pytest.raises(ConfigError, match=found):
        loaded(home, OLD)


def test_operators_tokens_are_their_own(home: Path) -> None:
    (home / "operators/admin.token").write_bytes(b"mlagw_")
    assert loaded(home, OLD) == OLD


def test_a_missing_folder_is_told(home: Path) -> None:
    for path in (home / "peers").iterdir():
        path.unlink()
    (home / "peers").rmdir()
    with pytest.raises(ConfigError, match="peers"):
        loaded(home, OLD)


def test_a_home_is_set_up_once(home: Path) -> None:
    with pytest.raises(ConfigError, match="exists"):
        files.create(home, OLD)


def test_a_second_change_is_not_staged_over_the_first(home: Path) -> None:
    files.stage(home, OLD, NEW)
    with pytest.raises(ConfigError, match="exists"):
        files.stage(home, OLD, NEW)


@pytest.mark.parametrize(
    "line",
    [
        b"0" * 64 + b"  ../evil.toml",
        b"0" * 64 + b"  peers/../../evil.toml",
        b"0" * 64 + b"  peers/.hidden.toml",
        b"0" * 64 + b"  operators/a.card",
        b"0" * 64 + b" *peers/moj.ee.card",
        b"0" * 63 + b"  peers/moj.ee.card",
        b"\xff",
    ],
)
def test_a_list_names_trust_files_only(line: bytes) -> None:
    with pytest.raises(ConfigError, match=r"trust\.sha256:1"):
        files.parse_listing(line + b"\n")


def test_a_list_is_read_as_it_was_written() -> None:
    digests = {path: files.digest_of(raw) for path, raw in NEW.items()}
    assert files.parse_listing(files.encode_listing(NEW)) == digests
