"""What operators and recipients do with messages: confirm, retry, cancel."""

from collections.abc import Callable, Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.errors import NotFoundError
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.exchange import Exchange
from gateway.ports.messages import MessageRow


class Queue:
    """Acts on messages without seeing their content."""

    def __init__(
        self,
        exchange: Exchange,
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._wake = wake

    async def confirm(self, message_id: MessageId, act: Act) -> MessageRow:
        """Record that the recipient has taken a message; never offered as new again.

        Raises:
            NotFoundError: No such inbound message.
            ConflictError: Not in a state to be taken.
        """
        now = self._exchange.clock.now()
        return await self._exchange.store.confirm(message_id, act, now)

    async def retry(self, ids: Sequence[MessageId], act: Act) -> int:
        """Try queued messages now; return how many.

        Raises:
            NotFoundError: One of the ids is unknown.
        """
        peers = {(await self._exchange.store.message(one)).peer for one in ids}
        now = self._exchange.clock.now()
        count = await self._exchange.store.retry(ids, None, act, now)
        for peer in peers:
            self._wake(peer)
        return count

    async def retry_peer(self, peer: AuthorityId, act: Act) -> int:
        """Try everything queued for a peer now; return how many.

        Raises:
            NotFoundError: Not a configured peer.
        """
        if self._exchange.directory.peer(peer) is None:
            raise NotFoundError(f"peer: {peer} is not enrolled; use peer add")
        now = self._exchange.clock.now()
        count = await self._exchange.store.retry((), peer, act, now)
        self._wake(peer)
        return count

    async def cancel(self, message_id: MessageId, act: Act) -> MessageRow:
        """Withdraw a message that no attempt was made for.

        Raises:
            NotFoundError: No such outbound message.
            ConflictError: It was attempted; the withdrawal message is for that.
        """
        now = self._exchange.clock.now()
        row = await self._exchange.store.cancel(message_id, act, now)
        self._wake(row.peer)
        return row
