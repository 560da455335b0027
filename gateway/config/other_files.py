"""The files that settings name or that lie beside them: everything wrong with them."""

import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.config.national import read_declarations
from gateway.config.profile_file import PROFILE_FILE, profile_file_problems
from gateway.config.reading import LoadedSettings, Problem
from gateway.config.roster import read_roster
from gateway.config.settings import UnlockMethod
from gateway.config.treaty_file import TREATY_FILE, treaty_file_problems
from gateway.core.errors import ConfigError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def file_problems(home: Path, loaded: LoadedSettings | None) -> list[Problem]:
    """Return what is wrong with the files of a home beside `gateway.toml`.

    Args:
        home: The home folder.
        loaded: Its settings; None if they have problems themselves.
    """
    problems = list(read_declarations(home)[1])
    for name, check in (
        (TREATY_FILE, treaty_file_problems),
        (PROFILE_FILE, profile_file_problems),
    ):
        if (home / name).exists():
            problems += check(home / name)
    if loaded is not None:
        problems += _named(loaded)
    return problems


def _named(loaded: LoadedSettings) -> Iterator[Problem]:
    """Yield what is wrong with files that settings name."""
    settings, sources = loaded.settings, loaded.sources
    try:
        read_roster(settings.desk.roster)
    except ConfigError as error:
        yield Problem(sources["desk.roster"], f"desk.roster: {error}")
    for key, path in (
        ("admin.tls_certificate", settings.admin.tls_certificate),
        ("alerts.mail_ca", settings.alerts.mail_ca),
        ("log.tsa_ca", settings.log.tsa_ca),
    ):
        if path is not None and (why := _unreadable(path)):
            yield Problem(sources[key], f"{key}: {path}: {why}")
    for key, path in (
        ("admin.tls_key", settings.admin.tls_key),
        ("alerts.mail_password_file", settings.alerts.mail_password_file),
    ):
        if path is not None and (why := _unreadable(path) or _open_to_others(path)):
            yield Problem(sources[key], f"{key}: {path}: {why}")
    unlock = settings.keys.unlock
    if unlock.method is UnlockMethod.FILE:
        # It may be there only while the node runs, so it need not be there now.
        path = Path(unlock.name)
        if path.exists() and (why := _open_to_others(path)):
            yield Problem(sources["keys.unlock"], f"keys.unlock: {path}: {why}")


def _unreadable(path: Path) -> str:
    """Return why a file can't be read, or nothing."""
    try:
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        return error.strerror or "can't be read"
    return ""


def _open_to_others(path: Path) -> str:
    if path.stat().st_mode & _OTHERS:
        return f"others can read it; run: chmod go= {path}"
    return ""
