"""One action for many messages: looked at first, then done to exactly what was shown.

The preview goes through the whole filter and names what it would do by one digest. The
action does the same again and compares: whatever has changed meanwhile is seen. Then
every message is a step of a job, in a transaction of its own with its own entry.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.delivery import BulkAction, BulkObstacle, bulk_obstacle
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, UsageError
from gateway.core.units import Scope
from gateway.core.values import AuthorityId, HexDigest, MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.jobs import Jobs
from gateway.ports.jobs import BULK_KINDS, STEP_DONE, Job, NewJob
from gateway.ports.messages import MessageFilter, MessageRow

MAX_BULK: Final = 10_000
"""Messages that a filter may let through for one action."""

MAX_REFERENCE_CHARS: Final = 200
_SHOWN: Final = 20
_PAGE = 500
_STEPS_AT_ONCE = 16
_LANE = "messages"


@dataclass(frozen=True, slots=True)
class Excluded:
    """Messages of a filter that an action does not concern.

    Attributes:
        first: Some of them, newest first.
    """

    why: BulkObstacle
    count: int
    first: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an action would do.

    Attributes:
        matched: Messages that the filter lets through.
        ids: Those that the action concerns, newest first.
        first: Some of them.
        excluded: Those it does not concern, by reason.
        offered: How many of those it concerns were offered to their peers already.
        digest: Names action and ids; the action takes it to do just that.
    """

    matched: int
    ids: tuple[MessageId, ...]
    first: tuple[MessageRow, ...]
    excluded: tuple[Excluded, ...]
    offered: int
    digest: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """An action that was looked at and is to be done.

    Attributes:
        digest: Of the preview.
        reference: Of what went another way: where to find it there.
        key: The caller's idempotency key, or empty.
    """

    action: BulkAction
    wanted: MessageFilter
    digest: str
    reference: str = ""
    key: str = ""


@dataclass(slots=True)
class _Looking:
    """What was found of a filter so far."""

    ids: list[MessageId] = field(default_factory=list)
    first: list[MessageRow] = field(default_factory=list)
    excluded: dict[BulkObstacle, list[MessageId]] = field(default_factory=dict)
    counts: Counter[BulkObstacle] = field(default_factory=Counter)
    matched: int = 0
    offered: int = 0

    def take(self, action: BulkAction, row: MessageRow) -> None:
        """Sort one message."""
        self.matched += 1
        obstacle = bulk_obstacle(action, row.state, attempts=row.attempts)
        if obstacle is not None:
            self.counts[obstacle] += 1
            some = self.excluded.setdefault(obstacle, [])
            if len(some) < _SHOWN:
                some.append(row.id)
            return
        self.ids.append(row.id)
        self.offered += row.attempts > 0
        if len(self.first) < _SHOWN:
            self.first.append(row)


class Bulk:
    """Previews and begins actions on many messages, and runs them as jobs."""

    def __init__(
        self,
        exchange: Exchange,
        jobs: Jobs,
        *,
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._jobs = jobs
        self._wake = wake
        for kind in BULK_KINDS.values():
            jobs.runs(kind, self._run, lane=_LANE)

    async def preview(self, action: BulkAction, wanted: MessageFilter) -> Preview:
        """Return what an action would do.

        Raises:
            UsageError: The filter lets through more than one action may take.
        """
        found = _Looking()
        async for row in every_message(self._exchange, wanted):
            if found.matched == MAX_BULK:
                raise UsageError(
                    f"filter: lets through more than {MAX_BULK} messages; narrow it, "
                    "and act on them in parts"
                )
            found.take(action, row)
        return Preview(
            matched=found.matched,
            ids=tuple(found.ids),
            first=tuple(found.first),
            excluded=tuple(
                Excluded(why, found.counts[why], tuple(some))
                for why, some in found.excluded.items()
            ),
            offered=found.offered,
            digest=_digest(action, found.ids),
        )

    async def begin(self, order: BulkOrder, act: Act) -> Job:
        """Begin an action on exactly what its preview showed.

        Raises:
            UsageError: What went another way has no reference, or the filter lets
                through too much.
            ConflictError: Something has changed since the preview, it concerns
                nothing, or the key was used for something else.
        """
        if (order.action is BulkAction.OTHER_CHANNEL) != bool(order.reference):
            raise UsageError(
                "reference: expected for other-channel, and only for that: where the "
                "message is found on the other channel"
            )
        asked = canonical.encode([order.digest, order.reference, act.purpose])
        new = NewJob(
            kind=BULK_KINDS[order.action],
            reference=order.reference,
            key=order.key,
            request_digest=hashlib.sha256(asked).hexdigest(),
        )
        known = await self._jobs.known(new, act)
        if known is not None:
            return known
        shown = await self._shown(order)
        return await self._jobs.begin(replace(new, subjects=shown), act)

    async def _shown(self, order: BulkOrder) -> tuple[MessageId, ...]:
        """Return the messages that a preview showed, if they are still the same."""
        preview = await self.preview(order.action, order.wanted)
        if preview.digest != order.digest:
            raise ConflictError(
                f"preview: has changed, {order.action} concerns {len(preview.ids)} "
                "messages now; look at it again"
            )
        if not preview.ids:
            raise ConflictError(f"{order.action}: concerns none of these messages")
        return preview.ids

    async def _run(self, job: Job) -> JsonObject:
        """Take every step that was not taken; several commits are under way at once."""
        store, clock = self._exchange.store, self._exchange.clock
        after = -1
        while True:
            places = await store.steps_to_do(
                job.number, after=after, limit=_STEPS_AT_ONCE
            )
            if not places:
                break
            taken = await asyncio.gather(
                *(store.step_job(job.number, one, clock.now()) for one in places)
            )
            await self._wake_peers(
                [one.subject for one in taken if one and one.outcome == STEP_DONE]
            )
            self._jobs.tell()
            if None in taken:
                # Somebody has stopped the job.
                break
            after = places[-1]
            await self._exchange.giving_way.give_way()
        outcomes = await store.step_outcomes(job.number)
        return {"outcomes": _outcomes(outcomes)}

    async def _wake_peers(self, ids: Sequence[MessageId]) -> None:
        store = self._exchange.store
        rows = await asyncio.gather(*(store.message(one) for one in ids))
        for peer in {row.peer for row in rows}:
            self._wake(peer)


async def every_message(
    exchange: Exchange, wanted: MessageFilter, scope: Scope | None = None
) -> AsyncIterator[MessageRow]:
    """Yield all messages that a filter lets through, newest first, a page at a time."""
    cursor = ""
    while True:
        page = await exchange.store.messages(
            wanted, cursor=cursor, limit=_PAGE, scope=scope
        )
        for row in page.rows:
            yield row
        cursor = page.next_cursor
        if not cursor:
            return


def _outcomes(counted: Mapping[str, int]) -> JsonObject:
    return {outcome: count for outcome, count in sorted(counted.items()) if outcome}


def _digest(action: BulkAction, ids: Sequence[MessageId]) -> HexDigest:
    named = canonical.encode({"action": action.value, "ids": list(ids)})
    return HexDigest(hashlib.sha256(named).hexdigest())
