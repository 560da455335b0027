"""Refusals on the wire: errors to problem bodies and back (specification, 10.3).

The code is the contract. Titles are fixed per code: what an error says in detail may
name paths or keys and stays in our own log.
"""

import re

from msgspec import UNSET

from gateway.core import canonical
from gateway.core.errors import (
    BlobError,
    ClockError,
    DiskReserveError,
    Fault,
    GatewayError,
    LogOutOfStepError,
    LogProofError,
    MaintenanceError,
    MalformedError,
    NoSuchMessageError,
    NotAllowedError,
    NotFoundError,
    PartConflictError,
    PartMismatchError,
    PeerRefusalError,
    QuotaError,
    RootMismatchError,
    StageMismatchError,
    TooLargeError,
    TryLaterError,
    UntrustedCardError,
    VersionError,
)
from gateway.core.limits import KIB
from gateway.core.protocol import STATUS_OF_CODE, Problem
from gateway.transport.limits import MAX_RETRY_AFTER_S

MAX_PROBLEM_BYTES = 8 * KIB

_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")
_INTERNAL = "internal"
_REFUSAL_STATUS = 400

_TITLES = {
    "malformed": "The request is not what the protocol asks for",
    "log-proof-invalid": "A checkpoint or proof does not verify",
    "not-allowed": "The peer may not ask for this",
    "not-found": "There is no such thing here",
    "no-such-message": "No message waits for this",
    "part-conflict": "The part is there already, with other bytes",
    "part-mismatch": "The part is not the one that was announced",
    "root-mismatch": "The list of parts is not the one that was sealed",
    "blob-failed": "The node could not store it",
    "log-out-of-step": "The checkpoint does not link to the one seen before",
    "too-large": "The request is over a limit",
    "version": "No protocol version in common",
    "quota": "The peer has used up what it may use for now",
    "internal": "The node could not answer",
    "maintenance": "The node is not ready",
    "disk": "Too little disk is free",
    "clock": "The clocks of the two nodes differ too much",
}

_CLASSES: dict[str, type[GatewayError]] = {
    error.code: error
    for error in (
        MalformedError,
        LogProofError,
        NotAllowedError,
        NotFoundError,
        TooLargeError,
        VersionError,
        StageMismatchError,
        UntrustedCardError,
        NoSuchMessageError,
        PartConflictError,
        PartMismatchError,
        RootMismatchError,
    )
}

_LATER_CLASSES: dict[str, type[TryLaterError]] = {
    error.code: error
    for error in (
        QuotaError,
        MaintenanceError,
        DiskReserveError,
        ClockError,
        BlobError,
    )
}


def problem_of(error: Exception) -> Problem:
    """Return what a peer is told of an error; of an unexpected one, nothing."""
    code = _public_code(error)
    return Problem(
        code=code,
        status=STATUS_OF_CODE.get(code, _REFUSAL_STATUS),
        title=_TITLES.get(code, "The request is refused"),
        retry_after=(
            error.retry_after_s if isinstance(error, TryLaterError) else UNSET
        ),
        seen=error.seen if isinstance(error, LogOutOfStepError) else UNSET,
    )


def error_of(body: bytes, *, status: int, retry_after: str = "") -> GatewayError:
    """Return the error that a peer's problem body stands for.

    Args:
        body: The answer's body.
        status: The answer's HTTP status, which the body must repeat.
        retry_after: The answer's `Retry-After`, for bodies that do not say.

    Raises:
        MalformedError: Not the problem body of that status.
    """
    problem = canonical.decode_as(body, Problem, max_bytes=MAX_PROBLEM_BYTES)
    if problem.status != status or not _CODE.match(problem.code):
        raise MalformedError("problem: status or code is impossible")
    message = f"peer refused: {problem.code}"
    if problem.code == LogOutOfStepError.code:
        return _out_of_step(message, problem)
    if problem.code in _LATER_CLASSES:
        return _LATER_CLASSES[problem.code](
            message,
            retry_after_s=_seconds(problem, retry_after),
        )
    if problem.code in _CLASSES:
        return _CLASSES[problem.code](message)
    return PeerRefusalError(message, code=problem.code)


def _public_code(error: Exception) -> str:
    if not isinstance(error, GatewayError):
        return _INTERNAL
    is_ours = error.fault is Fault.LOCAL and error.code not in STATUS_OF_CODE
    return _INTERNAL if is_ours else error.code


def _out_of_step(message: str, problem: Problem) -> LogOutOfStepError:
    if problem.seen is UNSET or problem.seen < 0:
        raise MalformedError("problem: log-out-of-step without a size")
    return LogOutOfStepError(message, seen=problem.seen)


def _seconds(problem: Problem, retry_after: str) -> int:
    if problem.retry_after is not UNSET:
        seconds = problem.retry_after
    elif retry_after.isascii() and retry_after.isdecimal():
        seconds = int(retry_after[:9])
    else:
        seconds = 30
    return min(max(seconds, 1), MAX_RETRY_AFTER_S)
