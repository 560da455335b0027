"""Alarms: raised once, asked of one after another, claimed, resolved for good."""

from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.values import NEVER, UnixMs
from gateway.ports.alarms import Alarm, AlarmFilter, AlarmKind, NewAlarm, Outcome
from gateway.ports.outbox import NewOutbound
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    deliver,
    held_draft,
    index_of,
    new_id,
    outbound,
)

NODE = Act("node", "node")
KASK = Act("kask", "caseworker")
SAAR = Act("saar", "caseworker")
LATER = UnixMs(NOW + 600_000)

OVERDUE = NewAlarm(
    kind=AlarmKind.DEADLINE_OVERDUE,
    subject="D01:message",
    case_id="case-1",
    peer=PEER,
    owner=PEER,
    rule="D01",
    due=UnixMs(NOW - 1),
)


def emergency(peer: str = PEER, msg_type: str = "EMR_REQ") -> NewOutbound:
    index = replace(index_of(), urgency="EMERGENCY", msg_type=msg_type)
    return outbound(OTHER_PEER if peer == OTHER_PEER else PEER, index=index)


async def raised(
    store: TransactionalStore, new: NewAlarm = OVERDUE, act: Act = NODE
) -> Alarm:
    alarm = await store.raise_alarm(new, act, NOW)
    assert alarm is not None
    return alarm


async def last_leaf(store: TransactionalStore) -> JsonObject:
    head = await store.log_head()
    (entry,) = await store.entries(head.size - 1, 1)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    return leaf


async def size(store: TransactionalStore) -> int:
    return (await store.log_head()).size


async def test_an_alarm_is_raised_once_with_its_entry(
    store: TransactionalStore,
) -> None:
    alarm = await raised(store)

    assert (alarm.new, alarm.raised_at, alarm.raised_by) == (OVERDUE, NOW, "")
    assert alarm.is_open
    assert alarm.tell_at == NOW
    assert await store.alarm(alarm.number) == alarm
    leaf = await last_leaf(store)
    assert (leaf["k"], leaf["res"], leaf["peer"]) == (
        "admin.alarm-raise",
        "deadline-overdue",
        PEER,
    )
    assert leaf["i"] == alarm.log_index
    assert b"case-1" not in canonical.encode(leaf)

    assert await store.raise_alarm(OVERDUE, NODE, LATER) is None
    assert await size(store) == 1


async def test_what_was_resolved_is_not_raised_again(
    store: TransactionalStore,
) -> None:
    alarm = await raised(store)
    await store.resolve_alarm(alarm.number, KASK, LATER)

    assert await store.raise_alarm(OVERDUE, NODE, LATER) is None
    other = replace(OVERDUE, kind=AlarmKind.DEADLINE_AHEAD)
    assert await store.raise_alarm(other, NODE, LATER) is not None


async def test_one_person_looks_after_an_alarm(store: TransactionalStore) -> None:
    alarm = await raised(store)

    claimed = await store.claim_alarm(alarm.number, KASK, LATER)

    assert (claimed.claimed_by, claimed.claimed_at) == ("kask", LATER)
    assert claimed.tell_at == NEVER
    assert (await last_leaf(store))["k"] == "admin.alarm-claim"
    assert await store.claim_alarm(alarm.number, KASK, LATER) == claimed
    assert await size(store) == 2
    with pytest.raises(ConflictError, match="kask looks after it"):
        await store.claim_alarm(alarm.number, SAAR, LATER)


async def test_a_person_resolves_an_alarm_for_good(store: TransactionalStore) -> None:
    alarm = await raised(store)

    done = await store.resolve_alarm(alarm.number, SAAR, LATER)

    assert (done.resolved_by, done.resolved_at) == ("saar", LATER)
    assert done.outcome is Outcome.DONE
    assert done.tell_at == NEVER
    assert (await last_leaf(store))["k"] == "admin.alarm-resolve"
    for again in (store.resolve_alarm, store.claim_alarm):
        with pytest.raises(ConflictError, match="was resolved"):
            await again(alarm.number, KASK, LATER)
    assert not await store.withdraw_alarm(alarm.number, NODE, LATER)


