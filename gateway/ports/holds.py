"""Legal holds: what must not be erased or pruned, whatever its retention says."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs
from gateway.ports.subjects import WantedTag

MAX_HOLDS: Final = 1_000
"""Legal holds that may stand at once."""


class HoldScope(StrEnum):
    """What a hold is on."""

    CASE = "case"
    MESSAGE = "message"
    PERSON = "person"  # every message that names somebody, also later ones


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """A hold: while it stands, nothing that it is on can be erased or pruned.

    Attributes:
        target: The case or message; empty of a person.
        tags: What the person is found by; none of anything else.
        held_by: Who set it.
        reason: Why.
        review_on: The day by which somebody is to ask whether it is still needed.
    """

    hold_id: str
    scope: HoldScope
    target: str
    tags: tuple[WantedTag, ...] = field(default=(), repr=False)
    held_by: str
    reason: str = field(repr=False)
    since: UnixMs
    review_on: str


class HoldStore(Protocol):
    """Legal holds. Each change is one transaction with its entry."""

    async def holds(self) -> list[LegalHold]:
        """Return every hold that stands, oldest first."""
        ...

    async def add_hold(self, hold: LegalHold, act: Act) -> int:
        """Set a hold and return the index of its `admin.hold` entry.

        Raises:
            NotFoundError: The case or message is not here.
            ConflictError: There are as many holds as there may be.
        """
        ...

    async def lift_hold(self, hold_id: str, act: Act, now: UnixMs) -> int:
        """Lift a hold and return the index of its `admin.hold-lift` entry.

        Raises:
            NotFoundError: No such hold.
            NotAllowedError: By the person who set it.
        """
        ...
