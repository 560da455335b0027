"""The trust files as bytes: one list of digests vouches for all of them.

A change is written beside the files as `X.new`, the new list last; its digest is
logged; then all are renamed, the list last. So at every instant either the old list
or the staged one has the digest that was logged last, and whoever writes a file in
any other way is noticed (specification, section 14).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.core.errors import ConfigError, KeystoreError
from gateway.core.limits import (
    MAX_CARD_BYTES,
    MAX_HISTORY_BYTES,
    MAX_TRUST_FILE_BYTES,
    MAX_TRUST_LISTING_BYTES,
)
from gateway.core.values import HexDigest
from gateway.keystore.files import (
    check_private_folder,
    create_private,
    destroy,
    move_private,
    read_private,
)

LISTING = "trust.sha256"
FOLDERS = ("operators", "peers")

_STAGED = ".new"
_OWN_TOKEN = ".token"  # noqa: S105 - a file name's ending
# As `sha256sum --check` reads it. Authority ids and operators' names start with a
# letter or digit and hold nothing that could leave the folder.
_LINE = re.compile(
    r"([0-9a-f]{64})  ((?:peers/[a-z0-9][a-z0-9.-]*\.(?:card|toml|history))"
    r"|(?:operators/[a-z][a-z0-9-]*\.toml)|units\.toml)\Z",
)
UNITS_FILE = "units.toml"
_COMMANDS = {
    UNITS_FILE: "mla-gateway unit put|remove|route",
    "peers": "mla-gateway peer add|update|pause|resume|remove",
    "operators": "mla-gateway operator add|roles|remove|token",
}


def digest_of(content: bytes) -> HexDigest:
    """Return the digest of a file's content."""
    return HexDigest(hashlib.sha256(content).hexdigest())


def encode_listing(files: Mapping[str, bytes]) -> bytes:
    """Return the list of files, by their paths in the home folder."""
    lines = (f"{digest_of(files[path])}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def parse_listing(raw: bytes) -> dict[str, HexDigest]:
    """Return the digest of each listed file.

    Raises:
        ConfigError: Not a list as `encode_listing` writes it.
    """
    listed: dict[str, HexDigest] = {}
    text = raw.decode("ascii", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.match(line)
        if match is None:
            raise ConfigError(f"{LISTING}:{number}: expected a digest and a trust file")
        listed[match[2]] = HexDigest(match[1])
    return listed


def create(home: Path, files: Mapping[str, bytes]) -> HexDigest:
    """Write the first trust files of a new home; return the digest to log.

    Raises:
        ConfigError: A file exists already or can't be written.
    """
    listing = encode_listing(files)
    try:
        for path in sorted(files):
            create_private(home / path, files[path])
        create_private(home / LISTING, listing)
    except KeystoreError as error:
        raise ConfigError(str(error)) from error
    return digest_of(listing)


def stage(
    home: Path,
    current: Mapping[str, bytes],
    wanted: Mapping[str, bytes],
) -> HexDigest:
    """Write what changes beside what is in force; return the digest to log.

    Raises:
        ConfigError: It can't be written, or another change is staged.
    """
    listing = encode_listing(wanted)
    changed = [path for path in sorted(wanted) if wanted[path] != current.get(path)]
    try:
        for path in changed:
            create_private(_staged(home / path), wanted[path])
        create_private(_staged(home / LISTING), listing)
    except KeystoreError as error:
        raise ConfigError(str(error)) from error
    return digest_of(listing)


def settle(home: Path, logged: HexDigest) -> None:
    """Finish a staged change if it was logged, else drop it. May be done again.

    Raises:
        ConfigError: A file can't be read, moved or removed.
    """
    try:
        staged = _staged(home / LISTING)
        if staged.exists() and digest_of(_read(staged)) == logged:
            _finish(home, parse_listing(_read(staged)))
        else:
            destroy(staged)
        for path in _paths(home):
            if path.name.endswith(_STAGED):
                destroy(path)
    except KeystoreError as error:
        raise ConfigError(str(error)) from error


def _finish(home: Path, wanted: Mapping[str, HexDigest]) -> None:
    for path, digest in wanted.items():
        staged = _staged(home / path)
        # What does not match was not staged by us, and must not take a good file's
        # place.
        if staged.exists() and digest_of(_read(staged)) == digest:
            move_private(staged, home / path)
    for path in parse_listing(_read(home / LISTING)):
        if path not in wanted:
            destroy(home / path)
    # Last, because it is what says that there is something to finish.
    move_private(_staged(home / LISTING), home / LISTING)


def read_all(home: Path, logged: HexDigest) -> dict[str, bytes]:
    """Return the content of all trust files, exactly as it was logged.

    Raises:
        ConfigError: A file differs, is missing, was added, or others can get at it;
            names it and the command that makes such a change.
    """
    try:
        for folder in FOLDERS:
            check_private_folder(home / folder)
        listing = _read(home / LISTING)
        if digest_of(listing) != logged:
            raise ConfigError(
                f"{home / LISTING}: digest {digest_of(listing)}, last logged {logged}; "
                "put the file of that digest back",
            )
        listed = parse_listing(listing)
        _check_nothing_else(home, listed)
        return {path: _read_listed(home, path, listed[path]) for path in listed}
    except KeystoreError as error:
        raise ConfigError(str(error)) from error


def _read_listed(home: Path, path: str, digest: HexDigest) -> bytes:
    if not (home / path).exists():
        raise _changed(home / path, "is missing")
    content = _read(home / path)
    if digest_of(content) != digest:
        raise _changed(home / path, "was changed by hand")
    return content


def _check_nothing_else(home: Path, listed: Mapping[str, HexDigest]) -> None:
    for path in _paths(home):
        is_token = path.parent.name == "operators" and path.suffix == _OWN_TOKEN
        if not is_token and path.relative_to(home).as_posix() not in listed:
            raise _changed(path, "was added by hand")


def _changed(path: Path, how: str) -> ConfigError:
    return ConfigError(
        f"{path}: {how}, expected as last logged; undo that, and make the "
        f"change with: {_COMMANDS.get(path.name) or _COMMANDS[path.parent.name]}",
    )


def _paths(home: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        try:
            yield from sorted((home / folder).iterdir())
        except OSError as error:
            raise ConfigError(f"{home / folder}: {error.strerror}") from error
    units = home / UNITS_FILE
    yield from (path for path in (units, _staged(units)) if path.exists())


def _read(path: Path) -> bytes:
    limit = MAX_TRUST_FILE_BYTES
    if path.name.startswith(LISTING):
        limit = MAX_TRUST_LISTING_BYTES
    elif path.name.endswith((".card", f".card{_STAGED}")):
        limit = MAX_CARD_BYTES
    elif path.name.endswith((".history", f".history{_STAGED}")):
        limit = MAX_HISTORY_BYTES
    return read_private(path, max_bytes=limit)


def _staged(path: Path) -> Path:
    return path.with_name(path.name + _STAGED)
