"""Calls to a time-stamping authority: RFC 3161 over HTTP (its section 3.4).

Plain HTTP is good enough, and usual: only a digest goes out, and an answer is worth
what its signature is worth, which is checked before anybody else sees it.
"""

import asyncio
from dataclasses import dataclass

import aiohttp

from gateway.core.errors import MalformedError, UnreachableError, VerificationError
from gateway.core.limits import MAX_STAMP_BYTES
from gateway.core.translog.stamps import (
    QUERY_MEDIA_TYPE,
    REPLY_MEDIA_TYPE,
    StampRoots,
    TimeStamp,
    new_query,
    verify_stamp,
)
from gateway.transport.failures import unreachable
from gateway.transport.peer_call import read_bounded
from gateway.transport.sessions import bounded_session

_HTTP_OK = 200
_WHO = "time-stamping authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaLimits:
    """Limits of a call to the authority.

    Attributes:
        connect_timeout_s: For name, route and handshake.
        total_timeout_s: For the whole call, however steadily it drips.
    """

    connect_timeout_s: float = 10.0
    total_timeout_s: float = 30.0


class TsaClient:
    """One time-stamping authority; implements `TimeStamping`.

    Args:
        url: Where it answers, `http://` or `https://`. With the latter the machine's
            own certificate authorities say who it is.
        roots: Under whose certificates its stamps are believed.
        limits: What a call may take.
    """

    def __init__(
        self, url: str, roots: StampRoots, *, limits: TsaLimits | None = None
    ) -> None:
        self._url = url
        self._roots = roots
        limits = limits or TsaLimits()
        self._total_timeout_s = limits.total_timeout_s
        self._timeout = aiohttp.ClientTimeout(
            total=limits.total_timeout_s,
            sock_connect=limits.connect_timeout_s,
        )

    async def stamp(self, text: bytes) -> TimeStamp:
        """Return a verified stamp over a checkpoint's three lines.

        Raises:
            UnreachableError: No answer, or one that HTTP says is none.
            VerificationError: The answer is no stamp of what was asked.
        """
        query = new_query(text)
        try:
            response = await self._ask(query.body)
            return await asyncio.to_thread(
                verify_stamp,
                response,
                text,
                roots=self._roots,
                nonce=query.nonce,
            )
        except MalformedError as error:
            raise VerificationError(str(error)) from error

    async def _ask(self, body: bytes) -> bytes:
        headers = {
            "Accept": REPLY_MEDIA_TYPE,
            "Accept-Encoding": "identity",
            "Content-Type": QUERY_MEDIA_TYPE,
            "User-Agent": "mla-gateway",
        }
        try:
            async with (
                bounded_session(self._timeout) as session,
                session.post(
                    self._url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                return await _take(response)
        except TimeoutError as error:
            raise UnreachableError(
                f"{_WHO}: no answer within {self._total_timeout_s:g} s",
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(f"{_WHO}: {unreachable(error)}") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            lost = f"connection lost: {type(error).__name__}"
            raise UnreachableError(f"{_WHO}: {lost}") from error


async def _take(response: aiohttp.ClientResponse) -> bytes:
    if response.status != _HTTP_OK:
        raise UnreachableError(f"{_WHO}: answers with HTTP status {response.status}")
    if response.content_type != REPLY_MEDIA_TYPE:
        raise UnreachableError(f"{_WHO}: answers with another kind of document")
    return await read_bounded(response, MAX_STAMP_BYTES)
