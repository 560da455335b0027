"""Writing and reading the small TOML files of this room; people may read them too."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

from gateway.core import canonical
from gateway.core.errors import ConfigError, MalformedError

TomlValue: TypeAlias = str | int | bool | Sequence[str]

_T = TypeVar("_T")


def spell(values: Mapping[str, TomlValue]) -> list[str]:
    """Return a line for each key."""
    # Strings, integers, truths and lists of them are spelled alike in JSON and TOML,
    # but for DEL, which none of these files may hold.
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    ]


def read(raw: bytes, shape: type[_T], path: str) -> _T:
    """Return a file's content as one of `shape`.

    Raises:
        ConfigError: Not TOML, or a key is unknown, missing or of another type.
    """
    try:
        return canonical.convert(tomllib.loads(raw.decode()), shape)
    except (ValueError, MalformedError) as error:
        raise ConfigError(f"{path}: {error}") from error
