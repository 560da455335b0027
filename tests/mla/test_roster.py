"""Who is asked, when, and who stands in."""

from datetime import date, time

import pytest

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs, parse_time
from gateway.mla.calendars import working_calendar
from gateway.mla.roster import MAX_PERSONS, Hours, OnCall, Roster, day_numbers

TALLINN = working_calendar("Europe/Tallinn")
WEEKDAYS = frozenset(range(5))


def at(text: str) -> UnixMs:
    return parse_time(f"{text}:00.000Z")


def names(roster: Roster, moment: str) -> list[str]:
    return [person.name for person in roster.ladder(at(moment))]


DAY = OnCall(
    name="day",
    hours=Hours.parse("08:00-20:00"),
    days=WEEKDAYS,
    calendar=TALLINN,
)
NIGHT = OnCall(
    name="night", hours=Hours.parse("20:00-08:00"), days=WEEKDAYS, calendar=TALLINN
)


def test_hours_are_those_of_the_person() -> None:
    roster = Roster((DAY, NIGHT))

    # 27 November 2026 is a Friday; Tallinn is two hours ahead in winter.
    assert names(roster, "2026-11-27T06:00") == ["day"]
    assert names(roster, "2026-11-27T05:59") == ["night"]
    assert names(roster, "2026-11-27T17:59") == ["day"]
    assert names(roster, "2026-11-27T18:00") == ["night"]


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    roster = Roster((DAY, NIGHT, OnCall(name="always")))

    assert names(roster, "2026-11-28T03:00") == ["night", "always"]
    assert names(roster, "2026-11-30T03:00") == ["always"]  # Sunday's night


def test_if_nobody_is_on_duty_everybody_is_asked() -> None:
    assert names(Roster((DAY, NIGHT)), "2026-11-28T12:00") == ["day", "night"]


def test_who_is_away_is_stood_in_for() -> None:
    def away(name: str, substitute: str = "") -> OnCall:
        days = (date(2026, 12, 21), date(2026, 12, 31))
        return OnCall(
            name=name, calendar=TALLINN, absences=(days,), substitute=substitute
        )

    here = OnCall(name="here")
    assert names(
        Roster((away("a", "b"), here, away("b", "here"))), ("2026-12-21T12:00")
    ) == ["here"]
    assert names(Roster((away("a"), here)), "2026-12-24T12:00") == ["here"]
    assert names(
        Roster((away("a", "b"), away("b", "a"), here)), ("2026-12-24T12:00")
    ) == ["here"]
    # By the clock of Tallinn the first day of the absence has begun already.
    assert names(Roster((away("a"), here)), "2026-12-20T22:30") == ["here"]
    assert names(Roster((away("a"), here)), "2026-12-31T23:00") == ["a", "here"]
    assert names(Roster((away("a"),)), "2026-12-24T12:00") == ["a"]


def test_persons_are_asked_in_turn_again_and_again() -> None:
    roster = Roster((OnCall(name="a"), OnCall(name="b")))
    now = at("2026-11-28T12:00")

    asked = [roster.next_to_ask(count, now) for count in range(4)]
    assert [one.name for one in asked if one] == ["a", "b", "a", "b"]
    assert Roster().next_to_ask(3, now) is None
    assert roster.person("b") == OnCall(name="b")
    assert roster.person("c") is None


def test_hours_over_midnight() -> None:
    hours = Hours.parse("22:00-06:00")

    assert [hours.holds(time(hour)) for hour in (21, 22, 5, 6)] == [
        False,
        True,
        True,
        False,
    ]
    assert Hours.parse("08:00-08:00").holds(time(7, 59))


@pytest.mark.parametrize("text", ["", "8:00-20:00", "08:00-24:00", "08:00", "a-b"])
def test_hours_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="hours"):
        Hours.parse(text)


def test_what_nobody_could_be_asked_by_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        Roster((OnCall(name="a"), OnCall(name="a")))
    with pytest.raises(UsageError, match="not on the roster"):
        Roster((OnCall(name="a", substitute="b"),))
    with pytest.raises(UsageError, match="persons"):
        Roster(tuple(OnCall(name=str(n)) for n in range(MAX_PERSONS + 1)))
    assert day_numbers(["mon", "sun"]) == {0, 6}
    for wrong in (["monday"], []):
        with pytest.raises(UsageError, match="days"):
            day_numbers(wrong)
