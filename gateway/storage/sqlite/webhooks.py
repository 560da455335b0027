"""Rows of endpoints and streams."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.core.values import UnixMs
from gateway.core.webhooks import Answer, Disabled
from gateway.ports.webhooks import Webhook, WebhookCall
from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.running import Running

# Beyond every number of a call.
_NEWEST = 2**62


class WebhookLookupSql(Running):
    """Verbs of `gateway.storage.webhook_verbs.WebhookLookup`."""

    def webhook_named(self, name: str) -> Webhook | None:
        """Return an endpoint."""
        return _first(self._rows("webhook_named", (name,)))

    def webhook_numbered(self, number: int) -> Webhook | None:
        """Return an endpoint."""
        return _first(self._rows("webhook_numbered", (number,)))

    def webhooks(self) -> list[Webhook]:
        """Return all endpoints by name."""
        return [_webhook(row) for row in self._rows("webhooks")]

    def oldest_change(self) -> int:
        """Return the cursor of the oldest change that is kept; 0 if none is."""
        return self._number("oldest_change") or 0

    def newest_change(self) -> int:
        """Return the cursor of the newest change there ever was; 0 before the first."""
        for _, last_change in self._rows("counters"):
            return int(last_change)
        return 0

    def change_before(self, at: UnixMs) -> int:
        """Return the cursor of the last change before a moment; 0 if none is kept."""
        return self._number("change_before", (at,)) or 0

    def stream_position(self, name: str) -> int | None:
        """Return how far a stream got."""
        return self._number("stream_position", (name,))

    def _number(self, query: str, params: Params = ()) -> int | None:
        for (number,) in self._rows(query, params):
            return int(number)
        return None


class WebhookReaderSql(WebhookLookupSql):
    """Verbs of `gateway.storage.webhook_verbs.WebhookReader`."""

    def webhook_calls(
        self, number: int, before: int | None, limit: int
    ) -> list[WebhookCall]:
        """Return calls of an endpoint with a number below `before`, newest first."""
        end = _NEWEST if before is None else before
        return [
            WebhookCall(
                number=row[0],
                webhook=row[1],
                at=UnixMs(row[2]),
                event_id=row[3],
                event=row[4],
                cursor=row[5],
                message_id=row[6],
                attempt=row[7],
                answer=Answer(status=row[8], detail=row[9], duration_ms=row[10]),
            )
            for row in self._rows("webhook_calls", (number, end, limit))
        ]


class WebhookWritesSql(WebhookLookupSql):
    """Verbs of `gateway.storage.webhook_verbs.WebhookWrites`."""

    _last_change: int

    def newest_change(self) -> int:
        """Return the cursor of the newest change, those of this transaction counted."""
        return self._last_change

    def put_webhook(self, webhook: Webhook) -> Webhook:
        """Store an endpoint and return it; one of number 0 is new and gets a number."""
        disabled = "" if webhook.disabled is None else webhook.disabled.value
        standing: Params = (
            webhook.sealed_secret,
            webhook.sealed_old_secret,
            webhook.old_until,
            webhook.cursor,
            webhook.failures,
            webhook.failing_since,
            webhook.next_at,
            disabled,
            webhook.last_taken_at,
        )
        if webhook.number:
            self._write("update_webhook", (*standing, webhook.number))
            return webhook
        cursor = self._write(
            "add_webhook",
            (
                webhook.name,
                webhook.url,
                " ".join(webhook.events),
                webhook.created_at,
                *standing,
            ),
        )
        return replace(webhook, number=cursor.lastrowid or 0)

    def drop_webhook(self, number: int) -> None:
        """Remove an endpoint with its calls."""
        self._write("drop_webhook_calls", (number,))
        self._write("drop_webhook", (number,))

    def add_webhook_call(self, call: WebhookCall, *, keep: int) -> None:
        """Store how a call went, and only so many of the endpoint."""
        self._write(
            "add_webhook_call",
            (
                call.webhook,
                call.at,
                call.event_id,
                call.event,
                call.cursor,
                call.message_id,
                call.attempt,
                call.answer.status,
                call.answer.detail,
                call.answer.duration_ms,
            ),
        )
        self._write("trim_webhook_calls", (call.webhook, call.webhook, keep))

    def put_stream_position(self, name: str, position: int) -> None:
        """Store how far a stream got."""
        self._write("put_stream_position", (name, position))


def _first(rows: Iterable[Sequence[SqlValue]]) -> Webhook | None:
    return next((_webhook(row) for row in rows), None)


def _webhook(row: Sequence[SqlValue]) -> Webhook:
    disabled = str(row[12])
    return Webhook(
        number=_int(row[0]),
        name=str(row[1]),
        url=str(row[2]),
        events=tuple(str(row[3]).split()),
        sealed_secret=_bytes(row[4]),
        sealed_old_secret=_bytes(row[5]),
        old_until=UnixMs(_int(row[6])),
        created_at=UnixMs(_int(row[7])),
        cursor=_int(row[8]),
        failures=_int(row[9]),
        failing_since=UnixMs(_int(row[10])),
        next_at=UnixMs(_int(row[11])),
        disabled=Disabled(disabled) if disabled else None,
        last_taken_at=UnixMs(_int(row[13])),
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0


def _bytes(value: SqlValue) -> bytes:
    return value if isinstance(value, bytes) else b""
