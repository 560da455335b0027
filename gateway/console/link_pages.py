"""The pages of other systems: webhooks."""

from typing import Final

from gateway.console.handlers import webhooks
from gateway.console.language import mark
from gateway.console.page import Entry, Page

_ONE: Final = f"{webhooks.WEBHOOKS}/{{name}}"

LINK_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="webhooks",
        path=webhooks.WEBHOOKS,
        needs=("list_webhooks",),
        answer=webhooks.webhooks,
        menu=Entry(label=mark("Webhooks"), group="network", place=80),
    ),
    Page(
        name="webhook-add",
        method="POST",
        path=webhooks.WEBHOOKS,
        needs=("add_webhook",),
        answer=webhooks.add,
    ),
    Page(
        name="webhook",
        path=_ONE,
        needs=("show_webhook", "webhook_calls"),
        answer=webhooks.webhook,
    ),
    Page(
        name="webhook-test",
        method="POST",
        path=f"{_ONE}/test",
        needs=("test_webhook",),
        answer=webhooks.test,
    ),
    Page(
        name="webhook-replay",
        method="POST",
        path=f"{_ONE}/replay",
        needs=("replay_webhook",),
        answer=webhooks.replay,
    ),
    Page(
        name="webhook-rotate",
        method="POST",
        path=f"{_ONE}/rotate",
        needs=("rotate_webhook",),
        answer=webhooks.rotate,
    ),
    Page(
        name="webhook-remove",
        method="POST",
        path=f"{_ONE}/remove",
        needs=("remove_webhook",),
        answer=webhooks.remove,
    ),
)
