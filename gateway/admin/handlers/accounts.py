"""One's own account, sessions, and one-time links into accounts."""

from urllib.parse import urlencode

from gateway.admin.account_shapes import (
    AddPasskeyRequest,
    DescribeRequest,
    EndedSessions,
    InvitationLink,
    InviteRequest,
    OpenSession,
    OwnAccount,
    Passkey,
    PasskeyOptions,
    PasswordRequest,
    RemovePasskeyRequest,
    SessionList,
    SessionsQuery,
    SubjectRequest,
)
from gateway.admin.asked import Asked
from gateway.admin.front import Front
from gateway.admin.passkey_answers import answer_of, asked_options
from gateway.admin.rendering import in_order, token_of, when
from gateway.admin.services import AdminServices
from gateway.core.operators import Caller, Operator
from gateway.core.sessions import Session

WELCOME_PATH = "/console/welcome"


class AccountHandlers:
    """Answers about accounts and sessions, and changes them."""

    def __init__(self, services: AdminServices, front: Front) -> None:
        self._accounts = services.people.accounts
        self._sessions = services.people.sessions
        self._two_persons = services.two_persons
        self._store = services.exchange.store
        self._front = front
        self._passkeys = services.people.passkeys
        self._authority = services.exchange.ourselves

    async def own(self, asked: Asked) -> OwnAccount:
        """Return the caller's account."""
        return await self._own(self._accounts.find(asked.caller.name), asked.caller)

    async def describe(self, asked: Asked) -> OwnAccount:
        """Change the caller's display name and language."""
        form = asked.form(DescribeRequest)
        given = {"display_name": form.display_name, "language": form.language}
        told = {name: value for name, value in given.items() if value is not None}
        caller = asked.caller
        operator = await self._accounts.describe(caller, told, asked.act())
        return await self._own(operator, caller)

    async def set_password(self, asked: Asked) -> OwnAccount:
        """Give the caller another password."""
        form, caller = asked.form(PasswordRequest), asked.caller
        operator = await self._accounts.set_password(
            caller, form.old, form.new, asked.visitor, asked.act()
        )
        return await self._own(operator, caller)

    async def ask_passkey(self, asked: Asked) -> PasskeyOptions:
        """Return what a browser is asked, to make a passkey for the caller."""
        operator = self._accounts.find(asked.caller.name)
        site = self._front.site(self._authority)
        return asked_options(self._passkeys.ask_new(site, operator))

    async def add_passkey(self, asked: Asked) -> OwnAccount:
        """Let the caller sign in with a passkey that the browser made."""
        form, caller = asked.form(AddPasskeyRequest), asked.caller
        await self._accounts.check_owner(caller, form.password, asked.visitor)
        passkey = self._passkeys.take_new(
            self._front.site(self._authority),
            self._accounts.find(caller.name),
            answer_of(form.credential),
            form.label,
        )
        operator = await self._accounts.add_passkey(caller, passkey, asked.act())
        return await self._own(operator, caller)

    async def remove_passkey(self, asked: Asked) -> OwnAccount:
        """Let a passkey of the caller open nothing any more."""
        password, caller = asked.form(RemovePasskeyRequest).password, asked.caller
        await self._accounts.check_owner(caller, password, asked.visitor)
        operator = await self._accounts.remove_passkey(
            caller, asked.segments["passkey"], asked.act()
        )
        return await self._own(operator, caller)

    async def own_sessions(self, asked: Asked) -> SessionList:
        """Return the caller's sessions."""
        return await self._list(asked.caller.name, asked.caller)

    async def end_own(self, asked: Asked) -> None:
        """End a session of the caller's."""
        session = asked.segments["session"]
        await self._sessions.end(session, asked.act(), account=asked.caller.name)

    async def end_others(self, asked: Asked) -> EndedSessions:
        """End all of the caller's sessions but this one."""
        caller = asked.caller
        ended = await self._sessions.end_all(
            caller.name, asked.act(), but=caller.session
        )
        return EndedSessions(ended=ended)

    async def sessions(self, asked: Asked) -> SessionList:
        """Return the sessions of an account, or all."""
        return await self._list(asked.filters(SessionsQuery).account, asked.caller)

    async def end(self, asked: Asked) -> None:
        """End any session."""
        await self._sessions.end(asked.segments["session"], asked.act())

    async def end_of(self, asked: Asked) -> EndedSessions:
        """End all sessions of an account."""
        name = self._accounts.find(asked.segments["name"]).name
        ended = await self._sessions.end_all(name, asked.act())
        return EndedSessions(ended=ended)

    async def set_subject(self, asked: Asked) -> None:
        """Say by what the single sign-on knows an account."""
        name, act = asked.segments["name"], asked.act()
        subject = asked.form(SubjectRequest).subject
        beside = await self._two_persons.way_in(name, act, "subject")
        await self._accounts.set_subject(name, subject, act, beside)

    async def invite(self, asked: Asked) -> InvitationLink:
        """Make a one-time link; the answer is the only place where it ever stands."""
        form, name, act = asked.form(InviteRequest), asked.segments["name"], asked.act()
        if form.roles:
            await self._two_persons.add_operator(name, frozenset(form.roles), act)
        beside = await self._two_persons.way_in(name, act, "link")
        issued = await self._accounts.invite(
            name, act, resets=form.reset, beside=beside
        )
        return InvitationLink(
            name=name,
            url=f"{self._front.url}{welcome_target(issued.text)}",
            expires_at=when(issued.invitation.expires_at),
        )

    async def _own(self, operator: Operator, caller: Caller) -> OwnAccount:
        uses = await self._store.token_uses()
        return OwnAccount(
            name=operator.name,
            roles=in_order(caller.roles),
            display_name=operator.display_name,
            language=operator.language,
            password=bool(operator.password),
            passkeys=tuple(
                Passkey(id=one.id, label=one.label, created_at=when(one.created_at))
                for one in operator.passkeys
            ),
            sso_subject=operator.sso_subject,
            tokens=tuple(
                token_of(one, uses.get((operator.name, one.label)))
                for one in operator.tokens
            ),
            session=caller.session,
        )

    async def _list(self, account: str, caller: Caller) -> SessionList:
        found = await self._sessions.of(account)
        return SessionList(items=tuple(_session(one, caller) for one in found))


def welcome_target(link: str) -> str:
    """Return path and query of the page that a one-time link opens."""
    return f"{WELCOME_PATH}?{urlencode({'link': link})}"


def _session(session: Session, caller: Caller) -> OpenSession:
    return OpenSession(
        id=session.id,
        account=session.account,
        method=session.method.value,
        created_at=when(session.created_at),
        used_at=when(session.used_at),
        expires_at=when(session.expires_at),
        source=session.source,
        agent=session.agent,
        current=session.id == caller.session,
    )
