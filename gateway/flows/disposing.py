"""What is to be returned or destroyed, and saying that it was done."""

from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.core.errors import ConflictError, NotFoundError
from gateway.flows.admission import MAX_DOCKET_ROWS
from gateway.flows.days import day_of
from gateway.flows.exchange import Exchange
from gateway.flows.retention import kept_message
from gateway.mla.disposal import (
    DisposalTask,
    ErasedOfCase,
    disposal_confirmation,
    disposed_ids,
    open_tasks,
)
from gateway.ports.disposals import Disposal


@dataclass(frozen=True, slots=True)
class DisposalReport:
    """What was erased of a case, and the form that tells the other side.

    Attributes:
        tasks: What was asked for and is not confirmed.
        form: The author's form of the confirmation.
    """

    peer: str
    tasks: tuple[DisposalTask, ...]
    disposals: tuple[Disposal, ...]
    form: JsonObject


class Disposing:
    """Confirms that data was destroyed; what was erased is known by its digests."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def report(self, case_id: str) -> DisposalReport:
        """Return what was erased of a case since it was asked for, and the form.

        Raises:
            NotFoundError: No message of that case is here.
            ConflictError: Nobody asked for it, or nothing was erased yet.
        """
        store = self._exchange.store
        rows = await store.docket(case_id, MAX_DOCKET_ROWS)
        if not rows:
            raise NotFoundError("retention: no message of that case is here")
        for peer in sorted({row.peer for row in rows}):
            tasks = open_tasks([kept_message(one) for one in rows if one.peer == peer])
            if tasks:
                return await self._report(case_id, peer, tasks)
        raise ConflictError(
            "retention: nothing is to be confirmed: no RET_REQ and no WDR with DELETE "
            "is without its RET_CNF",
        )

    async def _report(
        self, case_id: str, peer: str, tasks: list[DisposalTask]
    ) -> DisposalReport:
        asked_at = tasks[0].asked_by.at
        disposals = [
            one
            for one in await self._exchange.store.disposals(case_id)
            if one.erased_at >= asked_at
        ]
        if not disposals:
            raise ConflictError(
                "retention: nothing of it has been erased since it was asked for; use "
                "mla-gateway retention run, or erase",
            )
        erased = ErasedOfCase(
            messages=sorted({str(id_) for one in disposals for id_ in one.messages}),
            items=sorted({id_ for one in disposals for id_ in one.items}),
            evidence_files=sum(one.evidence_files for one in disposals),
            day=day_of(disposals[-1].erased_at).isoformat(),
        )
        if not disposed_ids(tasks[-1], erased):
            raise ConflictError(
                "retention: none of the items that were asked for has been erased",
            )
        form = disposal_confirmation(tasks[-1], erased, case_id=case_id)
        return DisposalReport(peer, tuple(tasks), tuple(disposals), form)
