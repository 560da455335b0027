"""Sizes and durations as people read them."""

_STEP = 1024
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


def size_text(size: float) -> str:
    """Return a number of bytes, such as `1.5 GiB`."""
    if size < _STEP:
        return f"{size:.0f} bytes"
    scaled = size / _STEP
    steps = 0
    while scaled >= _STEP and steps + 1 < len(_UNITS):
        scaled /= _STEP
        steps += 1
    return f"{scaled:.1f} {_UNITS[steps]}"


def duration_text(seconds: float) -> str:
    """Return a duration, such as `2 h 5 min`, as exact as it matters."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def share_text(done: int, total: int) -> str:
    """Return which part is done; 100 % is said of the whole only."""
    return f"{done * 100 // total if total else 100} %"
