"""Alerts: raised once for a thing, repeated, worsened, resolved; told in order."""

from dataclasses import replace

import pytest

from gateway.core.alerts import AlertPolicy, AlertStep, Condition, Severity
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import NEVER, UnixMs
from gateway.ports.alerts import AlertEvent, ChannelState
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW

POLICY = AlertPolicy(quiet_ms=600_000, repeat_ms=3_600_000)
DISK = Condition(
    name="disk-low",
    subject="disk",
    severity=Severity.WARNING,
    text="1 MiB free",
    remedy="free some disk",
)
PEER = replace(DISK, name="peer-unreachable", subject="moj.fr")


async def look(
    store: TransactionalStore,
    *seen: Condition,
    after_s: int = 0,
    since: int = 0,
) -> list[AlertEvent]:
    now = UnixMs(NOW + after_s * 1000)
    steps = await store.observe_alerts(
        seen, policy=POLICY, since=UnixMs(since), now=now
    )
    return list(steps)


def told(events: list[AlertEvent]) -> list[tuple[str, str]]:
    return [(event.step.value, event.alert.seen.name) for event in events]


async def test_what_is_seen_again_is_one_alert(store: TransactionalStore) -> None:
    first = await look(store, DISK, PEER)
    again = await look(store, DISK, replace(PEER, text="other"), after_s=60)

    assert told(first) == [("raised", "disk-low"), ("raised", "peer-unreachable")]
    assert again == []
    newest, oldest = await store.alerts(is_open=True, before=None, limit=10)
    assert (oldest.seen, oldest.raised_at) == (DISK, NOW)
    assert (newest.seen.text, newest.seen_at) == ("other", NOW + 60_000)
    counts = await store.open_alert_counts()
    assert counts == {
        ("disk-low", Severity.WARNING): 1,
        ("peer-unreachable", Severity.WARNING): 1,
    }


async def test_what_is_gone_for_long_enough_is_resolved(
    store: TransactionalStore,
) -> None:
    await look(store, DISK)

    assert await look(store, after_s=599) == []
    # A process that has just started could not see it before.
    assert await look(store, after_s=700, since=NOW + 200_000) == []
    (event,) = await look(store, after_s=600)

    assert (event.step, event.at) == (AlertStep.RESOLVED, NOW + 600_000)
    assert await store.open_alert_counts() == {}
    (alert,) = await store.alerts(is_open=False, before=None, limit=10)
    assert (alert.resolved_at, alert.repeat_at) == (NOW + 600_000, NEVER)
    assert alert == event.alert
    assert await store.alerts(is_open=None, before=alert.number, limit=10) == []
    assert told(await look(store, DISK, after_s=700)) == [("raised", "disk-low")]


async def test_people_are_reminded_less_and_less(store: TransactionalStore) -> None:
    await look(store, DISK)
    repeated = [
        hour
        for hour in range(1, 40)
        if told(await look(store, DISK, after_s=hour * 3600))
    ]

    assert repeated == [1, 3, 7, 15, 23, 31, 39]


async def test_who_knows_is_not_reminded_until_it_gets_worse(
    store: TransactionalStore,
) -> None:
    (raised,) = await look(store, DISK)
    number = raised.alert.number
    known = await store.acknowledge_alert(number, "kask", UnixMs(NOW + 1))
    same = await store.acknowledge_alert(number, "saar", UnixMs(NOW + 2))

    assert (known.acknowledged_by, known.acknowledged_at) == ("kask", NOW + 1)
    assert same == known
    assert await look(store, DISK, after_s=90_000) == []
    worse = replace(DISK, severity=Severity.CRITICAL)
    (event,) = await look(store, worse, after_s=90_060)
    assert (event.step, event.severity) == (AlertStep.WORSENED, Severity.CRITICAL)
    assert event.alert.acknowledged_by == ""
    # Getting better is no news while it is not well.
    assert await look(store, DISK, after_s=90_120) == []


async def test_only_open_alerts_are_acknowledged(store: TransactionalStore) -> None:
    with pytest.raises(NotFoundError):
        await store.acknowledge_alert(1, "kask", NOW)
    (raised,) = await look(store, DISK)
    await look(store, after_s=600)
    with pytest.raises(ConflictError):
        await store.acknowledge_alert(raised.alert.number, "kask", NOW)


async def test_the_feed_keeps_the_order_of_steps(store: TransactionalStore) -> None:
    await look(store, DISK)
    await look(store, PEER, after_s=600)

    events = await store.alert_events(after=0, limit=10)
    assert told(events) == [
        ("raised", "disk-low"),
        ("raised", "peer-unreachable"),
        ("resolved", "disk-low"),
    ]
    assert [event.number for event in events] == sorted(
        {event.number for event in events}
    )
    # An alert stands there as it is by now.
    assert events[0].alert == events[2].alert
    assert not events[0].alert.is_open
    rest = await store.alert_events(after=events[0].number, limit=1)
    assert rest == events[1:2]


async def test_a_channel_keeps_its_place(store: TransactionalStore) -> None:
    assert await store.alert_channel("mail") == ChannelState(name="mail")
    state = ChannelState(
        name="mail", cursor=7, failures=2, next_at=NOW, error="unreachable"
    )
    await store.put_alert_channel(state)
    assert await store.alert_channel("mail") == state
    await store.put_alert_channel(replace(state, cursor=9))
    assert (await store.alert_channel("mail")).cursor == 9


async def test_old_alerts_go_with_their_steps(store: TransactionalStore) -> None:
    await look(store, DISK, PEER)
    await look(store, PEER, after_s=600)
    await look(store, PEER, DISK, after_s=700)

    assert await store.prune_alerts(UnixMs(NOW + 600_000)) == 0
    assert await store.prune_alerts(UnixMs(NOW + 600_001)) == 1
    left = await store.alerts(is_open=None, before=None, limit=10)
    assert [alert.seen.name for alert in left] == ["disk-low", "peer-unreachable"]
    events = await store.alert_events(after=0, limit=10)
    assert told(events) == [("raised", "peer-unreachable"), ("raised", "disk-low")]
