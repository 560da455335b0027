"""A node's own home, keys and log in the hands of somebody who lies.

Runs in the test's process, on the real home of a node whose process is stopped, over
real TLS to the other node's real process.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.assembly.base import tls_trust
from gateway.assembly.node import Node, join
from gateway.assembly.storage import open_blobs, open_store
from gateway.config.reading import load_settings
from gateway.core.gossip import GossipReply
from gateway.core.missing import MissingReply
from gateway.core.protocol import (
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    PartReply,
    PartsReply,
    PingReply,
)
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.deliver import Delivery
from gateway.flows.delivery_policy import DeliveryPolicy
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import open_keyring
from gateway.ports.peers import PartName, PeerCalls, PeerTransport, VerifiedPeer
from gateway.ports.witness import WitnessAnswer


@asynccontextmanager
async def taken_over(home: Path) -> AsyncIterator[Node]:
    """Give the joined node of a home, able to call its peers."""
    settings = load_settings(home, {}).settings
    keyring = open_keyring(settings, {})
    async with open_store(settings, keyring) as store, AsyncExitStack() as stack:
        blobs = stack.enter_context(open_blobs(settings, keyring))
        node = join(HomeLayout(home), settings, keyring, store, blobs)
        await store.release_leases()
        await node.changes.load()
        await node.base.client.open(
            node.base.keys.tls_identity,
            tls_trust(node.base.directory),
        )
        await node.our_card.renew_if_due()
        try:
            yield node
        finally:
            await node.base.client.close()


@dataclass
class LyingTransport:
    """Sends something else than the node's own flows made."""

    honest: PeerTransport
    change: Callable[[bytes], bytes] = lambda body: body
    last_body: bytes = b""

    async def ping(self, peer: AuthorityId) -> PingReply:
        """Ask honestly."""
        return await self.honest.ping(peer)

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        """Offer a changed batch."""
        self.last_body = self.change(body)
        return await self.honest.deliver(peer, self.last_body)

    async def events(self, peer: AuthorityId, body: bytes) -> EventsReply:
        """Tell honestly."""
        return await self.honest.events(peer, body)

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        """Ask honestly."""
        return await self.honest.missing_numbers(peer)

    async def fetch_card(self, peer: AuthorityId) -> bytes:
        """Fetch honestly."""
        return await self.honest.fetch_card(peer)

    async def log_first(self, peer: AuthorityId) -> bytes:
        """Go on honestly."""
        return await self.honest.log_first(peer)

    async def log_seen(self, peer: AuthorityId) -> bytes:
        """Ask honestly."""
        return await self.honest.log_seen(peer)

    async def push_card(self, peer: AuthorityId, card: bytes) -> CardReply:
        """Push honestly."""
        return await self.honest.push_card(peer, card)

    async def log_consistency(
        self,
        peer: AuthorityId,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Ask honestly."""
        return await self.honest.log_consistency(peer, old_size, new_size)

    async def add_checkpoint(self, peer: AuthorityId, body: bytes) -> WitnessAnswer:
        """Ask honestly."""
        return await self.honest.add_checkpoint(peer, body)

    async def gossip(self, peer: AuthorityId, body: bytes) -> GossipReply:
        """Tell honestly."""
        return await self.honest.gossip(peer, body)

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        """Announce honestly."""
        return await self.honest.announce_parts(peer, body)

    async def put_part(
        self,
        peer: AuthorityId,
        part: PartName,
        chunks: Callable[[], AsyncIterator[bytes]],
    ) -> PartReply:
        """Send honestly."""
        return await self.honest.put_part(peer, part, chunks)


def lying_delivery(node: Node, change: Callable[[bytes], bytes]) -> Delivery:
    """Return the delivery of a node, with a transport that lies."""
    transport = LyingTransport(node.exchange.transport, change)
    exchange = replace(node.exchange, transport=transport)
    return Delivery(exchange, DeliveryPolicy(), send_evidence=lambda _peer: None)


@dataclass
class LyingAnswers:
    """Answers deliveries with something else than was done.

    Attributes:
        lies: How many answers were changed.
    """

    honest: PeerCalls
    change: Callable[[DeliveryReply], DeliveryReply]
    lies: int = 0

    async def ping(self, peer: VerifiedPeer) -> PingReply:
        """Answer honestly."""
        return await self.honest.ping(peer)

    async def deliver(self, peer: VerifiedPeer, body: bytes) -> DeliveryReply:
        """Take the batch, and lie about it."""
        reply = await self.honest.deliver(peer, body)
        self.lies += 1
        return self.change(reply)

    async def events(self, peer: VerifiedPeer, body: bytes) -> EventsReply:
        """Answer honestly."""
        return await self.honest.events(peer, body)

    async def missing_numbers(self, peer: VerifiedPeer) -> MissingReply:
        """Answer honestly."""
        return await self.honest.missing_numbers(peer)

    async def card(self, peer: VerifiedPeer) -> bytes:
        """Answer honestly."""
        return await self.honest.card(peer)

    async def accept_card(self, peer: VerifiedPeer, card: bytes) -> CardReply:
        """Answer honestly."""
        return await self.honest.accept_card(peer, card)

    async def log_consistency(
        self,
        peer: VerifiedPeer,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Answer honestly."""
        return await self.honest.log_consistency(peer, old_size, new_size)

    async def add_checkpoint(self, peer: VerifiedPeer, body: bytes) -> WitnessAnswer:
        """Answer honestly."""
        return await self.honest.add_checkpoint(peer, body)

    async def gossip(self, peer: VerifiedPeer, body: bytes) -> GossipReply:
        """Compare honestly."""
        return await self.honest.gossip(peer, body)

    async def cosigned(self, peer: VerifiedPeer, hashed_origin: str) -> bytes:
        """Answer honestly."""
        return await self.honest.cosigned(peer, hashed_origin)

    async def log_seen(self, peer: VerifiedPeer) -> bytes:
        """Answer honestly."""
        return await self.honest.log_seen(peer)

    async def log_first(self, peer: VerifiedPeer) -> bytes:
        """Go on honestly."""
        return await self.honest.log_first(peer)

    async def announce_parts(self, peer: VerifiedPeer, body: bytes) -> PartsReply:
        """Answer honestly."""
        return await self.honest.announce_parts(peer, body)

    async def parts(
        self,
        peer: VerifiedPeer,
        message_id: MessageId,
        aid: str,
    ) -> PartsReply:
        """Answer honestly."""
        return await self.honest.parts(peer, message_id, aid)

    async def put_part(
        self,
        peer: VerifiedPeer,
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> PartReply:
        """Take honestly."""
        return await self.honest.put_part(peer, part, chunks)

    async def log_checkpoint(self, peer: VerifiedPeer) -> bytes:
        """Answer honestly."""
        return await self.honest.log_checkpoint(peer)

    async def log_tile(self, peer: VerifiedPeer, path: str) -> bytes:
        """Answer honestly."""
        return await self.honest.log_tile(peer, path)
