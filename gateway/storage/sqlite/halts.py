"""Rows of maintenance windows and incidents."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.halts import Incident, Window
from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.running import Running


class HaltLookupSql(Running):
    """Verbs of `gateway.storage.halt_verbs.HaltLookup`."""

    def open_window(self) -> Window | None:
        """Return the maintenance window that was begun and not ended."""
        for row in self._rows("open_window"):
            return _window(row)
        return None

    def open_incident(self, peer: AuthorityId) -> Incident | None:
        """Return the open incident of a peer."""
        for row in self._rows("open_incident", (peer,)):
            return _incident(row)
        return None

    def incidents(self) -> list[Incident]:
        """Return all incidents, oldest first."""
        return [_incident(row) for row in self._rows("incidents")]


class HaltWritesSql(HaltLookupSql):
    """Verbs of `gateway.storage.halt_verbs.HaltWrites`."""

    def put_window(self, window: Window) -> Window:
        """Store a window and return it; one of number 0 is new and gets a number."""
        later: Params = (window.until, window.ended_at, window.ended_by)
        if window.number:
            self._write("update_window", (*later, window.number))
            return window
        first: Params = (
            window.begun_at,
            window.begun_by,
            window.reason,
            window.log_index,
        )
        cursor = self._write("add_window", (*first, *later))
        return replace(window, number=cursor.lastrowid or 0)

    def put_incident(self, incident: Incident) -> Incident:
        """Store an incident and return it; one of number 0 is new, as above."""
        later: Params = (incident.since, incident.ended_at, incident.ended_by)
        if incident.number:
            self._write("update_incident", (*later, incident.number))
            return incident
        first: Params = (
            incident.peer,
            incident.begun_at,
            incident.begun_by,
            incident.reason,
            incident.log_index,
        )
        cursor = self._write("add_incident", (*first, *later))
        return replace(incident, number=cursor.lastrowid or 0)


def _window(row: Sequence[SqlValue]) -> Window:
    number, begun_at, until, begun_by, reason, log_index, ended_at, ended_by = row
    return Window(
        number=_int(number),
        begun_at=UnixMs(_int(begun_at)),
        until=UnixMs(_int(until)),
        begun_by=str(begun_by),
        reason=str(reason),
        log_index=_int(log_index),
        ended_at=UnixMs(_int(ended_at)),
        ended_by=str(ended_by),
    )


def _incident(row: Sequence[SqlValue]) -> Incident:
    number, peer, begun_at, since, begun_by, reason, log_index, ended_at, ended_by = row
    return Incident(
        number=_int(number),
        peer=AuthorityId(str(peer)),
        begun_at=UnixMs(_int(begun_at)),
        since=UnixMs(_int(since)),
        begun_by=str(begun_by),
        reason=str(reason),
        log_index=_int(log_index),
        ended_at=UnixMs(_int(ended_at)),
        ended_by=str(ended_by),
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0
