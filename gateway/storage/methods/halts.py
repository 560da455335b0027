"""The port `gateway.ports.halts.HaltStore`."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.halts import Incident, Window
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import halts


class HaltMethods(StoreMethods):
    """Keeping windows and incidents."""

    async def begin_window(self, until: UnixMs, act: Act, now: UnixMs) -> Window:
        """Begin a maintenance window; one that is open gets another end."""
        return await self._runner.write(
            lambda tx: halts.begin_window(tx, until, act, now)
        )

    async def end_window(self, act: Act, now: UnixMs) -> Window:
        """End the open window."""
        return await self._runner.write(lambda tx: halts.end_window(tx, act, now))

    async def open_window(self) -> Window | None:
        """Return the window that was begun and not ended."""
        return await self._runner.read(lambda tx: tx.open_window())

    async def begin_incident(
        self, peer: AuthorityId, since: UnixMs, act: Act, now: UnixMs
    ) -> Incident:
        """Stop exchange with a peer."""
        return await self._runner.write(
            lambda tx: halts.begin_incident(tx, peer, since, act, now)
        )

    async def end_incident(
        self, peer: AuthorityId, act: Act, now: UnixMs, *, uses_approval: bool
    ) -> Incident:
        """Allow exchange with a peer again."""
        return await self._runner.write(
            lambda tx: halts.end_incident(
                tx, peer, act, now, uses_approval=uses_approval
            )
        )

    async def incidents(self) -> Sequence[Incident]:
        """Return all incidents there ever were, oldest first."""
        return await self._runner.read(lambda tx: tx.incidents())
