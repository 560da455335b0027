"""Webhooks about alerts: `alert.raised` and `alert.resolved`, for who asks for them.

An endpoint has its place in the feed of alerts beside that in the change feed. What is
told twice has the same `webhook-id`.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.alerts import AlertStep
from gateway.core.errors import UnreachableError
from gateway.core.values import NEVER
from gateway.core.webhooks import (
    ALERT_RAISED,
    ALERT_RESOLVED,
    Answer,
    told_of_alert,
)
from gateway.flows.webhooks import Webhooks
from gateway.ports.alerts import AlertEvent
from gateway.ports.webhooks import Webhook

_EVENT_OF = {
    AlertStep.RAISED: ALERT_RAISED,
    AlertStep.WORSENED: ALERT_RAISED,
    AlertStep.RESOLVED: ALERT_RESOLVED,
}


class AlertWebhook:
    """Tells one endpoint of alerts. Implements `AlertChannel`.

    Args:
        webhooks: Makes the calls.
        webhook: The endpoint.
    """

    pause_ms = 0

    def __init__(self, webhooks: Webhooks, webhook: Webhook) -> None:
        self._webhooks = webhooks
        self._webhook = webhook
        self.name = f"webhook:{webhook.name}"

    def wants(self, event: AlertEvent) -> bool:
        """Tell whether it tells of such events at all."""
        told = _EVENT_OF.get(event.step, "")
        is_new = event.at >= self._webhook.created_at
        wanted = self._webhook.events or _EVENT_OF.values()
        return is_new and told in wanted

    async def tell(self, events: Sequence[AlertEvent]) -> None:
        """Make a call for each event, in order.

        Raises:
            UnreachableError: One was not taken; those before it are told again.
        """
        for event in events:
            alert = event.alert
            is_over = event.step is AlertStep.RESOLVED
            told = told_of_alert(
                alert.number,
                replace(alert.seen, severity=event.severity),
                raised_at=alert.raised_at,
                resolved_at=event.at if is_over else NEVER,
            )
            self._check(await self._webhooks.tell(self._webhook, told))

    async def test(self) -> None:
        """Make a call that says that it is a test.

        Raises:
            UnreachableError: It was not taken.
        """
        self._check(await self._webhooks.test(self._webhook.name))

    def _check(self, answer: Answer) -> None:
        if not answer.is_taken:
            detail = answer.detail or f"answers {answer.status}"
            raise UnreachableError(f"{self.name}: {detail}")


async def alert_webhooks(webhooks: Webhooks) -> Sequence[AlertWebhook]:
    """Return a channel for each endpoint that asks for alerts."""
    return [
        AlertWebhook(webhooks, one)
        for one in await webhooks.all()
        if one.disabled is None
        and (not one.events or {ALERT_RAISED, ALERT_RESOLVED} & set(one.events))
    ]
