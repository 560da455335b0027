"""What is missing from our log is kept; a peer's log that was succeeded is closed."""

from dataclasses import replace

import pytest

from gateway.core.errors import LogProofError
from gateway.core.values import UnixMs
from gateway.ports.recovery import FROM_MARK, RecoveryNote
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, OTHER_PEER, PEER, PeerLog


def note_of(source: str, size: int) -> RecoveryNote:
    """Return a note that somebody holds."""
    return RecoveryNote(source, size, bytes([size]) * 32, f"note {size}".encode(), NOW)


async def test_the_largest_note_of_each_source_is_kept(
    store: TransactionalStore,
) -> None:
    assert list(await store.recovery_notes()) == []
    for note in (note_of(PEER, 7), note_of(PEER, 9), note_of(PEER, 8)):
        await store.keep_recovery_note(note)
    await store.keep_recovery_note(note_of(FROM_MARK, 3))
    kept = [(note.source, note.size) for note in await store.recovery_notes()]
    assert kept == [(FROM_MARK, 3), (PEER, 9)]
    (_, held) = await store.recovery_notes()
    assert held == note_of(PEER, 9)


async def test_a_note_of_one_size_stays_the_first_one(
    store: TransactionalStore,
) -> None:
    await store.keep_recovery_note(note_of(PEER, 7))
    later = replace(note_of(PEER, 7), found_at=UnixMs(NOW + 1))
    await store.keep_recovery_note(later)
    assert list(await store.recovery_notes()) == [note_of(PEER, 7)]


async def test_a_log_that_was_succeeded_is_closed(store: TransactionalStore) -> None:
    log = PeerLog()
    await store.link_peer_log(log.link(5))
    first = replace(log.link(2), origin=f"{PEER}/audit/2", seen_size=0)
    await store.link_peer_log(first)
    newest = await store.peer_log(PEER)
    old = await store.peer_log_of(log.origin)
    assert newest
    assert old
    assert (newest.origin, old.size) == (f"{PEER}/audit/2", 5)
    grown = replace(log.link(1), seen_size=5, size=6)
    with pytest.raises(LogProofError, match=r"closed, mj\.fr/audit/2 succeeds it"):
        await store.link_peer_log(grown)
    assert await store.peer_log_of(log.origin) == old


@pytest.mark.parametrize("epoch", ["1", "2", "x", "02"])
async def test_no_log_of_an_earlier_epoch_succeeds_one(
    store: TransactionalStore,
    epoch: str,
) -> None:
    log = PeerLog()
    await store.link_peer_log(replace(log.link(5), origin=f"{PEER}/audit/3"))
    other = replace(log.link(1), origin=f"{PEER}/audit/{epoch}", seen_size=0)
    with pytest.raises(LogProofError, match="closed"):
        await store.link_peer_log(other)


async def test_one_authority_closes_nothing_of_another(
    store: TransactionalStore,
) -> None:
    log, other = PeerLog(), PeerLog(OTHER_PEER)
    await store.link_peer_log(log.link(5))
    await store.link_peer_log(replace(other.link(), origin=f"{OTHER_PEER}/audit/2"))
    await store.link_peer_log(log.link(1))
    state = await store.peer_log(PEER)
    assert state
    assert state.size == 6
