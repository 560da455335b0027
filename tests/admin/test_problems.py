"""Refusals: a status for every code, one sentence, nothing of a defect."""

from collections.abc import Iterator

import pytest

from gateway.admin.problems import problem_of, status_of, unexpected
from gateway.core.errors import (
    BlobError,
    CannotOpenError,
    ConflictError,
    DamagedError,
    DiskReserveError,
    GatewayError,
    InvalidFormError,
    MalformedError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    QuotaError,
    SourceChangedError,
    StaleCaseError,
    StoreError,
    TooLargeError,
    UnreachableError,
    UntrustedCardError,
    UsageError,
)
from gateway.mla.problems import Problem, ProblemCode


def _classes(base: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _classes(kind)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("x"), 400),
        (MalformedError("x"), 400),
        (NotAuthenticatedError("x"), 401),
        (NotAllowedError("x"), 403),
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (StaleCaseError("x"), 409),
        (SourceChangedError("x"), 409),
        (TooLargeError("x"), 413),
        (UntrustedCardError("x"), 422),
        (QuotaError("x"), 429),
        (CannotOpenError("x"), 500),
        (DamagedError("x"), 500),
        (UnreachableError("x"), 502),
        (DiskReserveError("x"), 503),
        (BlobError("x"), 503),
        (StoreError("x"), 503),
    ],
)
def test_a_code_has_its_status(error: GatewayError, status: int) -> None:
    assert status_of(error) == status


def test_no_error_of_ours_is_without_a_status() -> None:
    for kind in _classes():
        assert 400 <= status_of(kind.__new__(kind)) < 600


def test_an_error_without_words_gets_those_of_its_code() -> None:
    assert problem_of(NotFoundError()).detail == "There is no such thing here"


def test_waiting_is_said_in_seconds() -> None:
    assert problem_of(QuotaError("x", retry_after_s=7)).retry_after_s == 7


def test_everything_wrong_with_a_form_is_listed() -> None:
    wrong = Problem("/payload/facts", ProblemCode.SCHEMA, "facts: missing")
    advice = Problem("/urgency", ProblemCode.CODE, "urgency: odd", blocking=False)
    lifted = Problem(
        "/a", ProblemCode.BASIS, "a: b", article="X 1", is_overridable=True
    )
    found = [wrong, advice, lifted]
    problem = problem_of(InvalidFormError("form: 2 faults", problems=found))
    assert problem.status == 422
    assert [one.pointer for one in problem.problems] == [
        "/payload/facts",
        "/urgency",
        "/a",
    ]
    assert [one.blocking for one in problem.problems] == [True, False, True]
    assert [one.overridable for one in problem.problems] == [False, False, True]
    assert problem.problems[2].article == "X 1"


def test_of_a_defect_only_the_reference_is_told() -> None:
    problem = unexpected("0a1b")
    assert problem.code == "internal"
    assert "0a1b" in problem.detail
