"""Signing in and out. What these answer begins or ends the session of a browser."""

from gateway.admin.account_shapes import (
    AcceptRequest,
    Invitation,
    InvitationRequest,
    PasskeyOptions,
    PasskeySignInRequest,
    SignedIn,
    SignInRequest,
    SignInWays,
    SsoBegun,
    SsoReturned,
)
from gateway.admin.asked import Asked, SessionAnswer
from gateway.admin.front import Front
from gateway.admin.passkey_answers import answer_of, asked_options
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.core.errors import NotFoundError
from gateway.core.sessions import NewSession, csrf_token
from gateway.flows.accounts import Welcome
from gateway.ports.sign_in import SsoReturn

CALLBACK_PATH = "/console/sign-in/sso/callback"


class SignInHandlers:
    """Begins and ends sessions."""

    def __init__(self, services: AdminServices, front: Front) -> None:
        self._front = front
        self._passkeys = services.people.passkeys
        self._signing_in = services.people.signing_in
        self._sessions = services.people.sessions
        self._accounts = services.people.accounts
        self._authority = services.exchange.ourselves

    async def by_password(self, asked: Asked) -> SessionAnswer:
        """Sign in with name and password."""
        form = asked.form(SignInRequest)
        return begun(
            await self._signing_in.by_password(form.name, form.password, asked.visitor)
        )

    async def ways(self, _asked: Asked) -> SignInWays:
        """Return how people sign in here."""
        return SignInWays(sso=self._signing_in.sso_name)

    async def begin_sso(self, _asked: Asked) -> SsoBegun:
        """Return where to send a browser for the single sign-on."""
        leaving = await self._signing_in.begin_sso(self._callback())
        return SsoBegun(url=leaving.url, pending=leaving.pending)

    async def finish_sso(self, asked: Asked) -> SessionAnswer:
        """Sign in who came back from the single sign-on."""
        form = asked.form(SsoReturned)
        back = SsoReturn(form.pending, form.state, form.code)
        return begun(
            await self._signing_in.by_sso(back, self._callback(), asked.visitor)
        )

    def _callback(self) -> str:
        return f"{self._front.url}{CALLBACK_PATH}"

    async def ask_passkey(self, _asked: Asked) -> PasskeyOptions:
        """Return what a browser is asked, to sign in with a passkey."""
        return asked_options(self._passkeys.ask(self._front.site(self._authority)))

    async def by_passkey(self, asked: Asked) -> SessionAnswer:
        """Sign in with a passkey."""
        answer = answer_of(asked.form(PasskeySignInRequest).credential)
        site = self._front.site(self._authority)
        return begun(await self._passkeys.sign_in(site, answer, asked.visitor))

    async def ask_invited(self, asked: Asked) -> PasskeyOptions:
        """Return what a browser is asked, to make a passkey by a one-time link."""
        operator = self._accounts.invited(asked.form(InvitationRequest).link)
        site = self._front.site(self._authority)
        return asked_options(self._passkeys.ask_new(site, operator))

    async def invited(self, asked: Asked) -> Invitation:
        """Return whom a one-time link is for; it stays good."""
        operator = self._accounts.invited(asked.form(InvitationRequest).link)
        link = operator.invitation
        return Invitation(
            name=operator.name,
            authority=self._authority,
            expires_at="" if link is None else when(link.expires_at),
            display_name=operator.display_name,
            language=operator.language,
        )

    async def accept(self, asked: Asked) -> SessionAnswer:
        """Set a password or passkey by a one-time link, and sign in."""
        form = asked.form(AcceptRequest)
        passkey = None
        if form.credential is not None:
            passkey = self._passkeys.take_new(
                self._front.site(self._authority),
                self._accounts.invited(form.link),
                answer_of(form.credential),
                form.label,
            )
        welcome = Welcome(
            password=form.password,
            passkey=passkey,
            display_name=form.display_name,
            language=form.language,
        )
        return begun(await self._accounts.accept(form.link, welcome, asked.visitor))

    async def sign_out(self, asked: Asked) -> SessionAnswer:
        """End the session that asks."""
        caller = asked.caller
        if not caller.session:
            raise NotFoundError("session: a token has none; revoke it instead")
        await self._sessions.end(caller.session, asked.act(), account=caller.name)
        return SessionAnswer("")


def begun(new: NewSession) -> SessionAnswer:
    """Return a new session as an answer, its secret beside it."""
    session = new.session
    answer = SignedIn(
        name=session.account,
        session=session.id,
        csrf=csrf_token(new.secret),
        expires_at=when(session.expires_at),
    )
    return SessionAnswer(new.secret, answer)
