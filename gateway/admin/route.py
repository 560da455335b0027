"""What a route of the admin API declares; the table itself is `contract`."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from gateway.admin import shapes
from gateway.core.operators import Role

PREFIX = "/api/v1"


class Media(StrEnum):
    """What an answer is."""

    JSON = "application/json"
    BYTES = "application/octet-stream"
    TEXT = "text/plain"
    PDF = "application/pdf"
    CSV = "text/csv"
    OPENAPI = "application/vnd.oai.openapi+json"
    SCHEMA = "application/schema+json"
    EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API.

    Attributes:
        name: Name of the operation, for clients, logs and handlers.
        path: Template; `{rest...}` takes several segments.
        roles: Any one of them is enough. Never empty unless `is_open`.
        summary: What it does, for the document.
        body: Shape of the request, if it takes one.
        query: Shape of the query, if it takes one.
        answer: Shape of the answer; None for other media than JSON.
        status: Of success.
        codes: Stable codes of refusals beside those every route has; `not-found` goes
            without saying where the path names something.
        is_open: No login is asked on loopback.
        is_public: No login is asked anywhere: ways of logging in.
        takes_key: Takes an `Idempotency-Key`.
        takes_wait: Takes `Prefer: wait=N`.
        takes_stream: The body is a file, read as it comes and not limited in length.
        gives_events: The answer is a stream of events that goes on by itself.
        gives_stream: The answer is a file, given as it is read; takes `Range`.
    """

    name: str
    method: str
    path: str
    roles: frozenset[Role]
    summary: str
    body: type[shapes.Request] | None = None
    query: type[shapes.Request] | None = None
    answer: type[msgspec.Struct] | None = None
    status: int = 200
    codes: tuple[str, ...] = ()
    media: Media = Media.JSON
    is_open: bool = False
    is_public: bool = False
    takes_key: bool = False
    takes_wait: bool = False
    takes_stream: bool = False
    gives_stream: bool = False
    gives_events: bool = False
