"""Which conditions become alerts, and when people are told (specification, 13.13)."""

import pytest

from gateway.core.alerts import (
    ALERTS,
    AlertPolicy,
    Condition,
    Settling,
    Severity,
    worst_of_each,
)
from gateway.core.values import NEVER, UnixMs

NOW = UnixMs(1_795_129_509_123)
MINUTE_MS = 60_000


def condition(
    name: str = "disk-low",
    subject: str = "",
    severity: Severity = Severity.WARNING,
    text: str = "3 GiB are free",
) -> Condition:
    return Condition(
        name=name, subject=subject, severity=severity, text=text, remedy="make room"
    )


def test_the_graver_of_two_conditions_about_one_thing_is_told_with_both_texts() -> None:
    mild = condition(text="half")
    grave = condition(severity=Severity.CRITICAL, text="all of it")
    other = condition("peer-unreachable", "pgr.pt")

    found = worst_of_each([mild, other, grave])

    assert found.keys() == {("disk-low", ""), ("peer-unreachable", "pgr.pt")}
    assert found["disk-low", ""].severity is Severity.CRITICAL
    assert found["disk-low", ""].text == "half; all of it"
    assert found["peer-unreachable", "pgr.pt"] is other


@pytest.mark.parametrize(
    ("repeats", "hours"), [(0, 24), (1, 48), (2, 96), (3, 192), (9, 192)]
)
def test_people_are_reminded_ever_less_often(repeats: int, hours: int) -> None:
    assert AlertPolicy().repeat_at(repeats, NOW) == NOW + hours * 60 * MINUTE_MS


def test_without_a_wait_nobody_is_reminded() -> None:
    assert AlertPolicy(repeat_ms=0).repeat_at(0, NOW) == NEVER


def test_what_heals_by_itself_wakes_nobody() -> None:
    settling = Settling()
    wait_ms = ALERTS["cosign-lag"].settle_minutes * MINUTE_MS
    late = condition("cosign-lag", "pgr.pt")

    assert settling.settled([late], NOW) == ()
    assert settling.settled([late], UnixMs(NOW + wait_ms - 1)) == ()
    assert settling.settled([late], UnixMs(NOW + wait_ms)) == (late,)
    # Gone and there again: the wait begins anew.
    assert settling.settled([], UnixMs(NOW + wait_ms)) == ()
    assert settling.settled([late], UnixMs(NOW + wait_ms)) == ()


def test_what_has_no_wait_is_told_at_once() -> None:
    assert Settling().settled([condition()], NOW) == (condition(),)
