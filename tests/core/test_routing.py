"""Whether a message can go now, and under which keys (specification, section 11)."""

import pytest

from gateway.core.keys import KemKeyRecord, new_kem_key
from gateway.core.limits import MAX_MESSAGE_LIFETIME_MS
from gateway.core.routing import HoldReason, Route, choose_route
from gateway.core.values import AuthorityId, UnixMs, parse_time
from tests.support.logs import NOW

PEER = AuthorityId("pgr.pt")
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def key() -> KemKeyRecord:
    return new_kem_key(PEER, NOW, send_period_ms=30 * DAY_MS).record


def route(
    keys: list[KemKeyRecord],
    *,
    now: int = NOW,
    created_at: int = NOW,
    lifetime_days: int = 30,
    is_paused: bool = False,
) -> Route | HoldReason:
    return choose_route(
        keys,
        is_paused=is_paused,
        created_at=UnixMs(created_at),
        now=UnixMs(now),
        lifetime_ms=lifetime_days * DAY_MS,
    )


def test_all_sealable_keys_are_taken_in_the_cards_order(key: KemKeyRecord) -> None:
    other = new_kem_key(PEER, NOW).record
    old = new_kem_key(PEER, UnixMs(NOW - 90 * DAY_MS)).record
    chosen = route([other, old, key])
    assert isinstance(chosen, Route)
    assert chosen.keys == (other, key)


def test_a_paused_peer_holds_the_message(key: KemKeyRecord) -> None:
    assert route([key], is_paused=True) is HoldReason.PEER_PAUSED


@pytest.mark.parametrize("now", [NOW - 1, NOW + 31 * DAY_MS])
def test_without_a_sealable_key_the_message_is_held(
    key: KemKeyRecord, now: int
) -> None:
    assert route([key], now=now) is HoldReason.NO_KEY


def test_the_lifetime_starts_at_the_submit(key: KemKeyRecord) -> None:
    chosen = route([key], created_at=NOW, now=NOW + DAY_MS)
    assert isinstance(chosen, Route)
    assert chosen.expires_at == NOW + 30 * DAY_MS


def test_the_lifetime_never_exceeds_ninety_days(key: KemKeyRecord) -> None:
    chosen = route([key], lifetime_days=200)
    assert isinstance(chosen, Route)
    assert chosen.expires_at == NOW + MAX_MESSAGE_LIFETIME_MS


def test_no_message_outlives_a_key_it_is_sealed_to(key: KemKeyRecord) -> None:
    late = NOW + 30 * DAY_MS
    chosen = route([key], created_at=late, now=late, lifetime_days=90)
    assert isinstance(chosen, Route)
    assert chosen.expires_at <= parse_time(key.open_until)
