"""What people change of their own account, and the links by which they get into it."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.core.credentials import (
    Invitation,
    IssuedLink,
    Passkey,
    check_new_password,
    is_link,
    issue_link,
    secret_digest,
)
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
)
from gateway.core.limits import MAX_INVITATION_MS
from gateway.core.operators import Caller, Operator
from gateway.core.sessions import NewSession, SignedInBy, Visitor
from gateway.flows.operators import Operators
from gateway.flows.sessions import Sessions
from gateway.flows.sign_in import PasswordCheck
from gateway.ports.people import NOTHING_BESIDE, Beside
from gateway.ports.world import Clock

# How long after a sign-in nobody is asked again who they are.
_FRESH_MS = 10 * 60_000
_WRONG_LINK = "link: unknown, used or expired; ask for a new one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What somebody sets who came by a one-time link; at least one way to sign in."""

    password: str = ""
    passkey: Passkey | None = None
    display_name: str = ""
    language: str = ""


class Accounts:
    """Accounts as their owners see them; every change is logged."""

    def __init__(
        self,
        operators: Operators,
        sessions: Sessions,
        checks: PasswordCheck,
        clock: Clock,
    ) -> None:
        self._operators = operators
        self._sessions = sessions
        self._checks = checks
        self._clock = clock

    def find(self, name: str) -> Operator:
        """Return an account.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._operators.find(name)

    async def describe(
        self, caller: Caller, told: Mapping[str, str], act: Act
    ) -> Operator:
        """Change how people call the caller and what language they read.

        Args:
            caller: Who.
            told: `display_name` and `language`, or one of them.
            act: What is logged.

        Raises:
            UsageError: A value of another form.
        """

        def edit(operator: Operator) -> Operator:
            return replace(
                operator,
                display_name=told.get("display_name", operator.display_name),
                language=told.get("language", operator.language),
            )

        return await self._operators.change(caller.name, edit, act, "name and language")

    async def set_password(
        self, caller: Caller, old: str, new: str, visitor: Visitor, act: Act
    ) -> Operator:
        """Give the caller another password; all other sessions of theirs end.

        Raises:
            UsageError: The new one would be guessed early.
            NotAllowedError: A token asks for it, or the sign-in is too long ago.
            NotAuthenticatedError: The old one is wrong.
            QuotaError: Too many wrong ones came before.
        """
        check_new_password(new, caller.name)
        await self.check_owner(caller, old, visitor, asks_password=True)
        hashed = await self._checks.hash(new)
        return await self.change_own(
            caller, lambda one: replace(one, password=hashed), act, "password"
        )

    async def add_passkey(self, caller: Caller, passkey: Passkey, act: Act) -> Operator:
        """Let the caller sign in with a passkey; all other sessions of theirs end.

        Raises:
            UsageError: There are too many.
            ConflictError: Somebody has this passkey.
        """
        self._check_new(passkey)
        return await self.change_own(
            caller,
            lambda one: replace(one, passkeys=(*one.passkeys, passkey)),
            act,
            f"passkey {passkey.id}",
        )

    async def remove_passkey(
        self, caller: Caller, passkey_id: str, act: Act
    ) -> Operator:
        """Let a passkey of the caller open nothing any more.

        Raises:
            NotFoundError: There is no such passkey.
            ConflictError: Nobody could change operators any more.
        """

        def edit(operator: Operator) -> Operator:
            kept = tuple(one for one in operator.passkeys if one.id != passkey_id)
            if len(kept) == len(operator.passkeys):
                raise NotFoundError(f"passkey: no {passkey_id[:40]!r} here")
            return replace(operator, passkeys=kept)

        return await self.change_own(caller, edit, act, f"no passkey {passkey_id[:40]}")

    async def check_owner(
        self,
        caller: Caller,
        password: str,
        visitor: Visitor,
        *,
        asks_password: bool = False,
    ) -> None:
        """Return if it is the account's owner who sits there, as of now.

        Args:
            caller: Who.
            password: The present password, or empty.
            visitor: Where from.
            asks_password: A sign-in with the password just now is not enough.

        Raises:
            NotAllowedError: A token asks for it, or the sign-in is too long ago.
            NotAuthenticatedError: The password is wrong.
            QuotaError: Too many wrong ones came before.
        """
        session = await self._sessions.session_of(caller)
        if session is None:
            raise NotAllowedError(
                "account: sign in at the console; a token can't change how an account "
                "signs in",
            )
        operator = self.find(caller.name)
        if password:
            await self._checks.check(caller.name, operator, password, visitor)
            return
        is_fresh = self._clock.now() - session.created_at < _FRESH_MS
        if session.method is SignedInBy.PASSWORD and asks_password:
            is_fresh = False
        if not is_fresh:
            raise NotAllowedError("account: give your password, or sign in again first")

    async def change_own(
        self,
        caller: Caller,
        edit: Callable[[Operator], Operator],
        act: Act,
        detail: str,
    ) -> Operator:
        """Change the caller's account; the session that asks for it lives on."""
        async with self._sessions.surviving(caller):
            return await self._operators.change(caller.name, edit, act, detail)

    async def set_subject(
        self, name: str, subject: str, act: Act, beside: Beside = NOTHING_BESIDE
    ) -> Operator:
        """Say by what the single sign-on knows an account; empty for not at all.

        Raises:
            NotFoundError: There is no such account.
            ConflictError: The subject is that of another account.
        """

        def edit(operator: Operator) -> Operator:
            for other in self._operators.all():
                if subject and other.sso_subject == subject and other.name != name:
                    raise ConflictError("subject: it is that of another account")
            return replace(operator, sso_subject=subject)

        return await self._operators.change(
            name, edit, act, "subject of the single sign-on", beside
        )

    # --- one-time links ---

    async def invite(
        self,
        name: str,
        act: Act,
        *,
        resets: bool = False,
        beside: Beside = NOTHING_BESIDE,
    ) -> IssuedLink:
        """Make a one-time link into an account, in place of an earlier one.

        Args:
            name: Of the account.
            act: Who does it.
            resets: Password and passkeys open nothing from now on.
            beside: What else the transaction does.

        Raises:
            NotFoundError: There is no such account.
            ConflictError: Nobody could change operators any more.
        """
        issued = issue_link(now=self._clock.now(), lifetime_ms=MAX_INVITATION_MS)

        def edit(operator: Operator) -> Operator:
            kept = replace(operator, invitation=issued.invitation)
            return replace(kept, password="", passkeys=()) if resets else kept

        detail = "invited, password and passkeys removed" if resets else "invited"
        await self._operators.change(name, edit, act, detail, beside)
        return issued

    def invited(self, link: str) -> Operator:
        """Return the account that a one-time link leads to.

        Raises:
            NotAuthenticatedError: It was used, has expired or never was.
        """
        digest = secret_digest(link)
        found = None
        for operator in self._operators.all():
            if self._opens(operator.invitation, digest) and is_link(link):
                found = operator
        if found is None:
            raise NotAuthenticatedError(_WRONG_LINK)
        return found

    async def accept(self, link: str, welcome: Welcome, visitor: Visitor) -> NewSession:
        """Set how an account signs in, use up the link and sign in.

        Raises:
            NotAuthenticatedError: The link was used, has expired or never was.
            UsageError: No way to sign in is given, or the password would be guessed.
            ConflictError: Somebody has this passkey.
        """
        name = self.invited(link).name
        hashed = ""
        if welcome.passkey is None:
            check_new_password(welcome.password, name)
            hashed = await self._checks.hash(welcome.password)
        else:
            self._check_new(welcome.passkey)
        digest = secret_digest(link)

        def edit(operator: Operator) -> Operator:
            # Again, and holding the turn: two who come at once do not both get in.
            if not self._opens(operator.invitation, digest):
                raise NotAuthenticatedError(_WRONG_LINK)
            new = () if welcome.passkey is None else (welcome.passkey,)
            return replace(
                operator,
                password=hashed or operator.password,
                passkeys=(*operator.passkeys, *new),
                display_name=welcome.display_name or operator.display_name,
                language=welcome.language or operator.language,
                invitation=None,
            )

        act = Act(name, "")
        operator = await self._operators.change(name, edit, act, "one-time link used")
        return await self._sessions.begin(operator, SignedInBy.LINK, visitor)

    def _opens(self, invitation: Invitation | None, digest: str) -> bool:
        return (
            invitation is not None
            and hmac.compare_digest(invitation.digest, digest)
            and self._clock.now() < invitation.expires_at
        )

    def _check_new(self, passkey: Passkey) -> None:
        for operator in self._operators.all():
            if any(one.credential == passkey.credential for one in operator.passkeys):
                raise ConflictError("passkey: this one is somebody's already")
