"""What both clients say and check about bodies that are streams of a file."""

from http import HTTPStatus
from typing import TypeVar

from gateway.client.answers import Endpoint
from gateway.client.call import Call
from gateway.core.errors import SourceChangedError, UnreachableError
from gateway.core.limits import MIB

T = TypeVar("T")

# In memory at once.
BLOCK_BYTES = 1 * MIB

# For one read or write. A whole transfer may take days.
STREAM_TIMEOUT_S = 60


def upload_headers(endpoint: Endpoint, call: Call[T], length: int) -> dict[str, str]:
    """Return the headers of a call whose body is a stream of `length` bytes."""
    return endpoint.headers(call) | {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
    }


def download_headers(endpoint: Endpoint, call: Call[T], offset: int) -> dict[str, str]:
    """Return the headers of a call whose answer is a stream from `offset` on."""
    wanted = {"Range": f"bytes={offset}-"} if offset else {}
    return endpoint.headers(call) | wanted


def is_stream(status: int) -> bool:
    """Return whether an answer is a stream, not a refusal."""
    return status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}


def check_start(status: int, content_range: str, offset: int) -> None:
    """Check that a stream begins where it was asked to.

    Raises:
        UnreachableError: Elsewhere.
    """
    if status == HTTPStatus.PARTIAL_CONTENT:
        starts_right = content_range.startswith(f"bytes {offset}-")
    else:
        starts_right = offset == 0
    if not starts_right:
        raise UnreachableError(
            f"answer: HTTP status {status}, range {content_range!r}, "
            f"expected what starts at {offset}",
        )


def too_short(rest: int) -> SourceChangedError:
    """Return the error of a source that ended before its announced length."""
    return SourceChangedError(f"file: ended {rest} bytes before its announced length")


def broken_off(rest: int) -> ConnectionError:
    """Return the error of an answer that ended before its announced length."""
    return ConnectionError(f"the answer broke off {rest} bytes before its end")
