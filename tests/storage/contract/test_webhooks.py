"""Endpoints: their place in the feed, their calls, their end."""

from dataclasses import replace

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import MAX_WEBHOOKS, Answer, Disabled
from gateway.ports.alarms import AlarmFilter
from gateway.ports.webhooks import Standing, Webhook, WebhookCall
from gateway.storage.operations.webhooks import KEPT_CALLS
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, outbound

SEC = Act("kask", "security")
CMS = Webhook(
    name="cms",
    url="https://cases.example.org/hook/secret",
    events=("message.delivered", "message.received"),
    sealed_secret=b"one",
    created_at=NOW,
)
SOON = UnixMs(NOW + 60_000)


def call_of(webhook: Webhook, cursor: int, status: int = 200) -> WebhookCall:
    return WebhookCall(
        webhook=webhook.number,
        at=SOON,
        event_id=f"evt_{cursor}",
        event="message.queued",
        cursor=cursor,
        message_id="m",
        attempt=webhook.failures + 1,
        answer=Answer(status=status, detail="" if status == 200 else "no"),
    )


async def _kinds(store: TransactionalStore) -> list[str]:
    entries = await store.entries(0, 100)
    return [one.kind for one in entries if one.kind.startswith("admin.")]


async def test_an_endpoint_is_told_of_what_happens_after_it_was_added(
    store: TransactionalStore,
) -> None:
    await store.accept(outbound(), NOW)
    added = await store.add_webhook(CMS, SEC, NOW)
    assert added.cursor == 1
    assert added.number > 0
    await store.accept(outbound(), NOW)
    assert [one.cursor for one in await store.changes(added.cursor, 9)] == [2]
    assert await store.newest_change() == 2
    assert await store.webhook("cms") == added
    assert await store.webhooks() == [added]
    assert await _kinds(store) == ["admin.webhook-add"]


async def test_names_are_used_once_and_there_is_an_end(
    store: TransactionalStore,
) -> None:
    first = await store.add_webhook(CMS, SEC, NOW)
    with pytest.raises(ConflictError, match="is there already"):
        await store.add_webhook(CMS, SEC, NOW)
    for number in range(1, MAX_WEBHOOKS):
        await store.add_webhook(replace(CMS, name=f"b{number}"), SEC, NOW)
    with pytest.raises(ConflictError, match="at most"):
        await store.add_webhook(replace(CMS, name="zz"), SEC, NOW)
    await store.remove_webhook("cms", SEC, NOW)
    again = await store.add_webhook(CMS, SEC, NOW)
    assert again.number > first.number


async def test_what_is_not_there_is_not_found(store: TransactionalStore) -> None:
    with pytest.raises(NotFoundError):
        await store.webhook("cms")
    with pytest.raises(NotFoundError):
        await store.remove_webhook("cms", SEC, NOW)
    with pytest.raises(NotFoundError):
        await store.rotate_webhook("cms", b"x", old_until=SOON, act=SEC, now=NOW)
    with pytest.raises(NotFoundError):
        await store.replay_webhook("cms", since=None, act=SEC, now=NOW)
    with pytest.raises(NotFoundError):
        await store.webhook_calls("cms", before=None, limit=1)


async def test_a_call_that_was_taken_moves_an_endpoint_on(
    store: TransactionalStore,
) -> None:
    cms = await store.add_webhook(CMS, SEC, NOW)
    await store.accept(outbound(), NOW)
    failed = call_of(cms, 1, 500)
    await store.record_webhook_call(failed, Standing(next_at=SOON), start=0)
    after = await store.webhook("cms")
    assert (after.cursor, after.failures) == (0, 1)
    assert (after.failing_since, after.next_at) == (SOON, SOON)
    await store.record_webhook_call(call_of(after, 1), Standing(), start=0)
    after = await store.webhook("cms")
    assert (after.cursor, after.failures, after.failing_since) == (1, 0, NEVER)
    assert (after.next_at, after.last_taken_at) == (NEVER, SOON)
    calls = await store.webhook_calls("cms", before=None, limit=9)
    assert [(one.answer.status, one.attempt) for one in calls] == [(200, 2), (500, 1)]
    older = await store.webhook_calls("cms", before=calls[0].number, limit=9)
    assert older == calls[1:]
    assert older[0].answer.detail == "no"


