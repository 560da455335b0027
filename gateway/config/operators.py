"""Operator files: one person or system, its roles, and what checks its token.

Trust lies in files, not in rows: whoever can write to the database can't make
themselves an operator (specification, section 14).
"""

import hashlib
import json
import secrets
import tomllib
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from gateway.core.errors import ConfigError, MalformedError
from gateway.core.values import UnixMs, format_time, parse_digest, parse_time

RoleName = Literal[
    "observer",
    "caseworker",
    "approver",
    "operator",
    "auditor",
    "security",
]
ALL_ROLES: tuple[RoleName, ...] = get_args(RoleName)

TOKEN_PREFIX = "mlagw_"  # noqa: S105 - what scanners for leaked tokens look for

_TOKEN_BYTES = 32
_MAX_OPERATOR_BYTES = 16 * 1024


class OperatorFile(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
):
    """What `operators/NAME.toml` says.

    Attributes:
        roles: What the operator may do.
        token_sha256: Hex SHA-256 of the token; the token itself is stored nowhere.
        created: When the token was made, UTC.
        expires: Last moment at which it is taken, UTC.
    """

    roles: Annotated[tuple[RoleName, ...], Meta(min_length=1)]
    token_sha256: str
    created: str
    expires: str

    def __post_init__(self) -> None:
        """Refuse forms that the types do not tell."""
        parse_digest(self.token_sha256)
        parse_time(self.created)
        parse_time(self.expires)

    @property
    def expires_at(self) -> UnixMs:
        """Last moment at which the token is taken."""
        return parse_time(self.expires)


def new_token() -> str:
    """Return a fresh token of 256 bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return what an operator file holds of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_operator(
    token: str,
    roles: tuple[RoleName, ...],
    *,
    now: UnixMs,
    lifetime_ms: int,
) -> OperatorFile:
    """Return the file of an operator with this token."""
    return OperatorFile(
        roles=roles,
        token_sha256=token_digest(token),
        created=format_time(now),
        expires=format_time(UnixMs(now + lifetime_ms)),
    )


def render_operator(operator: OperatorFile) -> str:
    """Return the text of an operator file."""
    lines = [
        "# An account of the admin API. Changed by `mla-gateway operator` only: every",
        "# change is logged, and a file that was changed by hand is refused.",
        *(
            f"{name} = {json.dumps(value)}"
            for name, value in msgspec.structs.asdict(operator).items()
        ),
    ]
    return "\n".join(lines) + "\n"


def parse_operator(raw: bytes) -> OperatorFile:
    """Return the operator that a file describes.

    Raises:
        ConfigError: Not TOML, an unknown or missing key, or another form.
    """
    if len(raw) > _MAX_OPERATOR_BYTES:
        raise ConfigError(f"operator: {len(raw)} bytes, at most {_MAX_OPERATOR_BYTES}")
    try:
        return msgspec.convert(tomllib.loads(raw.decode()), OperatorFile)
    except (ValueError, MalformedError) as error:
        raise ConfigError(f"operator: {error}") from error
