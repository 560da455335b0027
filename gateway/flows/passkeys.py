"""Signing in with passkeys, and making them."""

from collections.abc import Callable, Sequence

from gateway.core.canonical import JsonObject
from gateway.core.challenges import Challenges
from gateway.core.credentials import Passkey
from gateway.core.errors import NotAuthenticatedError
from gateway.core.operators import Operator
from gateway.core.sessions import NewSession, SignedInBy, Visitor
from gateway.flows.sessions import Sessions
from gateway.flows.sign_in import PasswordCheck
from gateway.ports.sessions import PasskeyUse
from gateway.ports.sign_in import Passkeys, Site
from gateway.ports.world import Clock

_SIGN_IN = "sign-in"


class PasskeyDesk:
    """Asks browsers for passkeys and takes their answers."""

    def __init__(
        self,
        passkeys: Passkeys,
        operators: Callable[[], Sequence[Operator]],
        sessions: Sessions,
        checks: PasswordCheck,
        clock: Clock,
    ) -> None:
        self._passkeys = passkeys
        self._operators = operators
        self._sessions = sessions
        self._checks = checks
        self._clock = clock
        self._challenges = Challenges()

    def ask(self, site: Site) -> JsonObject:
        """Return what a browser is asked, to sign in with any passkey of the site."""
        return self._passkeys.ask(
            site, self._challenges.make(_SIGN_IN, self._clock.now())
        )

    async def sign_in(
        self, site: Site, answer: JsonObject, visitor: Visitor
    ) -> NewSession:
        """Sign in whose passkey has answered.

        Raises:
            NotAuthenticatedError: It is nobody's, does not verify, was answered before,
                or its counter did not rise.
        """
        operator: Operator | None = None
        try:
            operator, passkey = self._owner(self._passkeys.credential_of(answer))
            challenge = self._passkeys.challenge_of(answer)
            now = self._clock.now()
            self._challenges.check(challenge, _SIGN_IN, now)
            count = self._passkeys.take(site, answer, challenge, passkey)
            self._challenges.use_up(challenge, now)
            return await self._sessions.begin(
                operator,
                SignedInBy.PASSKEY,
                visitor,
                passkey=PasskeyUse(passkey.id, count),
            )
        except NotAuthenticatedError:
            await self._checks.failed(visitor, operator)
            raise

    def ask_new(self, site: Site, operator: Operator) -> JsonObject:
        """Return what a browser is asked, to make a passkey for an account."""
        challenge = self._challenges.make(_new(operator), self._clock.now())
        return self._passkeys.ask_new(site, operator, challenge)

    def take_new(
        self, site: Site, operator: Operator, answer: JsonObject, label: str
    ) -> Passkey:
        """Return the passkey that a browser made for an account; kept by who asks.

        Raises:
            NotAuthenticatedError: The answer does not verify.
            UsageError: The label is none.
        """
        challenge, now = self._passkeys.challenge_of(answer), self._clock.now()
        self._challenges.check(challenge, _new(operator), now)
        made = self._passkeys.take_new(site, answer, challenge)
        passkey = Passkey(
            label=label,
            credential=made.credential,
            public_key=made.public_key,
            created_at=now,
        )
        self._challenges.use_up(challenge, now)
        return passkey

    def _owner(self, credential: bytes) -> tuple[Operator, Passkey]:
        for operator in self._operators():
            for passkey in operator.passkeys:
                if passkey.credential == credential:
                    return operator, passkey
        raise NotAuthenticatedError("passkey: of no account here")


def _new(operator: Operator) -> str:
    return f"new {operator.name}"
