"""What is kept about people of this authority: cases, orders, their leaving.

Who they are and what they may do stands in files that the log vouches for
(`gateway.ports.trust`). Here is what changes daily: to which unit or people a case is
assigned, what waits for a second person before it changes whom we trust, when a token
was last used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.units import Assignee, Scope
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.approvals import ApprovalKind

MAX_ORDER_BYTES: Final = 256 * 1024
"""What waits for a second person, with a card in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """To whom a case with one peer is assigned.

    Attributes:
        assignee: A unit, people, or neither: then it is everybody's.
        by: Account that assigned it; `node` by the rules.
        log_index: Entry of the log of that.
    """

    case_id: str
    peer: AuthorityId
    assignee: Assignee
    by: str
    at: UnixMs
    log_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """That an approval is granted by doing what it was asked for.

    Attributes:
        act: Who approves.
        is_override: The second person is passed over.
    """

    number: int
    act: Act
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Using:
    """That an approval which was granted is used up."""

    kind: ApprovalKind
    subject: str
    act: Act


@dataclass(frozen=True, slots=True)
class Leaving:
    """That an account is removed.

    Attributes:
        name: Whose.
        heir: Account that takes over the tasks; empty where nobody does.
        act: Who removes it.
    """

    name: str
    heir: str
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a change of trust does in the same transaction."""

    settles: Settling | None = None
    uses: Using | None = None
    leaving: Leaving | None = None


NOTHING_BESIDE: Final = Beside()


@dataclass(frozen=True, slots=True)
class Moved:
    """A task of somebody who has left.

    Attributes:
        what: `case`, `alarm`, `approval`, `hold`, `reader` or `files`.
        subject: Which one.
        heir: Who has it now; empty where it was ended or is anybody's.
    """

    what: str
    subject: str
    heir: str


class PeopleStore(Protocol):
    """What is kept about people. Each method is one transaction."""

    async def commit_trust(
        self, entry: EntryDraft, beside: Beside, now: UnixMs
    ) -> list[Moved]:
        """Log a change of trust with what goes with it; return the tasks moved.

        Raises:
            NotFoundError: There is no such approval.
            ConflictError: It was decided, or has ended.
            NotAllowedError: It needs another person than the one who asked.
            NeedsApprovalError: There is no approval to use up.
        """
        ...

    async def order_of(self, number: int) -> bytes:
        """Return what is done when an approval is granted; empty if nothing is."""
        ...

    async def assign(
        self,
        case_id: str,
        peer: AuthorityId,
        assignee: Assignee,
        act: Act,
        now: UnixMs,
    ) -> Assignment:
        """Assign a case to somebody else; the same assignee changes nothing.

        Raises:
            NotFoundError: No such case.
        """
        ...

    async def assignments_of(self, case_ids: Sequence[str]) -> list[Assignment]:
        """Return to whom these cases are assigned, with each peer."""
        ...

    async def seen(
        self, ids: Sequence[MessageId], scope: Scope
    ) -> frozenset[MessageId]:
        """Return those messages of some that are among what somebody may see."""
        ...

    async def note_token_use(self, account: str, label: str, at: UnixMs) -> None:
        """Remember that a token was used."""
        ...

    async def token_uses(self) -> Mapping[tuple[str, str], UnixMs]:
        """Return when each token was last used, by account and label."""
        ...
