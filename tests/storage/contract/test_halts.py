"""Maintenance windows and incidents: begun, widened, ended, each with its entry."""

import pytest

from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NeedsApprovalError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.values import NEVER, UnixMs
from gateway.flows.halts import Halts
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, OTHER_PEER, PEER

SAAR = Act("saar", "operator", "their keys are stolen")
KASK = Act("kask", "security")
LATER = UnixMs(NOW + 1_000)
UNTIL = UnixMs(NOW + 60_000)


async def kinds(store: TransactionalStore) -> list[str]:
    return [one.kind for one in await store.entries(0, 99)]


async def test_a_window_gets_another_end_and_ends(store: TransactionalStore) -> None:
    assert await store.open_window() is None

    window = await store.begin_window(UNTIL, SAAR, NOW)
    longer = await store.begin_window(UnixMs(UNTIL + 1), KASK, LATER)

    assert (window.begun_by, window.reason) == (SAAR.actor, SAAR.purpose)
    assert (longer.number, longer.until, longer.begun_by) == (
        window.number,
        UNTIL + 1,
        "saar",
    )
    assert await store.open_window() == longer
    ended = await store.end_window(KASK, LATER)
    assert (ended.ended_at, ended.ended_by) == (LATER, "kask")
    assert await store.open_window() is None
    with pytest.raises(ConflictError, match="no window"):
        await store.end_window(KASK, LATER)
    assert (await store.begin_window(UNTIL, SAAR, LATER)).number != window.number
    assert await kinds(store) == [
        "admin.maintenance-begin",
        "admin.maintenance-begin",
        "admin.maintenance-end",
        "admin.maintenance-begin",
    ]


async def test_an_incident_is_widened_never_narrowed(
    store: TransactionalStore,
) -> None:
    incident = await store.begin_incident(PEER, NOW, SAAR, LATER)

    same = await store.begin_incident(PEER, LATER, KASK, LATER)
    wider = await store.begin_incident(PEER, UnixMs(NOW - 5), KASK, LATER)

    assert same == incident
    assert (wider.number, wider.since) == (incident.number, NOW - 5)
    other = await store.begin_incident(OTHER_PEER, NEVER, SAAR, LATER)
    assert await store.incidents() == [wider, other]
    assert await kinds(store) == ["admin.incident-begin"] * 3
    (entry,) = await store.entries(0, 1)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    assert leaf["peer"] == PEER


async def test_allowing_exchange_again_uses_an_approval_up(
    store: TransactionalStore,
) -> None:
    await store.begin_incident(PEER, NOW, SAAR, NOW)
    with pytest.raises(NeedsApprovalError):
        await store.end_incident(PEER, SAAR, LATER, uses_approval=True)
    new = NewApproval(kind=ApprovalKind.REENABLE, subject=PEER, peer=PEER)
    approval = await store.ask_approval(new, SAAR, NOW)
    await store.permit(approval.number, KASK, NOW)

    ended = await store.end_incident(PEER, SAAR, LATER, uses_approval=True)

    assert (ended.ended_at, ended.ended_by) == (LATER, "saar")
    assert await store.incidents() == [ended]
    with pytest.raises(ConflictError, match="none that is open"):
        await store.end_incident(PEER, SAAR, LATER, uses_approval=False)
    await store.begin_incident(PEER, NOW, SAAR, LATER)
    with pytest.raises(NeedsApprovalError):
        await store.end_incident(PEER, SAAR, LATER, uses_approval=True)
    await store.end_incident(PEER, SAAR, LATER, uses_approval=False)


async def test_what_came_in_the_time_of_an_incident_is_suspect(
    store: TransactionalStore,
) -> None:
    halts = Halts()
    await store.begin_incident(PEER, NOW, SAAR, LATER)
    await halts.load(store)

    assert halts.stops(PEER, NOW)
    assert not halts.stops(OTHER_PEER, NOW)
    assert halts.suspicion(PEER, UnixMs(NOW - 1)) is None
    assert halts.suspicion(PEER, NOW) == halts.incident_of(PEER)
    assert halts.suspicion(OTHER_PEER, NOW) is None

    await store.end_incident(PEER, SAAR, LATER, uses_approval=False)
    await halts.load(store)
    assert not halts.stops(PEER, NOW)
    assert halts.suspicion(PEER, LATER) in halts.all_of(PEER)
    assert halts.suspicion(PEER, UnixMs(LATER + 1)) is None
