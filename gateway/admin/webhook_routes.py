"""Routes of webhooks: endpoints of other systems that are told of every change."""

from gateway.admin import webhook_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

# What leaves the node, and whom it calls, is a matter of trust; keeping it running is
# one of queues.
_SECURITY = frozenset({Role.SECURITY})
_CONNECTIVITY = _SECURITY | {Role.OPERATOR}

_WEBHOOKS = f"{PREFIX}/webhooks"
_ONE = f"{_WEBHOOKS}/{{name}}"

WEBHOOK_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_webhooks",
        method="GET",
        path=_WEBHOOKS,
        roles=_CONNECTIVITY,
        summary="All endpoints that are told of changes",
        answer=webhook_shapes.WebhookList,
    ),
    Route(
        name="add_webhook",
        method="POST",
        path=_WEBHOOKS,
        roles=_SECURITY,
        summary="Add an endpoint; its secret is shown once",
        body=webhook_shapes.AddWebhookRequest,
        answer=webhook_shapes.IssuedWebhook,
        status=201,
        codes=("conflict",),
    ),
    Route(
        name="show_webhook",
        method="GET",
        path=_ONE,
        roles=_CONNECTIVITY,
        summary="An endpoint and how it stands",
        answer=webhook_shapes.Webhook,
    ),
    Route(
        name="remove_webhook",
        method="DELETE",
        path=_ONE,
        roles=_SECURITY,
        summary="Tell an endpoint nothing any more",
        status=204,
    ),
    Route(
        name="rotate_webhook",
        method="POST",
        path=f"{_ONE}/rotate",
        roles=_SECURITY,
        summary="Give an endpoint a new secret, shown once; the old one stays a while",
        body=webhook_shapes.RotateWebhookRequest,
        answer=webhook_shapes.IssuedWebhook,
    ),
    Route(
        name="test_webhook",
        method="POST",
        path=f"{_ONE}/test",
        roles=_CONNECTIVITY,
        summary="Call an endpoint now with an event that says it is a test",
        answer=webhook_shapes.WebhookOutcome,
    ),
    Route(
        name="replay_webhook",
        method="POST",
        path=f"{_ONE}/replay",
        roles=_CONNECTIVITY,
        summary="Call an endpoint again, from a moment or where it stands",
        body=webhook_shapes.ReplayWebhookRequest,
        answer=webhook_shapes.Webhook,
        codes=("conflict",),
    ),
    Route(
        name="webhook_calls",
        method="GET",
        path=f"{_ONE}/calls",
        roles=_CONNECTIVITY,
        summary="How calls of an endpoint went, newest first",
        query=webhook_shapes.WebhookCallsQuery,
        answer=webhook_shapes.WebhookCallPage,
    ),
)
