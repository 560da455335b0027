"""Running the limit programs, each time in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.limits.bulk import BulkLimit
from benchmarks.limits.message import MessageLimit


def message_limit(folder: Path, *, messages: int, batch: int = 256) -> MessageLimit:
    """Return L_msg, measured now.

    Raises:
        RuntimeError: The program failed.
    """
    words = ("--messages", str(messages), "--batch", str(batch))
    return MessageLimit(**json.loads(_run("message", folder, *words)))


def bulk_limit(folder: Path, *, size_mib: int, is_rolling: bool = False) -> BulkLimit:
    """Return L_bulk, measured now; with rolling flushes or one at the end.

    Raises:
        RuntimeError: The program failed.
    """
    flush = "rolling" if is_rolling else "end"
    words = ("--size-mib", str(size_mib), "--flush", flush)
    return BulkLimit(**json.loads(_run("bulk", folder, *words)))


def _run(name: str, folder: Path, *words: str) -> str:
    program = (sys.executable, "-m", f"benchmarks.limits.{name}")
    done = subprocess.run(  # noqa: S603 - our own program
        [*program, "--folder", str(folder), *words],
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise RuntimeError(f"limit program {name}: {last[0]}")
    return done.stdout
