"""The webhooks of a node, joined."""

from dataclasses import dataclass

from gateway.config.webhooks import WebhookSettings
from gateway.flows.exchange import Exchange
from gateway.flows.webhook_calls import WebhookCalls
from gateway.flows.webhooks import Webhooks
from gateway.ports.webhooks import WebhookSecrets
from gateway.transport.webhook_client import WebhookClient, WebhookLimits

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class WebhookSide:
    """What sets endpoints up, and what tells them."""

    webhooks: Webhooks
    calls: WebhookCalls


def join_webhooks(
    exchange: Exchange, settings: WebhookSettings, secrets: WebhookSecrets
) -> WebhookSide:
    """Return the webhooks of a node.

    Raises:
        ConfigError: The file of certificate authorities can't be used.
    """
    client = WebhookClient(
        settings.origins(),
        ca=settings.ca,
        limits=WebhookLimits(total_timeout_s=float(settings.timeout_s)),
    )
    return WebhookSide(
        Webhooks(exchange, client, secrets),
        WebhookCalls(
            exchange,
            client,
            secrets,
            give_up_ms=settings.give_up_hours * _HOUR_MS,
        ),
    )
