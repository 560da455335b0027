"""Routes of signing in, of sessions and of one's own account."""

from gateway.admin import account_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_ANYONE = frozenset(Role)
_SECURITY = frozenset({Role.SECURITY})
_ACCOUNT = f"{PREFIX}/account"
_OPERATOR = f"{PREFIX}/operators/{{name}}"

_SIGN_IN_ROUTES = (
    Route(
        name="sign_in",
        method="POST",
        path=f"{PREFIX}/sign-in",
        roles=_ANYONE,
        summary="Begin a session with name and password",
        body=account_shapes.SignInRequest,
        answer=account_shapes.SignedIn,
        status=201,
        is_public=True,
    ),
    Route(
        name="ask_passkey",
        method="POST",
        path=f"{PREFIX}/sign-in/passkey/challenge",
        roles=_ANYONE,
        summary="What a browser is asked, to sign in with a passkey",
        answer=account_shapes.PasskeyOptions,
        is_public=True,
    ),
    Route(
        name="sign_in_passkey",
        method="POST",
        path=f"{PREFIX}/sign-in/passkey",
        roles=_ANYONE,
        summary="Begin a session with a passkey",
        body=account_shapes.PasskeySignInRequest,
        answer=account_shapes.SignedIn,
        status=201,
        is_public=True,
    ),
    Route(
        name="ask_invited_passkey",
        method="POST",
        path=f"{PREFIX}/invitation/passkey",
        roles=_ANYONE,
        summary="What a browser is asked, to make a passkey by a one-time link",
        body=account_shapes.InvitationRequest,
        answer=account_shapes.PasskeyOptions,
        is_public=True,
    ),
    Route(
        name="show_invitation",
        method="POST",
        path=f"{PREFIX}/invitation",
        roles=_ANYONE,
        summary="The account that a one-time link leads to",
        body=account_shapes.InvitationRequest,
        answer=account_shapes.Invitation,
        is_public=True,
    ),
    Route(
        name="accept_invitation",
        method="POST",
        path=f"{PREFIX}/invitation/accept",
        roles=_ANYONE,
        summary="Set how an account signs in, use up its link, begin a session",
        body=account_shapes.AcceptRequest,
        answer=account_shapes.SignedIn,
        status=201,
        codes=("conflict",),
        is_public=True,
    ),
    Route(
        name="sign_out",
        method="DELETE",
        path=f"{PREFIX}/session",
        roles=_ANYONE,
        summary="End the session that asks",
        status=204,
        codes=("not-found",),
    ),
)

_OWN_ROUTES = (
    Route(
        name="own_account",
        method="GET",
        path=_ACCOUNT,
        roles=_ANYONE,
        summary="The caller's own account",
        answer=account_shapes.OwnAccount,
    ),
    Route(
        name="describe_account",
        method="PUT",
        path=_ACCOUNT,
        roles=_ANYONE,
        summary="Change the name people see and the language of the caller",
        body=account_shapes.DescribeRequest,
        answer=account_shapes.OwnAccount,
    ),
    Route(
        name="set_password",
        method="PUT",
        path=f"{_ACCOUNT}/password",
        roles=_ANYONE,
        summary="Give the caller another password; their other sessions end",
        body=account_shapes.PasswordRequest,
        answer=account_shapes.OwnAccount,
    ),
    Route(
        name="ask_new_passkey",
        method="POST",
        path=f"{_ACCOUNT}/passkeys/challenge",
        roles=_ANYONE,
        summary="What a browser is asked, to make a passkey for the caller",
        answer=account_shapes.PasskeyOptions,
    ),
    Route(
        name="add_passkey",
        method="POST",
        path=f"{_ACCOUNT}/passkeys",
        roles=_ANYONE,
        summary="Let the caller sign in with a passkey; their other sessions end",
        body=account_shapes.AddPasskeyRequest,
        answer=account_shapes.OwnAccount,
        status=201,
        codes=("conflict",),
    ),
    Route(
        name="remove_passkey",
        method="POST",
        path=f"{_ACCOUNT}/passkeys/{{passkey}}/remove",
        roles=_ANYONE,
        summary="Let a passkey of the caller open nothing any more",
        body=account_shapes.RemovePasskeyRequest,
        answer=account_shapes.OwnAccount,
        codes=("conflict",),
    ),
    Route(
        name="own_sessions",
        method="GET",
        path=f"{_ACCOUNT}/sessions",
        roles=_ANYONE,
        summary="The caller's sessions",
        answer=account_shapes.SessionList,
    ),
    Route(
        name="end_own_session",
        method="DELETE",
        path=f"{_ACCOUNT}/sessions/{{session}}",
        roles=_ANYONE,
        summary="End a session of the caller's at once",
        status=204,
    ),
    Route(
        name="end_other_sessions",
        method="DELETE",
        path=f"{_ACCOUNT}/sessions",
        roles=_ANYONE,
        summary="End all sessions of the caller's but the one that asks",
        answer=account_shapes.EndedSessions,
    ),
)

_SECURITY_ROUTES = (
    Route(
        name="list_sessions",
        method="GET",
        path=f"{PREFIX}/sessions",
        roles=_SECURITY,
        summary="Who has signed in",
        query=account_shapes.SessionsQuery,
        answer=account_shapes.SessionList,
    ),
    Route(
        name="end_session",
        method="DELETE",
        path=f"{PREFIX}/sessions/{{session}}",
        roles=_SECURITY,
        summary="End a session at once",
        status=204,
    ),
    Route(
        name="end_sessions",
        method="DELETE",
        path=f"{_OPERATOR}/sessions",
        roles=_SECURITY,
        summary="End all sessions of an account at once",
        answer=account_shapes.EndedSessions,
    ),
    Route(
        name="invite_operator",
        method="POST",
        path=f"{_OPERATOR}/invitation",
        roles=_SECURITY,
        summary="Make a one-time link into an account, new or there; it is shown once",
        body=account_shapes.InviteRequest,
        answer=account_shapes.InvitationLink,
        status=201,
        codes=("conflict",),
    ),
)

ACCOUNT_ROUTES: tuple[Route, ...] = (
    *_SIGN_IN_ROUTES,
    *_OWN_ROUTES,
    *_SECURITY_ROUTES,
)
