"""What one caller may ask, and what an address counts as."""

import pytest

from gateway.admin.services import AdminLimits
from gateway.admin.throttle import RequestRate, source_of
from gateway.core.errors import QuotaError
from gateway.flows.failed_logins import EVERYBODY_ELSE

LIMITS = AdminLimits(requests_per_s=20, burst=40)


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
