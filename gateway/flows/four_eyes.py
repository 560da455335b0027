"""Which messages of ours wait for a second person before they leave."""

from gateway.core.canonical import JsonObject
from gateway.core.values import UnixMs
from gateway.flows.approvals import Approvals
from gateway.flows.sealing import Draft
from gateway.mla.handling import AS_LAW_HAS_IT, Stricter, release_reasons
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.outbox import NewOutbound


class FourEyes:
    """Applies the rules of `gateway.mla.handling` to what is submitted."""

    def __init__(
        self, approvals: Approvals, stricter: Stricter = AS_LAW_HAS_IT
    ) -> None:
        self._approvals = approvals
        self._stricter = stricter

    def reasons(self, document: JsonObject, asked_by: str) -> tuple[str, ...]:
        """Return why a second person has to let a message go; none if it may leave.

        Args:
            document: Complete but for what only sealing adds.
            asked_by: Who sends it.
        """
        found = release_reasons(document, self._stricter)
        is_binding = found and self._approvals.is_binding(
            ApprovalKind.RELEASE, asked_by
        )
        return found if is_binding else ()

    def needed_for(
        self, draft: Draft, message: NewOutbound, expires_at: UnixMs
    ) -> NewApproval | None:
        """Return what a message has to wait for; None if it may leave.

        It may also where nobody could be the second person; `doctor` says so.

        Args:
            draft: The message.
            message: The same, as it is about to be stored.
            expires_at: When it expires if nobody decides.
        """
        reasons = self.reasons(draft.message, message.act.actor)
        if not reasons:
            return None
        return NewApproval(
            kind=ApprovalKind.RELEASE,
            subject=message.id,
            case_id=message.index.case_id,
            message_id=message.id,
            peer=message.peer,
            detail=" ".join(reasons),
            expires_at=expires_at,
        )
