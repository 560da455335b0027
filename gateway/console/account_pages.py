"""The pages by which people come in, and those of accounts, sessions and tokens."""

from typing import Final

from gateway.console.handlers import account, sign_in, tokens
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page
from gateway.console.session import SIGN_IN

_ACCOUNT: Final = f"{PREFIX}/account"
_TOKENS: Final = f"{PREFIX}/tokens"
_SESSIONS: Final = f"{PREFIX}/sessions"

_DOOR: Final = (
    Page(
        name="sign-in",
        path=SIGN_IN,
        needs=("sign_in",),
        answer=sign_in.form,
        is_open=True,
    ),
    Page(
        name="sign-in-password",
        method="POST",
        path=SIGN_IN,
        needs=("sign_in",),
        answer=sign_in.by_password,
        is_open=True,
    ),
    Page(
        name="sign-in-passkey",
        method="POST",
        path=f"{SIGN_IN}/passkey",
        needs=("sign_in_passkey",),
        answer=sign_in.by_passkey,
        is_open=True,
    ),
    Page(
        name="sign-in-sso",
        path=f"{SIGN_IN}/sso",
        needs=("begin_sso",),
        answer=sign_in.leave,
        is_open=True,
    ),
    Page(
        name="sign-in-sso-back",
        path=f"{SIGN_IN}/sso/callback",
        needs=("finish_sso",),
        answer=sign_in.come_back,
        is_open=True,
    ),
    Page(
        name="welcome-passkey",
        method="POST",
        path=f"{PREFIX}/welcome/passkey",
        needs=("accept_invitation",),
        answer=sign_in.accept_passkey,
        is_open=True,
    ),
    Page(
        name="welcome",
        path=f"{PREFIX}/welcome",
        needs=("show_invitation",),
        answer=sign_in.welcome,
        is_open=True,
    ),
    Page(
        name="welcome-accept",
        method="POST",
        path=f"{PREFIX}/welcome",
        needs=("accept_invitation",),
        answer=sign_in.accept,
        is_open=True,
    ),
    Page(
        name="sign-out",
        method="POST",
        path=f"{PREFIX}/sign-out",
        needs=("sign_out",),
        answer=sign_in.sign_out,
    ),
)

_OWN: Final = (
    Page(
        name="account",
        path=_ACCOUNT,
        needs=("own_account", "own_sessions"),
        answer=account.show,
        menu=Entry(label=mark("My account"), group="administration", place=90),
    ),
    Page(
        name="account-describe",
        method="POST",
        path=_ACCOUNT,
        needs=("describe_account",),
        answer=account.describe,
    ),
    Page(
        name="account-password",
        method="POST",
        path=f"{_ACCOUNT}/password",
        needs=("set_password",),
        answer=account.set_password,
    ),
    Page(
        name="passkey-add",
        method="POST",
        path=f"{_ACCOUNT}/passkeys",
        needs=("add_passkey",),
        answer=account.add_passkey,
    ),
    Page(
        name="passkey-remove",
        method="POST",
        path=f"{_ACCOUNT}/passkeys/{{passkey}}/remove",
        needs=("remove_passkey",),
        answer=account.remove_passkey,
    ),
    Page(
        name="account-end-others",
        method="POST",
        path=f"{_ACCOUNT}/end-others",
        needs=("end_other_sessions",),
        answer=account.end_others,
    ),
    Page(
        name="account-end",
        method="POST",
        path=f"{_ACCOUNT}/sessions/{{session}}/end",
        needs=("end_own_session",),
        answer=account.end,
    ),
)

_OTHERS: Final = (
    Page(
        name="tokens",
        path=_TOKENS,
        needs=("list_operators", "create_token", "revoke_token"),
        answer=tokens.show,
        menu=Entry(label=mark("Tokens"), group="administration", place=40),
    ),
    Page(
        name="token-create",
        method="POST",
        path=_TOKENS,
        needs=("list_operators", "create_token"),
        answer=tokens.create,
    ),
    Page(
        name="token-revoke",
        method="POST",
        path=f"{_TOKENS}/{{operator}}/{{label}}/revoke",
        needs=("revoke_token",),
        answer=tokens.revoke,
    ),
    Page(
        name="sessions",
        path=_SESSIONS,
        needs=("list_sessions", "end_session", "invite_operator"),
        answer=tokens.sessions,
        menu=Entry(label=mark("Sign-ins"), group="administration", place=45),
    ),
    Page(
        name="session-end",
        method="POST",
        path=f"{_SESSIONS}/{{session}}/end",
        needs=("end_session",),
        answer=tokens.end_session,
    ),
    Page(
        name="invite",
        method="POST",
        path=f"{_SESSIONS}/invite",
        needs=("list_sessions", "invite_operator"),
        answer=tokens.invite,
    ),
)

ACCOUNT_PAGES: Final[tuple[Page, ...]] = (*_DOOR, *_OWN, *_OTHERS)
