"""The client for programs without an event loop: the command line, scripts.

Only the standard library, because it is imported at every command. A connection a
call: none is found closed when it is needed, so nothing is ever sent twice.
"""

import contextlib
import http.client
import ssl
from collections.abc import Generator, Iterator
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from gateway.client.answers import (
    MAX_ANSWER_BYTES,
    Endpoint,
    read_answer,
    refusal,
    timeout_s,
)
from gateway.client.call import Call
from gateway.client.streams import (
    BLOCK_BYTES,
    STREAM_TIMEOUT_S,
    broken_off,
    check_start,
    download_headers,
    is_stream,
    too_short,
    upload_headers,
)
from gateway.core.errors import TooLargeError, UsageError

T = TypeVar("T")


class Source(Protocol):
    """What an upload is read from, such as an open file."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class BlockingClient:
    """Sends calls and waits for their answers. Safe to use from several threads."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._address = urlsplit(endpoint.url)
        if self._address.scheme not in {"http", "https"} or not self._address.hostname:
            raise UsageError(f"admin API: {endpoint.url!r}, expected http(s)://host")

    def send(self, call: Call[T]) -> T:
        """Return the answer to a call.

        Raises:
            UnreachableError: No connection, or no answer in time. The outcome is
                unknown: ask, or send again with the same idempotency key.
            GatewayError: The node refused, with its code.
        """
        connection = self._connect(timeout_s(call))
        try:
            connection.request(
                call.route.method,
                call.target,
                body=call.body or None,
                headers={**self._endpoint.headers(call), "Connection": "close"},
            )
            response = connection.getresponse()
            body = response.read(MAX_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise self._endpoint.unreachable(error) from error
        finally:
            connection.close()
        if len(body) > MAX_ANSWER_BYTES:
            raise TooLargeError(f"answer: over {MAX_ANSWER_BYTES} bytes")
        return read_answer(call, status=response.status, body=body)

    def upload(self, call: Call[T], source: Source, length: int) -> T:
        """Return the answer to a call whose body is the next bytes of a source.

        Raises:
            UnreachableError: The connection broke. Ask how much has arrived.
            SourceChangedError: The source has fewer bytes, or what the node got had
                another digest than was announced.
            GatewayError: The node refused, with its code.
        """
        connection = self._connect(STREAM_TIMEOUT_S)
        try:
            connection.putrequest(call.route.method, call.target)
            headers = upload_headers(self._endpoint, call, length)
            for name, text in {**headers, "Connection": "close"}.items():
                connection.putheader(name, text)
            connection.endheaders()
            # A node that refuses does not read on: what it said is already here.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for block in _blocks(source, length):
                    connection.send(block)
            response = connection.getresponse()
            body = response.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise self._endpoint.unreachable(error) from error
        finally:
            connection.close()
        return read_answer(call, status=response.status, body=body)

    def download(
        self,
        call: Call[bytes],
        *,
        offset: int = 0,
    ) -> Generator[bytes, None, None]:
        """Yield what a call answers, from byte `offset` on, as it comes.

        Close the generator to end it early.

        Raises:
            UnreachableError: The connection broke, or the answer ended too early. Go
                on from what has come.
            GatewayError: The node refused, with its code.
        """
        connection = self._connect(STREAM_TIMEOUT_S)
        try:
            headers = download_headers(self._endpoint, call, offset)
            connection.request(
                call.route.method,
                call.target,
                headers={**headers, "Connection": "close"},
            )
            response = connection.getresponse()
            if not is_stream(response.status):
                raise refusal(response.status, response.read(MAX_ANSWER_BYTES))
            told = response.getheader("Content-Range", "")
            check_start(response.status, told, offset)
            yield from _received(response)
        except (OSError, http.client.HTTPException) as error:
            raise self._endpoint.unreachable(error) from error
        finally:
            connection.close()

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=seconds)
        return http.client.HTTPSConnection(
            host,
            port,
            timeout=seconds,
            context=tls_context(self._endpoint),
        )


def _blocks(source: Source, length: int) -> Iterator[bytes]:
    rest = length
    while rest:
        block = source.read(min(BLOCK_BYTES, rest))
        if not block:
            raise too_short(rest)
        rest -= len(block)
        yield block


def _received(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield a body as it comes; unlike the library, notice one that is too short."""
    # Counted here: `read1` does not keep count in Python 3.11.
    rest = response.length
    while rest != 0:
        block = response.read1(BLOCK_BYTES if rest is None else min(BLOCK_BYTES, rest))
        if not block and rest is None:
            return
        if not block:
            raise broken_off(rest or 0)
        rest = None if rest is None else rest - len(block)
        yield block


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """Return what an https endpoint is verified with.

    Raises:
        UsageError: The CA file cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_file or None)
    except OSError as error:
        raise UsageError(f"{endpoint.ca_file}: not a PEM file of a CA") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
