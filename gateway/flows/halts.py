"""What stops exchange now: asked by everything that talks to peers, in memory.

Loaded at the start, before a peer is heard, and changed after the commit that changes
it. The clock of the wall ends a maintenance window, whoever is there to log it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.errors import MaintenanceError
from gateway.core.values import NEVER, AuthorityId, UnixMs
from gateway.ports.halts import HaltStore, Incident, Window

# What is stopped may be let go sooner than was said: nobody waits for long then. And
# both answers are the same.
_LONGEST_RETRY_S = 60


@dataclass(slots=True)
class Halts:
    """The open maintenance window, and all incidents.

    Attributes:
        window: The window that was begun and not ended; it may be over.
        incidents: Open and ended ones, by peer, oldest first.
    """

    window: Window | None = None
    incidents: dict[AuthorityId, list[Incident]] = field(default_factory=dict)

    async def load(self, store: HaltStore) -> None:
        """Take what is stored."""
        self.window = await store.open_window()
        self.incidents = {}
        for incident in await store.incidents():
            self.incidents.setdefault(incident.peer, []).append(incident)

    def maintained_until(self, now: UnixMs) -> UnixMs:
        """Return until when this node is being maintained; `NEVER` if it is not."""
        return self.window.until if self.window and now < self.window.until else NEVER

    def incident_of(self, peer: AuthorityId) -> Incident | None:
        """Return the open incident of a peer."""
        return next((one for one in self.incidents.get(peer, ()) if one.is_open), None)

    def all_of(self, peer: AuthorityId) -> Sequence[Incident]:
        """Return the incidents of a peer, oldest first."""
        return tuple(self.incidents.get(peer, ()))

    def stops(self, peer: AuthorityId, now: UnixMs) -> bool:
        """Tell whether nothing is sent to a peer now."""
        return self.maintained_until(now) != NEVER or bool(self.incident_of(peer))

    def check_window(self, now: UnixMs) -> None:
        """Return if this node is not being maintained.

        Raises:
            MaintenanceError: It is; when to come again is said.
        """
        until = self.maintained_until(now)
        if until != NEVER:
            left_s = -((now - until) // 1_000)
            raise _later(max(1, min(left_s, _LONGEST_RETRY_S)))

    def check_peer(self, peer: AuthorityId) -> None:
        """Return if exchange with a peer is not stopped.

        Raises:
            MaintenanceError: It is. Why is none of its business: it may be the one
                who is not to know.
        """
        if self.incident_of(peer):
            raise _later(_LONGEST_RETRY_S)

    def suspicion(self, peer: AuthorityId, accepted_at: UnixMs) -> Incident | None:
        """Return the newest incident in whose time something came from a peer."""
        for incident in reversed(self.incidents.get(peer, [])):
            if incident.covers(accepted_at):
                return incident
        return None


def _later(retry_after_s: int) -> MaintenanceError:
    return MaintenanceError(
        "this node is being maintained", retry_after_s=retry_after_s
    )
