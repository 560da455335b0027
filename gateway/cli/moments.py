"""Moments as people type them."""

from datetime import UTC, datetime

from gateway.core.errors import UsageError


def moment(text: str, option: str = "--since") -> str:
    """Return a day or moment that a person typed as the API spells it.

    Args:
        text: What was typed; empty stays empty.
        option: Where, for the error.

    Raises:
        UsageError: It is neither.
    """
    if not text:
        return ""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option}: {text!r}, expected a day or moment like 2026-11-21T23:05",
        ) from error
    known = typed.replace(tzinfo=UTC) if typed.tzinfo is None else typed
    spelled = known.astimezone(UTC).replace(tzinfo=None)
    return f"{spelled.isoformat(timespec='milliseconds')}Z"
