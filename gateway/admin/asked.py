"""One request that was let in: who asks what, in declared shapes."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from gateway.admin.route import Route
from gateway.admin.shapes import MAX_NUMBER, Answer, Changes, Request
from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError, NotFoundError
from gateway.core.operators import Caller, Role
from gateway.core.sessions import Visitor
from gateway.core.units import Scope
from gateway.core.values import (
    AuthorityId,
    MessageId,
    parse_authority_id,
    parse_message_id,
)

_R = TypeVar("_R", bound=Request)
_NUMBER = re.compile(r"[1-9][0-9]{0,15}\Z", re.ASCII)

NOBODY = Caller("nobody", frozenset(), "", is_system=False)
"""Who asks where no login is needed."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that is read as it comes."""

    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """An answer that is given as it is read.

    Attributes:
        chunks: Exactly `length` bytes; an error on the way breaks the connection off.
        length: None where it is not known before; then there are no ranges either.
        total: Bytes of the whole file, of which `length` are at its end.
        name: Of the file, for who keeps it; empty where that is told elsewhere.
    """

    chunks: AsyncIterator[bytes]
    length: int | None = None
    total: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """An answer that begins or ends the session of a browser.

    Attributes:
        secret: What its cookie is to hold; empty to take the cookie away.
        answer: What is said, if anything is.
    """

    secret: str = field(repr=False)
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """An answer that goes on as long as the caller listens.

    Attributes:
        look: Returns what came after a cursor, waiting a while for it.
        after: The cursor to begin with.
        is_ending: Tells whether the node is about to end.
    """

    look: Callable[[int], Awaitable[Changes]]
    after: int
    is_ending: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose caller is known and may ask this.

    Attributes:
        segments: Values of the path's placeholders.
        key: The caller's idempotency key, or empty.
        wait_s: How long the caller would wait for an outcome.
        stream: The body of an operation that streams it.
        range_start: First byte wanted of a file.
        scope: What of the cases the caller sees; None for all.
        visitor: Where the request comes from, for those who sign in.
        last_event: Cursor of the last event that a listener has seen, if it says so.
    """

    route: Route
    caller: Caller
    segments: Mapping[str, str]
    query: Request | None = field(repr=False, default=None)
    body: Request | None = field(repr=False, default=None)
    key: str = ""
    wait_s: int = 0
    stream: Incoming | None = field(repr=False, default=None)
    range_start: int = 0
    scope: Scope | None = None
    visitor: Visitor = field(default_factory=Visitor)
    last_event: int | None = None

    def form(self, shape: type[_R]) -> _R:
        """Return the body, which the contract says is of this shape."""
        return _expect(self.body, shape)

    def filters(self, shape: type[_R]) -> _R:
        """Return the query, which the contract says is of this shape."""
        return _expect(self.query, shape)

    def act(self, purpose: str = "", on_behalf_of: str = "") -> Act:
        """Return who does this, in the role that lets them."""
        return Act(
            actor=self.caller.name,
            role=role_in(self.caller, self.route),
            purpose=purpose,
            on_behalf_of=on_behalf_of,
        )

    def message_id(self) -> MessageId:
        """Return the message that the path names.

        Raises:
            NotFoundError: Nothing can have such an id.
        """
        try:
            return parse_message_id(self.segments["id"])
        except MalformedError as error:
            raise NotFoundError(str(error)) from error

    def peer_id(self) -> AuthorityId:
        """Return the peer that the path names.

        Raises:
            NotFoundError: Nothing can have such an id.
        """
        try:
            return parse_authority_id(self.segments["peer"])
        except MalformedError as error:
            raise NotFoundError(f"peer: {error}") from error

    def number(self, name: str) -> int:
        """Return the number that a placeholder of the path stands for.

        Raises:
            NotFoundError: Nothing can have such a number.
        """
        text = self.segments[name]
        if not _NUMBER.match(text) or int(text) > MAX_NUMBER:
            raise NotFoundError(f"{name} {text[:20]}: not found")
        return int(text)


Answered: TypeAlias = Answer | bytes | Stream | Feed | SessionAnswer | None
Handler: TypeAlias = Callable[[Asked], Awaitable[Answered]]


def role_in(caller: Caller, route: Route) -> str:
    """Return the role in which a caller may use a route, or their first one."""
    held = caller.roles & route.roles or caller.roles
    return next((role.value for role in Role if role in held), "none")


def _expect(value: Request | None, shape: type[_R]) -> _R:
    if not isinstance(value, shape):
        raise TypeError(f"internal: a route without {shape.__name__}")
    return value
