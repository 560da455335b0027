"""Evidence waits for messages, and never for long."""

import asyncio

from gateway.flows.giving_way import FEW_MESSAGES, GivingWay


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


async def is_held_up(giving_way: GivingWay, messages: int) -> bool:
    """Tell whether a step of so many messages would have to wait just now."""
    async with asyncio.TaskGroup() as steps:
        step = steps.create_task(giving_way.let_few_pass(messages))
        for _ in range(3):
            await asyncio.sleep(0)
        return not step.done()


async def test_many_messages_wait_for_few_and_few_wait_for_nobody() -> None:
    giving_way = GivingWay()
    assert not await is_held_up(giving_way, FEW_MESSAGES + 1)
    with giving_way.handling_message(1):
        assert not await is_held_up(giving_way, FEW_MESSAGES)
        assert await is_held_up(giving_way, FEW_MESSAGES + 1)


async def test_many_messages_do_not_wait_for_many() -> None:
    giving_way = GivingWay()
    with giving_way.handling_message(FEW_MESSAGES + 1), giving_way.handling_message():
        assert not await is_held_up(giving_way, FEW_MESSAGES + 1)


async def test_many_messages_that_have_waited_go_on_for_a_while() -> None:
    giving_way = GivingWay()
    with giving_way.handling_message(1):
        assert await is_held_up(giving_way, FEW_MESSAGES + 1)
        assert not await is_held_up(giving_way, FEW_MESSAGES + 1)


async def test_few_messages_are_about_for_a_moment_after_they_were_handled() -> None:
    giving_way = GivingWay()
    seen = [giving_way.are_few_about]
    with giving_way.handling_message(FEW_MESSAGES):
        seen.append(giving_way.are_few_about)
    seen.append(giving_way.are_few_about)
    assert seen == [False, True, True]
