"""Waiting for an outcome: looks by itself, and at once when told."""

import asyncio

from gateway.admin.waiting import Waiting

_TURNS = 20  # of the loop, without a moment passing


class _Store:
    """Has nothing at first; counts who looks."""

    def __init__(self) -> None:
        self.answer: str | None = None
        self.first_look = asyncio.Event()

    async def look(self) -> str | None:
        """Return what there is."""
        self.first_look.set()
        return self.answer


async def test_a_nudge_makes_the_next_look_come_at_once() -> None:
    waiting, store = Waiting(4), _Store()
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(waiting.until(store.look, wait_s=60, caller="a"))
        await store.first_look.wait()
        store.answer = "there"
        waiting.nudge()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        assert asked.done()
    assert asked.result() == "there"


async def test_news_during_a_look_are_looked_for() -> None:
    waiting, store = Waiting(4), _Store()

    async def look() -> str | None:
        found = await store.look()
        if found is None:
            # Stored and told while this look was on its way with its old answer.
            store.answer = "there"
            waiting.nudge()
        return found

    async with asyncio.TaskGroup() as group:
        asked = group.create_task(waiting.until(look, wait_s=60, caller="a"))
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        assert asked.done()
    assert asked.result() == "there"


async def test_stopping_ends_every_wait_with_what_there_is() -> None:
    waiting, store = Waiting(4), _Store()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        asked = group.create_task(waiting.until(store.look, wait_s=60, caller="a"))
        await store.first_look.wait()
        waiting.stop()
    assert waiting.is_stopping
    assert asked.result() is None
