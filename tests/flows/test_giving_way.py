"""Evidence waits for messages, and never for long."""

import asyncio

from gateway.flows.giving_way import GivingWay


async def waits(giving_way: GivingWay) -> bool:
    """Tell whether a piece of evidence would have to wait just now."""
    async with asyncio.TaskGroup() as pieces:
        piece = pieces.create_task(giving_way.give_way())
        await asyncio.sleep(0)
        return not piece.done()


async def test_without_a_message_nothing_waits() -> None:
    assert not await waits(GivingWay())


async def test_evidence_waits_while_a_message_is_handled_and_then_goes_on() -> None:
    giving_way = GivingWay()
    with giving_way.handling_message():
        assert await waits(giving_way)
    while await waits(giving_way):
        pass
    assert not await waits(giving_way)


async def test_evidence_waits_from_one_step_of_a_message_to_the_next() -> None:
    giving_way = GivingWay()
    with giving_way.handling_message():
        pass
    async with asyncio.TaskGroup() as pieces:
        piece = pieces.create_task(giving_way.give_way())
        await asyncio.sleep(0)
        with giving_way.handling_message():
            await asyncio.sleep(0)
            assert not piece.done()


async def test_a_message_that_waits_for_its_peer_does_not_hold_up_the_others() -> None:
    giving_way = GivingWay()
    async with asyncio.timeout(10):
        with giving_way.handling_message():
            while await waits(giving_way):
                pass
            with giving_way.handling_message():
                assert await waits(giving_way)
