"""Acting in an emergency without the second person, who is not there.

A caseworker approves in the approver's place, with a reason. That is an act of its own
in the log, and in the same transaction it becomes an alarm that somebody else has to
review by the next day. Nothing but an emergency message can be let through this way.
"""

from typing import Final

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import NotAllowedError, NotFoundError
from gateway.core.values import MessageId
from gateway.flows.approvals import Approvals
from gateway.flows.exchange import Exchange
from gateway.ports.approvals import Approval, ApprovalKind

log = structlog.get_logger()

EMERGENCY: Final = "EMERGENCY"

# What a life can hang on: that a message leaves, or that one is read. People are not
# searched for, and nothing is erased, in a hurry.
_KINDS: Final = frozenset({ApprovalKind.RELEASE, ApprovalKind.OPEN})


class BreakGlass:
    """Passes over an absent approver.

    Args:
        exchange: The store.
        approvals: What waits for a second person.
    """

    def __init__(self, exchange: Exchange, approvals: Approvals) -> None:
        self._exchange = exchange
        self._approvals = approvals

    async def act(self, number: int, act: Act, *, is_system: bool) -> Approval:
        """Approve in place of the approver.

        Args:
            number: The approval that waits.
            act: Who does it, and why.
            is_system: Whether the caller is no person.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided, or has ended.
            NotAllowedError: A system, another kind of approval, or no emergency.
        """
        if is_system:
            raise NotAllowedError("break-glass: a person has to do this")
        approval = await self._exchange.store.approval(number)
        if approval.new.kind not in _KINDS:
            raise NotAllowedError(
                f"break-glass: approval {number} is of kind {approval.new.kind}, "
                "expected release or open"
            )
        if not await self._is_emergency(approval):
            raise NotAllowedError(
                f"break-glass: approval {number} is about no emergency message"
            )
        done = await self._approvals.override(number, act)
        log.warning("glass_broken", approval=number, kind=done.new.kind.value)
        return done

    async def _is_emergency(self, approval: Approval) -> bool:
        try:
            row = await self._exchange.store.message(MessageId(approval.new.message_id))
        except NotFoundError:
            return False
        return row.index is not None and row.index.urgency == EMERGENCY
