"""The client for programs with an event loop: case systems, demonstration, tests."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from gateway.client.answers import (
    MAX_ANSWER_BYTES,
    Endpoint,
    read_answer,
    refusal,
    timeout_s,
)
from gateway.client.blocking import tls_context
from gateway.client.call import Call
from gateway.client.streams import (
    BLOCK_BYTES,
    STREAM_TIMEOUT_S,
    check_start,
    download_headers,
    is_stream,
    too_short,
    upload_headers,
)
from gateway.core.errors import SourceChangedError, TooLargeError

T = TypeVar("T")

_STREAM_TIMEOUT = aiohttp.ClientTimeout(
    total=None,
    connect=STREAM_TIMEOUT_S,
    sock_read=STREAM_TIMEOUT_S,
)


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

    async def upload(
        self,
        call: Call[T],
        source: AsyncIterable[bytes],
        length: int,
    ) -> T:
        """Return the answer to a call whose body is what a source yields.

        Raises:
            UnreachableError: The connection broke, or nothing moved for a minute. Ask
                how much has arrived.
            SourceChangedError: The source had another length, or what the node got had
                another digest than was announced.
            GatewayError: The node refused, with its code.
        """
        body = _CountedSource(source, length)
        try:
            async with (
                asyncio.timeout(None) as limit,
                self._open().request(
                    call.route.method,
                    self._endpoint.url.rstrip("/") + call.target,
                    data=body.blocks(limit),
                    headers=upload_headers(self._endpoint, call, length),
                    timeout=_STREAM_TIMEOUT,
                    allow_redirects=False,
                ) as response,
            ):
                answer = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # What a source raises reaches us wrapped as an error of the connection.
            if body.failure is not None:
                raise body.failure from None
            raise self._endpoint.unreachable(error) from error
        return read_answer(call, status=response.status, body=answer)

    async def download(
        self,
        call: Call[bytes],
        *,
        offset: int = 0,
    ) -> AsyncGenerator[bytes, None]:
        """Yield what a call answers, from byte `offset` on, as it comes.

        Close the generator to end it early.

        Raises:
            UnreachableError: The connection broke, or the answer ended too early. Go
                on from what has come.
            GatewayError: The node refused, with its code.
        """
        try:
            async with self._open().request(
                call.route.method,
                self._endpoint.url.rstrip("/") + call.target,
                headers=download_headers(self._endpoint, call, offset),
                timeout=_STREAM_TIMEOUT,
                allow_redirects=False,
            ) as response:
                if not is_stream(response.status):
                    raise refusal(response.status, await _read(response))
                told = response.headers.get("Content-Range", "")
                check_start(response.status, told, offset)
                async for block in response.content.iter_chunked(BLOCK_BYTES):
                    yield block
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._endpoint.unreachable(error) from error

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


class _CountedSource:
    """A source that must yield exactly as much as was announced, and in time.

    Attributes:
        failure: What the source did wrong, if it did.
    """

    def __init__(self, source: AsyncIterable[bytes], length: int) -> None:
        self._source = source
        self._rest = length
        self.failure: Exception | None = None

    async def blocks(self, limit: asyncio.Timeout) -> AsyncGenerator[bytes, None]:
        """Yield the blocks; `limit` moves on with each.

        The library bounds the time of a read only, not of a write.
        """
        try:
            _postpone(limit)
            async for block in self._source:
                self._count(block)
                _postpone(limit)
                yield block
            self._check_end()
        except Exception as error:
            self.failure = error
            raise

    def _count(self, block: bytes) -> None:
        self._rest -= len(block)
        if self._rest < 0:
            raise SourceChangedError("file: longer than announced")

    def _check_end(self) -> None:
        if self._rest:
            raise too_short(self._rest)


def _postpone(limit: asyncio.Timeout) -> None:
    # Nothing is left to postpone if the node has answered before it read everything.
    with contextlib.suppress(RuntimeError):
        now = asyncio.get_running_loop().time()
        limit.reschedule(now + STREAM_TIMEOUT_S)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise TooLargeError(f"answer: over {MAX_ANSWER_BYTES} bytes")
    return bytes(body)
