"""Who was refused at the door: what an operator needs when a peer cannot get in.

The refused side sees nothing but a closed connection, so the refusing side keeps the
fingerprint of the certificate and the reason. Bounded, and logged at a bounded rate:
anybody can knock.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

import structlog

from gateway.core.values import UnixMs

MAX_STRANGERS = 64
MAX_LOG_LINES = 60
LOG_WINDOW_MS = 60_000

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stranger:
    """One refused certificate from one place.

    Attributes:
        fingerprint: SHA-256 of the certificate, or empty if none was shown.
        reason: Why it was refused.
        address: Network address of the other end.
        last_at: When it last came.
        times: How often it came.
    """

    fingerprint: str
    reason: str
    address: str
    last_at: UnixMs
    times: int = 1


class Strangers:
    """The most recent refusals, newest last."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], Stranger] = OrderedDict()
        self._window_start = UnixMs(0)
        self._lines = 0

    def recent(self) -> tuple[Stranger, ...]:
        """Return the refusals that are remembered, newest last."""
        return tuple(self._known.values())

    def note(self, stranger: Stranger) -> None:
        """Remember a refusal and log it, unless too many came within a minute."""
        key = (stranger.fingerprint, stranger.reason, stranger.address)
        known = self._known.pop(key, None)
        if known:
            stranger = replace(stranger, times=known.times + 1)
        self._known[key] = stranger
        if len(self._known) > MAX_STRANGERS:
            self._known.popitem(last=False)
        if self._may_log(stranger.last_at):
            _log.warning(
                "stranger_refused",
                fingerprint=stranger.fingerprint,
                reason=stranger.reason,
                address=stranger.address,
                times=stranger.times,
            )

    def _may_log(self, now: UnixMs) -> bool:
        # A clock that was set back opens a new window too.
        if not 0 <= now - self._window_start < LOG_WINDOW_MS:
            self._window_start = now
            self._lines = 0
        self._lines += 1
        return self._lines <= MAX_LOG_LINES
