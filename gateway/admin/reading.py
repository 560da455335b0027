"""Reading a request: counted bytes, strict JSON, declared shapes and nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar, runtime_checkable

import msgspec
from aiohttp import StreamReader
from aiohttp.web import BaseRequest, RequestPayloadError

from gateway.admin.contract import IDEMPOTENCY_HEADER
from gateway.admin.route import Route
from gateway.admin.services import AdminLimits
from gateway.admin.shapes import MAX_WAIT_S, Request
from gateway.core import canonical
from gateway.core.errors import TooLargeError, UsageError
from gateway.flows.intake import Intake

_R = TypeVar("_R", bound=Request)

_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
_CURSOR = re.compile(r"[0-9]{1,15}\Z")
_FILE_TYPE = "application/octet-stream"
_RANGE = re.compile(r"bytes=([0-9]{1,15})-\Z")
_WAIT = re.compile(r"wait *= *([0-9]{1,6})\Z", re.IGNORECASE)


async def read_body(request: BaseRequest, limits: AdminLimits) -> bytes:
    """Return the body, counted while it comes and within its time.

    Raises:
        TooLargeError: Over its limit; the rest was not read.
        UsageError: Compressed, or it did not come in time.
    """
    if not request.body_exists:
        return b""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UsageError("body: expected no Content-Encoding")
    if (request.content_length or 0) > limits.body_bytes:
        raise TooLargeError(
            f"body: {request.content_length} bytes, at most {limits.body_bytes}",
        )
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > limits.body_bytes:
                    raise TooLargeError(f"body: over {limits.body_bytes} bytes")
    except TimeoutError as error:
        raise UsageError(
            f"body: not there after {limits.body_timeout_s:g} s",
        ) from error
    except (RequestPayloadError, ConnectionError) as error:
        raise UsageError("body: ended before it was whole") from error
    return bytes(body)


@runtime_checkable
class TakesBodies(Protocol):
    """A connection that receives bodies past the library."""

    def take_body(self, content: StreamReader, length: int) -> Intake:
        """Return what receives the body of a request from here on."""
        ...


@contextmanager
def taking(request: BaseRequest) -> Iterator[Intake]:
    """Receive a body past the library; what is not asked for goes by.

    Raises:
        UsageError: It has broken off.
    """
    connection = request.protocol
    if not isinstance(connection, TakesBodies):
        raise TypeError("internal: a connection that takes no bodies")
    try:
        intake = connection.take_body(request.content, request.content_length or 0)
    except (RequestPayloadError, ConnectionError) as error:
        raise broken_off() from error
    try:
        yield intake
    finally:
        intake.drop()


def pieces_of_body(intake: Intake, limits: AdminLimits) -> AsyncIterator[bytes]:
    """Yield a body as it comes; its length is not limited, its pauses are.

    Raises:
        UsageError: It broke off, or nothing came for too long.
    """

    def patience(_came: int, quiet_s: float) -> float:
        if quiet_s >= limits.stream_idle_s:
            raise broken_off()
        return limits.stream_idle_s - quiet_s

    return intake.pieces(patience, broken_off)


def broken_off() -> UsageError:
    """Return the error of a body of which the end did not come."""
    return UsageError("body: broke off before it was whole")


def check_stream(request: BaseRequest) -> None:
    """Refuse a body that is not a plain file of a known length.

    Raises:
        UsageError: Compressed, of unknown length, or of another type.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UsageError("body: expected no Content-Encoding")
    if request.content_length is None:
        raise UsageError("body: expected Content-Length")
    if request.content_type != _FILE_TYPE:
        raise UsageError(f"body: expected Content-Type: {_FILE_TYPE}")


def read_range(route: Route, request: BaseRequest) -> int:
    """Return the first byte that is wanted of a file; 0 for all of it.

    Raises:
        UsageError: Another range than one from some byte to the end.
    """
    given = request.headers.getall("Range", [])
    if not route.gives_stream or not given:
        return 0
    match = _RANGE.match(given[0]) if len(given) == 1 else None
    if match is None:
        raise UsageError("Range: expected like bytes=1048576-")
    return int(match[1])


def read_last_event(route: Route, request: BaseRequest) -> int | None:
    """Return the cursor of the last event that a listener has seen, if it says so.

    Raises:
        UsageError: Not a cursor of ours.
    """
    given = request.headers.getall("Last-Event-ID", [])
    if not route.gives_events or not given:
        return None
    if len(given) > 1 or not _CURSOR.match(given[0]):
        raise UsageError("Last-Event-ID: expected the id of an event")
    return int(given[0])


def read_form(route: Route, request: BaseRequest, raw: bytes) -> Request | None:
    """Return the body in the shape that the route declares.

    Raises:
        UsageError: Not JSON by its type, another shape, or no body is taken here.
        MalformedError: Not one JSON object of the profile.
    """
    if route.body is None:
        if raw and raw != b"{}":
            raise UsageError("body: this operation takes none")
        return None
    if request.content_type != "application/json":
        raise UsageError("body: expected Content-Type: application/json")
    value = canonical.parse_object(raw, max_bytes=len(raw))
    return in_shape("body", value, route.body)


def read_query(route: Route, request: BaseRequest) -> Request | None:
    """Return the query in the shape that the route declares.

    Raises:
        UsageError: An unknown or repeated parameter, or a value of another form.
    """
    given = request.query
    if len(set(given)) != len(given):
        raise UsageError("query: a parameter is repeated")
    if route.query is None:
        if given:
            raise UsageError("query: this operation takes no parameters")
        return None
    return in_shape("query", dict(given), route.query, is_text=True)


def read_key(route: Route, request: BaseRequest) -> str:
    """Return the caller's idempotency key, or empty.

    Raises:
        UsageError: Repeated, or not 1 to 128 printable ASCII characters.
    """
    keys = request.headers.getall(IDEMPOTENCY_HEADER, [])
    if not keys or not route.takes_key:
        return ""
    if len(keys) > 1 or not _KEY.match(keys[0]):
        raise UsageError(
            f"{IDEMPOTENCY_HEADER}: expected one of 1 to 128 ASCII characters",
        )
    return keys[0]


def read_wait(route: Route, request: BaseRequest) -> int:
    """Return for how many seconds the caller would wait, at most 60.

    Other preferences are ignored (RFC 7240, section 2).

    Raises:
        UsageError: A `wait` that is not a number of seconds.
    """
    if not route.takes_wait:
        return 0
    for preference in ",".join(request.headers.getall("Prefer", [])).split(","):
        text = preference.strip()
        if not text.lower().startswith("wait"):
            continue
        found = _WAIT.match(text)
        if found is None:
            raise UsageError(f"Prefer: {text[:40]!r}, expected like wait=10")
        return min(int(found[1]), MAX_WAIT_S)
    return 0


def in_shape(what: str, value: object, shape: type[_R], *, is_text: bool = False) -> _R:
    """Return values in a declared shape.

    Args:
        what: Query or body, for the error.
        value: JSON values.
        shape: The declared one.
        is_text: All values are texts, as in a query.

    Raises:
        UsageError: They are of another shape.
    """
    try:
        return msgspec.convert(value, shape, strict=not is_text)
    except msgspec.ValidationError as error:
        raise UsageError(f"{what}: {error}") from error
