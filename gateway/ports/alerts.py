"""Alerts: kept while they are open and for a while after; told over channels.

Every step of an alert is a row of a small feed, written in the transaction of the step.
A channel has its place in that feed, which moves on when a telling was taken: nothing
is told that did not happen, and nothing is forgotten when the process dies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.alerts import AlertPolicy, AlertStep, Condition, Severity
from gateway.core.values import NEVER, UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert.

    Attributes:
        number: Later ones are greater; 0 before it is stored.
        seen: What was seen last.
        seen_at: When that was.
        resolved_at: `NEVER` while it is open.
        acknowledged_by: Account that knows of it, so that nobody is reminded.
        repeats: Times that people were reminded.
        repeat_at: When they are next; `NEVER` for not.
    """

    number: int = 0
    seen: Condition
    raised_at: UnixMs
    seen_at: UnixMs
    resolved_at: UnixMs = NEVER
    acknowledged_by: str = ""
    acknowledged_at: UnixMs = NEVER
    repeats: int = 0
    repeat_at: UnixMs = NEVER

    @property
    def is_open(self) -> bool:
        """Whether its reason is still there."""
        return self.resolved_at == NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """A step of an alert.

    Attributes:
        number: Its place in the feed; 0 before it is stored.
        severity: Of the alert at that moment.
        alert: The alert as it is by now.
    """

    number: int = 0
    step: AlertStep
    at: UnixMs
    severity: Severity
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """How far a channel has told.

    Attributes:
        name: The channel: `mail`, or what other channels call themselves.
        cursor: Number of the last event that it is done with.
        failures: Attempts in a row that failed.
        next_at: Nothing is tried before this moment.
        error: Why the last attempt failed; empty if it did not.
    """

    name: str
    cursor: int = 0
    failures: int = 0
    next_at: UnixMs = NEVER
    error: str = ""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Messages to a peer that will soon expire undelivered.

    Attributes:
        first_at: When the first of them does.
    """

    peer: str
    count: int
    first_at: UnixMs


class AlertStore(Protocol):
    """Keeping alerts. Each method is one transaction."""

    async def observe_alerts(
        self,
        seen: Sequence[Condition],
        *,
        policy: AlertPolicy,
        since: UnixMs,
        now: UnixMs,
    ) -> Sequence[AlertEvent]:
        """Take in what is not well now; return the steps that follow.

        What is new is raised; what got worse or is due is told again; what was not
        seen for the quiet time of the policy is resolved.

        Args:
            seen: One condition for each thing.
            policy: When alerts end and are repeated.
            since: When this process began to look: before that nothing could be seen.
            now: The time.
        """
        ...

    async def acknowledge_alert(self, number: int, who: str, now: UnixMs) -> Alert:
        """Note that somebody knows of an alert; repeating is harmless.

        Raises:
            NotFoundError: No such alert.
            ConflictError: It is resolved.
        """
        ...

    async def alerts(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        ...

    async def open_alert_counts(self) -> Mapping[tuple[str, Severity], int]:
        """Return how many alerts are open, by name and severity."""
        ...

    async def expiring(self, before: UnixMs) -> list[Expiring]:
        """Return what expires before then and was not delivered, by peer."""
        ...

    async def alert_events(self, *, after: int, limit: int) -> list[AlertEvent]:
        """Return events with a number above `after`, in order."""
        ...

    async def alert_channel(self, name: str) -> ChannelState:
        """Return how far a channel has told; a new one is at the beginning."""
        ...

    async def put_alert_channel(self, state: ChannelState) -> None:
        """Store how far a channel has told."""
        ...

    async def prune_alerts(self, before: UnixMs) -> int:
        """Remove alerts resolved before then, with their events; return how many."""
        ...


class AlertChannel(Protocol):
    """A way to tell people or programs of alerts."""

    @property
    def name(self) -> str:
        """Its name; its place in the feed is kept under it."""
        ...

    @property
    def pause_ms(self) -> int:
        """How long it is left alone after a telling, unless something is critical."""
        ...

    def wants(self, event: AlertEvent) -> bool:
        """Tell whether it tells of such events at all."""
        ...

    async def tell(self, events: Sequence[AlertEvent]) -> None:
        """Tell of events, at least one, in order; all or none.

        Raises:
            GatewayError: They were not taken.
        """
        ...

    async def test(self) -> None:
        """Tell that this is a test.

        Raises:
            GatewayError: It was not taken.
        """
        ...


class Mailer(Protocol):
    """Hands mails to a mail server."""

    async def send(self, mail_id: str, subject: str, text: str) -> None:
        """Hand over one mail.

        Args:
            mail_id: The same for the same mail, so that one that arrives twice is
                recognised.
            subject: One line.
            text: The mail.

        Raises:
            GatewayError: The server did not take it.
        """
        ...
