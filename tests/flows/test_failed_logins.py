"""What guessing looks like in the log."""

from gateway.flows.failed_logins import (
    EVERYBODY_ELSE,
    FailureLimits,
    LoginFailures,
    Where,
)

LIMITS = FailureLimits(failed_logins=10, window_s=900.0)


def test_the_eleventh_failure_in_a_quarter_of_an_hour_is_over() -> None:
    failures = LoginFailures(LIMITS)
    assert [failures.note(Where("::1"), float(second)) for second in range(11)] == (
        [False] * 10 + [True]
    )
    assert not failures.note(Where("127.0.0.1"), 11.0)
    assert not failures.note(Where("::1"), 901.0)


def test_at_most_one_report_a_source_and_minute_and_it_holds_the_count() -> None:
    failures = LoginFailures(LIMITS)
    failures.note(Where("::1"), 0.0)
    assert failures.due(0.0) == [(Where("::1"), 1)]
    for second in range(1, 8):
        failures.note(Where("::1"), float(second))
        assert failures.due(float(second)) == []
    assert failures.due(60.0) == [(Where("::1"), 7)]
    assert failures.due(1000.0) == []


def test_it_is_known_whether_anything_is_untold() -> None:
    failures = LoginFailures(LIMITS)
    known = [failures.has_untold]
    failures.note(Where("::1"), 0.0)
    known.append(failures.has_untold)
    failures.due(0.0)
    known.append(failures.has_untold)
    assert known == [False, True, False]


def test_at_the_end_everything_is_reported() -> None:
    failures = LoginFailures(LIMITS)
    failures.note(Where("::1"), 0.0)
    failures.due(0.0)
    failures.note(Where("::1"), 1.0)
    assert failures.due(1.0, is_last=True) == [(Where("::1"), 1)]


def test_what_could_not_be_logged_is_reported_again() -> None:
    failures = LoginFailures(LIMITS)
    failures.note(Where("::1"), 0.0)
    failures.restore(failures.due(0.0))
    assert failures.due(60.0) == [(Where("::1"), 1)]


def test_sources_without_end_are_counted_as_one() -> None:
    failures = LoginFailures(LIMITS)
    for number in range(3000):
        failures.note(Where(f"10.0.{number // 256}.{number % 256}"), 0.0)
    due = dict(failures.due(0.0))
    assert len(due) <= 1025
    assert sum(due.values()) == 3000
    assert due[Where(EVERYBODY_ELSE)] > 1000


def test_an_account_that_was_named_is_counted_apart() -> None:
    failures = LoginFailures(LIMITS)
    failures.note(Where("::1"), 0.0)
    failures.note(Where("::1", "anna"), 0.0)
    assert failures.due(0.0) == [(Where("::1"), 1), (Where("::1", "anna"), 1)]
