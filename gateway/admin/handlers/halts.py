"""What people stop: all exchange for a while, and that with one peer."""

from collections.abc import Mapping
from urllib.parse import urlencode

from gateway.admin.asked import Asked, Handler
from gateway.admin.filters import moment_of
from gateway.admin.halt_shapes import (
    Exchanged,
    ExchangedQuery,
    Incident,
    IncidentRequest,
    Maintenance,
    MaintenanceRequest,
)
from gateway.admin.rendering import incident_of, when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.errors import UsageError
from gateway.core.values import NEVER
from gateway.ports.halts import Window
from gateway.ports.messages import Box


class HaltHandlers:
    """Answers about what is stopped, and stops it."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._maintenance = services.maintenance
        self._incidents = services.incidents
        self._halts = services.exchange.halts
        self._views = views

    def all(self) -> Mapping[str, Handler]:
        """Return what answers which operation."""
        return {
            "show_maintenance": self.show_maintenance,
            "begin_maintenance": self.begin_maintenance,
            "end_maintenance": self.end_maintenance,
            "begin_incident": self.begin_incident,
            "show_exchanged": self.exchanged,
        }

    async def show_maintenance(self, _asked: Asked) -> Maintenance:
        """Say whether this node is being maintained."""
        return _maintenance(self._maintenance.window())

    async def begin_maintenance(self, asked: Asked) -> Maintenance:
        """Begin a window, or give the open one another end."""
        form = asked.form(MaintenanceRequest)
        until = moment_of("until", form.until)
        if until is None:
            raise UsageError("until: expected a moment")
        act = asked.act(form.reason)
        return _maintenance(await self._maintenance.begin(until, act))

    async def end_maintenance(self, asked: Asked) -> None:
        """End the window before its time."""
        await self._maintenance.end(asked.act())

    async def begin_incident(self, asked: Asked) -> Incident:
        """Stop both directions with a peer."""
        form = asked.form(IncidentRequest)
        since = moment_of("since", form.since) or NEVER
        peer, act = asked.peer_id(), asked.act(form.reason)
        return incident_of(await self._incidents.begin(peer, since, act))

    async def exchanged(self, asked: Asked) -> Exchanged:
        """Return what went between us and a peer, after the look is logged."""
        peer = asked.peer_id()
        incidents = self._halts.all_of(peer)
        text = asked.filters(ExchangedQuery).since
        since = moment_of("since", text)
        if since is None:
            since = incidents[-1].since if incidents else NEVER
        found = await self._incidents.exchanged(peer, since)
        query = {"peer": peer} | ({"since": when(since)} if since != NEVER else {})
        told = f"exchanged {' '.join(f'{k}={v}' for k, v in query.items())}"
        await self._views.note(asked, told, sum(found.states.values()))

        def states(box: Box) -> dict[str, int]:
            counts = sorted(found.states.items())
            return {str(state): n for (of, state), n in counts if of is box}

        return Exchanged(
            peer=peer,
            since=when(since),
            sent=states(Box.OUT),
            received=states(Box.IN),
            opened_here=found.opened_here,
            opened_there=found.opened_there,
            with_files=found.with_files,
            query=urlencode(query),
            incidents=tuple(map(incident_of, incidents)),
        )


def _maintenance(window: Window | None) -> Maintenance:
    if window is None:
        return Maintenance(on=False)
    return Maintenance(
        on=True,
        until=when(window.until),
        begun_at=when(window.begun_at),
        begun_by=window.begun_by,
        reason=window.reason,
        index=window.log_index,
    )
