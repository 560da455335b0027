"""The files that `init` makes: folders, keys, settings.

Database, log, card and first operator come after them, and a home without these does
not start. So one that was left half made is never taken for a whole one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.legal_samples import empty_profile, empty_treaties
from gateway.config.rendering import render_config
from gateway.config.settings import ListenAddress, Unlock, UnlockMethod
from gateway.core.errors import KeystoreError
from gateway.core.values import AuthorityId, Stage, UnixMs
from gateway.keystore.files import create_private, make_private_folder
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring
from gateway.keystore.new_keys import KeyMaterial, Passphrases, create_keys
from gateway.keystore.sealed import new_passphrase, read_passphrase_file


@dataclass(frozen=True, slots=True)
class HomeRequest:
    """What `init` is told.

    Attributes:
        authority: Our id.
        country: Our state, ISO 3166-1 alpha-2.
        names: What we are called, by language.
        url: Where peers reach us.
        peer_listen: Where the peer side listens.
        admin_listen: Where the admin side listens.
        stage: What the node is for.
        passphrase_file: Holds the passphrase of all keys; None makes two new ones,
            in `keys/passphrase` and `keys/root/passphrase`.
    """

    authority: AuthorityId
    country: str
    names: Mapping[str, str]
    url: str
    peer_listen: ListenAddress
    admin_listen: ListenAddress
    stage: Stage
    passphrase_file: Path | None = None


@dataclass(frozen=True, slots=True)
class CreatedHome:
    """A home with everything but database, card and operators.

    Attributes:
        layout: Where things lie.
        keyring: The keys, unlocked.
    """

    layout: HomeLayout
    keyring: Keyring


def create_home_files(folder: Path, request: HomeRequest, now: UnixMs) -> CreatedHome:
    """Make the files of a home; takes about half a second.

    Raises:
        KeystoreError: The folder is not empty, or something can't be written.
    """
    layout = HomeLayout(folder.absolute())
    _claim(layout.folder)
    for inner in layout.folders():
        make_private_folder(inner)
    passphrases, unlock = _passphrases(layout, request.passphrase_file)
    keyring = create_keys(
        layout.keys,
        request.authority,
        passphrases,
        KeyMaterial.fresh(),
        now,
    )
    create_private(layout.config, _settings(request, unlock).encode())
    create_private(layout.treaties, empty_treaties().encode())
    create_private(layout.profile, empty_profile().encode())
    return CreatedHome(layout, keyring)


def keep_operator_token(layout: HomeLayout, name: str, token: str) -> Path:
    """Write an operator's token where the command line looks for it.

    Raises:
        KeystoreError: There is one already, or it can't be written.
    """
    path = layout.operator_token(name)
    create_private(path, f"{token}\n".encode())
    return path


def _claim(folder: Path) -> None:
    """Take an empty folder, or make one, and close it to others."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise KeystoreError(f"{folder}: is not empty, expected a new folder")
        folder.chmod(0o700)
    except OSError as error:
        raise KeystoreError(f"{folder}: {error.strerror}") from error


def _passphrases(
    layout: HomeLayout,
    given: Path | None,
) -> tuple[Passphrases, Unlock]:
    if given is not None:
        passphrase = read_passphrase_file(given)
        unlock = Unlock(UnlockMethod.FILE, str(given.absolute()))
        return Passphrases(passphrase, passphrase), unlock
    keys = layout.keys
    passphrases = Passphrases(node=new_passphrase(), root=new_passphrase())
    create_private(keys.passphrase, passphrases.node.raw + b"\n")
    create_private(keys.root.passphrase, passphrases.root.raw + b"\n")
    inside = keys.passphrase.relative_to(layout.folder)
    return passphrases, Unlock(UnlockMethod.FILE, str(inside))


def _settings(request: HomeRequest, unlock: Unlock) -> str:
    return render_config(
        {
            "authority.id": request.authority,
            "authority.country": request.country,
            "authority.names": dict(request.names),
            "authority.stage": request.stage,
            "peer.listen": request.peer_listen,
            "peer.url": request.url,
            "admin.listen": request.admin_listen,
            "keys.unlock": unlock,
        },
    )
