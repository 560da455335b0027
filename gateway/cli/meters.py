"""Showing how far a transfer is: a bar on a terminal, else a line now and then.

Both go to stderr, so stdout keeps to data.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.cli.inert import inert
from gateway.cli.output import say
from gateway.cli.units import duration_text, share_text, size_text

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from gateway.client.progress import OnProgress, Phase, Progress

LINE_EVERY_S = 10


@contextlib.contextmanager
def meter(name: str) -> Iterator["OnProgress"]:
    """Show how far the transfer of one file is; yield what is to be told of it.

    Nothing else may be printed meanwhile.
    """
    if not sys.stderr.isatty():
        yield _Lines(inert(name)).show
        return
    with _bars() as bars:
        yield _Bar(bars, bars.add_task(inert(name), total=None, phase="", rate="")).show


@dataclass(slots=True)
class _Lines:
    """One line every ten seconds, and one at the end."""

    name: str
    clock: Callable[[], float] = time.monotonic
    phase: "Phase | None" = None
    began_at: float = 0
    began_with: int = 0
    told_at: float = field(init=False)
    is_ended: bool = False

    def __post_init__(self) -> None:
        self.told_at = self.clock()

    def show(self, progress: "Progress") -> None:
        """Say how far it is, if it is time to."""
        now = self.clock()
        if progress.phase is not self.phase:
            self.phase, self.is_ended = progress.phase, False
            self.began_at, self.began_with = now, progress.done
        if self._ends(progress) or now - self.told_at >= LINE_EVERY_S:
            self.told_at = now
            say(self._line(progress, now))

    def _ends(self, progress: "Progress") -> bool:
        """Return whether this is the first news of the end of a transfer."""
        if progress.done < progress.total:
            self.is_ended = False
        elif progress.phase.is_transfer and not self.is_ended:
            self.is_ended = True
            return True
        return False

    def _line(self, progress: "Progress", now: float) -> str:
        text = (
            f"{self.name}: {progress.phase}, "
            f"{share_text(progress.done, progress.total)}, "
            f"{size_text(progress.done)} of {size_text(progress.total)}"
        )
        elapsed_s = now - self.began_at
        gained = progress.done - self.began_with
        if elapsed_s < 1 or gained <= 0:
            return text
        rate = gained / elapsed_s
        text = f"{text}, {size_text(rate)}/s"
        if progress.done >= progress.total:
            return f"{text}, took {duration_text(elapsed_s)}"
        left_s = (progress.total - progress.done) / rate
        return f"{text}, {duration_text(left_s)} left"


@dataclass(slots=True)
class _Bar:
    """One bar, which starts anew with each phase."""

    bars: "Bars"
    task: "TaskID"
    phase: "Phase | None" = None

    def show(self, progress: "Progress") -> None:
        """Move the bar."""
        if progress.phase is not self.phase:
            self.phase = progress.phase
            # Where a phase starts is no progress: it would look like a high rate.
            self.bars.reset(
                self.task,
                total=progress.total,
                completed=progress.done,
                phase=str(progress.phase),
                rate="",
            )
        self.bars.update(self.task, completed=progress.done, total=progress.total)
        speed = self.bars.tasks[0].speed
        rate = f"{size_text(speed)}/s" if speed else ""
        self.bars.update(self.task, rate=rate)


def _bars() -> "Bars":
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        # Not markup: names are foreign text.
        progress.TextColumn("{task.description}", markup=False),
        progress.TextColumn("{task.fields[phase]}", markup=False, style="dim"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.DownloadColumn(binary_units=True),
        progress.TextColumn("{task.fields[rate]}", markup=False),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        # What is printed on stdout stays there.
        redirect_stdout=False,
        redirect_stderr=False,
    )
