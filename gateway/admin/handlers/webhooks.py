"""Webhooks, for those who set them up and keep them running."""

from gateway.admin import webhook_shapes as shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import NEVER, UnixMs, parse_time
from gateway.core.webhooks import Answer
from gateway.flows.webhooks import IssuedSecret
from gateway.ports.webhooks import Webhook, WebhookCall

_HOUR_MS = 3_600_000


class WebhookHandlers:
    """Answers about endpoints and changes them."""

    def __init__(self, services: AdminServices) -> None:
        self._webhooks = services.webhooks
        self._store = services.exchange.store
        self._clock = services.exchange.clock

    async def list(self, _asked: Asked) -> shapes.WebhookList:
        """Return all endpoints."""
        found = await self._webhooks.all()
        newest = await self._store.newest_change()
        now = self._clock.now()
        return shapes.WebhookList(
            items=tuple(webhook_of(one, newest, now) for one in found)
        )

    async def show(self, asked: Asked) -> shapes.Webhook:
        """Return one endpoint."""
        return await self._shown(await self._webhooks.find(_name(asked)))

    async def add(self, asked: Asked) -> shapes.IssuedWebhook:
        """Add an endpoint; the answer is the only place where its secret stands."""
        form = asked.form(shapes.AddWebhookRequest)
        return await self._issued(
            await self._webhooks.add(form.name, form.url, form.events, asked.act())
        )

    async def remove(self, asked: Asked) -> None:
        """Remove an endpoint."""
        await self._webhooks.remove(_name(asked), asked.act())

    async def rotate(self, asked: Asked) -> shapes.IssuedWebhook:
        """Give an endpoint a new secret."""
        overlap_ms = asked.form(shapes.RotateWebhookRequest).overlap_hours * _HOUR_MS
        return await self._issued(
            await self._webhooks.rotate(_name(asked), overlap_ms, asked.act())
        )

    async def test(self, asked: Asked) -> shapes.WebhookOutcome:
        """Call an endpoint with a test."""
        return _outcome_of(await self._webhooks.test(_name(asked)))

    async def replay(self, asked: Asked) -> shapes.Webhook:
        """Let an endpoint be called again."""
        text = asked.form(shapes.ReplayWebhookRequest).since
        try:
            since = parse_time(text) if text else None
        except MalformedError as error:
            raise UsageError(f"since: {error}") from error
        return await self._shown(
            await self._webhooks.replay(_name(asked), since, asked.act())
        )

    async def calls(self, asked: Asked) -> shapes.WebhookCallPage:
        """Return a page of calls of an endpoint."""
        query = asked.filters(shapes.WebhookCallsQuery)
        found = await self._webhooks.calls(
            _name(asked), before=query.before or None, limit=query.limit
        )
        is_full = len(found) == query.limit
        return shapes.WebhookCallPage(
            items=tuple(map(_call_of, found)),
            next=str(found[-1].number) if is_full else "",
        )

    async def _shown(self, webhook: Webhook) -> shapes.Webhook:
        newest = await self._store.newest_change()
        return webhook_of(webhook, newest, self._clock.now())

    async def _issued(self, issued: IssuedSecret) -> shapes.IssuedWebhook:
        return shapes.IssuedWebhook(
            webhook=await self._shown(issued.webhook), secret=issued.secret.text
        )


def webhook_of(webhook: Webhook, newest: int, now: UnixMs) -> shapes.Webhook:
    """Return an endpoint as the API shows it.

    Args:
        webhook: The endpoint.
        newest: Cursor of the newest change.
        now: The time.
    """
    state = "failing" if webhook.failures else "active"
    return shapes.Webhook(
        name=webhook.name,
        url=webhook.url,
        state="disabled" if webhook.disabled else state,
        cursor=webhook.cursor,
        waiting=max(newest - webhook.cursor, 0),
        created_at=when(webhook.created_at),
        events=webhook.events,
        why=webhook.disabled.value if webhook.disabled else "",
        failures=webhook.failures,
        failing_since=when(webhook.failing_since),
        next_at=when(webhook.next_at),
        last_taken_at=when(webhook.last_taken_at),
        two_secrets_until=when(webhook.old_until if webhook.old_until > now else NEVER),
    )


def _call_of(call: WebhookCall) -> shapes.WebhookCall:
    return shapes.WebhookCall(
        call=call.number,
        at=when(call.at),
        id=call.event_id,
        event=call.event,
        attempt=call.attempt,
        outcome=_outcome_of(call.answer),
        message=call.message_id,
    )


def _outcome_of(answer: Answer) -> shapes.WebhookOutcome:
    return shapes.WebhookOutcome(
        taken=answer.is_taken,
        status=answer.status,
        detail=answer.detail,
        duration_ms=answer.duration_ms,
    )


def _name(asked: Asked) -> str:
    return asked.segments["name"]
