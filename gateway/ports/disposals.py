"""What was erased of a case, as far as it is to be told: counts and digests."""

from dataclasses import dataclass
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.mla.disposal import id_digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """Messages of a case that were erased by one order.

    The messages themselves no longer know their case. What is kept here is for telling
    the other side, and goes with the last message of the case.

    Attributes:
        number: Its place in the list; 0 of one that is not stored yet.
        case_id: The case.
        rule: Name of the retention class that it followed, or empty.
        basis: Code of the legal basis.
        messages: Ids of the messages that went, sorted.
        items: Ids of the evidence items in them, sorted.
        evidence_files: Evidence files that went with them.
    """

    number: int = 0
    case_id: str
    rule: str
    basis: str
    erased_at: UnixMs
    messages: tuple[MessageId, ...]
    items: tuple[str, ...]
    evidence_files: int

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the ids of the messages, as reports tell them."""
        return id_digests(self.messages)


class DisposalStore(Protocol):
    """Disposals, which come to be with an erasure, and reviews of cases."""

    async def case_review(self, case_id: str) -> UnixMs | None:
        """Return when somebody last found that a case is still needed."""
        ...

    async def record_review(self, case_id: str, act: Act, now: UnixMs) -> int:
        """Record that a case is still needed; return the `admin.case-review` entry.

        Raises:
            NotFoundError: No message of that case is here.
        """
        ...

    async def disposals(self, case_id: str) -> list[Disposal]:
        """Return what was erased of a case, oldest first."""
        ...
