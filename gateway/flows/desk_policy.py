"""When the desk warns, and how long it waits for people and peers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.core.values import UnixMs
from gateway.flows.deadline_book import NO_DATE, Line
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines import Unit
from gateway.mla.deadlines.model import has_passed

_HOUR_MS: Final = 3_600_000

# A sender is to be warned within two minutes; this leaves time for a look and a call.
UNDELIVERED_AFTER_MS: Final = 105_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPolicy:
    """What `[desk]` says.

    Attributes:
        claim_ms: How long a person on call is waited for.
        warn_days: How early a deadline in calendar days is warned of.
        warn_working_days: The same in working days.
        warn_hours: The same for deadlines in hours.
        receipt_ms: How long the receipt of a message is waited for.
        urgent_receipt_ms: The same for an urgent one.
    """

    claim_ms: int = 600_000
    warn_days: int = 7
    warn_working_days: int = 3
    warn_hours: int = 12
    receipt_ms: int = 24 * _HOUR_MS
    urgent_receipt_ms: int = _HOUR_MS

    def is_near(
        self, line: Line, unit: Unit, calendar: WorkingCalendar, now: UnixMs
    ) -> bool:
        """Tell whether a deadline is to be warned of.

        Never in the first half of its time: what has just begun needs no warning.
        """
        if line.due == NO_DATE or has_passed(UnixMs(line.due), now):
            return False
        if now - line.starts_at < (line.due - line.starts_at) / 2:
            return False
        if unit is Unit.HOURS:
            return line.due - now <= self.warn_hours * _HOUR_MS
        today, last = calendar.day_of(now), calendar.day_of(UnixMs(line.due))
        if unit is Unit.WORKING_DAYS:
            return calendar.after_working_days(today, self.warn_working_days) >= last
        return today + timedelta(days=self.warn_days) >= last
