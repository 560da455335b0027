"""Homes made once and copied for each test: making one costs half a second."""

import functools
import shutil
import tempfile
from pathlib import Path

from gateway.config.settings import ListenAddress
from gateway.core.values import AuthorityId, Stage, UnixMs
from gateway.keystore.create import HomeRequest, create_home_files
from gateway.keystore.home import HomeLayout
from gateway.keystore.sealed import KeyLock, open_lock, read_passphrase_file

NOW = UnixMs(1_790_000_000_000)
MOJ = AuthorityId("moj.ee")


def home_request(
    authority: AuthorityId = MOJ,
    passphrase_file: Path | None = None,
) -> HomeRequest:
    """Return what `init` is told of a test authority."""
    return HomeRequest(
        authority=authority,
        country="EE",
        names={"en": "Ministry of Justice", "et": "Justiitsministeerium"},
        url="https://127.0.0.1:8443",
        peer_listen=ListenAddress("127.0.0.1", 0),
        admin_listen=ListenAddress("127.0.0.1", 0),
        stage=Stage.TEST,
        passphrase_file=passphrase_file,
    )


@functools.lru_cache
def _made(authority: AuthorityId) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    # The second value removes the folder when the process ends.
    keeper = tempfile.TemporaryDirectory(prefix="mla-test-home-")
    home = Path(keeper.name, "home")
    create_home_files(home, home_request(authority), NOW)
    return home, keeper


def copy_home(target: Path, authority: AuthorityId = MOJ) -> HomeLayout:
    """Return a fresh copy of a home that was just made."""
    shutil.copytree(_made(authority)[0], target)
    return HomeLayout(target)


@functools.lru_cache
def _key(authority: AuthorityId) -> KeyLock:
    keys = HomeLayout(_made(authority)[0]).keys
    return open_lock(keys.folder, read_passphrase_file(keys.passphrase))


def unlocked(layout: HomeLayout, authority: AuthorityId = MOJ) -> KeyLock:
    """Return the lock of a copied home, without stretching its passphrase again."""
    return KeyLock(layout.keys.folder, _key(authority)._key)
