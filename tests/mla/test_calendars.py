"""Days of an authority: what is worked, when a day ends, what a zone changes."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs, parse_time
from gateway.mla.calendars import (
    ASSUMED,
    MAX_HOLIDAYS,
    WorkingCalendar,
    is_zone,
    working_calendar,
)

VILNIUS = working_calendar("Europe/Vilnius", holidays=["2026-11-02", "2026-12-25"])
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
CALENDARS = st.builds(
    WorkingCalendar,
    zone=st.sampled_from(["UTC", "Europe/Oslo", "America/Santiago", "Asia/Tbilisi"]),
    weekend=st.sets(st.integers(0, 6), max_size=6).map(frozenset),
    holidays=st.sets(DAYS, max_size=20).map(frozenset),
)


def test_a_day_ends_by_the_clock_of_the_authority() -> None:
    assert ASSUMED.end_of(date(2026, 10, 19)) == parse_time("2026-10-19T23:59:59.000Z")
    assert VILNIUS.end_of(date(2026, 10, 19)) == parse_time("2026-10-19T20:59:59.000Z")
    assert VILNIUS.end_of(date(2026, 12, 1)) == parse_time("2026-12-01T21:59:59.000Z")


def test_a_moment_falls_on_the_day_of_the_authority() -> None:
    late = parse_time("2026-10-05T22:30:00.000Z")

    assert ASSUMED.day_of(late) == date(2026, 10, 5)
    assert VILNIUS.day_of(late) == date(2026, 10, 6)
    assert working_calendar("America/Santiago").day_of(late) == date(2026, 10, 5)


def test_weekends_and_holidays_are_not_counted() -> None:
    friday = date(2026, 10, 30)

    assert VILNIUS.after_working_days(friday, 1) == date(2026, 11, 3)
    assert ASSUMED.after_working_days(friday, 1) == date(2026, 11, 2)
    assert ASSUMED.after_working_days(friday, 0) == friday
    assert VILNIUS.working_day_from(date(2026, 10, 31)) == date(2026, 11, 3)
    assert VILNIUS.working_day_until(date(2026, 11, 2)) == friday


def test_a_weekend_is_what_the_authority_says() -> None:
    friday_and_saturday = working_calendar("Asia/Riyadh", weekend=(4, 5))

    assert not friday_and_saturday.is_working(date(2026, 10, 30))
    assert friday_and_saturday.is_working(date(2026, 11, 1))


def test_a_clock_that_shows_a_time_twice_means_the_first() -> None:
    oslo = working_calendar("Europe/Oslo")

    assert oslo.moment_of(date(2026, 10, 25), time(2, 30)) == parse_time(
        "2026-10-25T00:30:00.000Z"
    )
    assert oslo.moment_of(date(2026, 3, 29), time(2, 30)) == parse_time(
        "2026-03-29T01:30:00.000Z"
    )


@given(CALENDARS, DAYS)
def test_a_day_holds_its_own_beginning_and_end(
    calendar: WorkingCalendar, day: date
) -> None:
    assert calendar.day_of(calendar.end_of(day)) == day
    # In some zones the clock skips midnight itself: the day then begins at one.
    assert calendar.day_of(calendar.start_of(day)) == day
    tomorrow = calendar.start_of(day + timedelta(days=1))
    assert calendar.end_of(day) + 1000 <= tomorrow


@given(CALENDARS, DAYS, st.integers(0, 60), st.integers(0, 60))
def test_more_working_days_end_later(
    calendar: WorkingCalendar, day: date, some: int, more: int
) -> None:
    end = calendar.after_working_days(day, some)

    assert some == 0 or calendar.is_working(end)
    assert (end - day).days >= some
    assert calendar.after_working_days(end, more) == calendar.after_working_days(
        day, some + more
    )


@pytest.mark.parametrize("name", ["", "Europe", "../etc/passwd", "Mars/Base", "a" * 99])
def test_an_unknown_zone_is_refused(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UsageError, match="time zone"):
        working_calendar(name)


def test_what_no_day_can_be_counted_with_is_refused() -> None:
    with pytest.raises(UsageError, match="weekend"):
        working_calendar("UTC", weekend=range(7))
    with pytest.raises(UsageError, match="weekend"):
        working_calendar("UTC", weekend=(7,))
    with pytest.raises(UsageError, match="holidays"):
        working_calendar("UTC", holidays=["25 December"])
    first = date(2026, 1, 1)
    many = frozenset(first + timedelta(days=day) for day in range(MAX_HOLIDAYS + 1))
    with pytest.raises(UsageError, match="holidays"):
        WorkingCalendar(holidays=many)


def test_years_out_of_reach_are_refused() -> None:
    ages = (datetime(9999, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days

    with pytest.raises(UsageError, match="day"):
        ASSUMED.after_working_days(date(9999, 12, 31), 1)
    with pytest.raises(UsageError, match="moment"):
        ASSUMED.day_of(UnixMs(2 * ages * 86_400_000))


def test_zones_are_known_where_the_system_has_no_data() -> None:
    zoneinfo.reset_tzpath(to=[])
    try:
        zone = zoneinfo.ZoneInfo.no_cache("Europe/Tallinn")
    finally:
        zoneinfo.reset_tzpath()
    assert zone.key == "Europe/Tallinn"
