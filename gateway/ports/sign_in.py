"""What proves who somebody is: passwords, passkeys, a single sign-on."""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.canonical import JsonObject
from gateway.core.credentials import Passkey
from gateway.core.operators import Operator, Role


class Passwords(Protocol):
    """Hashing and comparing passwords, off the loop and few at a time."""

    async def hash(self, password: str) -> str:
        """Return the argon2id string of a password.

        Raises:
            QuotaError: Too many are being hashed.
        """
        ...

    async def matches(self, hashed: str, password: str) -> bool:
        """Tell whether a password is that of an argon2id string.

        Takes as long where there is none to compare with; it is never right then.

        Raises:
            QuotaError: Too many are being hashed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """The site that passkeys belong to, as browsers know it.

    Attributes:
        host: Its name.
        url: Scheme, host and port.
        name: Of the authority, for people.
    """

    host: str
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that an authenticator has made."""

    credential: bytes
    public_key: bytes


class Passkeys(Protocol):
    """What browsers are asked and answer about passkeys (WebAuthn)."""

    def ask_new(self, site: Site, operator: Operator, challenge: bytes) -> JsonObject:
        """Return what a browser is asked to make a passkey for an account."""
        ...

    def ask(self, site: Site, challenge: bytes) -> JsonObject:
        """Return what a browser is asked to sign with any passkey of the site."""
        ...

    def challenge_of(self, answer: JsonObject) -> bytes:
        """Return the challenge that an answer says it is for.

        Raises:
            NotAuthenticatedError: Not an answer of a browser.
        """
        ...

    def credential_of(self, answer: JsonObject) -> bytes:
        """Return the id of the passkey that an answer is signed with.

        Raises:
            NotAuthenticatedError: Not an answer of a browser.
        """
        ...

    def take_new(self, site: Site, answer: JsonObject, challenge: bytes) -> NewKey:
        """Return the key that a browser made for this challenge.

        Raises:
            NotAuthenticatedError: The answer does not verify.
        """
        ...

    def take(
        self, site: Site, answer: JsonObject, challenge: bytes, passkey: Passkey
    ) -> int:
        """Return the counter of a passkey that has signed this challenge.

        Raises:
            NotAuthenticatedError: The answer does not verify.
        """
        ...


@dataclass(frozen=True, slots=True)
class SsoBeginning:
    """Where a browser is sent, and what it keeps until it comes back, sealed."""

    url: str
    pending: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SsoReturn:
    """With what a browser came back."""

    pending: str = field(repr=False)
    state: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SsoPerson:
    """Whom the provider has proven somebody to be.

    Attributes:
        roles: Those that the groups stand for; None where groups do not count.
    """

    subject: str
    roles: frozenset[Role] | None


class SingleSignOn(Protocol):
    """Signing in by a provider of the authority's (OpenID Connect)."""

    @property
    def name(self) -> str:
        """What people call it; empty where there is none."""
        ...

    async def begin(self, redirect_url: str) -> SsoBeginning:
        """Return where to send a browser.

        Raises:
            NotFoundError: There is no single sign-on here.
            UnreachableError: The provider can't be asked.
        """
        ...

    async def finish(self, back: SsoReturn, redirect_url: str) -> SsoPerson:
        """Return who came back.

        Raises:
            NotFoundError: There is no single sign-on here.
            NotAuthenticatedError: What came back proves nobody.
            UnreachableError: The provider can't be asked.
        """
        ...
