"""What holds after any order of operations, on every store, and alike on both."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.errors import GatewayError
from gateway.core.values import MessageId, Priority, UnixMs
from gateway.flows.self_check import check_store
from gateway.ports.inbox import InboundItem
from gateway.ports.messages import MessageFilter
from gateway.ports.outbox import NewOutbound, OutcomeKind
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    DAY_MS,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    claim,
    held_draft,
    outbound,
    sealing,
    sqlite_store,
    store_in_memory,
)

_STEPS = 120

_Step: TypeAlias = Callable[[], Awaitable[object]]


class Life:
    """A life of a store, drawn from a seed: any operation at any time."""

    _ours: dict[MessageId, NewOutbound]
    _theirs: list[InboundItem]

    def __init__(self, store: TransactionalStore, seed: int) -> None:
        self._store = store
        self._chance = random.Random(seed)  # noqa: S311 - a seed replays the run
        self._log = PeerLog()
        self._now = NOW
        self._ours = {}
        self._theirs = []
        self.told: list[str] = []

    async def live(self) -> None:
        """Take random steps; a refused one must change nothing."""
        steps: list[_Step] = [
            self._accept,
            self._accept,
            self._hold,
            self._release,
            self._attempt,
            self._attempt,
            self._cancel,
            self._expire,
            self._receive,
            self._receive,
            self._look,
            self._confirm,
            self._quarantine,
            self._check,
            self._hear,
            self._retry,
        ]
        for _ in range(_STEPS):
            step = self._chance.choice(steps)
            size = (await self._store.log_head()).size
            try:
                await step()
            except GatewayError as error:
                self.told.append(error.code)
                assert (await self._store.log_head()).size == size
            self._now = UnixMs(self._now + self._chance.randrange(DAY_MS // 40))
            await self._check_conservation()

    async def _check_conservation(self) -> None:
        counts = await self._store.conservation(None)
        assert counts.accepted == sum(count for _, count in counts.by_state)
        assert counts.accepted == len(self._ours)

    def _expiry(self) -> UnixMs:
        return UnixMs(self._now + self._chance.randrange(DAY_MS))

    async def _accept(self) -> None:
        urgency = self._chance.choice(list(Priority))
        message = outbound(priority=urgency, expires_at=self._expiry())
        self._ours[message.id] = message
        await self._store.accept(message, self._now)

    async def _hold(self) -> None:
        message = held_draft(expires_at=self._expiry())
        self._ours[message.id] = message
        await self._store.accept(message, self._now)

    async def _release(self) -> None:
        for message_id in await self._store.held(PEER, 2):
            sealed = sealing(expires_at=self._expiry())
            await self._store.release(message_id, sealed, self._now)
            message = self._ours[message_id]
            self._ours[message_id] = replace(message, sealing=sealed)

    async def _attempt(self) -> None:
        claimed = await claim(self._store, self._now, max_items=3)
        kinds = [*OutcomeKind, OutcomeKind.RECEIPT]
        outcomes = [
            self._log.outcome(
                self._ours[one],
                kind := self._chance.choice(kinds),
                code="" if kind is OutcomeKind.RECEIPT else "quota",
                next_attempt_at=UnixMs(self._now + self._chance.randrange(9_000)),
            )
            for one in claimed
        ]
        await self._store.record_outcomes(
            PEER,
            outcomes,
            self._log.link(),
            self._now,
        )

    async def _cancel(self) -> None:
        await self._store.cancel(self._one_of_ours(), ACT, self._now)

    async def _expire(self) -> None:
        await self._store.expire_due(self._now, 3)

    async def _receive(self) -> None:
        seq = self._chance.randrange(1, 40)
        fresh = self._log.item(
            self._chance.randbytes(1),
            seq=seq,
            refusal=self._chance.choice(["", "", "expired"]),
        )
        again = self._chance.choice([*self._theirs, fresh])
        self._theirs.append(fresh)
        await self._store.commit_inbound(
            self._log.link(),
            [fresh, replace(again, proof=self._log.proof())],
            self._now,
        )

    async def _look(self) -> None:
        await self._store.log_access(self._any(), ACT, self._now)

    async def _confirm(self) -> None:
        await self._store.confirm(self._any(), ACT, self._now)

    async def _quarantine(self) -> None:
        await self._store.quarantine(self._any(), PEER, "malformed", self._now)

    async def _check(self) -> None:
        await self._store.begin_checks(2, self._now)

    async def _hear(self) -> None:
        kind = self._chance.choice(["msg.access", "msg.reject", "msg.expire"])
        event = self._log.event(
            kind,
            self._any(),
            code="malformed" if kind == "msg.reject" else "",
            seq=str(self._chance.randrange(3)),
        )
        await self._store.commit_events(self._log.link(), [event], self._now)

    async def _retry(self) -> None:
        await self._store.retry((), PEER, ACT, self._now)

    def _one_of_ours(self) -> MessageId:
        return self._chance.choice([*self._ours] or [MessageId("none")])

    def _any(self) -> MessageId:
        theirs = [item.id for item in self._theirs]
        return self._chance.choice([*self._ours, *theirs] or [MessageId("none")])


async def portrait(store: TransactionalStore) -> list[tuple[object, ...]]:
    """Return all that two stores with the same life must agree on."""
    page = await store.messages(MessageFilter(), cursor="", limit=1_000)
    traffic = await store.traffic(PEER, NOW)
    rows = [
        (row.box, row.state, row.seq, row.attempts, row.next_attempt_at, row.log_index)
        for row in page.rows
    ]
    entries = [(one.index, one.kind) for one in await store.entries(0, 10_000)]
    changes = [(one.cursor, one.state) for one in await store.changes(0, 10_000)]
    events = [(one.log_index,) for one in await store.events_due(PEER, 1_000)]
    return [
        *rows,
        *entries,
        *changes,
        *events,
        (traffic, tuple(await store.pending_seqs(PEER))),
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_both_stores_agree_and_are_sound(
    tmp_path: Path,
    seed: int,
) -> None:
    portraits = []
    for opened in (store_in_memory(), sqlite_store(tmp_path)):
        async with opened as store:
            life = Life(store, seed)
            await life.live()
            report = await check_store(store, origin=ORIGIN)
            assert report.findings == ()
            assert report.entries > _STEPS // 2
            assert "log-out-of-step" not in life.told
            portraits.append([*await portrait(store), tuple(life.told)])
    assert portraits[0] == portraits[1]


async def test_every_state_has_exactly_one_entry_of_its_own() -> None:
    """Invariant I4: as many entries of a kind as changes into its state."""
    async with store_in_memory() as store:
        await Life(store, 1).live()
        changes = await store.changes(0, 10_000)
        entries = {one.index: one.kind for one in await store.entries(0, 10_000)}
    kinds = {
        OutboundState.DELIVERED: "msg.deliver",
        OutboundState.EXPIRED: "msg.expire",
        OutboundState.CANCELLED: "msg.cancel",
    }
    for state, kind in kinds.items():
        indices = [one.log_index for one in changes if one.state == state]
        assert len(indices) == len(set(indices))
        assert [one for one, k in entries.items() if k == kind] == sorted(indices)
