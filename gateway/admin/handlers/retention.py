"""Erasing messages and pruning the log, for those who answer for that."""

from collections.abc import Mapping, Sequence

from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.retention_shapes import (
    EraseRequest,
    Erasure,
    ErasureItem,
    PruneRequest,
    Pruning,
)
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import MessageId, parse_message_id
from gateway.flows.erasure import ErasurePlan
from gateway.flows.lifecycle import ids_subject
from gateway.ports import erasure as ports
from gateway.ports.approvals import ApprovalKind, NewApproval


class RetentionHandlers:
    """Removes, or says what removing would take away."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._erasure = services.erasure
        self._pruning = services.pruning
        self._approvals = services.approvals
        self._views = views

    async def erase(self, asked: Asked) -> Erasure:
        """Erase messages, all or none."""
        form = asked.form(EraseRequest)
        if bool(form.ids) == bool(form.case):
            raise UsageError("erasure: expected either ids or case")
        plan = await self._erasure.plan(_ids(form.ids), form.case)
        if form.preview:
            await self._views.note(asked, "erasure", len(plan.items))
            return _told(plan, {}, rings=0, is_done=False)
        act = asked.act(form.reason)
        await self._demand_approval(plan, form, act)
        erased = await self._erasure.erase(plan, form.basis, act)
        indices = {note.id: note.log_index for note in erased.notes}
        return _told(plan, indices, rings=len(erased.rings), is_done=True)

    async def _demand_approval(
        self, plan: ErasurePlan, form: EraseRequest, act: Act
    ) -> None:
        """Let a second person approve of exactly these messages.

        Not of what can't be erased now anyway: that is refused as it is.
        """
        going = [item.id for item in plan.items if not item.is_erased]
        if not going or any(item.obstacle for item in plan.items):
            return
        await self._approvals.demand(
            NewApproval(
                kind=ApprovalKind.ERASE,
                subject=ids_subject(going),
                case_id=form.case,
                detail=f"{len(going)} message(s), basis {form.basis}",
            ),
            act,
        )

    async def prune(self, asked: Asked) -> Pruning:
        """Prune the log."""
        form = asked.form(PruneRequest)
        if form.preview:
            return _pruning_of(await self._pruning.plan(form.below))
        act = asked.act(form.reason)
        done = await self._pruning.prune(form.below, form.basis, act)
        plan = done.pruning
        return Pruning(
            minimum=plan.minimum,
            entries=plan.entries,
            disclosures=plan.disclosures,
            rings=done.rings,
            indices=done.log_indices,
            pruned=True,
        )


def _pruning_of(plan: ports.Pruning) -> Pruning:
    return Pruning(
        minimum=plan.minimum,
        entries=plan.entries,
        disclosures=plan.disclosures,
    )


def _ids(given: Sequence[str]) -> list[MessageId]:
    try:
        return [parse_message_id(one) for one in given]
    except MalformedError as error:
        raise UsageError(f"erasure: {error}") from error


def _told(
    plan: ErasurePlan,
    indices: Mapping[MessageId, int],
    *,
    rings: int,
    is_done: bool,
) -> Erasure:
    return Erasure(
        items=tuple(
            ErasureItem(
                id=item.id,
                box=item.box.value,
                state="erased" if item.id in indices else item.state.value,
                obstacle=item.obstacle.value if item.obstacle else "",
                index=indices.get(item.id),
            )
            for item in plan.items
        ),
        until=when(plan.until),
        content_bytes=sum(item.content_bytes for item in plan.items),
        files=sum(item.files for item in plan.items),
        file_bytes=sum(item.file_bytes for item in plan.items),
        disclosures=sum(item.disclosures for item in plan.items),
        rings=rings,
        erased=is_done,
    )
