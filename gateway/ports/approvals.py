"""Approvals: what waits for a second person, and how it went on.

What is asked for is named by a kind, codes and ids, never by content. It is decided
once, by somebody else than who asked, and done once: by the decision itself, or by who
asked, soon after it. Each step is in the log, in the transaction that takes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.operators import Role
from gateway.core.values import NEVER, MessageId, UnixMs

if TYPE_CHECKING:
    from gateway.ports.outbox import Sealing

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


class ApprovalKind(StrEnum):
    """What a second person decides on."""

    RELEASE = "release"  # a marked message of ours leaves
    OPEN = "open"  # marked content is read
    ORIGINAL = "original"  # what a redacted copy was made of is seen
    SEARCH = "search"  # a person is looked for in everything kept
    ERASE = "erase"  # something is erased for good
    TRUST = "trust"  # a peer is trusted, or a card of one that a person brings
    ROLES = "roles"  # an account gets a role
    LOGIN = "login"  # a way to log in to an account that decides with others
    REENABLE = "reenable"  # a peer is exchanged with again after an incident


class ApprovalState(StrEnum):
    """How far a request for approval has come."""

    WAITING = "waiting"  # nobody has decided
    APPROVED = "approved"  # granted; who asked may do it, once
    DONE = "done"  # granted, and done
    REJECTED = "rejected"
    EXPIRED = "expired"  # not decided, or not used, in time
    WITHDRAWN = "withdrawn"  # what it was about is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """How things of a kind are approved.

    Attributes:
        role: What the second person has to be.
        waits_ms: How long a decision is waited for.
        valid_ms: How long who asked may do it after that; 0 where the decision does
            it itself.
    """

    role: Role
    waits_ms: int
    valid_ms: int = 0


RULES: Final[Mapping[ApprovalKind, ApprovalRule]] = {
    # A message can't wait longer than for its own expiry.
    ApprovalKind.RELEASE: ApprovalRule(role=Role.APPROVER, waits_ms=90 * _DAY_MS),
    ApprovalKind.OPEN: ApprovalRule(
        role=Role.APPROVER, waits_ms=7 * _DAY_MS, valid_ms=12 * _HOUR_MS
    ),
    ApprovalKind.ORIGINAL: ApprovalRule(
        role=Role.APPROVER, waits_ms=7 * _DAY_MS, valid_ms=12 * _HOUR_MS
    ),
    ApprovalKind.SEARCH: ApprovalRule(
        role=Role.APPROVER, waits_ms=7 * _DAY_MS, valid_ms=_DAY_MS
    ),
    ApprovalKind.ERASE: ApprovalRule(
        role=Role.SECURITY, waits_ms=7 * _DAY_MS, valid_ms=_DAY_MS
    ),
    ApprovalKind.TRUST: ApprovalRule(role=Role.SECURITY, waits_ms=7 * _DAY_MS),
    ApprovalKind.ROLES: ApprovalRule(role=Role.SECURITY, waits_ms=7 * _DAY_MS),
    # Its text is shown once, to who asked: so who asked makes it.
    ApprovalKind.LOGIN: ApprovalRule(
        role=Role.SECURITY, waits_ms=7 * _DAY_MS, valid_ms=_DAY_MS
    ),
    ApprovalKind.REENABLE: ApprovalRule(
        role=Role.SECURITY, waits_ms=7 * _DAY_MS, valid_ms=_DAY_MS
    ),
}

ORDERED_KINDS: Final = frozenset(
    {ApprovalKind.TRUST, ApprovalKind.ROLES, ApprovalKind.LOGIN}
)
"""What is not passed on with the tasks of somebody who leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApproval:
    """Something to be approved.

    Attributes:
        subject: What it is about: an id; with kind and who asks, of one that waits.
        case_id: The case, or empty.
        message_id: The message, or empty; when it ends, so does the request.
        peer: The other authority, or empty.
        detail: What exactly, in codes and ids only; or empty.
        expires_at: When nobody has decided until then it is over; `NEVER` for the
            time of its kind.
    """

    kind: ApprovalKind
    subject: str
    case_id: str = ""
    message_id: str = ""
    peer: str = ""
    detail: str = ""
    expires_at: UnixMs = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request for approval.

    Attributes:
        number: Its number; later ones are greater.
        new: What is asked for.
        asked_by: Account that asked.
        asked_for: Id of the person a system asked for, or empty.
        expires_at: When it ends undecided; once approved, unused.
        log_index: Entry of the log that it was asked by; the reason given stands there.
        decided_by: Account that decided; empty while nobody has.
        decision_index: Entry of that; -1 while there is none.
        is_override: The second person was passed over, with a reason (break-glass).
    """

    number: int
    new: NewApproval
    asked_by: str
    asked_at: UnixMs
    expires_at: UnixMs
    log_index: int
    asked_for: str = ""
    state: ApprovalState = ApprovalState.WAITING
    decided_by: str = ""
    decided_at: UnixMs = NEVER
    decision_index: int = -1
    is_override: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something can still come of it."""
        return self.state in {ApprovalState.WAITING, ApprovalState.APPROVED}

    @property
    def rule(self) -> ApprovalRule:
        """How things of its kind are approved."""
        return RULES[self.new.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """Which approvals to list; empty leaves a field open."""

    state: str = ""
    kind: str = ""
    case_id: str = ""
    message_id: str = ""


class ApprovalStore(Protocol):
    """Keeping approvals. Each method is one transaction, with its log entries."""

    async def ask_approval(
        self, new: NewApproval, act: Act, now: UnixMs, *, order: bytes = b""
    ) -> Approval:
        """Ask for approval; while the same account waits for the same, that is it.

        Args:
            new: What for.
            act: Who asks.
            now: The time.
            order: What is done when it is granted, where that has to be kept.
        """
        ...

    async def permit(
        self, number: int, act: Act, now: UnixMs, *, is_override: bool = False
    ) -> Approval:
        """Approve; who asked may do it now, once and in time.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided, or has ended.
            NotAllowedError: It needs another person than the one who asked.
        """
        ...

    async def settle_approval(
        self, number: int, act: Act, now: UnixMs, *, is_override: bool = False
    ) -> Approval:
        """Approve something that needs no more to be done; as `permit`."""
        ...

    async def reject_approval(self, number: int, act: Act, now: UnixMs) -> Approval:
        """Reject; a message that waited for it is cancelled.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided, or has ended.
            NotAllowedError: It needs another person than the one who asked.
        """
        ...

    async def is_permitted(
        self, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
    ) -> bool:
        """Tell whether this account may do something, once."""
        ...

    async def use_approval(
        self, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
    ) -> Approval | None:
        """Use up what this account may do; None if there is nothing to use."""
        ...

    async def release_approved(
        self,
        number: int,
        sealing: "Sealing | None",
        act: Act,
        now: UnixMs,
        *,
        hold_reason: str = "",
        is_override: bool = False,
    ) -> Approval:
        """Approve the release of a held message, and queue it or let it wait on.

        Args:
            number: The approval.
            sealing: The message, sealed; None if it can't be sealed now.
            act: Who approves.
            now: The time.
            hold_reason: Why it can't be.
            is_override: The second person is passed over.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided or has ended, or the message is not held.
            NotAllowedError: It needs another person than the one who asked.
        """
        ...

    async def expire_approvals(self, now: UnixMs, limit: int) -> list[Approval]:
        """End approvals that nobody decided on, or used, in time."""
        ...

    async def approval(self, number: int) -> Approval:
        """Return an approval.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def approvals(
        self, wanted: ApprovalFilter, *, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        ...

    async def open_approval_counts(self) -> Mapping[str, int]:
        """Return how many wait for a decision, by kind."""
        ...

    async def open_approvals_of(self, message_id: MessageId) -> Sequence[Approval]:
        """Return what still waits or is granted about a message."""
        ...
