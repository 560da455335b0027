"""What the figures were taken on, and where on its disk."""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_FLUSHES = 40
_KIB_A_GIB = 1024 * 1024


def describe(folder: Path) -> dict[str, str | float]:
    """Return what a reader has to know of this machine to judge figures of it."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _first_value(Path("/proc/cpuinfo"), "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(_memory_gib(), 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "file_system": file_system(folder),
        "flush_ms": round(flush_ms(folder), 3),
        "load_before": round(os.getloadavg()[0], 2),
    }


def disk_folder() -> Path:
    """Return a folder for scratch files that lies on a disk, if there is one.

    In memory a flush costs nothing, and figures would flatter.
    """
    places = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd())  # noqa: S108
    usable = (place for place in places if os.access(place, os.W_OK))
    return next((one for one in usable if not is_in_memory(one)), places[0])


def is_in_memory(folder: Path) -> bool:
    """Tell whether files of a folder never reach a disk."""
    return file_system(folder) in _IN_MEMORY


def file_system(folder: Path) -> str:
    """Return the type of the file system a folder lies in; empty if unknown."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    except OSError:
        return ""
    place, best, found = folder.resolve(), -1, ""
    for line in mounts.splitlines():
        _, target, kind, *_ = line.split()
        mounted = Path(target)
        # Of two on one place the later one is seen.
        if place.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), kind
    return found


def flush_ms(folder: Path) -> float:
    """Return the median time of writing 4 KiB and flushing them, in milliseconds."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(_FLUSHES):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def told(machine: Mapping[str, object]) -> str:
    """Return one line about a machine for people."""
    parts = (
        machine["processor"] or "unknown processor",
        f"{machine['cores']} cores",
        f"{machine['memory_gib']} GiB",
        machine["system"],
        f"Python {machine['python']}",
        machine["file_system"],
        f"a flush takes {machine['flush_ms']} ms",
        f"load before {machine['load_before']}",
    )
    return ", ".join(map(str, parts))


def _memory_gib() -> float:
    if sys.platform != "linux":
        return 0.0
    text = _first_value(Path("/proc/meminfo"), "MemTotal").split()
    return int(text[0]) / _KIB_A_GIB if text else 0.0


def _first_value(path: Path, name: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith(name)),
        "",
    )
