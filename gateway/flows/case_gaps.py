"""Messages that could not be judged because one before them was missing.

They are kept, shown and flagged at once. If the gap closes, they are judged like any
other; if it has not closed after a day, their sender is told (`E_CHAIN`). What was told
is found in the case itself: its answers are messages like others.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError
from gateway.core.values import UnixMs
from gateway.flows.admission import docket_with
from gateway.flows.exchange import Exchange
from gateway.flows.submission import Submission
from gateway.flows.submit import Submit
from gateway.mla.cases.fold import Flag, Folded, Placed, fold
from gateway.mla.cases.place import state_problem
from gateway.mla.cases.view import messages_of
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import Problem, ProblemCode, text_at
from gateway.ports.cases import CaseFilter, CaseRow, DocketRow
from gateway.ports.messages import Box, MessageFilter

log = structlog.get_logger()

HOUR_MS: Final = 3_600_000
PATIENCE_MS: Final = 24 * HOUR_MS
"""How long a gap may stay open before its sender is told."""

_LOOKED_BACK_MS: Final = 14 * 24 * HOUR_MS
"""Cases without a message for longer are not looked at: their senders were told."""

_INTERVAL_S: Final = 900.0
_CASES_AT_ONCE: Final = 100
_MOST_NUMBERS: Final = 500


class CaseGaps:
    """Looks at recent cases for messages that waited, every quarter of an hour."""

    def __init__(self, exchange: Exchange, submit: Submit) -> None:
        self._exchange = exchange
        self._submit = submit

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await self._exchange.clock.sleep(_INTERVAL_S)
            await self.look()

    async def look(self) -> int:
        """Tell senders what is to be told now; return of how many messages."""
        now = self._exchange.clock.now()
        since = UnixMs(now - _LOOKED_BACK_MS)
        told, before = 0, None
        while True:
            await self._exchange.giving_way.give_way()
            rows = await self._exchange.store.cases(
                CaseFilter(since=since), before=before, limit=_CASES_AT_ONCE
            )
            for row in rows:
                told += await self._look_at(row, now)
                await asyncio.sleep(0)
            if len(rows) < _CASES_AT_ONCE:
                return told
            before = rows[-1].number

    async def _look_at(self, case: CaseRow, now: UnixMs) -> int:
        store = self._exchange.store
        docket = await docket_with(store, case.case_id, case.peer)
        if not _may_have_waited(docket):
            return 0
        found = list(_to_tell(docket, fold(messages_of(docket)), now))
        # Where part of a case was erased, numbers are missing that did come.
        if not found or await store.disposals(case.case_id):
            return 0
        came = await self._numbers(case)
        told = 0
        for row, problem, missing in found:
            if missing not in came:
                await self._tell(row, problem)
                told += 1
        return told

    async def _numbers(self, case: CaseRow) -> set[int]:
        """Return the numbers of the peer's messages that came, in any state.

        Of those that came before this node kept dockets there is nothing else.
        """
        page = await self._exchange.store.messages(
            MessageFilter(box=Box.IN, peer=case.peer, case_id=case.case_id),
            cursor="",
            limit=_MOST_NUMBERS,
        )
        return {one.index.case_seq for one in page.rows if one.index is not None}

    async def _tell(self, row: DocketRow, problem: Problem) -> None:
        reply = error_reply(row.entry, [problem], msg_id=row.id)
        if reply is None:
            return
        submission = Submission(
            to=row.peer,
            message=reply,
            act=Act("node", "node", "functional error"),
            idempotency_key=f"gap:{problem.code}:{row.id}",
        )
        try:
            await self._submit.submit(submission)
        except GatewayError as error:
            log.warning(
                "error_reply_failed",
                message_id=row.id,
                code=error.code,
                reason=str(error),
            )


def _may_have_waited(docket: Sequence[DocketRow]) -> bool:
    """Tell, without folding, whether the peer's messages did not come in their order.

    Numbers of a sender that come one after the other leave nothing to look at.
    """
    numbers = [row.entry.get("seq") for row in docket if row.box is Box.IN]
    return numbers != list(range(1, len(numbers) + 1))


def _to_tell(
    docket: Sequence[DocketRow], folded: Folded, now: UnixMs
) -> Iterator[tuple[DocketRow, Problem, int]]:
    """Yield the peer's messages to be answered now, what is wrong, what is missing."""
    rows = {str(row.id): row for row in docket if row.box is Box.IN}
    told = {
        (text_at(row.entry, "payload/msg_id"), text_at(row.entry, "payload/code"))
        for row in docket
        if row.box is Box.OUT and text_at(row.entry, "msg_type") == "ERR"
    }
    for placed in folded.placed:
        row = rows.get(placed.message.id)
        if row is None or row.problems:
            continue
        problem = _problem(placed, folded, row, now)
        if problem is not None and (row.id, problem.code) not in told:
            is_gap = problem.code is ProblemCode.CHAIN
            yield row, problem, placed.missing if is_gap else -1


def _problem(
    placed: Placed, folded: Folded, row: DocketRow, now: UnixMs
) -> Problem | None:
    """Return what is wrong with a message that had waited; None if nothing, or yet."""
    if Flag.IGNORED in placed.flags and placed.fault is not None:
        return state_problem(row.entry, placed, folded)
    if placed.missing and row.accepted_at + PATIENCE_MS <= now:
        return Problem(
            "/seq",
            ProblemCode.CHAIN,
            f"seq: number {placed.missing} of this sender is not here, "
            "expected every number from 1",
        )
    return None
