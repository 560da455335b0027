"""The file of an operator: roles, digests of tokens, and how else they sign in.

Files of before there were passwords and passkeys are read as ever.
"""

from msgspec import UNSET, UnsetType

from gateway.core.canonical import Wire
from gateway.core.credentials import Invitation, Passkey
from gateway.core.entries.disclosures import base64url, from_base64url
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


class _PasskeyTable(Wire, frozen=True, kw_only=True):
    label: str
    credential: str
    public_key: str
    created: str


class _InvitationTable(Wire, frozen=True, kw_only=True):
    sha256: str
    expires: str


class _OperatorFile(Wire, frozen=True, kw_only=True):
    roles: list[Role]
    display_name: str = ""
    language: str = ""
    password: str = ""
    sso_subject: str = ""
    invitation: _InvitationTable | UnsetType = UNSET
    passkeys: list[_PasskeyTable] | UnsetType = UNSET
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
    lines += _person(operator)
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


def _person(operator: Operator) -> list[str]:
    """Return the lines beside tokens; none for what is not there."""
    texts = {
        "display_name": operator.display_name,
        "language": operator.language,
        "password": operator.password,
        "sso_subject": operator.sso_subject,
    }
    lines = toml.spell({name: text for name, text in texts.items() if text})
    if operator.invitation is not None:
        lines += ["", "[invitation]"]
        lines += toml.spell(
            {
                "sha256": operator.invitation.digest,
                "expires": format_time(operator.invitation.expires_at),
            },
        )
    for passkey in operator.passkeys:
        lines += ["", "[[passkeys]]"]
        lines += toml.spell(
            {
                "label": passkey.label,
                "credential": base64url(passkey.credential),
                "public_key": base64url(passkey.public_key),
                "created": format_time(passkey.created_at),
            },
        )
    return lines


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
    passkeys = [] if content.passkeys is UNSET else content.passkeys
    link = content.invitation
    name = path.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    try:
        if content.removed is not UNSET:
            return Departed(name, parse_time(content.removed), content.heir)
        return Operator(
            name=name,
            roles=frozenset(content.roles),
            tokens=tuple(map(_token, tables)),
            display_name=content.display_name,
            language=content.language,
            password=content.password,
            passkeys=tuple(map(_passkey, passkeys)),
            sso_subject=content.sso_subject,
            invitation=None if link is UNSET else _invitation(link),
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


def _passkey(table: _PasskeyTable) -> Passkey:
    return Passkey(
        label=table.label,
        credential=from_base64url(table.credential),
        public_key=from_base64url(table.public_key),
        created_at=parse_time(table.created),
    )


def _invitation(table: _InvitationTable) -> Invitation:
    return Invitation(parse_digest(table.sha256), parse_time(table.expires))
