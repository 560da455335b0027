"""The client for programs without an event loop: the command line, scripts.

Only the standard library, because it is imported at every command. A connection a
call: none is found closed when it is needed, so nothing is ever sent twice.
"""

import http.client
import ssl
from typing import TypeVar
from urllib.parse import urlsplit

from gateway.client.answers import (
    MAX_ANSWER_BYTES,
    Endpoint,
    read_answer,
    timeout_s,
)
from gateway.client.calls import Call
from gateway.core.errors import TooLargeError, UsageError

T = TypeVar("T")


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
