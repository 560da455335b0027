"""What a database must be able to do to erase and prune: verbs, as `transaction`."""

from typing import Protocol

from gateway.core.values import MessageId
from gateway.ports.keys import RingId


class ErasureReader(Protocol):
    """What is read to plan and to finish an erasure."""

    def case_disclosures(self, message_id: MessageId) -> int:
        """Return how much case data stands beside entries about a message."""
        ...

    def rings(self) -> list[RingId]:
        """Return every ring there is a row of."""
        ...

    def minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        ...

    def pruned_counts(self, minimum: int) -> tuple[int, int]:
        """Return the entries and disclosures that pruning below an index removes."""
        ...

    def first_event(self) -> int | None:
        """Return the first entry that a peer has still to be told of."""
        ...

    def removals(self) -> tuple[int, int]:
        """Return how often something was removed, and up to which that is no trace."""
        ...


class ErasureWrites(Protocol):
    """What removes."""

    def case_in_use(self, case_id: str) -> bool:
        """Tell whether a message is of this case."""
        ...

    def minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        ...

    def first_event(self) -> int | None:
        """Return the first entry that a peer has still to be told of."""
        ...

    def drop_case_disclosures(self, message_id: MessageId) -> int:
        """Remove case data beside entries about a message; return how much."""
        ...

    def drop_grants(self, number: int) -> None:
        """Forget who may fetch the files of a message."""
        ...

    def drop_used_upload(self, aid: str) -> None:
        """Forget the upload that an attachment was made of."""
        ...

    def used_keys_of(self, message_id: MessageId) -> list[tuple[str, str]]:
        """Return submitter and idempotency key of what led to a message."""
        ...

    def blind_used_key(self, submitter: str, key: str, blinded: str) -> None:
        """Keep an idempotency key in a form that can only be compared."""
        ...

    def drop_case(self, case_id: str) -> RingId | None:
        """Forget a case and its ring, which is returned to be destroyed."""
        ...

    def note_removal(self) -> None:
        """Remember that the file is to be written anew."""
        ...

    def prune(self, log_index: int, minimum: int) -> None:
        """Remove the bytes of entries below an index that `log_index` states."""
        ...

    def unused_duty_rings(self, minimum: int) -> list[RingId]:
        """Forget rings of people that seal nothing from an index on; return them."""
        ...
