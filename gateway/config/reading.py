"""Reading `gateway.toml` and the environment: everything wrong is told at once."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import msgspec

from gateway.config.declarations import (
    DeclaredKey,
    declared_keys,
    plain,
    sections,
)
from gateway.config.masking import masked
from gateway.config.places import key_lines
from gateway.config.settings import Settings, Unlock, UnlockMethod
from gateway.core.canonical import JsonValue
from gateway.core.errors import ConfigError

CONFIG_FILE = "gateway.toml"
ENVIRONMENT_PREFIX = "MLA_GATEWAY__"

# The explained sample has 6 KiB.
_MAX_CONFIG_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: a file with line, or a variable."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class EffectiveKey:
    """A key with its value and where that came from; no secret is a setting."""

    path: str
    value: JsonValue
    source: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings of a home.

    Attributes:
        home: The home folder, absolute.
        settings: The values.
        sources: Where each came from: `default`, file with line, or variable.
    """

    home: Path
    settings: Settings
    sources: Mapping[str, str]

    def effective(self) -> Iterator[EffectiveKey]:
        """Yield every key as `config show --sources` lists it."""
        for key in declared_keys():
            value: object = getattr(getattr(self.settings, key.section), key.name)
            if value is not None:
                shown = masked(plain(value))
                yield EffectiveKey(key.path, shown, self.sources[key.path])


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    values: dict[str, object] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, place: str, text: str) -> None:
        self.problems.append(Problem(place, text))

    def take(self, key: DeclaredKey, value: object, place: str) -> None:
        # Also when the value is refused: it is not missing as well.
        self.sources[key.path] = place
        try:
            self.values[key.path] = key.convert(value)
        except ValueError as error:
            self.complain(place, f"{key.path}: {error}")


def load_settings(home: Path, environment: Mapping[str, str]) -> LoadedSettings:
    """Return the settings of a home folder.

    Args:
        home: The folder with `gateway.toml`.
        environment: Variables `MLA_GATEWAY__SECTION__KEY` override the file.

    Raises:
        ConfigError: With every problem found, one a line, each with file and line.
    """
    loaded, problems = _read(home, environment)
    if loaded is None:
        raise ConfigError("\n".join(map(str, problems)))
    return loaded


def find_problems(home: Path, environment: Mapping[str, str]) -> list[Problem]:
    """Return everything that is wrong with the configuration of a home."""
    return _read(home, environment)[1]


def _read(
    home: Path,
    environment: Mapping[str, str],
) -> tuple[LoadedSettings | None, list[Problem]]:
    home = home.absolute()
    file = home / CONFIG_FILE
    reading = _Reading()
    read = read_tables(file, max_bytes=_MAX_CONFIG_BYTES)
    if isinstance(read, Problem):
        return None, [read]
    tables, lines = read
    places = _Places(file, lines)
    _take_file(reading, tables, places)
    _take_environment(reading, environment)
    _take_defaults(reading, places)
    if reading.problems:
        return None, reading.problems
    settings = _settings(reading.values, home)
    _check_together(reading, settings)
    if reading.problems:
        return None, reading.problems
    return LoadedSettings(home, settings, MappingProxyType(reading.sources)), []


@dataclass(frozen=True, slots=True)
class _Places:
    """Names the lines of the file in messages."""

    file: Path
    lines: Mapping[str, int]

    def of(self, path: str) -> str:
        """Return file and line of a key, or of the section it would stand in."""
        section = path.partition(".")[0]
        line = self.lines.get(path, self.lines.get(section))
        return str(self.file) if line is None else f"{self.file}:{line}"


def read_tables(
    file: Path, *, max_bytes: int
) -> tuple[dict[str, object], dict[str, int]] | Problem:
    """Return the tables of a TOML file and the line of each key, or what is wrong."""
    try:
        text = read_safely(file, max_bytes=max_bytes)
    except ConfigError as error:
        return Problem(str(file), str(error))
    try:
        return tomllib.loads(text), key_lines(text)
    except tomllib.TOMLDecodeError as error:
        return Problem(f"{file}:{_line_of(error, text)}", f"TOML: {error}")
    except RecursionError:
        return Problem(str(file), "TOML: nested too deeply")


