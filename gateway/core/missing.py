"""What a node says of running numbers it misses (specification, section 10.7)."""

from gateway.core.canonical import Wire
from gateway.core.limits import MAX_PENDING_RANGES


class MissingReply(Wire, frozen=True, kw_only=True):
    """Answer to `GET /missing`: numbers of the asker that the answering node misses.

    Attributes:
        missing: Ranges of `seq`, neither received nor closed for ten minutes, that the
            asker did not name as under way.
    """

    missing: list[tuple[int, int]]

    def __post_init__(self) -> None:
        """Bound the list and what stands in it."""
        if len(self.missing) > MAX_PENDING_RANGES:
            raise ValueError("missing: too many ranges")
        if any(not 1 <= first <= last for first, last in self.missing):
            raise ValueError("missing: not a range of running numbers")