async def test_what_was_overtaken_moves_nothing(store: TransactionalStore) -> None:
    cms = await store.add_webhook(CMS, SEC, NOW)
    await store.record_webhook_call(call_of(cms, 3), Standing(), start=2)
    assert (await store.webhook("cms")).cursor == 0
    await store.record_webhook_call(call_of(cms, 0, 500), Standing(), start=0)
    assert (await store.webhook("cms")).failures == 0
    await store.pass_over(cms.number, start=1, end=5)
    assert (await store.webhook("cms")).cursor == 0
    await store.pass_over(cms.number, start=0, end=5)
    assert (await store.webhook("cms")).cursor == 5
    await store.remove_webhook("cms", SEC, NOW)
    await store.record_webhook_call(call_of(cms, 6), Standing(), start=5)
    await store.pass_over(cms.number, start=5, end=6)
    await store.disable_webhook(cms.number, Disabled.FORGOTTEN, NOW)
    assert await store.webhooks() == []


async def test_disabling_raises_an_alarm_at_once(store: TransactionalStore) -> None:
    cms = await store.add_webhook(CMS, SEC, NOW)
    gone = Standing(disabled=Disabled.GONE)
    await store.record_webhook_call(call_of(cms, 1, 410), gone, start=0)
    after = await store.webhook("cms")
    assert after.disabled is Disabled.GONE
    await store.disable_webhook(cms.number, Disabled.FORGOTTEN, SOON)
    await store.record_webhook_call(call_of(after, 1), Standing(), start=0)
    assert (await store.webhook("cms")).disabled is Disabled.GONE
    alarms = await store.alarms(AlarmFilter(), before=None, limit=9)
    assert [one.new.kind.value for one in alarms] == ["webhook-disabled"]
    assert alarms[0].new.subject.startswith("cms:")
    on = await store.replay_webhook("cms", since=None, act=SEC, now=SOON)
    assert (on.disabled, on.failures, on.failing_since) == (None, 0, NEVER)
    assert await _kinds(store) == [
        "admin.webhook-add",
        "admin.webhook-disable",
        "admin.alarm-raise",
        "admin.webhook-replay",
    ]


async def test_a_replay_begins_at_a_moment(store: TransactionalStore) -> None:
    await store.accept(outbound(), NOW)
    await store.accept(outbound(), SOON)
    cms = await store.add_webhook(CMS, SEC, SOON)
    assert cms.cursor == 2

    async def cursor(since: int) -> int:
        moment = UnixMs(since)
        return (
            await store.replay_webhook("cms", since=moment, act=SEC, now=SOON)
        ).cursor

    assert await cursor(NOW) == 0
    assert await cursor(SOON) == 1
    assert await cursor(SOON + 1) == 2
    assert await cursor(1) == 0


async def test_what_the_feed_forgot_is_said(store: TransactionalStore) -> None:
    cms = await store.add_webhook(CMS, SEC, NOW)
    for _ in range(3):
        await store.accept(outbound(), NOW)
    await store.accept(outbound(), SOON)
    assert await store.prune_changes(SOON) == 3
    with pytest.raises(ConflictError, match="3 changes"):
        await store.replay_webhook("cms", since=None, act=SEC, now=SOON)
    assert await store.webhook("cms") == cms
    on = await store.replay_webhook("cms", since=NOW, act=SEC, now=SOON)
    assert on.cursor == 3
    await store.prune_changes(UnixMs(SOON + 1))
    on = await store.replay_webhook("cms", since=NOW, act=SEC, now=SOON)
    assert on.cursor == 4


async def test_rotation_keeps_the_old_secret_for_a_while(
    store: TransactionalStore,
) -> None:
    await store.add_webhook(CMS, SEC, NOW)
    after = await store.rotate_webhook("cms", b"two", old_until=SOON, act=SEC, now=NOW)
    assert (after.sealed_secret, after.sealed_old_secret) == (b"two", b"one")
    assert after.old_until == SOON
    after = await store.rotate_webhook("cms", b"x", old_until=NEVER, act=SEC, now=NOW)
    assert (after.sealed_secret, after.sealed_old_secret) == (b"x", b"")
    assert after.old_until == NEVER
    assert await store.webhook("cms") == after


async def test_only_the_newest_calls_are_kept(store: TransactionalStore) -> None:
    cms = await store.add_webhook(CMS, SEC, NOW)
    other = await store.add_webhook(replace(CMS, name="other"), SEC, NOW)
    await store.record_webhook_call(call_of(other, 1), Standing(), start=0)
    for cursor in range(1, KEPT_CALLS + 4):
        await store.record_webhook_call(call_of(cms, cursor), Standing(), start=0)
    calls = await store.webhook_calls("cms", before=None, limit=500)
    assert len(calls) == KEPT_CALLS
    assert calls[-1].cursor == 4
    assert len(await store.webhook_calls("other", before=None, limit=9)) == 1


async def test_streams_keep_their_places(store: TransactionalStore) -> None:
    assert await store.stream_position("siem") is None
    await store.put_stream_position("siem", 7)
    await store.put_stream_position("siem", 9)
    assert await store.stream_position("siem") == 9
    assert await store.stream_position("other") is None
