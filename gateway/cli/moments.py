"""Moments as people type them."""

from datetime import UTC, datetime

from gateway.core.errors import UsageError


def moment(text: str) -> str:
    """Return a day or moment that a person typed as the API spells it.

    Raises:
        UsageError: Neither; empty stays empty.
    """
    if not text:
        return ""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--since: {text!r}, expected a day or moment like 2026-11-21T23:05",
        ) from error
    known = typed.replace(tzinfo=UTC) if typed.tzinfo is None else typed
    spelled = known.astimezone(UTC).replace(tzinfo=None)
    return f"{spelled.isoformat(timespec='milliseconds')}Z"
