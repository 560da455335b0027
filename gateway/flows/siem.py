"""Telling a SIEM what was logged: every entry, in order, at least once.

Syslog knows no receipts. So the place from which the stream goes on after a break moves
only over what the other machine has acknowledged, as TCP can tell, and after the
connection has stood for some seconds more: a program that died there with unread bytes
has shown itself by then. What was sent and is not beyond that place is sent again after
a break; entries carry their index and hash, so a copy is recognised
(specification, section 16.3).
"""

from collections import deque

import structlog

from gateway.core.delivery import BackOff
from gateway.core.errors import GatewayError
from gateway.core.syslog import LoggedEntry, SyslogSource, syslog_message
from gateway.flows.exchange import Exchange
from gateway.ports.siem import EventStream

log = structlog.get_logger()

_LOOK_S = 1.0
_ENTRIES_A_READ = 256
# What is sent again after a break, at most.
WINDOW_ENTRIES = 8_192
SETTLE_S = 5.0
_BACK_OFF = BackOff(first_delay_ms=1_000, max_delay_ms=60_000)


class SiemStream:
    """Follows the log and tells it; does nothing if nobody listens.

    Args:
        exchange: The store, the clock and figures.
        stream: Where it goes; None if nowhere.
        source: How entries are spelled.
        begins_at_end: Whether a stream that never ran begins with what is new.
    """

    def __init__(
        self,
        exchange: Exchange,
        stream: EventStream | None,
        source: SyslogSource,
        *,
        begins_at_end: bool,
    ) -> None:
        self._exchange = exchange
        self._stream = stream
        self._source = source
        self._begins_at_end = begins_at_end
        self._position = -1  # up to here all is told for certain
        self._sent = 0
        self._marks: deque[tuple[int, float]] = deque()
        self._failures = 0
        self._problem = ""

    @property
    def is_configured(self) -> bool:
        """Whether there is anybody to tell."""
        return self._stream is not None

    @property
    def problem(self) -> str:
        """Why nothing goes out now; empty if it does."""
        return self._problem

    @property
    def _name(self) -> str:
        # A log that succeeds another begins at index 0 again.
        return f"siem/{self._exchange.checkpoints.origin}"

    async def run(self) -> None:
        """Tell entries, for ever."""
        if self._stream is None:
            return
        try:
            while True:
                await self._exchange.clock.sleep(await self.tick())
        finally:
            await self._stream.close()

    async def tick(self) -> float:
        """Tell what is new; return seconds after which to look again."""
        if self._stream is None:
            return _LOOK_S
        try:
            if self._position < 0:
                await self._begin()
            if not self._stream.is_whole():
                # What was under way may be lost.
                self._sent = self._position
                self._marks.clear()
            await self._stream.open()
            is_more = await self._send(self._stream)
            await self._settle(self._stream)
        except GatewayError as error:
            return await self._failed(self._stream, error)
        if self._problem:
            log.info("siem_reached", position=self._position)
        self._failures, self._problem = 0, ""
        return 0.0 if is_more else _LOOK_S

    async def _begin(self) -> None:
        kept = await self._exchange.store.stream_position(self._name)
        if kept is None:
            head = await self._exchange.store.log_head()
            kept = head.size if self._begins_at_end else 0
            await self._exchange.store.put_stream_position(self._name, kept)
        self._position = self._sent = kept

    async def _send(self, stream: EventStream) -> bool:
        """Send some entries; tell whether there are more to be sent at once."""
        room = WINDOW_ENTRIES - (self._sent - self._position)
        limit = min(room, _ENTRIES_A_READ)
        if limit <= 0:
            return False
        store, origin = self._exchange.store, self._exchange.checkpoints.origin
        entries = await store.entries(self._sent, limit)
        if entries:
            messages = [
                syslog_message(
                    LoggedEntry(
                        origin=origin,
                        index=one.index,
                        leaf_hash=one.leaf_hash,
                        data=one.data,
                        kind=one.kind,
                        message_id=one.message_id,
                    ),
                    self._source,
                )
                for one in entries
            ]
            await stream.send(messages)
            self._sent += len(entries)
            self._marks.append((self._sent, self._exchange.clock.monotonic_s()))
        head = await store.log_head()
        self._exchange.metrics.gauge("mla_siem_lag_entries", head.size - self._sent)
        return len(entries) == limit == _ENTRIES_A_READ

    async def _settle(self, stream: EventStream) -> None:
        """Move the place on over what has certainly been taken."""
        if not (stream.is_whole() and stream.is_taken()):
            return
        settled = self._position
        before_s = self._exchange.clock.monotonic_s() - SETTLE_S
        while self._marks and self._marks[0][1] <= before_s:
            settled = self._marks.popleft()[0]
        if settled > self._position:
            await self._exchange.store.put_stream_position(self._name, settled)
            self._position = settled

    async def _failed(self, stream: EventStream, error: GatewayError) -> float:
        await stream.close()
        self._failures += 1
        self._exchange.metrics.count("mla_siem_failures_total")
        if str(error) != self._problem:  # said once, not at every attempt
            log.warning("siem_not_reached", code=error.code, reason=str(error))
        self._problem = str(error)
        head = await self._exchange.store.log_head()
        lag = head.size - max(self._position, 0)
        self._exchange.metrics.gauge("mla_siem_lag_entries", lag)
        spread = self._exchange.clock.spread()
        return _BACK_OFF.delay_ms(self._failures, spread) / 1000
