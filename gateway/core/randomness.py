"""Random bytes for what is public or short-lived: salts, nonces, ids.

A transaction needs a thousand of them. Each call of the operating system costs little,
but lets go of the interpreter, and whoever is busy takes it for milliseconds. So they
are drawn many at a time, and each is given out once. Keys are drawn one by one, where
they are made.
"""

from collections import deque

import nacl.utils

MOST_BYTES = 16
"""As many as can be asked for at once."""

_DRAWN_AT_ONCE = 64

# Taking one off is a single step of the interpreter: no two threads get the same.
_drawn: deque[bytes] = deque()


def random_bytes(count: int) -> bytes:
    """Return 1 to 16 bytes that nobody else is given; not for keys."""
    if not 0 < count <= MOST_BYTES:
        raise AssertionError(f"internal: {count} random bytes")
    try:
        return _drawn.pop()[:count]
    except IndexError:
        fresh = nacl.utils.random(MOST_BYTES * (_DRAWN_AT_ONCE + 1))
    starts = range(MOST_BYTES, len(fresh), MOST_BYTES)
    _drawn.extend(fresh[at : at + MOST_BYTES] for at in starts)
    return fresh[:count]
