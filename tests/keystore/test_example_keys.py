"""Example keys: usable for trying out, refused in production, never out of date."""

from pathlib import Path

import pytest

from gateway.core.errors import KeystoreError
from gateway.core.keys import is_sealable
from gateway.core.values import AuthorityId, Stage, parse_time
from gateway.keystore.example_keys import (
    EXAMPLE_AUTHORITIES,
    EXAMPLE_KEY_IDS,
    copy_example_keys,
    create_example_keys,
    public_key_ids,
    refuse_example_keys,
)
from gateway.keystore.home import KeysLayout
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.root import RootFolder
from gateway.keystore.sealed import open_lock, read_passphrase_file
from tests.support.homes import MOJ, NOW, copy_home, unlocked

COMMITTED = Path(__file__).parents[2] / "keys.example"


def copied(authority: AuthorityId, tmp_path: Path) -> Keyring:
    layout = KeysLayout(tmp_path / authority)
    copy_example_keys(COMMITTED / authority, layout)
    lock = open_lock(layout.folder, read_passphrase_file(layout.passphrase))
    return load_keyring(layout, authority, lock)


def test_the_committed_keys_work_once_copied(tmp_path: Path) -> None:
    for authority in EXAMPLE_AUTHORITIES:
        keyring = copied(authority, tmp_path)
        (record,) = keyring.opening.card_records()
        assert is_sealable(record, parse_time("2040-01-01T00:00:00.000Z"))
        refuse_example_keys(keyring, Stage.TEST)
        root = keyring.layout.root
        RootFolder.unlock(root, read_passphrase_file(root.passphrase))


def test_every_example_key_is_known_by_its_id(tmp_path: Path) -> None:
    keyrings = [copied(authority, tmp_path) for authority in EXAMPLE_AUTHORITIES]

    assert frozenset().union(*map(public_key_ids, keyrings)) == EXAMPLE_KEY_IDS


def test_example_keys_are_refused_in_production(tmp_path: Path) -> None:
    keyring = copied(EXAMPLE_AUTHORITIES[0], tmp_path)
    # Not the newest key only: one example key among real ones is enough.
    keyring.opening.rotate(NOW)

    with pytest.raises(KeystoreError, match="example"):
        refuse_example_keys(keyring, Stage.PRODUCTION)


def test_real_keys_are_not_refused(tmp_path: Path) -> None:
    home = copy_home(tmp_path / "home")
    keyring = load_keyring(home.keys, MOJ, unlocked(home))

    refuse_example_keys(keyring, Stage.PRODUCTION)
    assert not public_key_ids(keyring) & EXAMPLE_KEY_IDS


def test_making_them_again_makes_the_same_keys(tmp_path: Path) -> None:
    made = create_example_keys(tmp_path / "made", EXAMPLE_AUTHORITIES[1], NOW)

    assert public_key_ids(made) < EXAMPLE_KEY_IDS


def test_a_folder_that_exists_is_not_copied_over(tmp_path: Path) -> None:
    with pytest.raises(KeystoreError, match="exists"):
        copy_example_keys(COMMITTED / EXAMPLE_AUTHORITIES[0], KeysLayout(tmp_path))


def test_links_are_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "link").symlink_to("/etc/hostname")

    with pytest.raises(KeystoreError):
        copy_example_keys(source, KeysLayout(tmp_path / "target"))
