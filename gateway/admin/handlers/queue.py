"""What recipients and operators do with messages: confirm, retry, cancel."""

from gateway.admin.asked import Asked
from gateway.admin.rendering import message_of
from gateway.admin.services import AdminServices
from gateway.admin.shapes import CancelRequest, Message, Retried, RetryRequest
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import parse_authority_id, parse_message_id


class QueueHandlers:
    """Acts on messages."""

    def __init__(self, services: AdminServices) -> None:
        self._queue = services.queue

    async def confirm(self, asked: Asked) -> Message:
        """Record that the recipient has taken a message."""
        return message_of(await self._queue.confirm(asked.message_id(), asked.act()))

    async def cancel(self, asked: Asked) -> Message:
        """Withdraw a message."""
        act = asked.act(asked.form(CancelRequest).reason)
        return message_of(await self._queue.cancel(asked.message_id(), act))

    async def retry(self, asked: Asked) -> Retried:
        """Try one message now."""
        due = await self._queue.retry([asked.message_id()], asked.act())
        return Retried(due=due)

    async def retry_some(self, asked: Asked) -> Retried:
        """Try some messages, or all of a peer, now."""
        form = asked.form(RetryRequest)
        if bool(form.ids) == bool(form.peer):
            raise UsageError("retry: expected either ids or peer")
        try:
            if form.peer:
                peer = parse_authority_id(form.peer)
                return Retried(due=await self._queue.retry_peer(peer, asked.act()))
            ids = [parse_message_id(one) for one in form.ids]
        except MalformedError as error:
            raise UsageError(f"retry: {error}") from error
        return Retried(due=await self._queue.retry(ids, asked.act()))
