"""Missing numbers say since when, unless their sender says that they come."""

from collections.abc import Sequence

from gateway.core.values import UnixMs
from gateway.ports.traffic import Hole
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, PEER, PeerLog


async def holes(store: TransactionalStore) -> list[tuple[int, int, int]]:
    traffic = await store.traffic(PEER, NOW)
    assert all(isinstance(one, Hole) for one in traffic.holes)
    return [(one.first, one.last, one.since - NOW) for one in traffic.holes]


async def receive(
    store: TransactionalStore,
    log: PeerLog,
    *seqs: int,
    at: int,
    pending: Sequence[tuple[int, int]] = (),
) -> None:
    items = [log.item(seq=seq) for seq in seqs]
    now = UnixMs(NOW + at)
    await store.commit_inbound(log.link(), items, now, pending=pending)


async def test_a_hole_is_as_old_as_its_first_notice(store: TransactionalStore) -> None:
    log = PeerLog()
    await receive(store, log, 5, at=1)
    await receive(store, log, 9, at=2)
    await receive(store, log, 3, at=3)

    assert await holes(store) == [(1, 2, 1), (4, 4, 1), (6, 8, 2)]


async def test_what_is_announced_is_no_hole_until_it_is_not(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    await receive(store, log, 9, at=1, pending=[(2, 4), (9, 12)])
    assert await holes(store) == [(1, 1, 1), (5, 8, 1)]
    assert (await store.traffic(PEER, NOW)).missing_seqs == ((1, 8),)

    await receive(store, log, 10, at=2, pending=[(3, 6)])
    assert await holes(store) == [(1, 1, 1), (2, 2, 2), (7, 8, 1)]

    await receive(store, log, at=3)
    assert await holes(store) == [(1, 1, 1), (2, 2, 2), (3, 6, 3), (7, 8, 1)]


async def test_a_closed_number_is_no_hole(store: TransactionalStore) -> None:
    log = PeerLog()
    await receive(store, log, 3, at=1)
    event = log.event("msg.expire", log.item().id, seq="2")
    await store.commit_events(log.link(), [event], UnixMs(NOW + 5))

    assert await holes(store) == [(1, 1, 1)]
