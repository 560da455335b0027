"""What is to be returned or destroyed, and saying that it was done."""

from collections.abc import Sequence
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
    GivenBack,
    disposal_confirmation,
    disposed_ids,
    open_tasks,
    return_confirmation,
    returned_ids,
)
from gateway.mla.kept import KeptMessage
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

    async def report(
        self, case_id: str, given_back: GivenBack | None = None
    ) -> DisposalReport:
        """Return what was erased of a case since it was asked for, and the form.

        Args:
            case_id: The case.
            given_back: Confirm that things were given back, not destroyed.

        Raises:
            NotFoundError: No message of that case is here.
            ConflictError: Nobody asked for it, or nothing was erased yet.
        """
        store = self._exchange.store
        rows = await store.docket(case_id, MAX_DOCKET_ROWS)
        if not rows:
            raise NotFoundError("retention: no message of that case is here")
        for peer in sorted({row.peer for row in rows}):
            case = [kept_message(one) for one in rows if one.peer == peer]
            tasks = open_tasks(case)
            if given_back is not None:
                tasks = [one for one in tasks if one.is_return]
            if tasks and given_back is not None:
                return _of_return(case_id, peer, tasks, case, given_back)
            if tasks:
                return await self._report(case_id, peer, tasks)
        raise ConflictError(
            "retention: nothing is to be confirmed: no RET_REQ, no DPC with ERASE and "
            "no WDR with DELETE or RETURN is without its RET_CNF"
            if given_back is None
            else "retention: nobody has asked for anything of this case back, or that "
            "is confirmed",
        )

    async def _report(
        self, case_id: str, peer: str, tasks: list[DisposalTask]
    ) -> DisposalReport:
        to_destroy = [one for one in tasks if not one.is_return]
        if not to_destroy:
            raise ConflictError(
                "retention: it was asked to be given back, not to be destroyed; say "
                "when and how that was done: --returned-on and --how",
            )
        tasks = to_destroy
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


def _of_return(
    case_id: str,
    peer: str,
    tasks: Sequence[DisposalTask],
    case: Sequence[KeptMessage],
    given: GivenBack,
) -> DisposalReport:
    """Return the form that says that things were given back.

    Raises:
        ConflictError: What is asked back names nothing that could be.
    """
    ids = returned_ids(tasks[-1], case)
    if not ids:
        raise ConflictError("retention: no evidence item was received in this case")
    form = return_confirmation(tasks[-1], ids, given, case_id=case_id)
    return DisposalReport(peer, tuple(tasks), (), form)
