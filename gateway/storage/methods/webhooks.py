"""The ports `gateway.ports.webhooks.WebhookStore` and `StreamStore`."""

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs
from gateway.core.webhooks import Disabled
from gateway.ports.webhooks import Standing, Webhook, WebhookCall
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import webhooks
from gateway.storage.transaction import Reader


class WebhookMethods(StoreMethods):
    """Keeping endpoints, and how far streams got."""

    async def add_webhook(self, webhook: Webhook, act: Act, now: UnixMs) -> Webhook:
        """Store an endpoint; it is told of what happens from now on."""
        return await self._runner.write(lambda tx: webhooks.add(tx, webhook, act, now))

    async def remove_webhook(self, name: str, act: Act, now: UnixMs) -> None:
        """Remove an endpoint with what is kept of its calls."""
        await self._runner.write(lambda tx: webhooks.remove(tx, name, act, now))

    async def rotate_webhook(
        self, name: str, sealed: bytes, *, old_until: UnixMs, act: Act, now: UnixMs
    ) -> Webhook:
        """Give an endpoint another secret; the one before is good until then."""
        return await self._runner.write(
            lambda tx: webhooks.rotate(
                tx, name, sealed, old_until=old_until, act=act, now=now
            )
        )

    async def replay_webhook(
        self, name: str, *, since: UnixMs | None, act: Act, now: UnixMs
    ) -> Webhook:
        """Let an endpoint be called again at once, also one that was disabled."""
        return await self._runner.write(
            lambda tx: webhooks.replay(tx, name, since=since, act=act, now=now)
        )

    async def webhook(self, name: str) -> Webhook:
        """Return an endpoint."""
        return await self._runner.read(lambda tx: webhooks.require_webhook(tx, name))

    async def webhooks(self) -> list[Webhook]:
        """Return all endpoints by name."""
        return await self._runner.read(lambda tx: tx.webhooks())

    async def newest_change(self) -> int:
        """Return the cursor of the newest change; 0 before the first."""
        return await self._runner.read(lambda tx: tx.newest_change())

    async def pass_over(self, number: int, *, start: int, end: int) -> None:
        """Move an endpoint on past changes that it does not ask for."""
        await self._runner.write(
            lambda tx: webhooks.pass_over(tx, number, start=start, end=end)
        )

    async def record_webhook_call(
        self, call: WebhookCall, standing: Standing, *, start: int
    ) -> None:
        """Record how a call went; one that was taken moves the endpoint on."""
        await self._runner.write(
            lambda tx: webhooks.record_call(tx, call, standing, start=start)
        )

    async def disable_webhook(self, number: int, why: Disabled, now: UnixMs) -> None:
        """Tell an endpoint nothing any more until a person says replay."""
        await self._runner.write(lambda tx: webhooks.disable(tx, number, why, now))

    async def webhook_calls(
        self, name: str, *, before: int | None, limit: int
    ) -> list[WebhookCall]:
        """Return calls of an endpoint with a number below `before`, newest first."""

        def look(tx: Reader) -> list[WebhookCall]:
            number = webhooks.require_webhook(tx, name).number
            return tx.webhook_calls(number, before, limit)

        return await self._runner.read(look)

    async def stream_position(self, name: str) -> int | None:
        """Return how far a stream got; None if it never began."""
        return await self._runner.read(lambda tx: tx.stream_position(name))

    async def put_stream_position(self, name: str, position: int) -> None:
        """Record how far a stream got."""
        await self._runner.write(lambda tx: tx.put_stream_position(name, position))
