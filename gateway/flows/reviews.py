"""What somebody was to look at again by a day: legal holds, and delayed information."""

from collections.abc import Iterable
from datetime import date

from gateway.ports.holds import LegalHold
from gateway.ports.subject_requests import SubjectRequest

_NAMES = ("hold", "request", "delay")


def is_review(subject: str) -> bool:
    """Tell whether an alarm is about a day that somebody set; others people resolve."""
    return subject.partition(":")[0] in _NAMES


def overdue_reviews(
    holds: Iterable[LegalHold], requests: Iterable[SubjectRequest], today: date
) -> frozenset[str]:
    """Return subjects of alarms: reviews and answers whose day has passed.

    Another day is another subject: who looked and kept a hold is reminded again.

    Args:
        holds: Every hold that stands.
        requests: Requests of people that are not answered.
        today: The day.
    """
    days = [(f"hold:{one.hold_id}", one.review_on) for one in holds]
    for one in requests:
        days.append((f"request:{one.request_id}", one.due_on))
        days.append((f"delay:{one.request_id}", one.review_on))
    return frozenset(
        f"{name}:{day}" for name, day in days if day and day < today.isoformat()
    )
