"""Guessing passwords is slow; nobody is locked out by others for good."""

import pytest

from gateway.core.errors import QuotaError
from gateway.flows.brakes import SignInBrakes

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def tries_until_refused(brakes: SignInBrakes, account: str, source: str) -> int:
    for count in range(1000):
        try:
            brakes.check(account, source, 0.0, is_known=False)
        except QuotaError:
            return count
    raise AssertionError("never refused")


def test_five_wrong_ones_are_free_then_each_waits_twice_as_long() -> None:
    brakes = SignInBrakes()
    assert tries_until_refused(brakes, "anna", HOME) == 5
    waits, now_s = [], 0.0
    for _ in range(8):
        with pytest.raises(QuotaError) as refused:
            brakes.check("anna", HOME, now_s, is_known=True)
        waits.append(refused.value.retry_after_s)
        now_s += refused.value.retry_after_s
        brakes.check("anna", HOME, now_s, is_known=True)
    assert waits == [2, 3, 5, 9, 17, 33, 61, 61]


def test_a_quarter_of_an_hour_of_quiet_forgives() -> None:
    brakes = SignInBrakes()
    tries_until_refused(brakes, "anna", HOME)
    brakes.check("anna", HOME, 901.0, is_known=False)
    brakes.check("anna", HOME, 901.0, is_known=False)


def test_who_guesses_elsewhere_does_not_slow_a_known_place() -> None:
    brakes = SignInBrakes()
    for number in range(100):
        try:
            brakes.check("anna", f"198.51.100.{number}", 0.0, is_known=False)
        except QuotaError:
            break
    else:
        raise AssertionError("an account is guessed from everywhere without end")
    with pytest.raises(QuotaError):
        brakes.check("anna", HOME, 0.0, is_known=False)
    brakes.check("anna", HOME, 0.0, is_known=True)
    brakes.check("bert", HOME, 0.0, is_known=False)


def test_one_place_does_not_try_all_accounts() -> None:
    brakes = SignInBrakes()
    tried = 0
    for number in range(100):
        try:
            brakes.check(f"account-{number}", ELSEWHERE, 0.0, is_known=False)
        except QuotaError:
            break
        tried += 1
    assert tried == 30
    brakes.check("anna", ELSEWHERE, 0.0, is_known=True)


def test_success_forgives_its_own_attempts_only() -> None:
    brakes = SignInBrakes()
    for _ in range(100):
        brakes.check("anna", HOME, 0.0, is_known=True)
        brakes.succeeded("anna", HOME)
    for _ in range(4):
        brakes.check("anna", ELSEWHERE, 0.0, is_known=False)
    brakes.check("anna", HOME, 0.0, is_known=False)
    brakes.succeeded("anna", HOME)
    brakes.check("anna", ELSEWHERE, 0.0, is_known=False)
    with pytest.raises(QuotaError):
        brakes.check("anna", ELSEWHERE, 0.0, is_known=False)


def test_names_without_end_do_not_fill_the_memory() -> None:
    brakes = SignInBrakes()
    for number in range(10_000):
        brakes.check(f"name-{number}", f"source-{number}", 0.0, is_known=True)
    kept = [len(counts._counts) for counts in vars(brakes).values()]
    assert kept == [4096, 4096, 4096]
