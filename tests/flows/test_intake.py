"""Bodies that are received past the library: whole, in order, within their limits."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UsageError
from gateway.flows.intake import Intake
from tests.support.evidence import content

MIB = 1024 * 1024


class Line:
    """A connection that brings a body in reads of given lengths."""

    def __init__(self, data: bytes, begun: int = 0) -> None:
        self.data = data[begun:]
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.has_ended = False
        self.intake = Intake(
            data[:begun],
            len(self.data),
            set_reading=self._set_reading,
            ended=self._end,
        )

    def _set_reading(self, wanted: bool) -> None:  # noqa: FBT001 - the intake's signature
        if wanted:
            self.may_read.set()
        else:
            self.may_read.clear()

    def _end(self) -> None:
        self.has_ended = True

    async def bring(self, lengths: Sequence[int]) -> None:
        """Bring bytes while it may, like an event loop."""
        for length in lengths:
            await self.may_read.wait()
            if not self.data:
                return
            room = self.intake.buffer()
            taken = self.data[: min(length, len(room))]
            room[: len(taken)] = taken
            self.data = self.data[len(taken) :]
            self.intake.received(len(taken))
            await asyncio.sleep(0)


def patience(_came: int, _quiet_s: float) -> float:
    return 60.0


def lost() -> UsageError:
    return UsageError("body: broke off")


@given(
    size=st.integers(0, 3 * MIB),
    begun=st.integers(0, 100_000),
    length=st.integers(20_000, 300_000),
)
async def test_all_of_it_comes_in_its_order(size: int, begun: int, length: int) -> None:
    data = content(size, seed=size)
    line = Line(data, min(begun, size))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(line.bring([length] * 1000))
        pieces = [bytes(one) async for one in line.intake.pieces(patience, lost)]
    assert b"".join(pieces) == data
    assert line.has_ended == (size > begun)


async def test_nothing_is_received_beyond_the_next_piece() -> None:
    line = Line(content(5 * MIB))
    async with asyncio.TaskGroup() as tasks:
        bringing = tasks.create_task(line.bring([256 * 1024] * 1000))
        await anext(line.intake.pieces(patience, lost))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not line.may_read.is_set()
        assert len(line.data) == 3 * MIB
        bringing.cancel()


async def test_what_came_before_it_broke_off_is_given_first() -> None:
    data = content(2 * MIB)
    line = Line(data)
    await line.bring([100_000])
    line.intake.lose()
    pieces = line.intake.pieces(patience, lost)
    assert bytes(await anext(pieces)) == data[:100_000]
    with pytest.raises(UsageError):
        await anext(pieces)


async def test_a_silent_body_ends_when_patience_does() -> None:
    line = Line(content(2 * MIB))
    asked: list[tuple[int, bool]] = []

    def impatient(came: int, quiet_s: float) -> float:
        asked.append((came, quiet_s >= 0.05))
        if quiet_s >= 0.05:
            raise lost()
        return 0.05 - quiet_s

    await line.bring([1000])
    with pytest.raises(UsageError):
        async for _ in line.intake.pieces(impatient, lost):
            pass
    assert asked[0] == (1000, False)
    assert asked[-1] == (0, True)


async def test_what_nobody_asks_for_goes_by() -> None:
    line = Line(content(3 * MIB))
    await line.bring([100_000] * 3)
    line.intake.drop()
    await line.bring([100_000] * 1000)
    assert line.has_ended
    assert line.may_read.is_set()
