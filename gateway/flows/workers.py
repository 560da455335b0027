"""One worker a peer, as peers come and go: woken by work, never more than one each."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.core.values import AuthorityId
from gateway.ports.peers import PeerDirectory


class PeerWorkers:
    """Runs a worker for every peer of the directory.

    Args:
        directory: The peers.
        begin: What a worker does first.
        turn: What it does again and again; returns after how many seconds at most it
            wants another turn. Must let out only what concerns all.
        name: Of the tasks.
    """

    def __init__(
        self,
        directory: PeerDirectory,
        *,
        begin: Callable[[AuthorityId], Awaitable[None]],
        turn: Callable[[AuthorityId], Awaitable[float]],
        name: str,
    ) -> None:
        self._directory = directory
        self._begin = begin
        self._turn = turn
        self._name = name
        self._wakes: dict[AuthorityId, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._is_stopping = False

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._is_stopping

    def wake(self, peer: AuthorityId) -> None:
        """Make a peer's worker take a turn now."""
        if peer in self._wakes:
            self._wakes[peer].set()

    def is_woken(self, peer: AuthorityId) -> bool:
        """Tell whether another turn was asked for during the present one."""
        return peer in self._wakes and self._wakes[peer].is_set()

    def reload(self) -> None:
        """Start and stop workers as the directory now says."""
        self._changed.set()

    def stop(self) -> None:
        """Let the workers finish what they are doing, then `run` returns."""
        self._is_stopping = True
        self._changed.set()
        for wake in self._wakes.values():
            wake.set()

    async def run(self) -> None:
        """Run the workers until `stop`."""
        async with asyncio.TaskGroup() as workers:
            while not self._is_stopping:
                self._changed.clear()
                for peer in self._directory.peers():
                    if peer.authority not in self._wakes:
                        self._wakes[peer.authority] = asyncio.Event()
                        workers.create_task(
                            self._work(peer.authority),
                            name=f"{self._name}-{peer.authority}",
                        )
                await self._changed.wait()

    async def _work(self, peer: AuthorityId) -> None:
        wake = self._wakes[peer]
        try:
            await self._begin(peer)
            while not self._is_stopping and self._directory.peer(peer) is not None:
                wake.clear()
                wait_s = await self._turn(peer)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await wake.wait()
        finally:
            del self._wakes[peer]
