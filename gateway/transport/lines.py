"""Lines of connections to a peer: what they are for, and when they end."""

import ssl
from dataclasses import dataclass, field
from enum import Enum, auto

import aiohttp

from gateway.transport.limits import ClientLimits
from gateway.transport.sessions import bounded_session
from gateway.transport.trust import Anchors


class Use(Enum):
    """What a line of connections is for."""

    MESSAGES = auto()
    EVIDENCE = auto()


@dataclass(slots=True)
class Line:
    """The connections to one peer for one use, made under one trust.

    Attributes:
        anchors: The trust.
        session: The connections.
        made_at_s: Monotonic moment.
        calls: How many are under way.
        is_retired: To be closed when the last call is over.
    """

    anchors: Anchors
    session: aiohttp.ClientSession = field(repr=False)
    made_at_s: float
    calls: int = 0
    is_retired: bool = False

    async def retire(self) -> None:
        """Let calls under way end, then close."""
        self.is_retired = True
        if not self.calls:
            await self.session.close()


def new_session(context: ssl.SSLContext, limits: ClientLimits) -> aiohttp.ClientSession:
    """Return a session whose connections are made when they are needed."""
    return bounded_session(
        aiohttp.ClientTimeout(total=None, connect=limits.connect_timeout_s),
        aiohttp.TCPConnector(
            ssl=context,
            limit=limits.connections,
            keepalive_timeout=limits.keepalive_timeout_s,
        ),
    )
