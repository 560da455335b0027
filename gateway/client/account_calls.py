"""Signing in, sessions, one's own account and invitations, as calls."""

from gateway.admin import account_shapes
from gateway.client.call import Call, call_of
from gateway.core.operators import Role

_Own = account_shapes.OwnAccount


def sign_in(name: str, password: str) -> Call[account_shapes.SignedIn]:
    """Begin a session with name and password; its secret comes as a cookie."""
    body = account_shapes.SignInRequest(name=name, password=password)
    return call_of("sign_in", account_shapes.SignedIn, body=body)


def ask_passkey() -> Call[account_shapes.PasskeyOptions]:
    """Return what a browser is asked, to sign in with a passkey."""
    return call_of("ask_passkey", account_shapes.PasskeyOptions)


def sign_in_passkey(
    request: account_shapes.PasskeySignInRequest,
) -> Call[account_shapes.SignedIn]:
    """Begin a session with what a browser answered."""
    return call_of("sign_in_passkey", account_shapes.SignedIn, body=request)


def ask_invited_passkey(link: str) -> Call[account_shapes.PasskeyOptions]:
    """Return what a browser is asked, to make a passkey by a one-time link."""
    body = account_shapes.InvitationRequest(link=link)
    return call_of("ask_invited_passkey", account_shapes.PasskeyOptions, body=body)


def ask_new_passkey() -> Call[account_shapes.PasskeyOptions]:
    """Return what a browser is asked, to make a passkey for the caller."""
    return call_of("ask_new_passkey", account_shapes.PasskeyOptions)


def add_passkey(
    request: account_shapes.AddPasskeyRequest,
) -> Call[account_shapes.OwnAccount]:
    """Let the caller sign in with a passkey."""
    return call_of("add_passkey", _Own, body=request)


def remove_passkey(passkey: str, password: str = "") -> Call[account_shapes.OwnAccount]:
    """Let a passkey of the caller open nothing any more."""
    body = account_shapes.RemovePasskeyRequest(password=password)
    return call_of("remove_passkey", _Own, body=body, passkey=passkey)


def show_invitation(link: str) -> Call[account_shapes.Invitation]:
    """Return the account that a one-time link leads to."""
    body = account_shapes.InvitationRequest(link=link)
    return call_of("show_invitation", account_shapes.Invitation, body=body)


def accept_invitation(
    request: account_shapes.AcceptRequest,
) -> Call[account_shapes.SignedIn]:
    """Set how an account signs in by a one-time link."""
    return call_of("accept_invitation", account_shapes.SignedIn, body=request)


def sign_out() -> Call[None]:
    """End the session that asks."""
    return call_of("sign_out", type(None))


def own_account() -> Call[account_shapes.OwnAccount]:
    """Return the caller's own account."""
    return call_of("own_account", _Own)


def describe_account(
    request: account_shapes.DescribeRequest,
) -> Call[account_shapes.OwnAccount]:
    """Change the name people see and the language of the caller."""
    return call_of("describe_account", _Own, body=request)


def set_password(
    request: account_shapes.PasswordRequest,
) -> Call[account_shapes.OwnAccount]:
    """Give the caller another password."""
    return call_of("set_password", _Own, body=request)


def own_sessions() -> Call[account_shapes.SessionList]:
    """Return the caller's sessions."""
    return call_of("own_sessions", account_shapes.SessionList)


def end_own_session(session: str) -> Call[None]:
    """End a session of the caller's."""
    return call_of("end_own_session", type(None), session=session)


def end_other_sessions() -> Call[account_shapes.EndedSessions]:
    """End all sessions of the caller's but the one that asks."""
    return call_of("end_other_sessions", account_shapes.EndedSessions)


def list_sessions(account: str = "") -> Call[account_shapes.SessionList]:
    """Return who has signed in."""
    query = account_shapes.SessionsQuery(account=account)
    return call_of("list_sessions", account_shapes.SessionList, query=query)


def end_session(session: str) -> Call[None]:
    """End a session."""
    return call_of("end_session", type(None), session=session)


def end_sessions(name: str) -> Call[account_shapes.EndedSessions]:
    """End all sessions of an account."""
    return call_of("end_sessions", account_shapes.EndedSessions, name=name)


def invite_operator(
    name: str, roles: tuple[Role, ...] = (), *, reset: bool = False
) -> Call[account_shapes.InvitationLink]:
    """Make a one-time link into an account."""
    body = account_shapes.InviteRequest(roles=roles, reset=reset)
    return call_of(
        "invite_operator", account_shapes.InvitationLink, body=body, name=name
    )


def sign_in_ways() -> Call[account_shapes.SignInWays]:
    """Return how people sign in here."""
    return call_of("sign_in_ways", account_shapes.SignInWays)


def begin_sso() -> Call[account_shapes.SsoBegun]:
    """Return where to send a browser for the single sign-on."""
    return call_of("begin_sso", account_shapes.SsoBegun)


def finish_sso(request: account_shapes.SsoReturned) -> Call[account_shapes.SignedIn]:
    """Begin a session for who came back from the single sign-on."""
    return call_of("finish_sso", account_shapes.SignedIn, body=request)


def set_subject(name: str, subject: str) -> Call[None]:
    """Say by what the single sign-on knows an account."""
    body = account_shapes.SubjectRequest(subject=subject)
    return call_of("set_subject", type(None), body=body, name=name)
