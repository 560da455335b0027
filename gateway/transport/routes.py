"""The calls of the peer listener: which exist, and what each may bring.

Nothing is normalised: a path is one of these, byte for byte, or there is nothing.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.errors import MalformedError, NotFoundError, VersionError
from gateway.core.gossip import MAX_GOSSIP_BYTES
from gateway.core.limits import (
    MAX_CARD_BYTES,
    MAX_DELIVERY_BYTES,
    MAX_DELIVERY_HEAD_BYTES,
    MIB,
    PART_BYTES,
)
from gateway.core.protocol import (
    CARD_MEDIA_TYPE,
    DELIVERY_MEDIA_TYPE,
    JSON_MEDIA_TYPE,
    MAX_ANNOUNCE_BYTES,
    NOTE_MEDIA_TYPE,
    PART_MEDIA_TYPE,
    PREFIX,
    PROTOCOL_VERSION,
    TILE_MEDIA_TYPE,
    parse_content_digest,
)
from gateway.core.translog import tiles
from gateway.core.translog.witness import (
    MAX_ADD_CHECKPOINT_BYTES,
    SIZE_CONTENT_TYPE,
    WitnessStatus,
)
from gateway.core.values import parse_message_id
from gateway.ports.peers import PartName, PeerCalls, VerifiedPeer

_LOG = f"{PREFIX}/log/"
_WITNESS = f"{PREFIX}/witness"
_SIZE = "(0|[1-9][0-9]{0,18})"
_CONSISTENCY = re.compile(rf"{_LOG}consistency/{_SIZE}/{_SIZE}\Z")
_COSIGNED = re.compile(rf"{_WITNESS}/([0-9a-f]{{64}})/checkpoint\Z")
_ATTACHMENTS = f"{PREFIX}/attachments"
_ATTACHMENT = re.compile(
    rf"{_ATTACHMENTS}/(?P<message>[0-9a-f-]{{36}})/(?P<aid>[0-9a-f]{{32}})"
    r"(?:/(?P<index>0|[1-9][0-9]{0,5}))?\Z",
)
# A piece that is written while the next comes in, and what the connection holds.
_PART_MEMORY_BYTES = 3 * MIB
_VERSION = re.compile(r"/mla/([0-9]{1,4})/")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and what it is; with a status where that is part of the answer."""

    body: bytes
    media_type: str = JSON_MEDIA_TYPE
    status: int = 200
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """What a request brings.

    Attributes:
        whole: All of it, read and bounded; empty for a call that streams.
        chunks: The same as it comes, exactly `length` bytes, for a call that streams.
        content_digest: Its `Content-Digest`, or empty.
    """

    whole: bytes
    chunks: AsyncIterator[bytes]
    length: int
    content_digest: str = ""


