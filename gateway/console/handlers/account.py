"""One's own account: name, language, password, sessions."""

from gateway.admin.account_shapes import EndedSessions, OwnAccount, SessionList
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

_ACCOUNT = f"{PREFIX}/account"


async def show(visit: Visit) -> Outcome:
    """Show the caller's account and sessions."""
    account = await visit.ask(OwnAccount, "own_account")
    sessions = await visit.ask(SessionList, "own_sessions")
    return View(
        template="account/account.html",
        values={"account": account, "sessions": sessions.items},
    )


async def describe(visit: Visit) -> Outcome:
    """Change the name people see, and the language."""
    body = {name: visit.form.text(name) for name in ("display_name", "language")}
    await visit.do("describe_account", body=body)
    return Redirect(to=_ACCOUNT, notice=visit.say("Saved."))


async def set_password(visit: Visit) -> Outcome:
    """Set another password."""
    new, old = (
        (visit.form.all(name) or ("",))[-1] for name in ("new_password", "old_password")
    )
    await visit.do("set_password", body={"new": new, "old": old})
    notice = visit.say("The password was changed. Your other sessions have ended.")
    return Redirect(to=_ACCOUNT, notice=notice)


async def end_others(visit: Visit) -> Outcome:
    """End all other sessions of the caller's."""
    ended = await visit.ask(EndedSessions, "end_other_sessions")
    notice = visit.say("%(number)s sessions were ended.", number=ended.ended)
    return Redirect(to=_ACCOUNT, notice=notice)


async def end(visit: Visit) -> Outcome:
    """End one session of the caller's."""
    await visit.do("end_own_session")
    return Redirect(to=_ACCOUNT, notice=visit.say("The session was ended."))