async def test_an_alarm_whose_reason_is_gone_is_withdrawn(
    store: TransactionalStore,
) -> None:
    alarm = await raised(store)

    assert await store.withdraw_alarm(alarm.number, NODE, LATER)

    assert (await store.alarm(alarm.number)).outcome is Outcome.GONE
    assert not await store.withdraw_alarm(99, NODE, LATER)


async def test_nobody_reviews_what_they_did_themselves(
    store: TransactionalStore,
) -> None:
    review = replace(OVERDUE, kind=AlarmKind.BREAK_GLASS_REVIEW)
    alarm = await raised(store, review, KASK)
    before = await size(store)

    assert alarm.raised_by == "kask"
    with pytest.raises(NotAllowedError, match="another person"):
        await store.resolve_alarm(alarm.number, KASK, LATER)
    assert await size(store) == before
    assert (await store.resolve_alarm(alarm.number, SAAR, LATER)).outcome is (
        Outcome.DONE
    )


async def test_what_is_not_there(store: TransactionalStore) -> None:
    for ask in (store.claim_alarm, store.resolve_alarm):
        with pytest.raises(NotFoundError, match="alarm 7"):
            await ask(7, KASK, NOW)
    with pytest.raises(NotFoundError):
        await store.alarm(7)
    await store.told_of_alarm(7, tell_at=NOW, again_at=NEVER)
    assert not await store.ask_person(7, "x", asked=0, act=NODE, now=NOW)


async def test_persons_are_asked_one_after_another(store: TransactionalStore) -> None:
    number = (await raised(store)).number

    assert await store.ask_person(number, "first", asked=0, act=NODE, now=NOW)
    assert not await store.ask_person(number, "other", asked=0, act=NODE, now=NOW)
    assert await store.ask_person(number, "second", asked=1, act=NODE, now=LATER)

    alarm = await store.alarm(number)
    assert (alarm.person, alarm.asked, alarm.asked_at) == ("second", 2, LATER)
    assert alarm.tell_at == LATER
    assert (await last_leaf(store))["k"] == "admin.alarm-ask"
    await store.claim_alarm(number, KASK, LATER)
    assert not await store.ask_person(number, "third", asked=2, act=NODE, now=LATER)


async def test_telling_is_recorded_unless_there_is_more_to_tell(
    store: TransactionalStore,
) -> None:
    number = (await raised(store)).number

    await store.told_of_alarm(number, tell_at=NOW, again_at=LATER)
    failed = await store.alarm(number)
    assert (failed.tell_at, failed.tries) == (LATER, 1)

    await store.ask_person(number, "first", asked=0, act=NODE, now=UnixMs(NOW + 5))
    await store.told_of_alarm(number, tell_at=LATER, again_at=NEVER)
    asked = await store.alarm(number)
    assert (asked.tell_at, asked.tries) == (NOW + 5, 0)

    await store.told_of_alarm(number, tell_at=asked.tell_at, again_at=NEVER)
    assert (await store.alarm(number)).tell_at == NEVER


async def test_an_alarm_may_tell_nobody(store: TransactionalStore) -> None:
    alarm = await raised(store, replace(OVERDUE, tells=False))

    assert alarm.tell_at == NEVER
    assert await store.alarm(alarm.number) == alarm


