"""What errors say besides their code."""

from gateway.core.errors import (
    InvalidFormError,
    LogOutOfStepError,
    PeerRefusalError,
    QuotaError,
    StrangerError,
)


def test_an_error_carries_what_its_receiver_acts_on() -> None:
    assert LogOutOfStepError("no", seen=7).seen == 7
    assert QuotaError("no", retry_after_s=9).retry_after_s == 9
    assert StrangerError("no", fingerprint="ab").fingerprint == "ab"
    assert PeerRefusalError("no", code="odd").code == "odd"
    assert InvalidFormError("no", problems=[]).problems == ()


def test_a_code_that_a_peer_chose_is_of_that_error_alone() -> None:
    PeerRefusalError("no", code="odd")
    assert PeerRefusalError.code == "internal"
