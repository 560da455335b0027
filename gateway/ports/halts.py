"""What people stop: exchange with all peers for a while, and with one that is suspect.

A maintenance window ends by itself at the moment that was said. An incident of a peer
is begun by one person and ended by two; it stands for ever, so that what came from the
peer in its time is never taken for ordinary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import NEVER, AuthorityId, UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A maintenance window.

    Attributes:
        until: When it ends by itself.
        begun_by: Account that began it.
        reason: Why, as given.
        log_index: Entry of the log that it was begun by.
        ended_at: When it did end; `NEVER` before.
        ended_by: Account that ended it, or the node itself.
    """

    number: int
    begun_at: UnixMs
    until: UnixMs
    begun_by: str
    reason: str
    log_index: int
    ended_at: UnixMs = NEVER
    ended_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident of a peer: nothing goes either way while it is open.

    Attributes:
        since: From when on what came from the peer is suspect.
        begun_by: Account that stopped it.
        reason: Why, as given.
        log_index: Entry of the log that it was stopped by.
        ended_at: When exchange was allowed again; `NEVER` while it is not.
        ended_by: Account that allowed it, which another one had approved.
    """

    number: int
    peer: AuthorityId
    begun_at: UnixMs
    since: UnixMs
    begun_by: str
    reason: str
    log_index: int
    ended_at: UnixMs = NEVER
    ended_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether exchange with the peer is stopped."""
        return self.ended_at == NEVER

    def covers(self, moment: UnixMs) -> bool:
        """Tell whether what came at some moment is suspect."""
        return self.since <= moment and (self.is_open or moment <= self.ended_at)


class HaltStore(Protocol):
    """Keeping windows and incidents. Each change is one transaction with its entry."""

    async def begin_window(self, until: UnixMs, act: Act, now: UnixMs) -> Window:
        """Begin a maintenance window; one that is open gets another end.

        It keeps who began it, and why, in its own entry.
        """
        ...

    async def end_window(self, act: Act, now: UnixMs) -> Window:
        """End the open window.

        Raises:
            ConflictError: There is none.
        """
        ...

    async def open_window(self) -> Window | None:
        """Return the window that was begun and not ended."""
        ...

    async def begin_incident(
        self, peer: AuthorityId, since: UnixMs, act: Act, now: UnixMs
    ) -> Incident:
        """Stop exchange with a peer; an earlier `since` widens an open incident."""
        ...

    async def end_incident(
        self, peer: AuthorityId, act: Act, now: UnixMs, *, uses_approval: bool
    ) -> Incident:
        """Allow exchange with a peer again, using up an approval if that is needed.

        Raises:
            ConflictError: It has no open incident.
            NeedsApprovalError: There is no approval to use.
        """
        ...

    async def incidents(self) -> Sequence[Incident]:
        """Return all incidents there ever were, oldest first."""
        ...
