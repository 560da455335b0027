"""How a node that runs for long has its memory looked after."""

import ctypes
import gc

from gateway.core.limits import MIB

# Parameters of mallopt(3).
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
# A piece of a file is a megabyte at most. Given back to the kernel after each, its
# pages are cleared and mapped again: a quarter of what taking parts costs.
_REUSED_BELOW_BYTES = 4 * MIB
_KEPT_BYTES = 16 * MIB
# A batch of messages is about as many, and hardly any of them form circles.
_OBJECTS_BETWEEN = 20_000


def keep_large_buffers() -> bool:
    """Let memory of large buffers be used again, not given back and asked for anew.

    Returns whether the C library can be told so; without it, all works as before.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is None:
        return False
    return bool(
        tell(_MMAP_THRESHOLD, _REUSED_BELOW_BYTES)
        and tell(_TRIM_THRESHOLD, _KEPT_BYTES),
    )


def leave_out_what_stays() -> None:
    """Let the collector of garbage pass over all there is now: it stays to the end.

    To be called once, at the end of the start. Modules, declarations and settings are
    eighty thousand objects; going through them stops everything for 40 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN, *gc.get_threshold()[1:])
