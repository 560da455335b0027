"""Calls of other systems' endpoints: to checked addresses only, bounded, no redirects.

A name is resolved once for a connection, every address of it is checked, and the
connection goes to such an address: a name that resolves otherwise a moment later leads
nowhere else (specification, section 16.1).
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.core.addresses import Target, is_public
from gateway.core.errors import ConfigError, UsageError
from gateway.core.webhooks import Answer
from gateway.transport.sessions import bounded_session

_HEADERS = {
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "mla-gateway",
}
# Of an answer nothing but its status counts; this much is read so that the connection
# can be used again.
_MAX_ANSWER_BYTES = 16 * 1024
_KEEPALIVE_S = 30.0
_CONNECTIONS = 64
_REDIRECT = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLimits:
    """What a call may take.

    Attributes:
        connect_timeout_s: For name, route and handshake.
        total_timeout_s: For the whole call, however steadily it drips.
    """

    connect_timeout_s: float = 10.0
    total_timeout_s: float = 15.0


class PrivateAddressError(OSError):
    """A name leads to an address that is not on the open network."""


class WebhookClient:
    """Calls endpoints; implements `WebhookTransport`.

    Args:
        listed: Origins that may be private or unencrypted.
        ca: PEM file of certificate authorities to believe beside the machine's own.
        limits: What a call may take.

    Raises:
        ConfigError: The file can't be used.
    """

    def __init__(
        self,
        listed: Collection[str] = (),
        *,
        ca: Path | None = None,
        limits: WebhookLimits | None = None,
    ) -> None:
        self._listed = frozenset(listed)
        self._limits = limits or WebhookLimits()
        self._context = ssl.create_default_context()
        if ca is not None:
            _believe(self._context, ca)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def check(self, target: Target) -> None:
        """Refuse a target that could never be called.

        Raises:
            UsageError: Not encrypted, or a private address, and not listed.
        """
        if target.origin in self._listed:
            return
        if not target.is_encrypted:
            raise UsageError(
                f"url: {target.origin} is not encrypted; use https, or list it in "
                "[webhooks] allow",
            )
        if _is_address(target.host) and not is_public(target.host):
            raise UsageError(
                f"url: {target.host} is an address of a private network; list "
                f"{target.origin} in [webhooks] allow if it is meant",
            )

    async def call(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Make a call and return how it went, whatever happened."""
        began_s = time.monotonic()
        status, detail, retry_after_s = await self._call(target, headers, body)
        return Answer(
            status=status,
            detail=detail,
            retry_after_s=retry_after_s,
            duration_ms=round((time.monotonic() - began_s) * 1000),
        )

    async def close(self) -> None:
        """End all connections."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def _call(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str, int]:
        try:
            # Settings may have changed since the endpoint was added.
            self.check(target)
            async with (
                asyncio.timeout(self._limits.total_timeout_s),
                self._session(target).post(
                    target.url,
                    data=body,
                    headers={**_HEADERS, **headers},
                    allow_redirects=False,
                ) as response,
            ):
                return await _take(response)
        except UsageError as error:
            return 0, str(error), 0
        except TimeoutError:
            return 0, f"no answer within {self._limits.total_timeout_s:g} s", 0
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return 0, _failure(error), 0

    def _session(self, target: Target) -> aiohttp.ClientSession:
        """Return the session for listed targets, or that for all others."""
        is_listed = target.origin in self._listed
        if is_listed not in self._sessions:
            resolver = _Resolver(allows_private=is_listed)
            self._sessions[is_listed] = bounded_session(
                aiohttp.ClientTimeout(
                    total=None, connect=self._limits.connect_timeout_s
                ),
                aiohttp.TCPConnector(
                    resolver=resolver,
                    use_dns_cache=False,
                    ssl=self._context,
                    limit=_CONNECTIONS,
                    keepalive_timeout=_KEEPALIVE_S,
                ),
            )
        return self._sessions[is_listed]


class _Resolver(AbstractResolver):
    """Resolves names to addresses that may be connected to."""

    def __init__(self, *, allows_private: bool) -> None:
        self._allows_private = allows_private

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            OSError: The name is not known.
            PrivateAddressError: One of them is not on the open network. One is
                enough: which of them is tried first is not in our hands.
        """
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family
        )
        addresses = [(str(one[4][0]), one[0]) for one in found]
        for address, _ in addresses:
            if not self._allows_private and not is_public(address):
                raise PrivateAddressError(
                    f"{host} leads to {address}, an address of a private network"
                )
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, kind in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _believe(context: ssl.SSLContext, ca: Path) -> None:
    try:
        context.load_verify_locations(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"webhooks.ca: {ca} can't be used: {error}") from error


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    # What the C library also takes for an address: 127.1, 0x7f000001, 2130706433.
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


async def _take(response: aiohttp.ClientResponse) -> tuple[int, str, int]:
    """Return status, what it means, and how long to wait."""
    await response.content.read(_MAX_ANSWER_BYTES)
    if not response.content.at_eof():
        response.close()
    status = response.status
    retry_after = response.headers.get("Retry-After", "")
    is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 9  # noqa: PLR2004 - three years of seconds
    detail = "" if status in range(200, 300) else f"HTTP status {status}"
    if status in _REDIRECT:
        detail += "; redirects are not followed"
    return status, detail, int(retry_after) if is_number else 0


def _failure(error: Exception) -> str:
    """Return what went wrong, without anything that the other side has said."""
    text = f"connection lost: {type(error).__name__}"
    match error:
        case aiohttp.ClientConnectorDNSError():
            text = f"name resolution: {error.host} is not known"
            if isinstance(error.os_error, PrivateAddressError):
                text = f"{error.os_error}; list it in [webhooks] allow if it is meant"
        case aiohttp.ClientConnectorCertificateError():
            text = "certificate: not valid for that name, or nobody here vouches for it"
        case aiohttp.ClientConnectorSSLError():
            text = "TLS: the handshake failed"
        case aiohttp.ClientConnectorError():
            text = f"no connection to {error.host} port {error.port}"
        case _:
            pass
    return text
