"""What the admin API takes and gives about people and systems of this authority."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import AccountName, Answer, Request
from gateway.core.operators import Role


class Token(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A token, without its text.

    Attributes:
        label: Its name among the account's tokens.
        roles: Those of the account's roles it is limited to; empty for all.
        system: A case system holds it, which has to name the person it acts for.
        units: Those of the account's units it is limited to; empty for all.
        last_used_at: Exact to a few minutes; empty if it never was.
        made_by: Account that made it, and has seen its text.
    """

    label: str
    created_at: str
    expires_at: str
    roles: tuple[Role, ...] = ()
    system: bool = False
    units: tuple[str, ...] = ()
    last_used_at: str = ""
    made_by: str = ""


class Operator(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An account of a person or system.

    Attributes:
        units: Those it works in today, also as a substitute.
        last_seen_at: When a token of it was last used.
        display_name: What people call it; empty for its name.
        language: ISO 639-1 code of what its person reads, or empty.
        password: It has a password.
        passkeys: How many it has.
        sso_subject: By what the single sign-on knows it, or empty.
        invited_until: A one-time link into it is out, until then; or empty.
    """

    name: str
    roles: tuple[Role, ...]
    tokens: tuple[Token, ...] = ()
    units: tuple[str, ...] = ()
    last_seen_at: str = ""
    display_name: str = ""
    language: str = ""
    password: bool = False
    passkeys: int = 0
    sso_subject: str = ""
    invited_until: str = ""


class DepartedOperator(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who had an account; `heir` took over the tasks."""

    name: str
    removed_at: str
    heir: str = ""


class OperatorList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """All accounts, by name; and those there were, whose names stay taken."""

    items: tuple[Operator, ...]
    departed: tuple[DepartedOperator, ...] = ()


class RemoveOperatorQuery(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Who takes over the tasks; without, they are ended or anybody's."""

    handover: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9-]{0,31})?\Z")] = ""


class MovedTask(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A task of somebody who left.

    Attributes:
        what: `unit`, `case`, `alarm`, `approval`, `hold`, `reader`, `files` or
            `roster`.
        to: Who has it now; empty where it was ended or is anybody's.
    """

    what: str
    subject: str
    to: str = ""


class SecretToRotate(Answer, frozen=True, kw_only=True):
    """Something that somebody who left may know; `remedy` makes it worthless."""

    secret: str
    why: str
    remedy: str


class RemovedOperator(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the tasks of somebody who left, and what is left to do by hand."""

    name: str
    heir: str = ""
    moved: tuple[MovedTask, ...] = ()
    secrets: tuple[SecretToRotate, ...] = ()


_Roles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=len(Role))]


class AddOperatorRequest(
    Request,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A new account; nobody gets in with it before it has a token."""

    name: AccountName
    roles: _Roles


class SetRolesRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The roles an account is to have, instead of those it has."""

    roles: _Roles


class CreateTokenRequest(
    Request,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A token for an account; see `Token`."""

    operator: AccountName
    label: AccountName
    days: Annotated[int, Meta(ge=1, le=730)] = 365
    roles: Annotated[tuple[Role, ...], Meta(max_length=len(Role))] = ()
    system: bool = False
    units: Annotated[tuple[AccountName, ...], Meta(max_length=32)] = ()


class IssuedToken(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A new token; `token` is its text, which is shown this once."""

    operator: str
    label: str
    token: str
    expires_at: str


class Session(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Who the caller is to this node; `label` names the token.

    Attributes:
        units: Those the caller works in today, as far as the token reaches.
        scoped: There are units: of cases, only theirs are seen.
        expires_at: When the token ends.
    """

    name: str
    label: str
    roles: tuple[Role, ...]
    authority: str
    system: bool = False
    units: tuple[str, ...] = ()
    scoped: bool = False
    expires_at: str = ""
