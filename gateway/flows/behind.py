"""One step behind: the next piece of a stream comes while the last is worked on."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Self


class Behind:
    """Runs steps one after the other beside its caller, at most one behind.

    A context manager: when its block ends, however it ends, no step is running. Whoever
    is cancelled while it waits for a step cancels that, too, and waits for its end.
    """

    def __init__(self) -> None:
        self._step: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin with nothing."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the last step; its failure counts if the block had none."""
        try:
            await self.settled()
        except Exception:
            if kind is None:
                raise

    async def settled(self) -> None:
        """Return once no step is running.

        Raises:
            Exception: What the last step raised.
        """
        step, self._step = self._step, None
        if step is None:
            return
        try:
            await asyncio.shield(step)
        except asyncio.CancelledError:
            step.cancel()
            await asyncio.wait([step])
            if not step.cancelled():
                step.exception()
            raise

    async def give(self, step: Coroutine[None, None, None]) -> None:
        """Begin a step once the one before has ended.

        Raises:
            Exception: What the step before raised; this one was not begun then.
        """
        try:
            await self.settled()
        except BaseException:
            step.close()
            raise
        self._step = asyncio.get_running_loop().create_task(step)
