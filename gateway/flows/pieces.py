"""Streams in pieces of a sensible length: a tiny one costs as much as a large one."""

from collections.abc import AsyncIterator

from gateway.core.errors import GatewayError


async def in_pieces(
    chunks: AsyncIterator[bytes],
    length: int,
) -> AsyncIterator[bytes]:
    """Yield what `chunks` gives in pieces of at least `length` bytes, but the last.

    If `chunks` breaks off, what came before is yielded first.
    """
    waiting: list[bytes] = []
    total = 0
    broke_off: GatewayError | None = None
    try:
        async for chunk in chunks:
            if not waiting and len(chunk) >= length:
                yield chunk  # no copy of it
                continue
            waiting.append(chunk)
            total += len(chunk)
            if total >= length:
                piece = b"".join(waiting)
                # Not both in memory while the piece is worked on.
                waiting, total = [], 0
                yield piece
    except GatewayError as error:
        broke_off = error
    if waiting:
        yield b"".join(waiting)
    if broke_off is not None:
        raise broke_off