def read_safely(file: Path, *, max_bytes: int) -> str:
    """Return the text of a file, if only its owner can have written it.

    Raises:
        ConfigError: It can't be read, others can write it, or it is too large.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(file, flags)
    except OSError as error:
        raise ConfigError(f"cannot be opened: {error.strerror}") from error
    try:
        _check_file(file, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            raw = opened.read(max_bytes + 1)
    finally:
        os.close(descriptor)
    if len(raw) > max_bytes:
        raise ConfigError(f"over {max_bytes} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8") from error


def _check_file(file: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError("is not a file")
    if status.st_uid not in {0, os.geteuid()}:
        raise ConfigError("belongs to another user; expected root or the gateway's")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(f"others can write it; run: chmod go-w {file}")


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Return the line of a syntax error or repeated key; only its text tells it."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def _take_file(
    reading: _Reading,
    tables: Mapping[str, object],
    places: _Places,
) -> None:
    known = {key.path: key for key in declared_keys()}
    for section, table in tables.items():
        if section not in sections():
            reading.complain(places.of(section), f"{section}: no such section")
        elif not isinstance(table, dict):
            reading.complain(places.of(section), f"{section}: expected a section")
        else:
            for name, value in table.items():
                path = f"{section}.{name}"
                if path in known:
                    reading.take(known[path], value, places.of(path))
                else:
                    reading.complain(places.of(path), f"{path}: no such key")


def _take_environment(reading: _Reading, environment: Mapping[str, str]) -> None:
    known = {
        f"{ENVIRONMENT_PREFIX}{key.section}__{key.name}".upper(): key
        for key in declared_keys()
    }
    for variable, text in sorted(environment.items()):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        place = f"environment {variable}"
        if variable in known:
            reading.take(known[variable], _from_variable(text), place)
        else:
            reading.complain(place, "no such key")


def _from_variable(text: str) -> object:
    """Return what a variable's text stands for: numbers and tables as in TOML."""
    try:
        value: object = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    # A word like 1.5 or 2026-01-01 is no form that any key has: keep it as text.
    return value if isinstance(value, (bool, int, str, dict)) else text


def _take_defaults(reading: _Reading, places: _Places) -> None:
    for key in declared_keys():
        if key.path in reading.sources:
            continue
        if key.is_required:
            reading.complain(places.of(key.section), f"{key.path}: must be set")
        else:
            reading.values[key.path] = key.default
            reading.sources[key.path] = "default"


def _settings(values: Mapping[str, object], home: Path) -> Settings:
    tables: dict[str, dict[str, object]] = {name: {} for name in sections()}
    for path, value in values.items():
        section, _, name = path.partition(".")
        tables[section][name] = _from_home(value, home)
    # Every value is of its type already; this only puts them in their places.
    return msgspec.convert(tables, Settings)


def _from_home(value: object, home: Path) -> object:
    """Make paths absolute; an absolute one stays what it is."""
    if isinstance(value, Path):
        return home / value
    if isinstance(value, Unlock) and value.method is UnlockMethod.FILE:
        return Unlock(value.method, str(home / value.name))
    return value


def _check_together(reading: _Reading, settings: Settings) -> None:
    """Check what no key can tell alone."""
    admin, delivery = settings.admin, settings.delivery
    if (admin.tls_certificate is None) != (admin.tls_key is None):
        reading.complain(
            reading.sources["admin.listen"],
            "admin: tls_certificate and tls_key are set together or not at all",
        )
    elif admin.tls_key is None and not admin.listen.is_loopback:
        reading.complain(
            reading.sources["admin.listen"],
            "admin.listen: others can reach it, so tls_certificate and tls_key must "
            "be set",
        )
    if (settings.log.tsa is None) != (settings.log.tsa_ca is None):
        reading.complain(
            reading.sources["log.tsa" if settings.log.tsa else "log.tsa_ca"],
            "log: tsa and tsa_ca are set together or not at all",
        )
    if problem := settings.alerts.problem():
        place = reading.sources["alerts.mail_server"]
        reading.complain(place, f"alerts: {problem}")
    if delivery.max_delay_ms < delivery.first_delay_ms:
        reading.complain(
            reading.sources["delivery.max_delay_ms"],
            f"delivery.max_delay_ms: {delivery.max_delay_ms}, expected at least "
            f"first_delay_ms ({delivery.first_delay_ms})",
        )