async def test_lists_and_counts(store: TransactionalStore) -> None:
    numbers = [
        (await raised(store, replace(OVERDUE, subject=f"D01:{n}"))).number
        for n in range(3)
    ]
    other = await raised(
        store,
        NewAlarm(kind=AlarmKind.EMERGENCY, subject="m", peer=OTHER_PEER),
    )
    await store.claim_alarm(numbers[1], KASK, NOW)
    await store.resolve_alarm(numbers[0], KASK, NOW)

    async def listed(**wanted: str | bool) -> list[int]:
        found = await store.alarms(AlarmFilter(**wanted), before=None, limit=9)  # type: ignore[arg-type]
        return [one.number for one in found]

    assert await listed() == [other.number, *reversed(numbers)]
    assert await listed(is_open=False) == [numbers[0]]
    assert await listed(is_open=True, kind="deadline-overdue") == numbers[:0:-1]
    assert await listed(case_id="case-1", is_open=True) == numbers[:0:-1]
    assert await listed(peer=OTHER_PEER) == [other.number]
    page = await store.alarms(AlarmFilter(), before=numbers[2], limit=1)
    assert [one.number for one in page] == [numbers[1]]
    opened = await store.open_alarms(after=numbers[1], limit=1)
    assert [one.number for one in opened] == [numbers[2]]
    assert await store.open_alarm_counts() == {
        ("deadline-overdue", True): 1,
        ("deadline-overdue", False): 1,
        ("emergency", False): 1,
    }


async def test_a_missing_receipt_is_put_on_record(store: TransactionalStore) -> None:
    sent = await store.accept(outbound(), NOW)
    before = await size(store)
    alarm = await raised(
        store,
        NewAlarm(
            kind=AlarmKind.RECEIPT_OVERDUE,
            subject=sent.id,
            message_id=sent.id,
            peer=PEER,
            lacking="receipt",
        ),
    )

    assert alarm.lack_index == before
    (entry,) = await store.entries(before, 1)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    assert leaf["k"] == "msg.unreceived"
    assert (leaf["m"], leaf["peer"], leaf["res"]) == (sent.id, PEER, "receipt")
    assert (leaf["ref"], leaf["count"]) == (0, 0)
    assert await store.log_indices(sent.id) == [0, before]


async def test_nothing_is_put_on_record_of_no_message(
    store: TransactionalStore,
) -> None:
    new = NewAlarm(
        kind=AlarmKind.RECEIPT_OVERDUE,
        subject="none",
        message_id=new_id(),
        lacking="receipt",
    )
    with pytest.raises(NotFoundError):
        await store.raise_alarm(new, NODE, NOW)

    assert await size(store) == 0
    assert await store.alarms(AlarmFilter(), before=None, limit=9) == []


async def test_emergencies_without_an_alarm(store: TransactionalStore) -> None:
    first, second, receipt = (
        emergency(),
        emergency(OTHER_PEER, "STS"),
        emergency(msg_type="ACK"),
    )
    for offset, message in enumerate((second, first, receipt)):
        await store.accept(message, UnixMs(NOW + offset))
    await store.accept(outbound(), NOW)

    found = await store.alarmless_emergencies(since=NOW, limit=9)
    assert found == [second.id, first.id]
    assert await store.alarmless_emergencies(since=UnixMs(NOW + 1), limit=9) == [
        first.id
    ]
    assert await store.alarmless_emergencies(since=NOW, limit=1) == [second.id]
    await raised(store, NewAlarm(kind=AlarmKind.EMERGENCY, subject=second.id))
    assert await store.alarmless_emergencies(since=NOW, limit=9) == [first.id]


async def test_emergencies_that_nobody_takes(store: TransactionalStore) -> None:
    queued, delivered = emergency(), emergency()
    held = replace(held_draft(), index=replace(index_of(), urgency="EMERGENCY"))
    await store.accept(queued, NOW)
    await store.accept(held, UnixMs(NOW + 1))
    await store.accept(delivered, NOW)
    await deliver(store, PeerLog(), delivered)

    found = await store.late_emergencies(before=UnixMs(NOW + 1), limit=9)
    assert set(found) == {queued.id, held.id}
    assert await store.late_emergencies(before=UnixMs(NOW - 1), limit=9) == []
    new = NewAlarm(kind=AlarmKind.EMERGENCY_UNDELIVERED, subject=queued.id)
    await raised(store, new)
    assert await store.late_emergencies(before=LATER, limit=9) == [held.id]
