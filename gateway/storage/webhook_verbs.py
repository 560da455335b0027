"""What a database must be able to do with endpoints and streams: verbs on rows."""

from typing import Protocol

from gateway.core.values import UnixMs
from gateway.ports.webhooks import Webhook, WebhookCall


class WebhookLookup(Protocol):
    """What can be read of endpoints and streams in any transaction."""

    def webhook_named(self, name: str) -> Webhook | None:
        """Return an endpoint."""
        ...

    def webhook_numbered(self, number: int) -> Webhook | None:
        """Return an endpoint."""
        ...

    def webhooks(self) -> list[Webhook]:
        """Return all endpoints by name."""
        ...

    def oldest_change(self) -> int:
        """Return the cursor of the oldest change that is kept; 0 if none is."""
        ...

    def newest_change(self) -> int:
        """Return the cursor of the newest change there ever was; 0 before the first."""
        ...

    def change_before(self, at: UnixMs) -> int:
        """Return the cursor of the last change before a moment; 0 if none is kept."""
        ...

    def stream_position(self, name: str) -> int | None:
        """Return how far a stream got."""
        ...


class WebhookReader(WebhookLookup, Protocol):
    """What is only read."""

    def webhook_calls(
        self, number: int, before: int | None, limit: int
    ) -> list[WebhookCall]:
        """Return calls of an endpoint with a number below `before`, newest first."""
        ...


class WebhookWrites(WebhookLookup, Protocol):
    """What changes endpoints and streams."""

    def put_webhook(self, webhook: Webhook) -> Webhook:
        """Store an endpoint and return it; one of number 0 is new and gets a number."""
        ...

    def drop_webhook(self, number: int) -> None:
        """Remove an endpoint with its calls."""
        ...

    def add_webhook_call(self, call: WebhookCall, *, keep: int) -> None:
        """Store how a call went, and only so many of the endpoint."""
        ...

    def put_stream_position(self, name: str, position: int) -> None:
        """Store how far a stream got."""
        ...
