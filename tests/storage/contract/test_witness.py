"""Witnessing: rounds, cosignatures kept, logs cosigned, contradictions kept."""

from dataclasses import replace

import pytest

from gateway.core.conflicts import MAX_CONFLICTS, ConflictKind, LogConflict
from gateway.core.entries.leaf import EntryDraft, parse_leaf
from gateway.core.errors import ConflictError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import Note, NoteSignature
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, Cosigned, WitnessedState
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, ORIGIN, PEER

LOG = f"{PEER}/audit/1"
OTHER_LOG = "bmj.de/audit/1"
STATE = WitnessedState(LOG, PEER, 5, b"5" * 32, b"note", 1_000)


async def grow(store: TransactionalStore, kind: str = "admin.test") -> None:
    draft = EntryDraft(kind, NOW, {})
    if kind != "admin.test":
        draft = EntryDraft(kind, NOW, {"cp": {"o": LOG, "n": 1, "r": ROOT}})
    await store.append([draft])


ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


async def sign(store: TransactionalStore) -> int:
    head = await store.log_head()
    signed = SignedCheckpoint(head.size, head.root, b"note %d" % head.size, NOW)
    await store.record_checkpoint(signed)
    return head.size


def note(size: int, root: bytes) -> bytes:
    line = NoteSignature(LOG, b"\0" * 4, b"\1" * 64)
    return Note(Checkpoint(LOG, size, root).text, (line,)).to_bytes()


def conflict(number: int = 0) -> LogConflict:
    return LogConflict(
        origin=LOG,
        authority=PEER,
        kind=ConflictKind.SPLIT_VIEW,
        held=note(7, b"a" * 32),
        offered=note(7, bytes([number]) * 32),
        source=PEER,
        at=NOW,
    )


async def test_a_round_is_one_of_the_signed_checkpoints(
    store: TransactionalStore,
) -> None:
    for _ in range(3):
        await grow(store)
        await store.record_round(await sign(store), NOW)
        await store.record_round((await store.log_head()).size, NOW)

    found = await store.rounds(3, 10)

    assert [one.size for one in found] == [2, 1]
    assert found[0].note == b"note 2"
    assert [one.size for one in await store.rounds(99, 1)] == [3]
    assert await store.checkpoint_at(1) == found[1]
    assert await store.checkpoint_at(9) is None
    with pytest.raises(ConflictError, match="no checkpoint was signed for size 9"):
        await store.record_round(9, NOW)


async def test_cosigning_alone_asks_for_no_round(store: TransactionalStore) -> None:
    await grow(store)
    assert await store.round_is_due()
    await store.record_round(await sign(store), NOW)
    assert not await store.round_is_due()

    await grow(store, "wit.cosign")
    await grow(store, "tsa.stamp")
    assert not await store.round_is_due()

    await grow(store)
    assert await store.round_is_due()


async def test_the_first_cosignature_of_a_key_for_a_tree_stays(
    store: TransactionalStore,
) -> None:
    first = Cosignature("w/witness", b"\0\0\0\1", "line\n", 10)
    second = Cosignature("w/witness", b"\0\0\0\2", "line 2\n", 12)
    await store.record_cosignatures(7, [first, second])
    await store.record_cosignatures(7, [replace(first, line="other\n", time_s=99)])
    await store.record_cosignatures(5, [replace(first, time_s=50)])

    assert await store.cosignatures(7) == [first, second]
    assert await store.cosignatures(6) == []
    assert await store.cosigned_by("w/witness") == Cosigned(7, 12)
    assert await store.cosigned_by("v/witness") == Cosigned(0, 0)


async def test_cosigning_moves_the_state_and_logs_it_at_once(
    store: TransactionalStore,
) -> None:
    await store.record_witnessed(STATE, old_size=0, at=NOW)

    assert await store.witnessed(LOG) == STATE
    (entry,) = await store.entries(0, 9)
    leaf = parse_leaf(entry.data, log=ORIGIN)
    assert leaf.kind == "wit.cosign"
    assert leaf.fields["peer"] == PEER
    named = leaf.fields["cp"]
    assert isinstance(named, dict)
    assert (named["o"], named["n"]) == (LOG, 5)


async def test_a_witness_moves_on_only_from_where_it_is(
    store: TransactionalStore,
) -> None:
    await store.record_witnessed(STATE, old_size=0, at=NOW)
    later = replace(STATE, size=9, root=b"9" * 32, time_s=1_300)

    with pytest.raises(ConflictError, match="is at 5, not 0"):
        await store.record_witnessed(later, old_size=0, at=NOW)
    assert await store.witnessed(LOG) == STATE
    assert (await store.log_head()).size == 1

    await store.record_witnessed(later, old_size=5, at=NOW)
    other = replace(STATE, origin=OTHER_LOG, time_s=1_200)
    await store.record_witnessed(other, old_size=0, at=NOW)
    assert await store.witnessed_logs(9) == [later, other]
    assert await store.witnessed_logs(1) == [later]


async def test_a_conflict_is_kept_and_logged_once(store: TransactionalStore) -> None:
    assert await store.keep_conflict(conflict())
    assert not await store.keep_conflict(replace(conflict(), at=UnixMs(NOW + 5)))

    (kept,) = await store.conflicts()
    assert (kept.conflict, kept.is_settled) == (conflict(), False)
    (entry,) = await store.entries(0, 9)
    leaf = parse_leaf(entry.data, log=ORIGIN)
    assert (leaf.kind, leaf.fields["peer"]) == ("wit.conflict", PEER)


async def test_what_a_log_can_make_us_keep_is_bounded(
    store: TransactionalStore,
) -> None:
    kept = [await store.keep_conflict(conflict(number)) for number in range(20)]

    assert kept.count(True) == MAX_CONFLICTS
    assert len(await store.conflicts(LOG)) == MAX_CONFLICTS
    assert (await store.log_head()).size == MAX_CONFLICTS
    assert await store.conflicts(OTHER_LOG) == []


async def test_linking_again_settles_all_but_a_split_view(
    store: TransactionalStore,
) -> None:
    split = conflict()
    shrunk = replace(split, kind=ConflictKind.ROLLBACK, offered=note(3, b"3" * 32))
    elsewhere = replace(shrunk, origin=OTHER_LOG)
    for one in (split, shrunk, elsewhere):
        await store.keep_conflict(one)

    await store.settle_conflicts(LOG)

    assert {
        (kept.conflict.origin, kept.conflict.kind, kept.is_settled)
        for kept in await store.conflicts()
    } == {
        (LOG, ConflictKind.SPLIT_VIEW, False),
        (LOG, ConflictKind.ROLLBACK, True),
        (OTHER_LOG, ConflictKind.ROLLBACK, False),
    }


async def test_the_first_cosigned_tree_that_holds_an_entry(
    store: TransactionalStore,
) -> None:
    for _ in range(6):
        await grow(store)
        size = await sign(store)
        if size in {3, 5}:
            await store.record_cosignatures(
                size,
                [Cosignature("w/witness", b"\0\0\0\1", "line\n", 10)],
            )

    found = [await store.cosigned_after(index) for index in range(6)]

    assert [one and one.size for one in found] == [3, 3, 3, 5, 5, None]
    assert found[0] is not None
    assert found[0].note == b"note 3"
