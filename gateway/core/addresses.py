"""Where a node may be told to connect to: URLs of other systems, and IP addresses.

Whoever can name a URL that the node then calls could use it to reach what only the
node can: the machine itself, the network behind the firewall, the addresses at which
hosts of virtual machines hand out credentials. So an address is taken only if it is
on the open network, or if the settings list its origin (specification, section 16.1).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from gateway.core.errors import MalformedError

DIRECT = "direct"
"""Way to a peer that is called without a proxy."""

_MAX_URL_CHARS = 500
_MAX_PORT = 65_535
_PORTS = {"http": 80, "https": 443}
_HOST = r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_URL = re.compile(
    rf"(?P<scheme>https?)://{_HOST}(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>/[!$&-;=?-Z_a-z~%\[\]|]*)?\Z",
)
# Addresses of the open network that hold one of another: a way round the check.
_CARRIERS = (
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    IPv6Network("64:ff9b:1::/48"),  # the same within a network (RFC 8215)
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("2001::/32"),  # Teredo
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL to call, taken apart.

    Attributes:
        url: As it was given.
        scheme: `http` or `https`.
        host: Name or address; an IPv6 address without its brackets.
        port: Also where the URL leaves it to the scheme.
    """

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what settings list."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_encrypted(self) -> bool:
        """Whether it is called over TLS."""
        return self.scheme == "https"


def parse_target(text: str) -> Target:
    """Return the URL that `text` spells.

    Raises:
        MalformedError: Not `http://` or `https://`, a host in lower case, and perhaps
            a port and a path: users, passwords and fragments have no place in it.
    """
    match = _URL.match(text) if len(text) <= _MAX_URL_CHARS else None
    port = int(match["port"] or _PORTS[match["scheme"]]) if match else 0
    if match is None or port > _MAX_PORT:
        raise MalformedError(
            f"url: {text[:80]!r}, expected like https://cases.example.org/hook"
        )
    return Target(text, match["scheme"], match["host"].strip("[]"), port)


def parse_origin(text: str) -> str:
    """Return an origin as `Target.origin` spells it.

    Raises:
        MalformedError: It is none, or has a path.
    """
    target = parse_target(text)
    match = _URL.match(text)
    if match is None or match["path"] is not None:
        raise MalformedError(
            f"origin: {text[:80]!r}, expected like https://cases.example.org"
        )
    return target.origin


def parse_proxy(text: str) -> str:
    """Return the URL of a proxy.

    Raises:
        MalformedError: Not `http://host:port` and nothing else; a login has a file of
            its own.
    """
    target = parse_target(text)
    if target.is_encrypted or text != target.origin:
        raise MalformedError(f"proxy: {text[:80]!r}, expected http://host:port")
    return text


def parse_way(text: str) -> str:
    """Return the way to a peer: a proxy, `direct`, or empty for the usual one.

    Raises:
        MalformedError: Neither.
    """
    return text if text in {"", DIRECT} else parse_proxy(text)


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the open network; False for no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is not None:
            return _is_open(mapped)
        if any(address in network for network in _CARRIERS):
            return False
    return _is_open(address)


def _is_open(address: IPv4Address | IPv6Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )
