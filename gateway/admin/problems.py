"""Refusals of the admin API: errors as RFC 9457 problems (specification, section 13).

The code is the contract, the detail a sentence that says what to do. Of an error that
is not one of ours nothing is told but where to look.
"""

from collections.abc import Mapping
from http import HTTPStatus

from gateway.admin.matching import WrongMethodError
from gateway.admin.shapes import FieldProblem, Problem
from gateway.core import errors
from gateway.core.errors import (
    Fault,
    FormProblem,
    GatewayError,
    InvalidFormError,
    TryLaterError,
)

_STATUS: Mapping[str, HTTPStatus] = {
    "usage": HTTPStatus.BAD_REQUEST,
    "malformed": HTTPStatus.BAD_REQUEST,
    "not-authenticated": HTTPStatus.UNAUTHORIZED,
    "not-allowed": HTTPStatus.FORBIDDEN,
    "needs-approval": HTTPStatus.FORBIDDEN,
    "E_PURPOSE": HTTPStatus.FORBIDDEN,
    "not-found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "stale-case": HTTPStatus.CONFLICT,
    "not-erasable": HTTPStatus.CONFLICT,
    "source-changed": HTTPStatus.CONFLICT,
    "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "invalid-form": HTTPStatus.UNPROCESSABLE_ENTITY,
    "untrusted-card": HTTPStatus.UNPROCESSABLE_ENTITY,
    "stage": HTTPStatus.UNPROCESSABLE_ENTITY,
    "version": HTTPStatus.UNPROCESSABLE_ENTITY,
    "quota": HTTPStatus.TOO_MANY_REQUESTS,
    "cannot-open": HTTPStatus.INTERNAL_SERVER_ERROR,
    "cannot-print": HTTPStatus.NOT_IMPLEMENTED,
    "unreachable": HTTPStatus.BAD_GATEWAY,
    "verification-failed": HTTPStatus.BAD_GATEWAY,
    "store-unusable": HTTPStatus.SERVICE_UNAVAILABLE,
}

_STATUS_OF_FAULT: Mapping[Fault, HTTPStatus] = {
    Fault.CALLER: HTTPStatus.BAD_REQUEST,
    Fault.PEER: HTTPStatus.BAD_GATEWAY,
    Fault.LOCAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_KINDS: Mapping[str, type[GatewayError]] = {
    kind.code: kind
    for kind in (getattr(errors, name) for name in errors.__all__)
    if isinstance(kind, type) and issubclass(kind, GatewayError)
}

_TITLES: Mapping[str, str] = {
    "usage": "The request is not understood",
    "malformed": "The request is not in the format asked for",
    "not-authenticated": "No valid token came with the request",
    "not-allowed": "The caller's roles do not cover this",
    "E_PURPOSE": "The data were not given for this",
    "needs-approval": "Another person has to approve this first",
    "not-found": "There is no such thing here",
    "conflict": "The request contradicts the state of things",
    "stale-case": "The case has moved on meanwhile",
    "not-erasable": "A message is not ended, or must be kept",
    "keys-unusable": "A key can't be read or written",
    "source-changed": "The file is not the one that was announced",
    "too-large": "The request is over a limit",
    "invalid-form": "The message form breaks the rules of its type",
    "untrusted-card": "The card does not prove who it says it is",
    "version": "The two sides speak no version in common",
    "stage": "A test node and a production node do not exchange anything",
    "quota": "Too many requests for now",
    "cannot-open": "The stored message cannot be opened",
    "damaged": "The stored file is not what it was",
    "blob-failed": "The file could not be read or written",
    "unreachable": "The peer's node could not be reached",
    "verification-failed": "The answer does not show what it should",
    "maintenance": "The node is not ready",
    "disk": "Too little disk is free",
    "clock": "The clocks differ too much",
    "store-unusable": "Storage does not work",
    "internal": "The node could not answer",
}


def status_of(error: GatewayError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    if isinstance(error, WrongMethodError):
        return HTTPStatus.METHOD_NOT_ALLOWED
    return status_of_code(error.code)


def status_of_code(code: str) -> HTTPStatus:
    """Return the HTTP status that goes with a code.

    Raises:
        KeyError: No error has this code.
    """
    kind = _KINDS[code]
    return _STATUS.get(code) or (
        HTTPStatus.SERVICE_UNAVAILABLE
        if issubclass(kind, TryLaterError)
        else _STATUS_OF_FAULT[kind.fault]
    )


def problem_of(error: GatewayError) -> Problem:
    """Return what a caller is told of a deliberate error."""
    problems = error.problems if isinstance(error, InvalidFormError) else ()
    return Problem(
        type=_type(error.code),
        title=_TITLES.get(error.code, "The request is refused"),
        status=status_of(error),
        code=error.code,
        detail=str(error) or _TITLES.get(error.code, error.code),
        problems=tuple(field_problem(one) for one in problems),
        retry_after_s=error.retry_after_s if isinstance(error, TryLaterError) else 0,
    )


def unexpected(reference: str) -> Problem:
    """Return what a caller is told of a defect of ours."""
    return Problem(
        type=_type("internal"),
        title=_TITLES["internal"],
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal",
        detail=f"a defect of the node; its log has the cause under {reference}",
    )


def field_problem(problem: FormProblem) -> FieldProblem:
    """Return one defect of a form as answered."""
    return FieldProblem(
        pointer=problem.pointer,
        code=problem.code,
        sentence=problem.sentence,
        blocking=problem.blocking,
        article=problem.article,
        overridable=problem.is_overridable,
    )


def _type(code: str) -> str:
    return f"urn:mla-gateway:problem:{code}"