Call = Callable[[PeerCalls, VerifiedPeer, Body], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """A call of the protocol.

    Attributes:
        name: For the log.
        call: Makes it.
        body_media_type: What the request must bring; empty for calls without a body.
        max_body_bytes: Limit of the request's body.
        buffered_bytes: Memory that a streamed body takes at most; 0 if it is read
            whole.
    """

    name: str
    call: Call
    body_media_type: str = ""
    max_body_bytes: int = 0
    buffered_bytes: int = 0


async def _ping(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(canonical.encode(await calls.ping(peer)))


async def _missing(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(canonical.encode(await calls.missing_numbers(peer)))


async def _card(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(await calls.card(peer), CARD_MEDIA_TYPE)


async def _accept_card(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    return Answer(canonical.encode(await calls.accept_card(peer, body.whole)))


async def _deliver(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    return Answer(canonical.encode(await calls.deliver(peer, body.whole)))


async def _events(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    return Answer(canonical.encode(await calls.events(peer, body.whole)))


async def _announce(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    return Answer(canonical.encode(await calls.announce_parts(peer, body.whole)))


async def _add_checkpoint(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    answer = await calls.add_checkpoint(peer, body.whole)
    is_size = answer.status == WitnessStatus.OUT_OF_STEP
    return Answer(
        answer.body,
        SIZE_CONTENT_TYPE if is_size else NOTE_MEDIA_TYPE,
        answer.status,
        answer.retry_after_s,
    )


async def _gossip(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
    return Answer(canonical.encode(await calls.gossip(peer, body.whole)))


async def _checkpoint(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(await calls.log_checkpoint(peer), NOTE_MEDIA_TYPE)


async def _seen(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(await calls.log_seen(peer), NOTE_MEDIA_TYPE)


async def _first(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
    return Answer(await calls.log_first(peer), NOTE_MEDIA_TYPE)


_ROUTES = {
    ("GET", f"{PREFIX}/ping"): Route("ping", _ping),
    ("GET", f"{PREFIX}/missing"): Route("missing_numbers", _missing),
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
    ("POST", _ATTACHMENTS): Route(
        "announce_parts",
        _announce,
        JSON_MEDIA_TYPE,
        MAX_ANNOUNCE_BYTES,
    ),
    ("GET", f"{_LOG}checkpoint"): Route("log_checkpoint", _checkpoint),
    ("POST", f"{_WITNESS}/add-checkpoint"): Route(
        "add_checkpoint",
        _add_checkpoint,
        NOTE_MEDIA_TYPE,
        MAX_ADD_CHECKPOINT_BYTES,
    ),
    ("POST", f"{_WITNESS}/gossip"): Route(
        "gossip",
        _gossip,
        JSON_MEDIA_TYPE,
        MAX_GOSSIP_BYTES,
    ),
    ("GET", f"{_LOG}seen"): Route("log_seen", _seen),
    ("GET", f"{_LOG}first"): Route("log_first", _first),
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
    attachment = _ATTACHMENT.match(path)
    if attachment:
        return _attachment_route(method, attachment)
    consistency = _CONSISTENCY.match(path)
    if consistency and method == "GET":
        return _consistency_route(int(consistency[1]), int(consistency[2]))
    cosigned = _COSIGNED.match(path)
    if cosigned and method == "GET":
        return _cosigned_route(cosigned[1])
    version = _VERSION.match(path)
    if version and version[1] != str(PROTOCOL_VERSION):
        raise VersionError(f"protocol: version {version[1]}, this node has 1")
    raise NotFoundError("call: no such method and path")


def _consistency_route(old_size: int, new_size: int) -> Route:
    async def call(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
        proof = await calls.log_consistency(peer, old_size, new_size)
        return Answer(canonical.encode(proof))

    return Route("log_consistency", call)


def _cosigned_route(hashed_origin: str) -> Route:
    async def call(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
        return Answer(await calls.cosigned(peer, hashed_origin), NOTE_MEDIA_TYPE)

    return Route("cosigned", call)


def _tile_route(path: str) -> Route:
    try:
        tile = tiles.parse_path(path)
    except MalformedError as error:
        raise NotFoundError("tile: no such path") from error
    if not isinstance(tile, tiles.Tile):
        raise NotFoundError("tile: only hash tiles are handed out")

    async def call(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
        return Answer(await calls.log_tile(peer, path), TILE_MEDIA_TYPE)

    return Route("log_tile", call)


def _attachment_route(method: str, match: re.Match[str]) -> Route:
    """Return the call about an attachment: which parts are there, or one part."""
    aid, index = match["aid"], match["index"]
    try:
        message_id = parse_message_id(match["message"])
    except MalformedError as error:
        raise NotFoundError("attachment: no such path") from error

    async def parts(calls: PeerCalls, peer: VerifiedPeer, _body: Body) -> Answer:
        return Answer(canonical.encode(await calls.parts(peer, message_id, aid)))

    async def put(calls: PeerCalls, peer: VerifiedPeer, body: Body) -> Answer:
        digest = parse_content_digest(body.content_digest)
        name = PartName(message_id, aid, int(index), digest, body.length)
        return Answer(canonical.encode(await calls.put_part(peer, name, body.chunks)))

    if (method, index) == ("GET", None):
        return Route("parts", parts)
    if method == "PUT" and index is not None:
        return Route("put_part", put, PART_MEDIA_TYPE, PART_BYTES, _PART_MEMORY_BYTES)
    raise NotFoundError("call: no such method and path")
