"""Proxies on the way to peers: a CONNECT tunnel, with mutual TLS from end to end in it.

A proxy learns which address is called and how much, as any router does. It can stop a
call, and cannot be believed about anything: who is at the other end is proven inside
the tunnel, as without a proxy (specification, section 16.4).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.addresses import DIRECT
from gateway.core.errors import ConfigError

_MAX_LOGIN_CHARS = 512


@dataclass(frozen=True, slots=True)
class ProxyLogin:
    """Who we are to the proxy of the settings."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerProxies:
    """Which proxy the way to a peer goes through.

    Attributes:
        url: The proxy of the settings; empty for none.
        login: Told to that proxy, and to no other.
    """

    url: str = ""
    login: ProxyLogin | None = field(default=None, repr=False)

    def towards(self, policy: str) -> str:
        """Return the proxy for a peer with this policy; empty for none."""
        if policy == DIRECT:
            return ""
        return policy or self.url

    def headers_at(self, url: str) -> Mapping[str, str]:
        """Return what a proxy is told of us (RFC 7617)."""
        if self.login is None or url != self.url:
            return {}
        told = f"{self.login.user}:{self.login.password}".encode()
        basic = base64.b64encode(told).decode("ascii")
        return {"Proxy-Authorization": f"Basic {basic}"}


def parse_login(text: str) -> ProxyLogin:
    """Return the login in a file: `user:password` on its only line.

    Raises:
        ConfigError: Another form; the text is not repeated in the message.
    """
    line = text.removesuffix("\n")
    user, colon, password = line.partition(":")
    if not colon or not user or not line.isprintable() or len(line) > _MAX_LOGIN_CHARS:
        raise ConfigError("peer.proxy_login: expected one line, user:password")
    return ProxyLogin(user, password)
