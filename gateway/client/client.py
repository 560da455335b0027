"""The client for programs with an event loop: case systems, demonstration, tests."""

from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from gateway.client.answers import (
    MAX_ANSWER_BYTES,
    Endpoint,
    read_answer,
    timeout_s,
)
from gateway.client.blocking import tls_context
from gateway.client.calls import Call
from gateway.core.errors import TooLargeError

T = TypeVar("T")


class GatewayClient:
    """Sends calls over kept connections; an async context manager."""

    def __init__(self, endpoint: Endpoint, *, connections: int = 16) -> None:
        self._endpoint = endpoint
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def send(self, call: Call[T]) -> T:
        """Return the answer to a call.

        Raises:
            UnreachableError: No connection, or no answer in time. The outcome is
                unknown: ask, or send again with the same idempotency key.
            GatewayError: The node refused, with its code.
        """
        try:
            async with self._open().request(
                call.route.method,
                self._endpoint.url.rstrip("/") + call.target,
                data=call.body or None,
                headers=self._endpoint.headers(call),
                timeout=aiohttp.ClientTimeout(total=timeout_s(call)),
                allow_redirects=False,
            ) as response:
                body = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._endpoint.unreachable(error) from error
        return read_answer(call, status=response.status, body=body)

    def _open(self) -> aiohttp.ClientSession:
        """Return the session, made on first use because it belongs to a loop."""
        if self._session is None:
            is_tls = self._endpoint.url.startswith("https:")
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    ssl=tls_context(self._endpoint) if is_tls else True,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise TooLargeError(f"answer: over {MAX_ANSWER_BYTES} bytes")
    return bytes(body)
