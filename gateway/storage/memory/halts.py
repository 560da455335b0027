"""Rows of maintenance windows and incidents, in memory."""

from dataclasses import replace

from gateway.core.values import NEVER, AuthorityId
from gateway.ports.halts import Incident, Window
from gateway.storage.memory.tables import Journal, Tables


class HaltLookupMemory:
    """Verbs of `gateway.storage.halt_verbs.HaltLookup`."""

    _tables: Tables

    def open_window(self) -> Window | None:
        """Return the maintenance window that was begun and not ended."""
        rows = self._tables.halt.windows.values()
        return next((one for one in rows if one.ended_at == NEVER), None)

    def open_incident(self, peer: AuthorityId) -> Incident | None:
        """Return the open incident of a peer."""
        rows = self._tables.halt.incidents.values()
        return next((one for one in rows if one.peer == peer and one.is_open), None)

    def incidents(self) -> list[Incident]:
        """Return all incidents, oldest first."""
        return [one for _, one in sorted(self._tables.halt.incidents.items())]


class HaltWritesMemory(HaltLookupMemory):
    """Verbs of `gateway.storage.halt_verbs.HaltWrites`."""

    _journal: Journal

    def put_window(self, window: Window) -> Window:
        """Store a window and return it; one of number 0 is new and gets a number."""
        rows = self._tables.halt.windows
        window = replace(window, number=window.number or len(rows) + 1)
        self._journal.put(rows, window.number, window)
        return window

    def put_incident(self, incident: Incident) -> Incident:
        """Store an incident and return it; one of number 0 is new, as above."""
        rows = self._tables.halt.incidents
        incident = replace(incident, number=incident.number or len(rows) + 1)
        self._journal.put(rows, incident.number, incident)
        return incident
