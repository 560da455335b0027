"""A disk that is slow to flush: what a node started in this block has.

A small library is built and preloaded, which waits before each flush. It stands before
the C library's functions, so it is met by the database engine and by everything else.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SOURCE = Path(__file__).with_suffix(".c")
_PRELOAD, _WAIT = "LD_PRELOAD", "SLOW_FLUSH_US"


class NoCompilerError(Exception):
    """There is nothing here to build the library with."""


def build(folder: Path) -> Path:
    """Build the library into a folder and return where it is.

    Raises:
        NoCompilerError: Another system than Linux, no C compiler, or it fails.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        raise NoCompilerError("flushes can be delayed on Linux with a C compiler only")
    library = folder / "slow_flush.so"
    words = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE)]
    done = subprocess.run(  # noqa: S603 - a compiler of this machine
        [*words, "-ldl"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoCompilerError(f"{compiler}: {done.stderr.strip()[:200]}")
    return library


@contextmanager
def slow_flushes(library: Path, added_ms: float) -> Iterator[None]:
    """Let every process that is started in this block wait at each flush."""
    names = {_PRELOAD: str(library), _WAIT: str(round(added_ms * 1000))}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def measured_ms(library: Path, added_ms: float, folder: Path) -> float:
    """Return how long a flush takes in a process started with the library.

    Both functions are asked for; the quicker one counts.
    """
    with slow_flushes(library, added_ms):
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "benchmarks.slow_flush", str(folder)],
            capture_output=True,
            text=True,
            check=True,
            cwd=_SOURCE.parent.parent,
        )
    return float(done.stdout)


def main(folder: Path) -> None:
    """Print the shortest of a few flushes, in milliseconds."""
    took = []
    with (folder / "flushed").open("wb") as file:
        for flush in (os.fsync, os.fdatasync) * 3:
            file.write(b"x")
            file.flush()
            began = time.perf_counter()
            flush(file.fileno())
            took.append(time.perf_counter() - began)
    print(min(took) * 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
