"""Sending a feed as server-sent events, for programs that listen all day.

Each event has the cursor as its id, so a listener that was cut off goes on where it was
(`Last-Event-ID`) and misses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from aiohttp.web import BaseRequest, StreamResponse

from gateway.admin.asked import Feed
from gateway.admin.shapes import Changes
from gateway.core.errors import GatewayError
from gateway.ports.world import Clock

log = structlog.get_logger()

_LONGEST_S = 3600.0
_HEAD = b"retry: 3000\n\n"
_NOTHING_NEW = b": nothing new\n\n"


async def tell(
    request: BaseRequest,
    feed: Feed,
    *,
    headers: Mapping[str, str],
    check_access: Callable[[], Awaitable[None]],
    clock: Clock,
    write_s: float,
) -> StreamResponse:
    """Send events until the listener leaves, may not listen any more, or an hour is up.

    Args:
        request: Of the listener.
        feed: What is told.
        headers: Of the answer.
        check_access: Raises once the listener may not listen any more.
        clock: Ours.
        write_s: A listener that takes nothing for so long is let go.

    Raises:
        GatewayError: The first look was refused; nothing was sent.
    """
    ends_s = clock.monotonic_s() + _LONGEST_S
    # Before the head: what is refused at once becomes a problem.
    found = await feed.look(feed.after)
    response = StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    response.force_close()
    await response.prepare(request)
    text = _HEAD + _events(found)
    try:
        while True:
            async with asyncio.timeout(write_s):
                await response.write(text)
            if feed.is_ending() or clock.monotonic_s() >= ends_s:
                break
            await check_access()
            found = await feed.look(found.next)
            text = _events(found)
        await response.write_eof()
    except GatewayError as error:
        log.info("events_ended", code=error.code)
    except (ConnectionError, TimeoutError):
        log.debug("events_not_taken")
    return response


def _events(found: Changes) -> bytes:
    if not found.items:
        return _NOTHING_NEW
    return b"".join(
        b"id: %d\nevent: change\ndata: %b\n\n" % (one.cursor, msgspec.json.encode(one))
        for one in found.items
    )
