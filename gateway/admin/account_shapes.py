"""What the admin API takes and gives about signing in, sessions and one's own account.

The companion of `node_shapes`; the same rules apply.
"""

from typing import Annotated

from msgspec import Meta

from gateway.admin.people_shapes import Token
from gateway.admin.shapes import AccountName, Answer, Document, Request
from gateway.core.limits import (
    MAX_DISPLAY_NAME_CHARS,
    MAX_PASSWORD_CHARS,
    MAX_SUBJECT_CHARS,
)
from gateway.core.operators import Role

_Password = Annotated[str, Meta(max_length=MAX_PASSWORD_CHARS)]
_Link = Annotated[str, Meta(max_length=80, description="Text of the one-time link.")]
_Label = Annotated[str, Meta(min_length=1, max_length=64)]
_DisplayName = Annotated[str, Meta(max_length=MAX_DISPLAY_NAME_CHARS)]
_Language = Annotated[str, Meta(pattern=r"^([a-z]{2})?\Z", examples=["fr"])]


# --- signing in ---


class SignInRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name and password of an account."""

    name: Annotated[str, Meta(max_length=64)]
    password: _Password


class SignedIn(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A session has begun; its secret is in a cookie.

    Attributes:
        csrf: What requests that change anything carry in X-CSRF-Token.
        expires_at: When it ends, however busy; earlier when nothing is asked for long.
    """

    name: str
    session: str
    csrf: str
    expires_at: str


class InvitationRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A one-time link to look at."""

    link: _Link


class Invitation(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The account that a one-time link leads to."""

    name: str
    authority: str
    expires_at: str
    display_name: str = ""
    language: str = ""


class AcceptRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an account is to sign in from now on; uses up the link.

    Attributes:
        credential: A new passkey in place of a password, as the browser's
            `PublicKeyCredential` spells it in JSON.
        label: What the passkey is called.
    """

    link: _Link
    password: _Password = ""
    credential: Document | None = None
    label: _Label = "passkey"
    display_name: _DisplayName = ""
    language: _Language = ""


class PasskeyOptions(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What a browser is asked: `publicKey` of WebAuthn, in JSON."""

    options: Document


class PasskeySignInRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What the browser answered, as `PublicKeyCredential` spells it in JSON."""

    credential: Document


class AddPasskeyRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new passkey; the present password unless the sign-in was just now."""

    credential: Document
    label: _Label
    password: _Password = ""


class RemovePasskeyRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The present password unless the sign-in was just now."""

    password: _Password = ""


class SignInWays(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How people sign in here.

    Attributes:
        sso: What people call the single sign-on; empty where there is none.
    """

    sso: str = ""


class SsoBegun(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Where to send the browser, and what it brings back with `state` and `code`."""

    url: str
    pending: str


class SsoReturned(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With what the browser came back from the single sign-on."""

    pending: Annotated[str, Meta(max_length=2_000)]
    state: Annotated[str, Meta(max_length=200)]
    code: Annotated[str, Meta(max_length=4_000)]


class SubjectRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what the single sign-on knows an account; empty for not at all."""

    subject: Annotated[str, Meta(max_length=MAX_SUBJECT_CHARS)]


# --- sessions ---


class OpenSession(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who has signed in.

    Attributes:
        id: What it is called; opens nothing.
        account: Whose it is.
        method: How they signed in: password, passkey, sso or link.
        used_at: Of the last request, give or take a minute.
        source: Address or network it was made from.
        agent: What the browser called itself.
        current: It is that of this very request.
    """

    id: str
    account: str
    method: str
    created_at: str
    used_at: str
    expires_at: str
    source: str
    agent: str = ""
    current: bool = False


class SessionList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Sessions, newest first."""

    items: tuple[OpenSession, ...]


class SessionsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which account; empty for all."""

    account: Annotated[str, Meta(max_length=32)] = ""


class EndedSessions(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How many sessions were ended."""

    ended: int


# --- one's own account ---


class Passkey(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A passkey of an account, without its key."""

    id: str
    label: str
    created_at: str


class OwnAccount(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The caller's own account.

    Attributes:
        display_name: What people call it; empty for its name.
        language: ISO 639-1 code of what its person reads; empty for what the browser
            asks.
        password: It has a password.
        sso_subject: By what the single sign-on knows it, or empty.
        session: Id of the session that asks; empty for a token.
    """

    name: str
    roles: tuple[Role, ...]
    display_name: str = ""
    language: str = ""
    password: bool = False
    passkeys: tuple[Passkey, ...] = ()
    sso_subject: str = ""
    tokens: tuple[Token, ...] = ()
    session: str = ""


class DescribeRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; what is left out stays as it is."""

    display_name: _DisplayName | None = None
    language: _Language | None = None


class PasswordRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new password, and the present one if there is one."""

    new: _Password
    old: _Password = ""


# --- inviting ---


class InviteRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A one-time link to make.

    Attributes:
        roles: Of a new account; left out for one that is there.
        reset: Password and passkeys of the account open nothing from now on.
    """

    roles: Annotated[tuple[Role, ...], Meta(max_length=len(Role))] = ()
    reset: bool = False


class InvitationLink(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A one-time link; `url` is shown this once."""

    name: AccountName
    url: str
    expires_at: str
