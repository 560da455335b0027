"""Recalls, and the people named for a case."""

from gateway.admin.asked import Asked
from gateway.admin.guard_shapes import (
    Reader,
    ReaderList,
    ReaderRequest,
    Recalled,
    RecallRequest,
)
from gateway.admin.rendering import message_of, when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.flows.recall import Action, Order


class GuardHandlers:
    """Answers about what stands between content and people."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._store = services.exchange.store
        self._recall = services.recall
        self._readers = services.readers
        self._views = views

    async def recall(self, asked: Asked) -> Recalled:
        """Take a message back."""
        form = asked.form(RecallRequest)
        order = Order(Action(form.action), form.reason, form.by)
        act = asked.act(form.reason)
        done = await self._recall.recall(asked.message_id(), order, act)
        return Recalled(
            message=message_of(done.row),
            outcome=done.state,
            order=done.order_id,
            return_request=done.return_id,
        )

    async def list(self, asked: Asked) -> ReaderList:
        """Return who is named for a case."""
        case_id = asked.segments["case"]
        await self._views.note(asked, f"readers {case_id}", 1)
        return await self._listed(case_id)

    async def grant(self, asked: Asked) -> ReaderList:
        """Name somebody for a case."""
        form, case_id = asked.form(ReaderRequest), asked.segments["case"]
        await self._readers.grant(case_id, form.name, asked.act(form.reason))
        return await self._listed(case_id)

    async def revoke(self, asked: Asked) -> ReaderList:
        """Take somebody off the list of a case."""
        form, case_id = asked.form(ReaderRequest), asked.segments["case"]
        await self._readers.revoke(case_id, form.name, asked.act(form.reason))
        return await self._listed(case_id)

    async def _listed(self, case_id: str) -> ReaderList:
        return ReaderList(
            case=case_id,
            items=tuple(
                Reader(
                    name=one.name,
                    granted_by=one.granted_by,
                    granted_at=when(one.granted_at),
                    index=one.log_index,
                )
                for one in await self._store.case_readers(case_id)
            ),
        )
