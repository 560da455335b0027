"""The port `gateway.ports.alarms.AlarmStore`."""

from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import Alarm, AlarmFilter, NewAlarm
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import alarms


class AlarmMethods(StoreMethods):
    """Keeping alarms."""

    async def raise_alarm(self, new: NewAlarm, act: Act, now: UnixMs) -> Alarm | None:
        """Raise an alarm; None if there was one of its kind and subject, ever."""
        return await self._runner.write(
            lambda tx: alarms.raise_alarm(tx, new, act, now)
        )

    async def claim_alarm(self, number: int, act: Act, now: UnixMs) -> Alarm:
        """Let somebody look after an alarm; repeating is harmless."""
        return await self._runner.write(lambda tx: alarms.claim(tx, number, act, now))

    async def resolve_alarm(self, number: int, act: Act, now: UnixMs) -> Alarm:
        """Let a person resolve an alarm."""
        return await self._runner.write(lambda tx: alarms.resolve(tx, number, act, now))

    async def withdraw_alarm(self, number: int, act: Act, now: UnixMs) -> bool:
        """Resolve an alarm whose reason is gone; tell whether it was open."""
        return await self._runner.write(
            lambda tx: alarms.withdraw(tx, number, act, now)
        )

    async def ask_person(
        self, number: int, person: str, *, asked: int, act: Act, now: UnixMs
    ) -> bool:
        """Ask the next person on call to claim an alarm, if nothing has changed."""
        return await self._runner.write(
            lambda tx: alarms.ask_person(
                tx, number, person, asked=asked, act=act, now=now
            )
        )

    async def told_of_alarm(
        self, number: int, *, tell_at: UnixMs, again_at: UnixMs
    ) -> None:
        """Record that the notify program was run, unless there is something new."""
        await self._runner.write(
            lambda tx: alarms.told(tx, number, tell_at=tell_at, again_at=again_at)
        )

    async def alarm(self, number: int) -> Alarm:
        """Return an alarm."""
        return await self._runner.read(lambda tx: alarms.require_alarm(tx, number))

    async def alarms(
        self, wanted: AlarmFilter, *, before: int | None, limit: int
    ) -> list[Alarm]:
        """Return alarms with a number below `before`, newest first."""
        return await self._runner.read(lambda tx: tx.alarms(wanted, before, limit))

    async def open_alarms(self, *, after: int, limit: int) -> list[Alarm]:
        """Return open alarms with a number above `after`, in order."""
        return await self._runner.read(lambda tx: tx.open_alarms(after, limit))

    async def open_alarm_counts(self) -> dict[tuple[str, bool], int]:
        """Return how many alarms are open, by kind and whether somebody has them."""
        return await self._runner.read(lambda tx: tx.open_alarm_counts())

    async def alarmless_emergencies(
        self, *, since: UnixMs, limit: int
    ) -> list[MessageId]:
        """Return emergency messages of which no alarm was raised, oldest first."""
        return await self._runner.read(
            lambda tx: tx.alarmless_emergencies(since, limit)
        )

    async def late_emergencies(self, *, before: UnixMs, limit: int) -> list[MessageId]:
        """Return emergency messages of ours that no peer has taken, oldest first."""
        return await self._runner.read(lambda tx: tx.late_emergencies(before, limit))
