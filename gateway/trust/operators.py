"""The file of an operator: roles, and the digests of tokens."""

from msgspec import UNSET, UnsetType

from gateway.core.canonical import Wire
from gateway.core.errors import ConfigError, MalformedError, UsageError
from gateway.core.operators import Departed, Operator, Role, Token
from gateway.core.values import format_time, parse_digest, parse_time
from gateway.trust import toml

_PREFIX = "operators/"
_SUFFIX = ".toml"
_HEAD = (
    "# An operator of this gateway. Not to be edited: the log vouches for this file.",
    "# Change it with: mla-gateway operator add|roles|remove|token",
)


class _TokenTable(Wire, frozen=True, kw_only=True):
    label: str
    sha256: str
    created: str
    expires: str
    roles: list[Role] | UnsetType = UNSET
    is_system: bool = False
    units: list[str] | UnsetType = UNSET
    made_by: str = ""


class _OperatorFile(Wire, frozen=True, kw_only=True):
    roles: list[Role]
    tokens: list[_TokenTable] | UnsetType = UNSET
    removed: str | UnsetType = UNSET
    heir: str = ""


def operator_path(name: str) -> str:
    """Return where in the home folder an operator's file lies."""
    return f"{_PREFIX}{name}{_SUFFIX}"


def is_operator_path(path: str) -> bool:
    """Tell whether a trust file is that of an operator."""
    return path.startswith(_PREFIX)


def encode_operator(operator: Operator) -> bytes:
    """Return the content of an operator's file."""
    lines = [*_HEAD, *toml.spell({"roles": sorted(operator.roles)})]
    for token in operator.tokens:
        lines += ["", "[[tokens]]"]
        lines += toml.spell(
            {
                "label": token.label,
                "sha256": token.digest,
                "created": format_time(token.created_at),
                "expires": format_time(token.expires_at),
                "is_system": token.is_system,
            },
        )
        if token.roles:
            lines += toml.spell({"roles": sorted(token.roles)})
        if token.units:
            lines += toml.spell({"units": sorted(token.units)})
        if token.made_by:
            lines += toml.spell({"made_by": token.made_by})
    return "\n".join([*lines, ""]).encode()


def encode_departed(gone: Departed) -> bytes:
    """Return what is kept of an account that was removed: its name is taken."""
    kept: dict[str, toml.TomlValue] = {
        "roles": [],
        "removed": format_time(gone.removed_at),
    }
    if gone.heir:
        kept["heir"] = gone.heir
    return "\n".join([*_HEAD, *toml.spell(kept), ""]).encode()


def parse_account(path: str, raw: bytes) -> Operator | Departed:
    """Return the operator that a file describes, or that there was one.

    Raises:
        ConfigError: Not such a file.
    """
    content = toml.read(raw, _OperatorFile, path)
    tables = [] if content.tokens is UNSET else content.tokens
    name = path.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    try:
        if content.removed is not UNSET:
            return Departed(name, parse_time(content.removed), content.heir)
        return Operator(
            name=name,
            roles=frozenset(content.roles),
            tokens=tuple(map(_token, tables)),
        )
    except (MalformedError, UsageError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _token(table: _TokenTable) -> Token:
    return Token(
        label=table.label,
        digest=parse_digest(table.sha256),
        created_at=parse_time(table.created),
        expires_at=parse_time(table.expires),
        roles=frozenset(() if table.roles is UNSET else table.roles),
        is_system=table.is_system,
        units=frozenset(() if table.units is UNSET else table.units),
        made_by=table.made_by,
    )
