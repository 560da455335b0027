"""The node's own monitor: what is added and what is old, found while it runs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from gateway.assembly.monitors import join_monitors
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import MaintenanceError, StoreError
from gateway.core.values import UnixMs
from gateway.flows.findings import Finding, FindingCode
from gateway.flows.giving_way import GivingWay
from gateway.flows.log_check import ReadNote
from gateway.flows.log_monitor import LogMonitor
from gateway.flows.numbers import NumberWatch
from gateway.storage.sqlite.transaction import SqliteTransaction
from tests.flows.test_numbers import Gauges, change
from tests.flows.test_self_check import _cut, _sql
from tests.support.pair import Side
from tests.support.storing import NOW, ORIGIN, outbound
from tests.support.surroundings import ManualClock
from tests.support.watched import Watched, read_note, receipt, watched

if TYPE_CHECKING:
    from gateway.flows.exchange import Exchange


@dataclass
class Desk:
    """A monitor over a store, its clock, and what it said."""

    store: Watched
    clock: ManualClock
    gauges: Gauges
    told: list[Finding]
    monitor: LogMonitor

    async def whole_walk(self) -> None:
        """Let the monitor rest, and walk over everything once."""
        self.clock.advance(3_600)
        whole = self.monitor.state().whole_at
        while self.monitor.state().whole_at == whole:
            assert await self.monitor.walk_on()

    @property
    def found(self) -> list[tuple[str, str]]:
        findings = self.monitor.state().findings
        return [(one.code.value, one.place) for one in findings]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with watched(tmp_path) as store:
        clock, gauges = ManualClock(), Gauges()
        told: list[Finding] = []
        parts = _Parts(store.store, clock, gauges, GivingWay())
        monitor = _monitor(parts, told)
        await monitor.begin()
        yield Desk(store, clock, gauges, told, monitor)


@dataclass
class _Parts:
    """What of an exchange the monitor uses."""

    store: object
    clock: ManualClock
    metrics: Gauges
    giving_way: GivingWay


def _monitor(parts: "_Parts", told: list[Finding]) -> LogMonitor:
    async def note_reader() -> ReadNote:
        return read_note

    async def on_finding(finding: Finding) -> None:
        told.append(finding)

    return LogMonitor(
        cast("Exchange", parts),
        origin=ORIGIN,
        note_reader=note_reader,
        on_finding=on_finding,
    )


async def test_a_sound_store_is_walked_over_and_followed(desk: Desk) -> None:
    await desk.whole_walk()
    message = outbound()
    await desk.store.store.accept(message, NOW)
    await receipt(desk.store.store, desk.store.peer_log, message)
    await desk.monitor.follow()
    desk.monitor.measure()

    state = desk.monitor.state()
    assert (state.findings, desk.told, state.followed) == ((), [], 607)
    assert state.whole
    assert (state.whole.entries, state.whole.messages) == (605, 4)
    assert desk.gauges.values["mla_log_check_findings",] == 0
    assert desk.gauges.values["mla_log_check_age_seconds",] < 10


async def test_an_old_entry_is_found_by_the_next_walk_and_said_once(desk: Desk) -> None:
    await desk.store.sql(_sql("UPDATE audit_entry SET leaf = zeroblob(32) WHERE i = 9"))
    await desk.whole_walk()
    await desk.whole_walk()
    desk.monitor.measure()

    assert ("entry-changed", "entry 9") in desk.found
    said = [one for one in desk.told if one.place == "entry 9"]
    assert [one.contradicts_signed for one in said] == [True]
    assert desk.gauges.values["mla_log_check_findings",] == len(desk.found)


async def test_what_is_mended_is_no_finding_after_the_next_walk(desk: Desk) -> None:
    wrong = "UPDATE message_count SET count = count + {} WHERE state = 'delivered'"
    await desk.store.sql(_sql(wrong.format(1)))
    await desk.whole_walk()
    assert desk.found == [("counts-differ", "mj.fr out delivered")]

    await desk.store.sql(_sql(wrong.format(-1)))
    await desk.whole_walk()
    assert desk.found == []


async def test_a_new_entry_is_checked_without_waiting_for_a_walk(desk: Desk) -> None:
    message = outbound()
    await desk.store.store.accept(message, NOW)
    await desk.store.sql(_sql("UPDATE audit_entry SET kind = 'msg.hold' WHERE i = 605"))
    await desk.monitor.follow()

    assert desk.found[0] == ("entry-misplaced", "entry 605")


async def test_a_new_message_is_compared_without_waiting_for_a_walk(desk: Desk) -> None:
    message = outbound()
    await desk.store.store.accept(message, NOW)
    await desk.store.sql(
        _sql(f"UPDATE message SET state = 'opened' WHERE id = '{message.id}'")  # noqa: S608 - its own id
    )
    await desk.monitor.follow()

    assert ("message-state", f"message {message.id}") in desk.found


async def test_a_log_that_was_cut_is_found_at_once_and_never_forgotten(
    desk: Desk,
) -> None:
    # To where nothing was signed beyond: the file alone shows nothing.
    await desk.store.sql(_sql("DELETE FROM audit_checkpoint WHERE size > 590"))
    await desk.store.sql(_cut(595))
    await desk.monitor.follow()
    cut = ("log-cut", "size 595")
    assert desk.found == [cut]
    assert desk.told[0].contradicts_signed

    await desk.whole_walk()
    await desk.whole_walk()
    assert cut in desk.found


async def test_after_a_cut_what_is_added_is_followed_again(desk: Desk) -> None:
    await desk.store.sql(_cut(602))
    await desk.monitor.follow()
    await desk.whole_walk()
    await desk.store.store.append([EntryDraft("admin.test", UnixMs(NOW + 9), {})])
    await desk.monitor.follow()

    assert desk.monitor.state().followed == 603


async def test_a_broken_end_is_found_before_anything_else(tmp_path: Path) -> None:
    async with watched(tmp_path) as store:
        await store.sql(_sql("UPDATE audit_head SET frontier = x'00'"))
        told: list[Finding] = []
        parts = _Parts(store.store, ManualClock(), Gauges(), GivingWay())
        monitor = _monitor(parts, told)
        await monitor.begin()
        await monitor.follow()
        assert [one.code for one in told] == [FindingCode.HEAD_CHANGED]
        assert told[0].contradicts_signed


async def test_what_can_not_be_read_is_a_finding_and_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise StoreError("database: disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(desk.store.store, "log_page", broken)
        await desk.whole_walk()
        assert desk.found == [("unreadable", "after entry 0")]
    await desk.whole_walk()
    await desk.whole_walk()
    assert desk.found == []


async def test_between_two_walks_there_is_a_rest(desk: Desk) -> None:
    await desk.whole_walk()
    assert not await desk.monitor.walk_on()
    desk.clock.advance(61)
    assert await desk.monitor.walk_on()


async def test_a_turn_follows_and_walks_for_some_seconds(desk: Desk) -> None:
    began = desk.clock.now()
    await desk.monitor.turn()

    assert 5_000 <= desk.clock.now() - began <= 10_000
    assert desk.monitor.state().whole
    assert desk.gauges.values["mla_log_check_findings",] == 0


async def test_the_loop_is_never_kept_for_long(desk: Desk) -> None:
    fill = EntryDraft("admin.test", UnixMs(NOW + 9), {})
    await desk.store.store.append([fill] * 4_000)
    loop = asyncio.get_running_loop()
    longest_s, last_s = 0.0, loop.time()

    async def tick() -> None:
        nonlocal longest_s, last_s
        while True:
            await asyncio.sleep(0)
            longest_s, last_s = max(longest_s, loop.time() - last_s), loop.time()

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        await desk.whole_walk()
        await desk.monitor.follow()
        ticking.cancel()
    assert desk.monitor.state().followed == 4_605
    assert longest_s < 0.1


def test_findings_are_values() -> None:
    finding = Finding(FindingCode.LOG_CUT, "size 5", "ends early")
    assert str(replace(finding, place="size 6")) == "log-cut: size 6: ends early"


@pytest.mark.parametrize(
    ("statement", "stops"),
    [
        ("UPDATE audit_head SET frontier = zeroblob(length(frontier))", True),
        ("UPDATE audit_checkpoint SET root = zeroblob(32)", False),
        ("UPDATE message_count SET count = count + 1", False),
    ],
)
async def test_nothing_is_signed_where_it_could_contradict_what_was(
    two: tuple[Side, Side], statement: str, *, stops: bool
) -> None:
    ee, _ = two
    await ee.send()
    await ee.deliver()
    monitors = join_monitors(
        ee.exchange,
        lambda: ee.keyring.log,
        numbers=NumberWatch(ee.exchange),
        submit=ee.submit,
    )
    await monitors.log.begin()

    def tamper(tx: SqliteTransaction) -> None:
        for (name,) in tx._engine.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            tx._engine.execute(f'DROP TRIGGER "{name}"')
        tx._engine.execute(statement)

    await change(ee, tamper)
    while monitors.log.state().whole is None:
        await monitors.log.walk_on()

    assert monitors.log.state().findings
    assert ee.exchange.recovery.is_on is stops
    if stops:
        with pytest.raises(MaintenanceError):
            await ee.exchange.checkpoints.newest()
