"""Sending a file as it is read."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from aiohttp.web import BaseRequest, StreamResponse

from gateway.admin.asked import Stream
from gateway.core.errors import GatewayError

log = structlog.get_logger()


async def give(
    request: BaseRequest,
    stream: Stream,
    *,
    headers: Mapping[str, str],
    media: str,
) -> StreamResponse:
    """Send a file as it is read; break off rather than end early and well.

    Raises:
        GatewayError: It can't be read at all; nothing was sent.
    """
    # Of what is made while it is sent nobody knows the length: it goes in chunks.
    start = 0 if stream.length is None else stream.total - stream.length
    named = f'; filename="{stream.name}"' if stream.name else ""
    response = StreamResponse(
        status=HTTPStatus.PARTIAL_CONTENT if start else HTTPStatus.OK,
        headers={
            "Content-Disposition": f"attachment{named}",
            **headers,
            "Accept-Ranges": "none" if stream.length is None else "bytes",
        },
    )
    response.content_type = media
    response.content_length = stream.length
    if start:
        end = max(stream.total - 1, 0)
        response.headers["Content-Range"] = f"bytes {start}-{end}/{stream.total}"
    # The first piece before the head: what fails at once becomes a problem.
    first = await anext(stream.chunks, b"")
    await response.prepare(request)
    try:
        await response.write(first)
        async for chunk in stream.chunks:
            await response.write(chunk)
        await response.write_eof()
    except GatewayError as error:
        log.error("attachment_broken_off", code=error.code)  # noqa: TRY400 - told in full
        response.force_close()
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        log.info("attachment_not_taken", path=request.path)
    return response
