"""One operation of the admin API as a value, checked against the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from gateway.admin import shapes
from gateway.admin.contract import BY_NAME
from gateway.admin.route import Route

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request, ready to be sent.

    Attributes:
        route: Its row in the contract.
        answer: What comes back: a shape, `bytes`, or `NoneType` for nothing.
        target: Path and query.
        body: JSON, or empty.
        headers: Beside those every call has.
        wait_s: How long the server may wait before it answers.
    """

    route: Route
    answer: type[T]
    target: str
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: int = 0


def call_of(
    name: str,
    answer: type[T],
    /,
    *,
    body: shapes.Request | None = None,
    query: shapes.Request | None = None,
    wait_s: int = 0,
    **segments: str,
) -> Call[T]:
    """Return the call of an operation.

    Args:
        name: Of the operation in the contract.
        answer: What comes back.
        body: What goes in, if it takes anything.
        query: What is asked for, if it takes a query.
        wait_s: How long the server may wait before it answers.
        segments: Values of the path's placeholders.
    """
    route = BY_NAME[name]
    return Call(
        route,
        answer,
        fill(route.path, segments) + _query_text(query),
        msgspec.json.encode(body) if body is not None else b"",
        wait_s=wait_s,
    )


def fill(path: str, segments: Mapping[str, str]) -> str:
    """Return a path template with its segments filled in, quoted."""
    for name, value in segments.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
        path = path.replace(f"{{{name}...}}", quote(value, safe="/"))
    return path


def _query_text(query: shapes.Request | None) -> str:
    """Return what differs from the declared defaults as a query string."""
    if query is None:
        return ""
    given = {
        info.name: _spell(getattr(query, info.name))
        for info in msgspec.structs.fields(query)
        if getattr(query, info.name) != info.default
    }
    return f"?{urlencode(given)}" if given else ""


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
