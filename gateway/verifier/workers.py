"""Sharing the bundles of a long log between processes.

Results come in the order of the log, so that the first bad entry is the one named, and
only a few bundles are on their way at a time, so that memory does not grow.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.errors import GatewayError
from gateway.verifier.bundle_check import (
    ENTRIES_SUBJECT,
    BundleTask,
    Found,
    check_bundle,
)
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.layout import max_bundle_bytes
from gateway.verifier.report import FailedCheckError, Line, failure_from

Checked: TypeAlias = tuple[BundleTask, "Found | Line"]
"""A task with what its entries say of the log, or with why it failed."""

_Result: TypeAlias = Future[Found | Line]

WORTH_BUNDLES = 128
"""From here on, about 32,000 entries, starting processes takes less than it saves."""

_MAX_WORKERS = 4  # each takes about 40 MiB
_AHEAD_OF_EACH = 4

# What a worker reads from; set once when it starts.
_files: list[EvidenceFiles] = []


def check_in_order(
    files: EvidenceFiles,
    tasks: Iterator[BundleTask],
    *,
    count: int,
) -> Iterator[Checked]:
    """Yield every task with its result, in order.

    Args:
        files: Where the bundles lie.
        tasks: What to check.
        count: How many tasks there will be.
    """
    workers = min(os.cpu_count() or 1, _MAX_WORKERS)
    if count < WORTH_BUNDLES or workers == 1:
        for task in tasks:
            yield task, check_task(files, task)
        return
    # A fresh interpreter for each: a copy of this one could hold locks of its threads.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(files,),
    )
    sharing = _Sharing(files, pool)
    try:
        yield from sharing.run(tasks, ahead=workers * _AHEAD_OF_EACH)
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Sharing:
    """Bundles on their way to other processes; if those end, this one does the work.

    A machine can be short of memory, or not let processes be started.
    """

    files: EvidenceFiles
    pool: ProcessPoolExecutor

    def run(self, tasks: Iterator[BundleTask], *, ahead: int) -> Iterator[Checked]:
        waiting: deque[tuple[BundleTask, _Result | None]] = deque()
        for task in tasks:
            waiting.append((task, self._give(task)))
            if len(waiting) > ahead:
                yield self._take(*waiting.popleft())
        for task, result in waiting:
            yield self._take(task, result)

    def _give(self, task: BundleTask) -> _Result | None:
        try:
            return self.pool.submit(_work, task)
        except (BrokenExecutor, OSError):
            return None

    def _take(self, task: BundleTask, result: _Result | None) -> Checked:
        with suppress(BrokenExecutor):
            if result is not None:
                return task, result.result()
        return task, check_task(self.files, task)


def _start_worker(files: EvidenceFiles) -> None:
    # Ctrl-C reaches the whole group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _files[:] = [files]


def _work(task: BundleTask) -> Found | Line:
    return check_task(_files[0], task)


def check_task(files: EvidenceFiles, task: BundleTask) -> Found | Line:
    """Return what checking a bundle's file gave; a failure as its line."""
    try:
        limit = max_bundle_bytes(task.bundle)
        return check_bundle(task, files.read(task.bundle.path(), max_bytes=limit))
    except FailedCheckError as error:
        return error.line
    except GatewayError as error:
        return failure_from(ENTRIES_SUBJECT, error).line
