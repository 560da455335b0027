"""The calls of the peer listener: which exist, and what each may bring.

Nothing is normalised: a path is one of these, byte for byte, or there is nothing.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.errors import MalformedError, NotFoundError, VersionError
from gateway.core.limits import (
    MAX_CARD_BYTES,
    MAX_DELIVERY_BYTES,
    MAX_DELIVERY_HEAD_BYTES,
)
from gateway.core.protocol import (
    CARD_MEDIA_TYPE,
    DELIVERY_MEDIA_TYPE,
    JSON_MEDIA_TYPE,
    NOTE_MEDIA_TYPE,
    PREFIX,
    PROTOCOL_VERSION,
    TILE_MEDIA_TYPE,
)
from gateway.core.translog import tiles
from gateway.ports.peers import PeerCalls, VerifiedPeer

_LOG = f"{PREFIX}/log/"
_VERSION = re.compile(r"/mla/([0-9]{1,4})/")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and what it is."""

    body: bytes
    media_type: str = JSON_MEDIA_TYPE


Call = Callable[[PeerCalls, VerifiedPeer, bytes], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """A call of the protocol.

    Attributes:
        name: For the log.
        call: Makes it.
        body_media_type: What the request must bring; empty for calls without a body.
        max_body_bytes: Limit of the request's body.
    """

    name: str
    call: Call
    body_media_type: str = ""
    max_body_bytes: int = 0


async def _ping(calls: PeerCalls, peer: VerifiedPeer, _body: bytes) -> Answer:
    return Answer(canonical.encode(await calls.ping(peer)))


async def _card(calls: PeerCalls, peer: VerifiedPeer, _body: bytes) -> Answer:
    return Answer(await calls.card(peer), CARD_MEDIA_TYPE)


async def _accept_card(calls: PeerCalls, peer: VerifiedPeer, body: bytes) -> Answer:
    return Answer(canonical.encode(await calls.accept_card(peer, body)))


async def _deliver(calls: PeerCalls, peer: VerifiedPeer, body: bytes) -> Answer:
    return Answer(canonical.encode(await calls.deliver(peer, body)))


async def _events(calls: PeerCalls, peer: VerifiedPeer, body: bytes) -> Answer:
    return Answer(canonical.encode(await calls.events(peer, body)))


async def _checkpoint(calls: PeerCalls, peer: VerifiedPeer, _body: bytes) -> Answer:
    return Answer(await calls.log_checkpoint(peer), NOTE_MEDIA_TYPE)


_ROUTES = {
    ("GET", f"{PREFIX}/ping"): Route("ping", _ping),
    ("GET", f"{PREFIX}/card"): Route("card", _card),
    ("POST", f"{PREFIX}/card"): Route(
        "accept_card",
        _accept_card,
        CARD_MEDIA_TYPE,
        MAX_CARD_BYTES,
    ),
    ("POST", f"{PREFIX}/deliver"): Route(
        "deliver",
        _deliver,
        DELIVERY_MEDIA_TYPE,
        MAX_DELIVERY_BYTES,
    ),
    ("POST", f"{PREFIX}/events"): Route(
        "events",
        _events,
        JSON_MEDIA_TYPE,
        MAX_DELIVERY_HEAD_BYTES,
    ),
    ("GET", f"{_LOG}checkpoint"): Route("log_checkpoint", _checkpoint),
}


def find_route(method: str, path: str) -> Route:
    """Return the call that a request line asks for.

    Raises:
        VersionError: It is one of another version of the protocol.
        NotFoundError: There is none.
    """
    route = _ROUTES.get((method, path))
    if route:
        return route
    if method == "GET" and path.startswith(f"{_LOG}tile/"):
        return _tile_route(path.removeprefix(_LOG))
    version = _VERSION.match(path)
    if version and version[1] != str(PROTOCOL_VERSION):
        raise VersionError(f"protocol: version {version[1]}, this node has 1")
    raise NotFoundError("call: no such method and path")


def _tile_route(path: str) -> Route:
    try:
        tile = tiles.parse_path(path)
    except MalformedError as error:
        raise NotFoundError("tile: no such path") from error
    if not isinstance(tile, tiles.Tile):
        raise NotFoundError("tile: only hash tiles are handed out")

    async def call(calls: PeerCalls, peer: VerifiedPeer, _body: bytes) -> Answer:
        return Answer(await calls.log_tile(peer, path), TILE_MEDIA_TYPE)

    return Route("log_tile", call)
