"""Listening to changes: nothing is missed, and nobody listens who may not any more."""

import asyncio
from contextlib import suppress

import aiohttp
import msgspec
import pytest

from gateway.admin.shapes import ChangeItem
from tests.support.admin_api import PT, AdminNode, request_form


class Listener:
    """Reads events as they come."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[int, ChangeItem]:
        """Return the id of the next event, and what it tells.

        Raises:
            EOFError: The node has ended the stream.
        """
        fields: dict[str, str] = {}
        async with asyncio.timeout(30):
            async for raw in self._answer.content:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, text = line.partition(": ")
                    fields[name] = text
                elif "data" in fields:
                    assert fields["event"] == "change"
                    told = msgspec.json.decode(fields["data"], type=ChangeItem)
                    return int(fields["id"]), told
        raise EOFError


async def _submit(node: AdminNode) -> str:
    body = {"to": PT, "message": request_form()}
    url = f"{node.url}/api/v1/messages"
    async with node.session.post(url, json=body, headers=node.headers()) as answer:
        found: str = (await answer.json())["id"]
        return found


async def test_a_change_is_told_when_it_happens(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/events"
    async with node.session.get(url, headers=node.headers("observer")) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        message_id = await _submit(node)
        cursor, told = await Listener(answer).next()
        assert (told.id, told.state, told.cursor) == (message_id, "queued", cursor)


async def test_who_was_cut_off_goes_on_where_it_was(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/events"
    first = await _submit(node)
    async with node.session.get(url, headers=node.headers()) as answer:
        seen, told = await Listener(answer).next()
        assert told.id == first
    second = await _submit(node)
    headers = node.headers() | {"Last-Event-ID": str(seen)}
    async with node.session.get(url, headers=headers) as answer:
        _, told = await Listener(answer).next()
        assert told.id == second


async def test_who_lost_the_account_is_told_nothing_more(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/events"
    async with node.session.get(url, headers=node.headers("observer")) as answer:
        listener = Listener(answer)
        await _submit(node)
        await listener.next()
        gone = f"{node.url}/api/v1/operators/observer"
        async with node.session.delete(gone, headers=node.headers()) as removed:
            assert removed.status < 300
        # The look that was under way may still tell one; access is asked for after it.
        await _submit(node)
        told = 0
        with suppress(EOFError):
            while True:
                await listener.next()
                told += 1
        assert told <= 1


async def test_listeners_are_let_go_when_the_node_stops(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/events"
    async with node.session.get(url, headers=node.headers()) as answer:
        async with asyncio.timeout(5):
            await node.server.drain(3.0)
            assert b"event: " not in await answer.read()


@pytest.mark.parametrize("given", ["-1", "x", "1" * 16])
async def test_an_id_that_is_no_cursor_is_refused(node: AdminNode, given: str) -> None:
    headers = node.headers() | {"Last-Event-ID": given}
    url = f"{node.url}/api/v1/events"
    async with node.session.get(url, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "usage")


async def test_listening_is_for_who_may_read_the_lists(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/events"
    async with node.session.get(url, headers=node.headers("security")) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, "not-allowed")
