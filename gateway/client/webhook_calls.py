"""Webhooks, as calls; the companion of `calls`."""

from gateway.admin import webhook_shapes
from gateway.client.call import Call, call_of


def list_webhooks() -> Call[webhook_shapes.WebhookList]:
    """Return all endpoints that are told of changes."""
    return call_of("list_webhooks", webhook_shapes.WebhookList)


def add_webhook(
    request: webhook_shapes.AddWebhookRequest,
) -> Call[webhook_shapes.IssuedWebhook]:
    """Add an endpoint; its secret is shown this once."""
    return call_of("add_webhook", webhook_shapes.IssuedWebhook, body=request)


def show_webhook(name: str) -> Call[webhook_shapes.Webhook]:
    """Return an endpoint."""
    return call_of("show_webhook", webhook_shapes.Webhook, name=name)


def remove_webhook(name: str) -> Call[None]:
    """Tell an endpoint nothing any more."""
    return call_of("remove_webhook", type(None), name=name)


def rotate_webhook(name: str, overlap_hours: int) -> Call[webhook_shapes.IssuedWebhook]:
    """Give an endpoint a new secret, shown this once."""
    request = webhook_shapes.RotateWebhookRequest(overlap_hours=overlap_hours)
    return call_of(
        "rotate_webhook", webhook_shapes.IssuedWebhook, body=request, name=name
    )


def try_webhook(name: str) -> Call[webhook_shapes.WebhookOutcome]:
    """Call an endpoint with a test."""
    return call_of("test_webhook", webhook_shapes.WebhookOutcome, name=name, wait_s=60)


def replay_webhook(name: str, since: str = "") -> Call[webhook_shapes.Webhook]:
    """Let an endpoint be called again, from a moment or where it stands."""
    request = webhook_shapes.ReplayWebhookRequest(since=since)
    return call_of("replay_webhook", webhook_shapes.Webhook, body=request, name=name)


def webhook_calls(
    name: str, query: webhook_shapes.WebhookCallsQuery
) -> Call[webhook_shapes.WebhookCallPage]:
    """Return how calls of an endpoint went."""
    return call_of(
        "webhook_calls", webhook_shapes.WebhookCallPage, query=query, name=name
    )
