"""Where log entries are sent as syslog."""

import ipaddress
import re
from dataclasses import dataclass

from gateway.core.errors import MalformedError

_MAX_PORT = 65_535
_TARGET = re.compile(
    r"(tls|tcp|udp)://(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9][a-z0-9.-]{0,252})):"
    r"([1-9][0-9]{0,4})\Z"
)


@dataclass(frozen=True, slots=True)
class SyslogTarget:
    """Where messages go."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_syslog_target(text: str) -> SyslogTarget:
    """Return the target that `text` spells.

    Raises:
        MalformedError: Not `tls://host:port`, `tcp://host:port`, or `udp://` with a
            loopback address: a datagram that is lost on a network is lost for good.
    """
    match = _TARGET.match(text)
    if match is None or int(match[4]) > _MAX_PORT:
        raise MalformedError(
            f"siem: {text[:80]!r}, expected like tls://siem.example.org:6514"
        )
    target = SyslogTarget(match[1], match[2] or match[3], int(match[4]))
    if target.scheme == "udp" and not _is_loopback(target.host):
        raise MalformedError(
            f"siem: {text[:80]!r}, udp is for a loopback address only: what a network "
            "loses would be missing unseen"
        )
    return target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
