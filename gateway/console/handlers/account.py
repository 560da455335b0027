"""One's own account: name, language, password, sessions."""

from gateway.admin.account_shapes import (
    EndedSessions,
    OwnAccount,
    PasskeyOptions,
    SessionList,
)
from gateway.console.credentials import credential_of
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

_ACCOUNT = f"{PREFIX}/account"


async def show(visit: Visit) -> Outcome:
    """Show the caller's account and sessions."""
    account = await visit.ask(OwnAccount, "own_account")
    sessions = await visit.ask(SessionList, "own_sessions")
    asked = await visit.ask(PasskeyOptions, "ask_new_passkey")
    return View(
        template="account/account.html",
        values={
            "account": account,
            "sessions": sessions.items,
            "options": asked.options,
        },
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


async def add_passkey(visit: Visit) -> Outcome:
    """Keep a passkey that the browser has made."""
    await visit.do(
        "add_passkey",
        body={
            "credential": credential_of(visit.form),
            "label": visit.form.text("label") or visit.say("my device"),
            "password": (visit.form.all("passkey_password") or ("",))[-1],
        },
    )
    notice = visit.say("The passkey was added. Your other sessions have ended.")
    return Redirect(to=_ACCOUNT, notice=notice)


async def remove_passkey(visit: Visit) -> Outcome:
    """Let a passkey open nothing any more."""
    await visit.do("remove_passkey", body={})
    return Redirect(to=_ACCOUNT, notice=visit.say("The passkey opens nothing now."))


async def end_others(visit: Visit) -> Outcome:
    """End all other sessions of the caller's."""
    ended = await visit.ask(EndedSessions, "end_other_sessions")
    notice = visit.say("%(number)s sessions were ended.", number=ended.ended)
    return Redirect(to=_ACCOUNT, notice=notice)


async def end(visit: Visit) -> Outcome:
    """End one session of the caller's."""
    await visit.do("end_own_session")
    return Redirect(to=_ACCOUNT, notice=visit.say("The session was ended."))
