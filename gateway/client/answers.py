"""What comes back from a node: an answer of the declared shape, or an error by code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from types import NoneType
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from gateway.admin.shapes import Problem
from gateway.client.call import Call
from gateway.core.errors import (
    GatewayError,
    InvalidFormError,
    TryLaterError,
    UnreachableError,
    UsageError,
)
from gateway.core.limits import MIB

T = TypeVar("T")

# The largest answers: a page of entries, the receipts of a message.
MAX_ANSWER_BYTES = 16 * MIB

# Above the time within which a node answers anything it was not asked to wait for.
CALL_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node's admin API is, and who calls.

    Attributes:
        url: `http://127.0.0.1:8444` or `https://host:port`.
        token: The caller's secret; never shown.
        ca_file: PEM file of the CA of an https address; empty for the system's.
    """

    url: str
    token: str = field(default="", repr=False)
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse to send a token where others could read it.

        Raises:
            UsageError: Plain http to another machine, or no address at all.
        """
        try:
            address = urlsplit(self.url)
            host = address.hostname or ""
        except ValueError as error:
            raise UsageError(f"admin API: {self.url!r}, expected a URL") from error
        if address.scheme == "http" and not _is_loopback(host):
            raise UsageError(
                f"admin API: {self.url}: the token could be read on the way; "
                "expected https for another machine",
            )

    def headers(self, call: Call[T]) -> dict[str, str]:
        """Return the headers of a call."""
        headers = {"Accept": str(call.route.media), **call.headers}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if call.body:
            headers["Content-Type"] = "application/json"
        return headers

    def unreachable(self, error: Exception) -> UnreachableError:
        """Return the error of a node that does not answer."""
        reason = str(error) or type(error).__name__
        return UnreachableError(
            f"admin API at {self.url}: {reason}; is the node running?",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def timeout_s(call: Call[T]) -> float:
    """Return after how long a call is given up; its outcome is then unknown."""
    return CALL_TIMEOUT_S + call.wait_s


def read_answer(call: Call[T], *, status: int, body: bytes) -> T:
    """Return what a node answered.

    Raises:
        GatewayError: The refusal, by its code.
        UnreachableError: What answered is not such a node.
    """
    if status != call.route.status:
        raise refusal(status, body)
    if call.answer is NoneType:
        return _same(None, call.answer)
    if call.answer is bytes:
        return _same(body, call.answer)
    try:
        return msgspec.json.decode(body, type=call.answer)
    except msgspec.MsgspecError as error:
        raise UnreachableError(f"answer: not of this API: {error}") from error


def _same(value: object, kind: type[T]) -> T:
    """Return a value whose type is known from the call."""
    if not isinstance(value, kind):
        raise TypeError(f"internal: {type(value)}, expected {kind}")
    return value


def refusal(status: int, body: bytes) -> GatewayError:
    """Return the error that a node's refusal is, by its code."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.MsgspecError:
        return UnreachableError(
            f"answer: HTTP status {status} without a problem; is this a gateway?",
        )
    if problem.code == InvalidFormError.code:
        return InvalidFormError(problem.detail, problems=problem.problems)
    kind = _CLASSES.get(problem.code)
    if kind is None:
        return _unknown(problem)
    if issubclass(kind, TryLaterError):
        return kind(problem.detail, retry_after_s=max(problem.retry_after_s, 1))
    return kind(problem.detail)


def _unknown(problem: Problem) -> GatewayError:
    """Return an error of a code that this client is too old to know."""
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        error: GatewayError = TryLaterError(problem.detail)
    else:
        error = GatewayError(problem.detail)
    error.code = problem.code
    return error


def _simple_classes(base: type[GatewayError]) -> Iterator[type[GatewayError]]:
    """Yield the error classes that are made from a message alone."""
    for kind in base.__subclasses__():
        if kind.__init__ in {GatewayError.__init__, TryLaterError.__init__}:
            yield kind
        yield from _simple_classes(kind)


# A base comes before its subclasses, so of two with one code the special one stays.
_CLASSES: Mapping[str, type[GatewayError]] = {
    kind.code: kind for kind in _simple_classes(GatewayError)
}
