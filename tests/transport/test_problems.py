"""Errors to problem bodies and back: one code, one status, one class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import canonical
from gateway.core.errors import (
    ClockError,
    ConflictError,
    DiskReserveError,
    GatewayError,
    KeystoreError,
    LogOutOfStepError,
    LogProofError,
    MaintenanceError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    PeerRefusalError,
    QuotaError,
    StageMismatchError,
    TooLargeError,
    TryLaterError,
    UnreachableError,
    UntrustedCardError,
    VersionError,
)
from gateway.core.protocol import STATUS_OF_CODE, Problem
from gateway.transport.problems import error_of, problem_of

TOLD = [
    (MalformedError("x"), 400),
    (LogProofError("x"), 403),
    (NotAllowedError("x"), 403),
    (NotFoundError("x"), 404),
    (LogOutOfStepError("x", seen=9), 409),
    (TooLargeError("x"), 413),
    (VersionError("x"), 426),
    (QuotaError("x", retry_after_s=3), 429),
    (MaintenanceError("x", retry_after_s=3), 503),
    (DiskReserveError("x", retry_after_s=3), 503),
    (ClockError("x", retry_after_s=3), 503),
    (StageMismatchError("x"), 400),
    (UntrustedCardError("x"), 400),
]


@pytest.mark.parametrize("case", TOLD, ids=lambda case: case[0].code)
def test_an_error_comes_back_as_what_it_was(case: tuple[GatewayError, int]) -> None:
    error, status = case
    problem = problem_of(error)
    assert problem.status == status
    again = error_of(canonical.encode(problem), status=status)
    assert type(again) is type(error)
    if isinstance(error, TryLaterError) and isinstance(again, TryLaterError):
        assert again.retry_after_s == error.retry_after_s
    if isinstance(error, LogOutOfStepError) and isinstance(again, LogOutOfStepError):
        assert again.seen == error.seen


@pytest.mark.parametrize(
    "error",
    [KeystoreError("x"), UnreachableError("x"), RuntimeError("x"), OSError("x")],
    ids=lambda error: type(error).__name__,
)
def test_troubles_of_our_own_are_all_internal(error: Exception) -> None:
    problem = problem_of(error)
    assert (problem.code, problem.status) == ("internal", 500)


def test_every_status_of_the_protocol_has_a_title_of_its_own() -> None:
    titles = set()
    for code in STATUS_OF_CODE:
        error = MalformedError("x")
        error.code = code
        titles.add(problem_of(error).title)
    assert len(titles) == len(STATUS_OF_CODE)


def test_codes_without_a_class_keep_their_word() -> None:
    error = error_of(canonical.encode(problem_of(ConflictError("x"))), status=400)
    assert isinstance(error, PeerRefusalError)
    assert (error.code, error.is_permanent) == ("conflict", False)


@pytest.mark.parametrize(
    ("field", "header", "expected"),
    [
        (5, "7", 5),
        (None, "7", 7),
        (None, "", 30),
        (None, "soon", 30),
        (None, "9" * 5_000, 3_600),
        (0, "", 1),
        (-5, "", 1),
        (2**50, "", 3_600),
    ],
)
def test_patience_has_bounds(field: int | None, header: str, expected: int) -> None:
    fields = {"code": "quota", "status": 429, "title": "x"}
    raw = canonical.encode(
        {**fields, **({} if field is None else {"retry_after": field})}
    )
    error = error_of(raw, status=429, retry_after=header)
    assert isinstance(error, QuotaError)
    assert error.retry_after_s == expected


@pytest.mark.parametrize(
    "problem",
    [
        Problem(code="quota", status=503, title="another status"),
        Problem(code="Quota!", status=429, title="a code with odd letters"),
        Problem(code="q" * 41, status=429, title="a long code"),
        Problem(code="log-out-of-step", status=429, title="without a size"),
        Problem(code="log-out-of-step", status=429, title="below nothing", seen=-1),
    ],
    ids=lambda problem: problem.title,
)
def test_an_impossible_problem_is_malformed(problem: Problem) -> None:
    with pytest.raises(MalformedError):
        error_of(canonical.encode(problem), status=429)


@given(st.binary(max_size=200))
def test_any_bytes_are_malformed(raw: bytes) -> None:
    with pytest.raises(GatewayError):
        error_of(raw, status=400)
