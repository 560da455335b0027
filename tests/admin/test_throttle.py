"""What one caller may ask, and what guessing looks like in the log."""

import pytest

from gateway.admin.services import AdminLimits
from gateway.admin.throttle import (
    EVERYBODY_ELSE,
    LoginFailures,
    RequestRate,
    source_of,
)
from gateway.core.errors import QuotaError

LIMITS = AdminLimits(requests_per_s=20, burst=40, failed_logins=10)


def test_a_burst_is_let_through_and_no_more() -> None:
    rate = RequestRate(LIMITS)
    for _ in range(40):
        rate.take("alice", 0.0)
    with pytest.raises(QuotaError):
        rate.take("alice", 0.0)


def test_in_the_long_run_twenty_a_second_pass() -> None:
    rate = RequestRate(LIMITS)
    passed = 0
    for tick in range(1000):
        try:
            rate.take("alice", tick / 100)
        except QuotaError:
            continue
        passed += 1
    assert 230 <= passed <= 240  # ten seconds and the burst


def test_one_account_does_not_use_up_what_another_may_ask() -> None:
    rate = RequestRate(AdminLimits(burst=1))
    rate.take("alice", 0.0)
    rate.take("bob", 0.0)
    with pytest.raises(QuotaError):
        rate.take("alice", 0.0)


def test_the_eleventh_failure_in_a_quarter_of_an_hour_is_over() -> None:
    failures = LoginFailures(LIMITS)
    assert [failures.note("::1", float(second)) for second in range(11)] == (
        [False] * 10 + [True]
    )
    assert not failures.note("127.0.0.1", 11.0)
    assert not failures.note("::1", 901.0)


def test_at_most_one_report_a_source_and_minute_and_it_holds_the_count() -> None:
    failures = LoginFailures(LIMITS)
    failures.note("::1", 0.0)
    assert failures.due(0.0) == [("::1", 1)]
    for second in range(1, 8):
        failures.note("::1", float(second))
        assert failures.due(float(second)) == []
    assert failures.due(60.0) == [("::1", 7)]
    assert failures.due(1000.0) == []


def test_it_is_known_whether_anything_is_untold() -> None:
    failures = LoginFailures(LIMITS)
    known = [failures.has_untold]
    failures.note("::1", 0.0)
    known.append(failures.has_untold)
    failures.due(0.0)
    known.append(failures.has_untold)
    assert known == [False, True, False]


def test_at_the_end_everything_is_reported() -> None:
    failures = LoginFailures(LIMITS)
    failures.note("::1", 0.0)
    failures.due(0.0)
    failures.note("::1", 1.0)
    assert failures.due(1.0, is_last=True) == [("::1", 1)]


def test_what_could_not_be_logged_is_reported_again() -> None:
    failures = LoginFailures(LIMITS)
    failures.note("::1", 0.0)
    failures.restore(failures.due(0.0))
    assert failures.due(60.0) == [("::1", 1)]


def test_sources_without_end_are_counted_as_one() -> None:
    failures = LoginFailures(LIMITS)
    for number in range(3000):
        failures.note(f"10.0.{number // 256}.{number % 256}", 0.0)
    due = dict(failures.due(0.0))
    assert len(due) <= 1025
    assert sum(due.values()) == 3000
    assert due[EVERYBODY_ELSE] > 1000


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", EVERYBODY_ELSE),
        (None, EVERYBODY_ELSE),
        ("elsewhere", EVERYBODY_ELSE),
    ],
)
def test_a_source_is_an_address_or_a_network(address: str | None, source: str) -> None:
    assert source_of(address) == source
