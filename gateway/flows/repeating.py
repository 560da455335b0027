"""Doing a step again and again, whatever becomes of one turn."""

from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from gateway.core.errors import GatewayError
from gateway.ports.world import Clock

log = structlog.get_logger()


async def repeat(
    step: Callable[[], Awaitable[None]], *, every_s: float, clock: Clock, failure: str
) -> NoReturn:
    """Take a step for ever.

    Args:
        step: What is done; what it has stored stands even if it fails.
        every_s: Between its end and its next beginning.
        clock: Ours.
        failure: What a refusal is called in the log.
    """
    while True:
        try:
            await step()
        except GatewayError as error:
            # What is stored is as it was; the next turn looks again.
            log.error(failure, code=error.code, reason=str(error))  # noqa: TRY400 - expected, and said in full
        await clock.sleep(every_s)
