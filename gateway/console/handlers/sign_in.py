"""Coming in: the sign-in page, the page of a one-time link, and signing out."""

from typing import Final

from gateway.admin.account_shapes import (
    Invitation,
    PasskeyOptions,
    SignInWays,
    SsoBegun,
)
from gateway.console.credentials import credential_of
from gateway.console.page import PREFIX, Outcome, Redirect, SetCookie, View
from gateway.console.session import SIGN_IN
from gateway.console.visit import Visit
from gateway.core.errors import (
    GatewayError,
    NotAuthenticatedError,
    QuotaError,
    UsageError,
)

_HOME: Final = f"{PREFIX}/overview"
_PENDING: Final = "mla-sso"
_PENDING_S: Final = 600
_LANGUAGES: Final = ("", "en", "fr")


async def form(visit: Visit) -> Outcome:
    """Show how to sign in."""
    return await _sign_in(visit, visit.query.text("next"))


async def by_password(visit: Visit) -> Outcome:
    """Sign in with name and password; go where the person wanted to go."""
    sent, wanted = visit.form, visit.form.text("next")
    # A password may begin or end with a blank.
    password = (sent.all("password") or ("",))[-1]
    try:
        begun = await visit.sign(
            "sign_in", body={"name": sent.text("name"), "password": password}
        )
    except NotAuthenticatedError:
        return await _sign_in(visit, wanted, visit.say("Name or password is wrong."))
    except QuotaError as error:
        text = visit.say(
            "Too many wrong passwords. Wait %(seconds)s seconds, or ask for a one-time "
            "address.",
            seconds=error.retry_after_s or 1,
        )
        return await _sign_in(visit, wanted, text)
    return Redirect(to=_inside(wanted), session=begun)


async def by_passkey(visit: Visit) -> Outcome:
    """Sign in with a passkey; go where the person wanted to go."""
    wanted = visit.form.text("next")
    try:
        body = {"credential": credential_of(visit.form)}
        begun = await visit.sign("sign_in_passkey", body=body)
    except NotAuthenticatedError:
        text = visit.say("This passkey opens no account here.")
        return await _sign_in(visit, wanted, text)
    return Redirect(to=_inside(wanted), session=begun)


async def leave(visit: Visit) -> Outcome:
    """Send a browser to the single sign-on.

    By a page that leads on: a policy that keeps forms at home keeps redirects, too.
    """
    begun = await visit.ask(SsoBegun, "begin_sso")
    kept = SetCookie(
        name=_PENDING,
        value=begun.pending,
        max_age_s=_PENDING_S,
        path=SIGN_IN,
        is_lax=True,
    )
    values = {"place": begun.url}
    return View(template="account/leading.html", values=values, cookies=(kept,))


async def come_back(visit: Visit) -> Outcome:
    """Sign in who came back from the single sign-on.

    By a page that leads on: the session's cookie is not sent to a redirect that
    another site began.
    """
    body = {
        "pending": visit.request.cookies.get(_PENDING, ""),
        "state": visit.query.text("state"),
        "code": visit.query.text("code"),
    }
    gone = SetCookie(name=_PENDING, value="", path=SIGN_IN, is_lax=True)
    try:
        begun = await visit.sign("finish_sso", body=body)
    except NotAuthenticatedError:
        text = visit.say("The single sign-on let nobody in who has an account here.")
        return await _sign_in(visit, "", text)
    values = {"place": _HOME}
    return View(
        template="account/leading.html", values=values, cookies=(gone,), session=begun
    )


async def accept_passkey(visit: Visit) -> Outcome:
    """Make a passkey by a one-time link, and sign in."""
    link = visit.form.text("link")
    body = {
        "link": link,
        "credential": credential_of(visit.form),
        "label": visit.form.text("label") or visit.say("my device"),
    }
    try:
        begun = await visit.sign("accept_invitation", body=body)
    except NotAuthenticatedError:
        return await _welcome(visit, link)
    return Redirect(to=_HOME, session=begun)


async def welcome(visit: Visit) -> Outcome:
    """Show the page that a one-time link opens; looking does not use it up."""
    return await _welcome(visit, visit.query.text("link"))


async def accept(visit: Visit) -> Outcome:
    """Set a password by a one-time link, and sign in."""
    sent, link = visit.form, visit.form.text("link")
    password = (sent.all("password") or ("",))[-1]
    if password != (sent.all("again") or ("",))[-1]:
        return await _welcome(visit, link, visit.say("The two passwords differ."))
    try:
        begun = await visit.sign(
            "accept_invitation",
            body={
                "link": link,
                "password": password,
                **sent.given("display_name", "language"),
            },
        )
    except UsageError as error:
        return await _welcome(visit, link, str(error))
    except NotAuthenticatedError:
        return await _welcome(visit, link)
    return Redirect(to=_HOME, session=begun)


async def sign_out(visit: Visit) -> Outcome:
    """End the session that asks."""
    return Redirect(to=SIGN_IN, session=await visit.sign("sign_out"))


async def _sign_in(visit: Visit, wanted: str, error: str = "") -> View:
    asked = await visit.ask(PasskeyOptions, "ask_passkey")
    ways = await visit.ask(SignInWays, "sign_in_ways")
    return View(
        template="account/sign_in.html",
        values={
            "next": wanted,
            "options": asked.options,
            "sso": ways.sso,
            "name": visit.form.text("name"),
            "error": error,
        },
        status=401 if error else 200,
    )


async def _welcome(visit: Visit, link: str, error: str = "") -> View:
    values: dict[str, object] = {
        "link": link,
        "error": error,
        "invited": None,
        "languages": _LANGUAGES,
    }
    try:
        values["invited"] = await visit.ask(
            Invitation, "show_invitation", body={"link": link[:80]}
        )
        asked = await visit.ask(
            PasskeyOptions, "ask_invited_passkey", body={"link": link[:80]}
        )
        values["options"] = asked.options
    except GatewayError:
        # Used, expired or never made: the page says so, and no more.
        return View(template="account/welcome.html", values=values, status=401)
    status = 400 if error else 200
    return View(template="account/welcome.html", values=values, status=status)


def _inside(wanted: str) -> str:
    """Return where to go after signing in: never out of the console."""
    is_inside = wanted.startswith(f"{PREFIX}/") and wanted.isprintable()
    return wanted if is_inside and "\\" not in wanted else _HOME
