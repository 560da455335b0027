"""Running the program that tells people of alarms.

It is started directly, never through a shell, with a small environment of its own. It
gets a bounded time; what it prints is not read, so it can neither block nor fill us.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import Final

NOTIFY_WITHIN_S: Final = 30.0

_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "HOME")


class ProgramNotifier:
    """The `Notifier` port over a configured program.

    Args:
        command: The program with its arguments; empty for none.
        within_s: How long it may take.
    """

    def __init__(
        self, command: Sequence[str], *, within_s: float = NOTIFY_WITHIN_S
    ) -> None:
        self._command = tuple(command)
        self._within_s = within_s

    @property
    def is_configured(self) -> bool:
        """Whether there is such a program."""
        return bool(self._command)

    async def notify(self, told: bytes) -> str:
        """Hand over one JSON object; return why it was not dealt with, or nothing."""
        environment = {
            name: os.environ[name] for name in _ENVIRONMENT if name in os.environ
        }
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            return f"can't be started: {error.strerror}"
        try:
            async with asyncio.timeout(self._within_s):
                await process.communicate(told)
        except TimeoutError:
            return f"took longer than {self._within_s:g} s"
        finally:
            await _end(process)
        return "" if process.returncode == 0 else f"exit status {process.returncode}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a program that still runs, with what it has started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, 9)
        await process.wait()
