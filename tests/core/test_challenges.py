"""A challenge is good for its node, its purpose, ten minutes, and once."""

import pytest

from gateway.core.challenges import Challenges
from gateway.core.errors import NotAuthenticatedError
from gateway.core.values import UnixMs

NOW = UnixMs(1_795_129_509_123)
TEN_MINUTES_MS = 600_000


@pytest.fixture
def ours() -> Challenges:
    return Challenges()


def test_a_challenge_is_good_until_its_last_moment(ours: Challenges) -> None:
    made = ours.make("sign-in", NOW)
    ours.check(made, "sign-in", UnixMs(NOW + TEN_MINUTES_MS - 1))
    with pytest.raises(NotAuthenticatedError, match="too old"):
        ours.check(made, "sign-in", UnixMs(NOW + TEN_MINUTES_MS))


def test_no_two_challenges_are_alike(ours: Challenges) -> None:
    assert ours.make("sign-in", NOW) != ours.make("sign-in", NOW)


def test_a_challenge_is_for_one_purpose_and_one_node(ours: Challenges) -> None:
    made = ours.make("sign-in", NOW)
    with pytest.raises(NotAuthenticatedError):
        ours.check(made, "new passkey", NOW)
    with pytest.raises(NotAuthenticatedError):
        Challenges().check(made, "sign-in", NOW)


@pytest.mark.parametrize("place", [0, 20, 40])
def test_a_changed_challenge_is_none(ours: Challenges, place: int) -> None:
    made = bytearray(ours.make("sign-in", NOW))
    made[place] ^= 1
    with pytest.raises(NotAuthenticatedError):
        ours.check(bytes(made), "sign-in", NOW)


@pytest.mark.parametrize("raw", [b"", b"x" * 10, b"x" * 56, b"x" * 200])
def test_what_is_no_challenge_is_refused(ours: Challenges, raw: bytes) -> None:
    with pytest.raises(NotAuthenticatedError):
        ours.check(raw, "sign-in", NOW)


def test_a_challenge_is_answered_once(ours: Challenges) -> None:
    made = ours.make("sign-in", NOW)
    ours.use_up(made, NOW)
    # Others that are used up meanwhile do not make it good again.
    ours.use_up(ours.make("sign-in", NOW), UnixMs(NOW + 1))
    with pytest.raises(NotAuthenticatedError, match="used"):
        ours.check(made, "sign-in", UnixMs(NOW + 2))
