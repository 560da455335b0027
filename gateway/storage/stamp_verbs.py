"""What a database must be able to do with time stamps: verbs on rows."""

from typing import Protocol

from gateway.ports.log import SignedCheckpoint
from gateway.ports.stamps import KeptStamp


class StampLookup(Protocol):
    """What can be read of stamps in any transaction."""

    def stamps(self, before_size: int, limit: int) -> list[KeptStamp]:
        """Return stamps of checkpoints below a size, the largest first."""
        ...

    def checkpoint_of(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint of ours that was signed at a size."""
        ...


class StampWrites(StampLookup, Protocol):
    """What changes stamps."""

    def add_stamp(self, stamp: KeptStamp) -> None:
        """Store a stamp of a size that has none."""
        ...
