"""One request for a page: who asks what, and how to ask the API for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp.web import BaseRequest

from gateway.admin.asked import Answered, SessionAnswer, Stream
from gateway.admin.calling import Calls, Given
from gateway.admin.shapes import Answer
from gateway.console.fields import Fields
from gateway.console.language import Speech
from gateway.console.page import Page
from gateway.core.operators import Caller
from gateway.core.sessions import Visitor
from gateway.core.values import UnixMs

_A = TypeVar("_A", bound=Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page that somebody may see, asked for by them.

    Attributes:
        segments: Values of the path's placeholders.
        form: Of a POST; empty otherwise.
        speech: The reader's language.
        csrf: What a form has to carry to be believed.
        is_partial: Asked for by a script of ours that puts it into the page.
        visitor: Where it comes from, for those who sign in.
    """

    page: Page
    caller: Caller
    calls: Calls
    speech: Speech
    now: UnixMs
    request: BaseRequest = field(repr=False)
    segments: Mapping[str, str] = field(default_factory=dict)
    query: Fields = field(repr=False, default_factory=Fields)
    form: Fields = field(repr=False, default_factory=Fields)
    csrf: str = field(repr=False, default="")
    is_partial: bool = False
    visitor: Visitor = field(repr=False, default_factory=Visitor)

    @property
    def path(self) -> str:
        """The path without its query."""
        return self.request.path

    async def ask(
        self,
        shape: type[_A],
        name: str,
        *,
        segments: Mapping[str, str] | None = None,
        query: Given | None = None,
        body: Given | None = None,
        key: str = "",
    ) -> _A:
        """Return the answer of an operation, of the shape that its route declares.

        Raises:
            GatewayError: Whatever the operation refuses with.
        """
        answer = await self._call(
            name, segments=segments, query=query, body=body, key=key
        )
        if not isinstance(answer, shape):
            raise TypeError(f"internal: {name} answers no {shape.__name__}")
        return answer

    async def do(
        self,
        name: str,
        *,
        segments: Mapping[str, str] | None = None,
        query: Given | None = None,
        body: Given | None = None,
    ) -> None:
        """Have an operation done whose answer is not shown.

        Raises:
            GatewayError: Whatever the operation refuses with.
        """
        await self._call(name, segments=segments, query=query, body=body)

    async def file(
        self,
        name: str,
        *,
        segments: Mapping[str, str] | None = None,
        query: Given | None = None,
        body: Given | None = None,
    ) -> bytes | Stream:
        """Return the file that an operation answers with.

        Raises:
            GatewayError: Whatever the operation refuses with.
        """
        answer = await self._call(name, segments=segments, query=query, body=body)
        if not isinstance(answer, (bytes, Stream)):
            raise TypeError(f"internal: {name} answers no file")
        return answer

    async def sign(self, name: str, *, body: Given | None = None) -> SessionAnswer:
        """Return what begins or ends a session, for the answer to carry.

        Raises:
            GatewayError: Whatever the operation refuses with.
        """
        answer = await self._call(name, segments=None, query=None, body=body)
        if not isinstance(answer, SessionAnswer):
            raise TypeError(f"internal: {name} begins and ends no session")
        return answer

    def may(self, *names: str) -> bool:
        """Tell whether the caller's roles cover all these operations."""
        return all(self.calls.may(name, self.caller) for name in names)

    def say(self, text: str, **values: object) -> str:
        """Return a sentence in the reader's language, with values put in."""
        return self.speech.say(text, **values)

    async def _call(
        self,
        name: str,
        *,
        segments: Mapping[str, str] | None,
        query: Given | None,
        body: Given | None,
        key: str = "",
    ) -> Answered:
        return await self.calls(
            name,
            self.caller,
            segments=self.segments if segments is None else segments,
            query=query,
            body=body,
            key=key,
            visitor=self.visitor,
        )
