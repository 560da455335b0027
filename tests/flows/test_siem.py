"""The stream to a SIEM: everything, in order, and again after a break."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.core.errors import UnreachableError
from gateway.core.syslog import SyslogFormat, SyslogSource
from gateway.flows import siem
from gateway.flows.siem import SiemStream
from tests.support.storing import NOW, outbound
from tests.support.trusting import TrustingNode, trusting_node

SOURCE = SyslogSource(host="moj.ee", version="1", form=SyslogFormat.JSON)


@dataclass
class ScriptedReceiver:
    """Implements `EventStream`."""

    got: list[int] = field(default_factory=list)
    stands: bool = False
    answers: bool = True
    acknowledges: bool = True

    async def open(self) -> None:
        if not self.answers:
            raise UnreachableError("siem: away")
        self.stands = True

    async def send(self, messages: Sequence[bytes]) -> None:
        if not self.stands:
            raise UnreachableError("siem: lost")
        for one in messages:
            self.got.append(json.loads(one.partition(b"] ")[2])["index"])

    def is_whole(self) -> bool:
        return self.stands

    def is_taken(self) -> bool:
        return self.acknowledges

    async def close(self) -> None:
        self.stands = False


@dataclass
class Watched:
    node: TrustingNode
    receiver: ScriptedReceiver

    def stream(self, *, begins_at_end: bool = False) -> SiemStream:
        return SiemStream(
            self.node.exchange, self.receiver, SOURCE, begins_at_end=begins_at_end
        )

    async def logs(self, count: int = 1) -> None:
        for _ in range(count):
            await self.node.store.accept(outbound(), NOW)

    async def size(self) -> int:
        return (await self.node.store.log_head()).size

    async def wait(self, seconds: float) -> None:
        await self.node.exchange.clock.sleep(seconds)

    async def position(self) -> int | None:
        origin = self.node.exchange.checkpoints.origin
        return await self.node.store.stream_position(f"siem/{origin}")


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with trusting_node(tmp_path) as node:
        yield Watched(node, ScriptedReceiver())


async def test_everything_is_told_once_while_all_is_well(watched: Watched) -> None:
    stream = watched.stream()
    await watched.logs(2)
    await stream.tick()
    await watched.logs()
    await stream.tick()
    assert watched.receiver.got == list(range(await watched.size()))
    assert await watched.position() == 0
    await watched.wait(siem.SETTLE_S)
    await stream.tick()
    assert await watched.position() == await watched.size()


async def test_it_goes_on_where_it_was_after_a_stop(watched: Watched) -> None:
    stream = watched.stream()
    await watched.logs()
    await stream.tick()
    await watched.wait(siem.SETTLE_S)
    await stream.tick()
    size = await watched.size()
    await watched.logs()
    watched.receiver.got = []
    await watched.stream().tick()
    assert watched.receiver.got == list(range(size, await watched.size()))


async def test_what_may_be_lost_is_told_again(watched: Watched) -> None:
    stream = watched.stream()
    await watched.logs()
    await stream.tick()
    first = list(watched.receiver.got)
    watched.receiver.stands = False  # the receiver died: nobody knows what it read
    await stream.tick()
    assert watched.receiver.got == first + first


async def test_what_the_other_machine_has_not_acknowledged_counts_for_nothing(
    watched: Watched,
) -> None:
    stream = watched.stream()
    watched.receiver.acknowledges = False
    await watched.logs()
    await stream.tick()
    await watched.wait(10 * siem.SETTLE_S)
    await stream.tick()
    assert await watched.position() == 0


async def test_while_nobody_listens_nothing_is_lost_and_it_is_said(
    watched: Watched,
) -> None:
    stream = watched.stream()
    watched.receiver.answers = False
    await watched.logs(3)
    waits = [await stream.tick() for _ in range(9)]
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert max(waits) == 60.0
    assert stream.problem == "siem: away"
    watched.receiver.answers = True
    await stream.tick()
    assert stream.problem == ""
    assert watched.receiver.got == list(range(await watched.size()))


async def test_no_more_than_a_window_is_under_way(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siem, "WINDOW_ENTRIES", 4)
    stream = watched.stream()
    watched.receiver.acknowledges = False
    await watched.logs(6)
    for _ in range(3):
        await stream.tick()
    assert watched.receiver.got == [0, 1, 2, 3]
    watched.receiver.acknowledges = True
    await watched.wait(siem.SETTLE_S)
    await stream.tick()
    await stream.tick()
    assert watched.receiver.got == list(range(await watched.size()))


async def test_much_is_told_without_waiting(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siem, "_ENTRIES_A_READ", 2)
    stream = watched.stream()
    await watched.logs(3)
    assert await stream.tick() == 0.0


async def test_it_may_begin_with_what_is_new(watched: Watched) -> None:
    await watched.logs(2)
    stream = watched.stream(begins_at_end=True)
    await stream.tick()
    assert watched.receiver.got == []
    await watched.logs()
    await stream.tick()
    assert watched.receiver.got == [await watched.size() - 1]


async def test_without_a_receiver_nothing_happens(watched: Watched) -> None:
    stream = SiemStream(watched.node.exchange, None, SOURCE, begins_at_end=False)
    assert not stream.is_configured
    await stream.run()
    assert await stream.tick() > 0
    assert await watched.position() is None
