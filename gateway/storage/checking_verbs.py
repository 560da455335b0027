"""What a database must show to whoever checks it: verbs on rows, as `transaction`."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gateway.core.translog.tiles import Place
from gateway.ports.checking import (
    CheckedMessage,
    EntryOfMessage,
    ProofOfMessage,
    StoredTile,
)
from gateway.ports.log import SignedCheckpoint


class CheckReader(Protocol):
    """Rows as they are stored."""

    def tiles(self, places: Collection[Place]) -> dict[Place, StoredTile]:
        """Return the full tiles there are at these places."""
        ...

    def checkpoints(self, above: int, up_to: int) -> list[SignedCheckpoint]:
        """Return checkpoints signed for sizes above one and up to another."""
        ...

    def strays(self, start: int, stop: int) -> list[tuple[int, str]]:
        """Return entries [start, stop) about messages of which nothing is there."""
        ...

    def bare_messages(self, after: int, limit: int) -> list[CheckedMessage]:
        """Return messages after a number, without their entries and proofs."""
        ...

    def bare_messages_of(self, ids: Collection[str]) -> list[CheckedMessage]:
        """Return the messages there are of some ids, the same way."""
        ...

    def entries_of(self, ids: Collection[str]) -> Mapping[str, list[EntryOfMessage]]:
        """Return entries that can have changed the state of some messages, in order.

        All but openings; and of `msg.reject` only those that follow another entry: one
        without `ref` refuses another message under the same id.
        """
        ...

    def first_opening_of(self, message_id: str) -> EntryOfMessage | None:
        """Return the first `msg.access` of a message that succeeded."""
        ...

    def proofs_of(self, ids: Collection[str]) -> Mapping[str, list[ProofOfMessage]]:
        """Return the proofs that are stored for some messages."""
        ...

    def kept_counts(self) -> dict[tuple[str, str, str], int]:
        """Return the counters of messages, by peer, box and state."""
        ...

    def found_counts(self) -> dict[tuple[str, str, str], int]:
        """Return how many rows of messages there are, by peer, box and state."""
        ...

    def accepted_counts(self) -> dict[str, int]:
        """Return how many messages were ever accepted, by peer."""
        ...

    def unlogged_refusals(self, limit: int) -> list[str]:
        """Return ids of refused messages whose entry is not in the log."""
        ...
