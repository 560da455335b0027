"""The file of an operator: roles, and the digests of tokens."""

from msgspec import UNSET, UnsetType

from gateway.core.canonical import Wire
from gateway.core.errors import ConfigError, MalformedError, UsageError
from gateway.core.operators import Operator, Role, Token
from gateway.core.values import format_time, parse_digest, parse_time
from gateway.trust import toml

_PREFIX = "operators/"
_SUFFIX = ".toml"
_HEAD = (
    "# An operator of this gateway. Not to be edited: the log vouches for this file.",
    "# Change it with: mla-gateway operator add|remove|token",
)


class _TokenTable(Wire, frozen=True, kw_only=True):
    label: str
    sha256: str
    created: str
    expires: str
    roles: list[Role] | UnsetType = UNSET
    is_system: bool = False


class _OperatorFile(Wire, frozen=True, kw_only=True):
    roles: list[Role]
    tokens: list[_TokenTable] | UnsetType = UNSET


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
    return "\n".join([*lines, ""]).encode()


def parse_operator(path: str, raw: bytes) -> Operator:
    """Return the operator that a file describes.

    Raises:
        ConfigError: Not such a file.
    """
    content = toml.read(raw, _OperatorFile, path)
    tables = [] if content.tokens is UNSET else content.tokens
    try:
        return Operator(
            name=path.removeprefix(_PREFIX).removesuffix(_SUFFIX),
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
    )
