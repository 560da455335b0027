"""How long the event loops of nodes stood still, by their own logs."""

import re
from pathlib import Path

_STALL = re.compile(rb'(?:longest_)?stall_ms[="\': \x1b\[0-9;m]*?(\d+(?:\.\d+)?)\b')


def longest_stall_ms(folder: Path) -> float | None:
    """Return the longest stall that any node below a folder tells of, in ms.

    A node says each stall over a tenth of a second when it happens, and the longest one
    when it ends. None if no node has said anything.
    """
    found = [
        float(match[1])
        for log in folder.rglob("demo.log")
        for match in _STALL.finditer(log.read_bytes())
    ]
    return max(found, default=None)
