"""Calls to peers: lines of connections to each, proven before anything is sent.

Every refusal comes back as an error of the core; every failure on the way as
"unreachable", which means that the outcome is unknown.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias, TypeVar

import aiohttp

from gateway.core import canonical
from gateway.core.errors import MalformedError, UnreachableError
from gateway.core.gossip import GossipReply
from gateway.core.limits import (
    MAX_CARD_BYTES,
    MAX_LOG_PROOF_BYTES,
    MAX_NOTE_BYTES,
    MAX_REPLY_BYTES,
)
from gateway.core.missing import MissingReply
from gateway.core.protocol import (
    CARD_MEDIA_TYPE,
    DELIVERY_MEDIA_TYPE,
    JSON_MEDIA_TYPE,
    NOTE_MEDIA_TYPE,
    PART_MEDIA_TYPE,
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    PartReply,
    PartsReply,
    PingReply,
    parse_delivery_reply,
    spell_content_digest,
)
from gateway.core.values import AuthorityId
from gateway.ports.peers import PartName
from gateway.ports.witness import WitnessAnswer
from gateway.ports.world import Clock
from gateway.transport.failures import unreachable
from gateway.transport.limits import ClientLimits
from gateway.transport.lines import Line, Use, new_session
from gateway.transport.peer_call import (
    NO_ADDRESS,
    PeerCall,
    StreamedBody,
    address_of,
    take_answer,
)
from gateway.transport.proxies import PeerProxies
from gateway.transport.strangers import Stranger, Strangers
from gateway.transport.tls import (
    CertificateRefusedError,
    TlsIdentity,
    client_context,
    judge_of,
)
from gateway.transport.trust import Anchors, TlsTrust
from gateway.transport.witness_answers import take_witness_answer

_FIXED_HEADERS = {"User-Agent": "mla-gateway", "Accept-Encoding": "identity"}

_T = TypeVar("_T")
_Take: TypeAlias = Callable[[aiohttp.ClientResponse, PeerCall], Awaitable[_T]]


class PeerClient:
    """Calls to peers; implements `PeerTransport`.

    Open it first; reload it when trust or our certificate changes; close it last.

    Args:
        clock: For certificates and the age of connections.
        strangers: Where refused certificates are kept for the operator.
        limits: What a call may take.
        proxies: On the way to them.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        strangers: Strangers,
        limits: ClientLimits | None = None,
        proxies: PeerProxies | None = None,
    ) -> None:
        self._clock = clock
        self._strangers = strangers
        self._limits = limits or ClientLimits()
        self._proxies = proxies or PeerProxies()
        self._lines: dict[tuple[AuthorityId, Use], Line] = {}
        self._changing = asyncio.Lock()
        self._trust = TlsTrust({})

    async def open(self, identity: TlsIdentity, trust: TlsTrust) -> None:
        """Set who we are and whom we trust; nothing is connected yet."""
        await self.reload(trust, identity)

    async def reload(
        self,
        trust: TlsTrust,
        identity: TlsIdentity | None = None,
    ) -> None:
        """Apply new trust.

        Connections to peers whose trust changed are ended at once. If `identity` is
        given, our own certificate was renewed: all others end after their call.
        """
        async with self._changing:
            self._trust = trust
            if identity:
                self._identity = identity
            for key, line in list(self._lines.items()):
                if trust.anchors.get(key[0]) != line.anchors:
                    del self._lines[key]
                    await line.session.close()
                elif identity:
                    del self._lines[key]
                    await line.retire()

    async def close(self) -> None:
        """End all connections, with whatever is under way."""
        async with self._changing:
            self._trust = TlsTrust({})
            while self._lines:
                _, line = self._lines.popitem()
                await line.session.close()

    def proxy_of(self, policy: str) -> str:
        """Return the proxy on the way to a peer with this policy; empty for none."""
        return self._proxies.towards(policy)

    async def ping(self, peer: AuthorityId) -> PingReply:
        """Ask who is there and what it has seen of our log."""
        return _parse(await self._make(peer, PeerCall("GET", "ping")), PingReply)

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        """Offer a batch of envelopes."""
        call = PeerCall("POST", "deliver", body, DELIVERY_MEDIA_TYPE)
        return parse_delivery_reply(await self._make(peer, call))

    async def events(self, peer: AuthorityId, body: bytes) -> EventsReply:
        """Tell what happened later to messages between the two."""
        call = PeerCall("POST", "events", body, JSON_MEDIA_TYPE)
        return _parse(await self._make(peer, call), EventsReply)

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        """Ask which of our running numbers the peer misses."""
        return _parse(await self._make(peer, PeerCall("GET", "missing")), MissingReply)

    async def fetch_card(self, peer: AuthorityId) -> bytes:
        """Return the peer's current card, unverified."""
        return await self._make(peer, _file("card", CARD_MEDIA_TYPE, MAX_CARD_BYTES))

    async def push_card(self, peer: AuthorityId, card: bytes) -> CardReply:
        """Hand over our current card."""
        call = PeerCall("POST", "card", card, CARD_MEDIA_TYPE)
        return _parse(await self._make(peer, call), CardReply)

    async def log_consistency(
        self,
        peer: AuthorityId,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Ask for the proof that the peer's log only grew between two sizes."""
        call = PeerCall("GET", f"log/consistency/{old_size}/{new_size}")
        return _parse(await self._make(peer, call), Consistency)

    async def add_checkpoint(self, peer: AuthorityId, body: bytes) -> WitnessAnswer:
        """Ask the peer's witness to cosign; its refusals are answers too."""
        call = PeerCall("POST", "witness/add-checkpoint", body, NOTE_MEDIA_TYPE)
        return await self._reach(peer, call, lambda one, _: take_witness_answer(one))

    async def gossip(self, peer: AuthorityId, body: bytes) -> GossipReply:
        """Tell the newest checkpoints of third logs."""
        call = PeerCall("POST", "witness/gossip", body, JSON_MEDIA_TYPE)
        return _parse(await self._make(peer, call), GossipReply)

    async def log_seen(self, peer: AuthorityId) -> bytes:
        """Return the newest signed note of our log that the peer holds, unverified."""
        call = _file("log/seen", NOTE_MEDIA_TYPE, MAX_NOTE_BYTES)
        return await self._make(peer, call)

    async def log_first(self, peer: AuthorityId) -> bytes:
        """Return the proof file of the first entry of the peer's log, unverified."""
        call = _file("log/first", NOTE_MEDIA_TYPE, MAX_LOG_PROOF_BYTES)
        return await self._make(peer, call)

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        """Name the digests of all parts of an attachment."""
        call = PeerCall("POST", "attachments", body, JSON_MEDIA_TYPE)
        return _parse(await self._make(peer, call, Use.EVIDENCE), PartsReply)

    async def put_part(
        self,
        peer: AuthorityId,
        part: PartName,
        chunks: Callable[[], AsyncIterator[bytes]],
    ) -> PartReply:
        """Send a part, over connections that small messages do not wait for."""
        source = StreamedBody(chunks)
        call = PeerCall(
            "PUT",
            f"attachments/{part.message_id}/{part.aid}/{part.index}",
            body_media_type=PART_MEDIA_TYPE,
            chunks=source.given,
            headers={
                "Content-Digest": spell_content_digest(part.digest),
                "Content-Length": str(part.length),
            },
            timeout_s=self._limits.part_timeout_s,
        )
        try:
            return _parse(await self._make(peer, call, Use.EVIDENCE), PartReply)
        except UnreachableError:
            if source.failure is not None:
                raise source.failure from None
            raise

    async def _make(
        self,
        peer: AuthorityId,
        call: PeerCall,
        use: Use = Use.MESSAGES,
    ) -> bytes:
        """Return the answer's body, or raise as `PeerTransport` says."""
        return await self._reach(peer, call, take_answer, use)

    async def _reach(
        self,
        peer: AuthorityId,
        call: PeerCall,
        take: _Take[_T],
        use: Use = Use.MESSAGES,
    ) -> _T:
        """Return what `take` makes of the answer."""
        line = await self._line(peer, use)
        line.calls += 1
        timeout_s = call.timeout_s or self._limits.total_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await self._try_addresses(line, call, take)
        except TimeoutError as error:
            raise UnreachableError(
                f"timeout: no answer within {timeout_s:g} s",
            ) from error
        finally:
            line.calls -= 1
            if line.is_retired and not line.calls:
                await line.session.close()

    async def _try_addresses(
        self,
        line: Line,
        call: PeerCall,
        take: _Take[_T],
    ) -> _T:
        """Ask at one address after the other.

        A call may be made twice that way; all calls are safe to repeat.
        """
        failure = UnreachableError(NO_ADDRESS)
        for url in line.anchors.peer.urls:
            try:
                return await self._ask(line, url, call, take)
            except UnreachableError as error:
                failure = error
        raise failure

    async def _ask(
        self,
        line: Line,
        url: str,
        call: PeerCall,
        take: _Take[_T],
    ) -> _T:
        address = address_of(url, call.path)
        headers = {
            **_FIXED_HEADERS,
            "Accept": call.answer_media_type,
            **call.headers,
        }
        if call.body_media_type:
            headers["Content-Type"] = call.body_media_type
        proxy = self._proxies.towards(line.anchors.peer.proxy)
        try:
            async with line.session.request(
                call.method,
                address,
                data=call.data(),
                headers=headers,
                allow_redirects=False,
                server_hostname=line.anchors.peer.authority,
                proxy=proxy or None,
                proxy_headers=self._proxies.headers_at(proxy),
            ) as response:
                return await take(response, call)
        except aiohttp.ClientHttpProxyError as error:
            raise unreachable(error, proxy) from error
        except aiohttp.ClientResponseError as error:
            raise MalformedError("answer: not HTTP") from error
        except aiohttp.InvalidURL as error:
            raise UnreachableError(NO_ADDRESS) from error
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            # RuntimeError: a reload has closed the line under our feet.
            self._note_refusal(error, url)
            raise unreachable(error, proxy) from error

    def _note_refusal(self, error: Exception, url: str) -> None:
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            cause = error.certificate_error
            if isinstance(cause, CertificateRefusedError):
                self._strangers.note(
                    Stranger(cause.fingerprint, cause.why, url, self._clock.now()),
                )

    async def _line(self, peer: AuthorityId, use: Use) -> Line:
        async with self._changing:
            line = self._lines.get((peer, use))
            age_s = self._clock.monotonic_s() - line.made_at_s if line else 0.0
            if line and age_s < self._limits.line_age_s:
                return line
            anchors = self._trust.anchors.get(peer)
            if anchors is None:
                raise UnreachableError(f"{peer} is not an active peer")
            fresh = await self._connect(anchors)
            self._lines[peer, use] = fresh
            if line:
                await line.retire()
            return fresh

    async def _connect(self, anchors: Anchors) -> Line:
        """Return a new line; connections are made when they are needed."""
        judge = judge_of(
            anchors.peer.authority,
            lambda: self._trust,
            self._clock.now,
        )
        context = await asyncio.to_thread(
            client_context,
            self._identity,
            anchors,
            judge,
        )
        session = new_session(context, self._limits)
        return Line(anchors, session, self._clock.monotonic_s())


def _file(path: str, media_type: str, limit: int) -> PeerCall:
    """Return the call for something that is not JSON, of so many bytes at most."""
    return PeerCall("GET", path, answer_media_type=media_type, max_answer_bytes=limit)


def _parse(answer: bytes, shape: type[_T]) -> _T:
    return canonical.decode_as(answer, shape, max_bytes=MAX_REPLY_BYTES)
