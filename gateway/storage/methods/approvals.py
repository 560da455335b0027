"""Methods of approvals (port `ApprovalStore`)."""

from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import (
    Approval,
    ApprovalFilter,
    ApprovalKind,
    NewApproval,
)
from gateway.ports.outbox import Sealing
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import approvals, releasing


class ApprovalMethods(StoreMethods):
    """Keeping approvals."""

    async def ask_approval(
        self, new: NewApproval, act: Act, now: UnixMs, *, order: bytes = b""
    ) -> Approval:
        """Ask for approval; while the same account waits for the same, that is it."""
        return await self._runner.write(
            lambda tx: approvals.ask(tx, new, act, now, order=order)
        )

    async def permit(
        self, number: int, act: Act, now: UnixMs, *, is_override: bool = False
    ) -> Approval:
        """Approve; who asked may do it now, once and in time."""
        return await self._runner.write(
            lambda tx: approvals.permit(tx, number, act, now, is_override=is_override)
        )

    async def settle_approval(
        self, number: int, act: Act, now: UnixMs, *, is_override: bool = False
    ) -> Approval:
        """Approve something that needs no more to be done."""
        return await self._runner.write(
            lambda tx: approvals.settle(tx, number, act, now, is_override=is_override)
        )

    async def reject_approval(self, number: int, act: Act, now: UnixMs) -> Approval:
        """Reject; a message that waited for it is cancelled."""
        return await self._runner.write(
            lambda tx: releasing.reject(tx, number, act, now)
        )

    async def is_permitted(
        self, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
    ) -> bool:
        """Tell whether this account may do something, once."""
        return await self._runner.read(
            lambda tx: approvals.permitted(tx, kind, subject, act, now) is not None
        )

    async def use_approval(
        self, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
    ) -> Approval | None:
        """Use up what this account may do; None if there is nothing to use."""
        return await self._runner.write(
            lambda tx: approvals.use(tx, kind, subject, act, now)
        )

    async def release_approved(
        self,
        number: int,
        sealing: Sealing | None,
        act: Act,
        now: UnixMs,
        *,
        hold_reason: str = "",
        is_override: bool = False,
    ) -> Approval:
        """Approve the release of a held message, and queue it or let it wait on."""
        return await self._runner.write(
            lambda tx: releasing.release_approved(
                tx,
                number,
                sealing,
                act,
                now,
                hold_reason=hold_reason,
                is_override=is_override,
            )
        )

    async def expire_approvals(self, now: UnixMs, limit: int) -> list[Approval]:
        """End approvals that nobody decided on, or used, in time."""
        return await self._runner.write(lambda tx: approvals.expire(tx, now, limit))

    async def approval(self, number: int) -> Approval:
        """Return an approval."""
        return await self._runner.read(
            lambda tx: approvals.require_approval(tx, number)
        )

    async def approvals(
        self, wanted: ApprovalFilter, *, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        return await self._runner.read(lambda tx: tx.approvals(wanted, before, limit))

    async def open_approval_counts(self) -> dict[str, int]:
        """Return how many wait for a decision, by kind."""
        return await self._runner.read(lambda tx: tx.open_approval_counts())

    async def open_approvals_of(self, message_id: MessageId) -> list[Approval]:
        """Return what still waits or is granted about a message."""
        return await self._runner.read(lambda tx: tx.open_approvals_of(message_id))
