"""Methods of the exchange with each peer (port `TrafficStore`)."""

from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.traffic import PeerTraffic
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import traffic


class TrafficMethods(StoreMethods):
    """The exchange with each peer."""

    async def traffic(self, peer: AuthorityId, now: UnixMs) -> PeerTraffic:
        """Return the delivery state of a peer."""
        return await self._runner.read(lambda tx: traffic.traffic(tx, peer, now))

    async def record_failure(
        self, peer: AuthorityId, *, error: str, retry_at: UnixMs
    ) -> None:
        """Count a failed attempt and leave the peer alone until `retry_at`."""
        await self._runner.write(
            lambda tx: traffic.record_failure(tx, peer, error=error, retry_at=retry_at)
        )

    async def record_contact(self, peer: AuthorityId, now: UnixMs) -> None:
        """Clear the back-off after a success in either direction."""
        await self._runner.write(lambda tx: traffic.record_contact(tx, peer, now))

    async def record_seen(self, peer: AuthorityId, size: int) -> None:
        """Remember up to which size a peer has linked our log."""
        await self._runner.write(lambda tx: traffic.record_seen(tx, peer, size))

    async def record_card_acknowledged(self, peer: AuthorityId, number: int) -> None:
        """Remember which of our cards a peer has taken."""
        await self._runner.write(
            lambda tx: traffic.record_card_acknowledged(tx, peer, number)
        )
