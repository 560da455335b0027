"""What a database must be able to do with windows and incidents: verbs on rows."""

from typing import Protocol

from gateway.core.values import AuthorityId
from gateway.ports.halts import Incident, Window


class HaltLookup(Protocol):
    """What can be read of them in any transaction."""

    def open_window(self) -> Window | None:
        """Return the maintenance window that was begun and not ended."""
        ...

    def open_incident(self, peer: AuthorityId) -> Incident | None:
        """Return the open incident of a peer."""
        ...

    def incidents(self) -> list[Incident]:
        """Return all incidents, oldest first."""
        ...


class HaltWrites(HaltLookup, Protocol):
    """What changes them."""

    def put_window(self, window: Window) -> Window:
        """Store a window and return it; one of number 0 is new and gets a number."""
        ...

    def put_incident(self, incident: Incident) -> Incident:
        """Store an incident and return it; one of number 0 is new, as above."""
        ...
