"""Webhooks through the API."""

import pytest

from gateway.admin.webhook_shapes import AddWebhookRequest, WebhookCallsQuery
from gateway.client.webhook_calls import (
    add_webhook,
    list_webhooks,
    remove_webhook,
    replay_webhook,
    rotate_webhook,
    show_webhook,
    try_webhook,
    webhook_calls,
)
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.core.webhooks import parse_secret
from tests.support.admin_api import AdminNode

CMS = AddWebhookRequest(
    name="cms", url="https://cms.invalid/hook", events=("message.opened",)
)


async def test_an_endpoint_is_added_shown_and_removed(node: AdminNode) -> None:
    async with node.client("security") as client:
        issued = await client.send(add_webhook(CMS))
        assert len(parse_secret(issued.secret).raw) == 32
        assert issued.webhook.state == "active"
        shown = await client.send(show_webhook("cms"))
        assert shown == issued.webhook
        assert (await client.send(list_webhooks())).items == (shown,)
        with pytest.raises(ConflictError):
            await client.send(add_webhook(CMS))
        await client.send(remove_webhook("cms"))
        assert (await client.send(list_webhooks())).items == ()
        with pytest.raises(NotFoundError):
            await client.send(show_webhook("cms"))


async def test_a_test_tells_what_went_wrong(node: AdminNode) -> None:
    async with node.client("security") as client:
        await client.send(add_webhook(CMS))
    async with node.client("operator") as client:
        outcome = await client.send(try_webhook("cms"))
        assert (outcome.taken, outcome.status) == (False, 0)
        assert outcome.detail == "name resolution: cms.invalid is not known"
        query = WebhookCallsQuery(limit=1)
        page = await client.send(webhook_calls("cms", query))
        assert page.items[0].event == "webhook.test"
        assert page.items[0].outcome.detail == outcome.detail
        assert page.next == str(page.items[0].call)
        after = WebhookCallsQuery(before=int(page.next))
        assert (await client.send(webhook_calls("cms", after))).items == ()


async def test_a_secret_is_rotated_and_a_replay_begun(node: AdminNode) -> None:
    async with node.client("security") as client:
        first = await client.send(add_webhook(CMS))
        second = await client.send(rotate_webhook("cms", 24))
        assert first.secret != second.secret
        assert second.webhook.two_secrets_until
        third = await client.send(rotate_webhook("cms", 0))
        assert not third.webhook.two_secrets_until
        assert (await client.send(replay_webhook("cms"))).state == "active"
        with pytest.raises(UsageError, match="since"):
            await client.send(replay_webhook("cms", "yesterday"))


async def test_only_security_says_whom_the_node_calls(node: AdminNode) -> None:
    async with node.client("operator") as client:
        with pytest.raises(NotAllowedError):
            await client.send(add_webhook(CMS))
        with pytest.raises(NotAllowedError):
            await client.send(rotate_webhook("cms", 1))
        with pytest.raises(NotAllowedError):
            await client.send(remove_webhook("cms"))
        assert (await client.send(list_webhooks())).items == ()
    async with node.client("caseworker") as client:
        with pytest.raises(NotAllowedError):
            await client.send(list_webhooks())


async def test_private_targets_and_odd_events_are_refused(node: AdminNode) -> None:
    async with node.client("security") as client:
        for request in (
            AddWebhookRequest(name="cms", url="https://127.0.0.1:8444/"),
            AddWebhookRequest(name="cms", url="http://cms.invalid/"),
            AddWebhookRequest(name="cms", url=CMS.url, events=("message.read",)),
        ):
            with pytest.raises(UsageError):
                await client.send(add_webhook(request))
