"""Tokens of accounts, who has signed in, and one-time addresses."""

from gateway.admin.account_shapes import InvitationLink, SessionList
from gateway.admin.people_shapes import IssuedToken, OperatorList
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import UsageError
from gateway.core.operators import Role

_TOKENS = f"{PREFIX}/tokens"
_SESSIONS = f"{PREFIX}/sessions"


async def show(visit: Visit) -> Outcome:
    """Show all tokens, with when each was last used."""
    return await _tokens(visit)


async def create(visit: Visit) -> Outcome:
    """Make a token; the page that answers is the only place where its text stands."""
    sent = visit.form
    issued = await visit.ask(
        IssuedToken,
        "create_token",
        body={
            **sent.given("operator", "label"),
            "days": _number(sent.text("days", "365")),
            "roles": list(sent.all("role")),
            "system": sent.text("system") == "yes",
        },
    )
    return await _tokens(visit, issued)


async def revoke(visit: Visit) -> Outcome:
    """Make a token worth nothing."""
    await visit.do("revoke_token")
    notice = visit.say("The token is worth nothing now.")
    return Redirect(to=_TOKENS, notice=notice)


async def sessions(visit: Visit) -> Outcome:
    """Show who has signed in."""
    return await _sessions(visit)


async def end_session(visit: Visit) -> Outcome:
    """End any session."""
    await visit.do("end_session")
    return Redirect(to=_SESSIONS, notice=visit.say("The session was ended."))


async def invite(visit: Visit) -> Outcome:
    """Make a one-time address; the page that answers is the only place it stands on."""
    sent = visit.form
    link = await visit.ask(
        InvitationLink,
        "invite_operator",
        segments={"name": sent.text("name")},
        body={"roles": list(sent.all("role")), "reset": sent.text("reset") == "yes"},
    )
    return await _sessions(visit, link)


async def _tokens(visit: Visit, issued: IssuedToken | None = None) -> View:
    operators = await visit.ask(OperatorList, "list_operators", segments={})
    return View(
        template="account/tokens.html",
        values={
            "operators": operators.items,
            "issued": issued,
            "roles": [role.value for role in Role],
        },
    )


async def _sessions(visit: Visit, link: InvitationLink | None = None) -> View:
    found = await visit.ask(SessionList, "list_sessions", segments={})
    return View(
        template="account/sessions.html",
        values={
            "sessions": found.items,
            "link": link,
            "roles": [role.value for role in Role],
        },
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"days: {text[:20]!r}, expected a number")
    return int(text[:9])
