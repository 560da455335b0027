"""The port `gateway.ports.alerts.AlertStore`."""

from collections.abc import Sequence

from gateway.core.alerts import AlertPolicy, Condition, Severity
from gateway.core.values import UnixMs
from gateway.ports.alerts import Alert, AlertEvent, ChannelState, Expiring
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import alerts


class AlertMethods(StoreMethods):
    """Keeping alerts."""

    async def observe_alerts(
        self,
        seen: Sequence[Condition],
        *,
        policy: AlertPolicy,
        since: UnixMs,
        now: UnixMs,
    ) -> list[AlertEvent]:
        """Take in what is not well now; return the steps that follow."""
        return await self._runner.write(
            lambda tx: alerts.observe(tx, seen, policy=policy, since=since, now=now)
        )

    async def acknowledge_alert(self, number: int, who: str, now: UnixMs) -> Alert:
        """Note that somebody knows of an alert; repeating is harmless."""
        return await self._runner.write(
            lambda tx: alerts.acknowledge(tx, number, who, now)
        )

    async def alerts(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        return await self._runner.read(
            lambda tx: tx.alerts(is_open=is_open, before=before, limit=limit)
        )

    async def open_alert_counts(self) -> dict[tuple[str, Severity], int]:
        """Return how many alerts are open, by name and severity."""
        return await self._runner.read(lambda tx: tx.open_alert_counts())

    async def expiring(self, before: UnixMs) -> list[Expiring]:
        """Return what expires before then and was not delivered, by peer."""
        return await self._runner.read(lambda tx: tx.expiring(before))

    async def alert_events(self, *, after: int, limit: int) -> list[AlertEvent]:
        """Return events with a number above `after`, in order."""
        return await self._runner.read(lambda tx: tx.alert_events(after, limit))

    async def alert_channel(self, name: str) -> ChannelState:
        """Return how far a channel has told; a new one is at the beginning."""
        return await self._runner.read(
            lambda tx: tx.alert_channel(name) or ChannelState(name=name)
        )

    async def put_alert_channel(self, state: ChannelState) -> None:
        """Store how far a channel has told."""
        await self._runner.write(lambda tx: tx.put_alert_channel(state))

    async def prune_alerts(self, before: UnixMs) -> int:
        """Remove alerts resolved before then, with their events; return how many."""
        return await self._runner.write(lambda tx: tx.drop_alerts(before))
