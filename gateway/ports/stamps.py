"""Time stamps of our own checkpoints: who gives them, and where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """A verified time stamp over one of our checkpoints.

    Attributes:
        size: Size of the checkpoint.
        text: The checkpoint's three lines, which were stamped.
        stamp: What the authority answered.
        index: Its `tsa.stamp` entry, which holds the digest of the answer.
        kept_at: When it was kept, by our clock.
    """

    size: int
    text: bytes = field(repr=False)
    stamp: TimeStamp
    index: int
    kept_at: UnixMs


class TimeStamping(Protocol):
    """A time-stamping authority (RFC 3161)."""

    async def stamp(self, text: bytes) -> TimeStamp:
        """Return a verified stamp over a checkpoint's three lines.

        Raises:
            UnreachableError: No answer, or one that HTTP says is none.
            VerificationError: The answer is a refusal, too large, over other bytes,
                to another request, or not signed by whom we believe.
        """
        ...


class StampStore(Protocol):
    """The stamps there are. Each method is one transaction."""

    async def add_stamp(self, text: bytes, stamp: TimeStamp, now: UnixMs) -> KeptStamp:
        """Keep a stamp and log `tsa.stamp`; a size that has one keeps the first.

        Raises:
            ConflictError: No checkpoint of that size was signed with that root.
        """
        ...

    async def stamps(self, before_size: int, limit: int) -> Sequence[KeptStamp]:
        """Return stamps of checkpoints below a size, the largest first."""
        ...
