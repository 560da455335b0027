"""Telling people how far a long check has come; nothing for files and programs."""

import time
from typing import TextIO

from gateway.verifier.options import Progress

_EVERY_S = 0.5


def progress_on(stream: TextIO) -> Progress | None:
    """Return what tells progress on a terminal; None if the stream is none."""
    return _Progress(stream).tell if stream.isatty() else None


class _Progress:
    """One line that is written over and at last wiped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told_at = time.monotonic()
        self._width = 0

    def tell(self, done: int, size: int) -> None:
        """Show how many entries have been checked, if it is time to."""
        now = time.monotonic()
        if done == size:
            self._show("")
        elif now - self._told_at >= _EVERY_S:
            self._told_at = now
            self._show(f"checked {done} of {size} entries")

    def _show(self, text: str) -> None:
        if text or self._width:
            self._stream.write(f"\r{text:<{self._width}}" + ("" if text else "\r"))
            self._stream.flush()
        self._width = len(text)
