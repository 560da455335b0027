"""Rows of endpoints and streams, in memory."""

from dataclasses import replace

from gateway.core.values import UnixMs
from gateway.ports.webhooks import Webhook, WebhookCall
from gateway.storage.memory.tables import ONLY, Journal, Tables


class WebhookLookupMemory:
    """Verbs of `gateway.storage.webhook_verbs.WebhookLookup`."""

    _tables: Tables

    def webhook_named(self, name: str) -> Webhook | None:
        """Return an endpoint."""
        return next((one for one in self.webhooks() if one.name == name), None)

    def webhook_numbered(self, number: int) -> Webhook | None:
        """Return an endpoint."""
        return self._tables.webhook.rows.get(number)

    def webhooks(self) -> list[Webhook]:
        """Return all endpoints by name."""
        return sorted(self._tables.webhook.rows.values(), key=lambda one: one.name)

    def oldest_change(self) -> int:
        """Return the cursor of the oldest change that is kept; 0 if none is."""
        return min(self._tables.changes, default=0)

    def newest_change(self) -> int:
        """Return the cursor of the newest change there ever was; 0 before the first."""
        return self._tables.last_change[ONLY]

    def change_before(self, at: UnixMs) -> int:
        """Return the cursor of the last change before a moment; 0 if none is kept."""
        rows = self._tables.changes.items()
        return max((cursor for cursor, one in rows if one.at < at), default=0)

    def stream_position(self, name: str) -> int | None:
        """Return how far a stream got."""
        return self._tables.webhook.positions.get(name)


class WebhookReaderMemory(WebhookLookupMemory):
    """Verbs of `gateway.storage.webhook_verbs.WebhookReader`."""

    def webhook_calls(
        self, number: int, before: int | None, limit: int
    ) -> list[WebhookCall]:
        """Return calls of an endpoint with a number below `before`, newest first."""
        found = [
            call
            for call in self._tables.webhook.calls.values()
            if call.webhook == number and (before is None or call.number < before)
        ]
        return sorted(found, key=lambda call: -call.number)[:limit]


class WebhookWritesMemory(WebhookLookupMemory):
    """Verbs of `gateway.storage.webhook_verbs.WebhookWrites`."""

    _journal: Journal

    def put_webhook(self, webhook: Webhook) -> Webhook:
        """Store an endpoint and return it; one of number 0 is new and gets a number."""
        table = self._tables.webhook
        if webhook.number == 0:
            webhook = replace(webhook, number=self._next("webhook"))
        self._journal.put(table.rows, webhook.number, webhook)
        return webhook

    def drop_webhook(self, number: int) -> None:
        """Remove an endpoint with its calls."""
        table = self._tables.webhook
        for call in list(table.calls.values()):
            if call.webhook == number:
                self._journal.drop(table.calls, call.number)
        self._journal.drop(table.rows, number)

    def add_webhook_call(self, call: WebhookCall, *, keep: int) -> None:
        """Store how a call went, and only so many of the endpoint."""
        table = self._tables.webhook
        call = replace(call, number=self._next("call"))
        self._journal.put(table.calls, call.number, call)
        ours = sorted(one.number for one in table.calls.values() if _of(one, call))
        for number in ours[:-keep]:
            self._journal.drop(table.calls, number)

    def put_stream_position(self, name: str, position: int) -> None:
        """Store how far a stream got."""
        self._journal.put(self._tables.webhook.positions, name, position)

    def _next(self, kind: str) -> int:
        table = self._tables.webhook
        number = table.last[kind] + 1
        self._journal.put(table.last, kind, number)
        return number


def _of(one: WebhookCall, other: WebhookCall) -> bool:
    return one.webhook == other.webhook
