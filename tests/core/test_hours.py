"""Hours of the day in which evidence may be sent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UsageError
from gateway.core.hours import HOURS_PATTERN, wait_for_hours_ms
from gateway.core.values import UnixMs

MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60
DAY_MS = DAY_MINUTES * MINUTE_MS
MINUTES = st.integers(min_value=0, max_value=DAY_MINUTES - 1)
DAYS = st.integers(min_value=0, max_value=30_000)


def spelled(start: int, end: int) -> str:
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def minutes_within(start: int, end: int) -> set[int]:
    """Return the minutes of the day from `start` until `end`, one by one."""
    within, minute = {start}, (start + 1) % DAY_MINUTES
    while minute not in {end, start}:
        within.add(minute)
        minute = (minute + 1) % DAY_MINUTES
    return within


@given(MINUTES, MINUTES, MINUTES, DAYS)
def test_the_wait_is_what_counting_minutes_gives(
    start: int,
    end: int,
    minute: int,
    day: int,
) -> None:
    within = minutes_within(start, end)
    waited, at = 0, minute
    while at not in within:
        waited, at = waited + 1, (at + 1) % DAY_MINUTES
    now = UnixMs(day * DAY_MS + minute * MINUTE_MS)
    assert wait_for_hours_ms(spelled(start, end), now) == waited * MINUTE_MS


@given(MINUTES, MINUTES, st.integers(min_value=0, max_value=2**42))
def test_after_the_wait_it_is_within_the_hours(start: int, end: int, now: int) -> None:
    hours = spelled(start, end)
    wait_ms = wait_for_hours_ms(hours, UnixMs(now))
    assert 0 <= wait_ms < DAY_MS
    assert wait_for_hours_ms(hours, UnixMs(now + wait_ms)) == 0
    if wait_ms:
        assert wait_for_hours_ms(hours, UnixMs(now + wait_ms - 1)) == 1


@pytest.mark.parametrize(
    ("hours", "time_ms", "wait_ms"),
    [
        ("20:00-06:00", 20 * 3_600_000, 0),
        ("20:00-06:00", 20 * 3_600_000 - 1, 1),
        ("20:00-06:00", DAY_MS, 0),
        ("20:00-06:00", 6 * 3_600_000 - 1, 0),
        ("20:00-06:00", 6 * 3_600_000, 14 * 3_600_000),
        ("00:00-00:00", 5, 0),
        ("12:30-12:30", 5, 0),
        ("", 5, 0),
    ],
)
def test_hours_across_midnight_and_hours_without_end(
    hours: str,
    time_ms: int,
    wait_ms: int,
) -> None:
    assert wait_for_hours_ms(hours, UnixMs(time_ms)) == wait_ms


@pytest.mark.parametrize(
    "hours",
    [
        "20:00",
        "20-06",
        "24:00-06:00",
        "20:60-06:00",
        "8:00-06:00",
        "20:00-06:00\n",
        " 20:00-06:00",
        "20:00\N{EN DASH}06:00",
        "\N{ARABIC-INDIC DIGIT TWO}0:00-06:00",
    ],
)
def test_hours_of_another_form_are_refused(hours: str) -> None:
    assert not re.match(HOURS_PATTERN, hours)
    with pytest.raises(UsageError, match="expected like 20:00-06:00"):
        wait_for_hours_ms(hours, UnixMs(0))


@given(MINUTES, MINUTES)
def test_hours_that_are_taken_are_hours_that_are_understood(
    start: int,
    end: int,
) -> None:
    assert re.match(HOURS_PATTERN, spelled(start, end))
    assert re.match(HOURS_PATTERN, "")
