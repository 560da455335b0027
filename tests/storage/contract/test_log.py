"""The audit log: one chain, one tree, proofs that verify under the head."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.core.entries.leaf import EntryDraft, parse_leaf
from gateway.core.errors import ConflictError, LogOutOfStepError, NotFoundError
from gateway.core.translog.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.storage.store import TransactionalStore
from tests.support.storing import ACT, NOW, ORIGIN, OTHER_PEER, PEER, PeerLog

# Around full tiles of the lowest level, and in the middle of one.
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 700)


def drafts(count: int) -> list[EntryDraft]:
    return [EntryDraft("admin.test", NOW, {"count": one}) for one in range(count)]


async def signed(store: TransactionalStore, size: int) -> SignedCheckpoint:
    root = await store.root_at(size)
    return SignedCheckpoint(size, root, f"note {size}".encode(), NOW)


async def test_an_empty_log_has_the_empty_root(store: TransactionalStore) -> None:
    head = await store.log_head()

    assert (head.size, head.root) == (0, EMPTY_ROOT)
    assert await store.root_at(0) == EMPTY_ROOT
    assert await store.prove([], 0) == []


async def test_each_entry_names_the_one_before_it(store: TransactionalStore) -> None:
    assert await store.append(drafts(2)) == [0, 1]
    assert await store.append(drafts(1)) == [2]

    entries = await store.entries(0, 10)
    prevs = [parse_leaf(entry.data, log=ORIGIN).prev for entry in entries]
    assert prevs == ["0" * 64, *(leaf_hash(one.data).hex() for one in entries[:2])]


async def test_a_clock_that_went_back_is_marked(store: TransactionalStore) -> None:
    for at in (NOW, NOW - 1, NOW):
        await store.append([EntryDraft("admin.test", UnixMs(at), {})])

    leaves = [parse_leaf(one.data, log=ORIGIN) for one in await store.entries(0, 9)]
    assert [leaf.is_clock_behind for leaf in leaves] == [False, True, False]


async def test_proofs_verify_at_every_size_around_tiles(
    store: TransactionalStore,
) -> None:
    for size in SIZES:
        have = (await store.log_head()).size
        await store.append(drafts(size - have))
    hashes = [entry.leaf_hash for entry in await store.entries(0, 1_000)]
    assert (await store.log_head()).root == root_of(hashes)

    for size in SIZES:
        root = await store.root_at(size)
        assert root == root_of(hashes[:size])
        indices = sorted({0, size // 2, size - 1})
        for found in await store.prove(indices, size):
            verify_inclusion(
                index=found.index,
                size=size,
                leaf=leaf_hash(found.data),
                path=found.path,
                root=root,
            )
        for old_size in SIZES:
            if old_size <= size:
                verify_consistency(
                    old_size=old_size,
                    new_size=size,
                    old_root=root_of(hashes[:old_size]),
                    new_root=root,
                    proof=await store.consistency(old_size, size),
                )


async def test_proofs_are_given_in_the_order_asked_for(
    store: TransactionalStore,
) -> None:
    await store.append(drafts(5))

    found = await store.prove([3, 1, 3], 5)

    assert [one.index for one in found] == [3, 1, 3]


async def test_what_is_beyond_the_log_is_a_conflict(store: TransactionalStore) -> None:
    await store.append(drafts(3))

    for impossible in (
        store.prove([0], 4),
        store.prove([3], 3),
        store.consistency(1, 4),
        store.consistency(3, 2),
        store.root_at(4),
        store.root_at(-1),
    ):
        with pytest.raises(ConflictError):
            await impossible


async def test_tiles_hold_the_hashes_they_should(store: TransactionalStore) -> None:
    await store.append(drafts(600))
    hashes = [entry.leaf_hash for entry in await store.entries(0, 600)]

    assert await store.tile(0, 0, 256) == b"".join(hashes[:256])
    assert await store.tile(0, 0, 7) == b"".join(hashes[:7])
    assert await store.tile(0, 2, 88) == b"".join(hashes[512:])
    assert await store.tile(1, 0, 2) == root_of(hashes[:256]) + root_of(hashes[256:512])


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(0, 2, 89), (0, 3, 1), (1, 0, 3), (2, 0, 1), (0, 0, 0), (0, 0, 257), (-1, 0, 1)],
)
async def test_tiles_that_are_not_there_are_not_found(
    store: TransactionalStore,
    level: int,
    index: int,
    width: int,
) -> None:
    await store.append(drafts(600))

    with pytest.raises(NotFoundError):
        await store.tile(level, index, width)


async def test_one_root_is_signed_for_a_size_and_sizes_never_fall(
    store: TransactionalStore,
) -> None:
    await store.append(drafts(5))
    assert await store.newest_checkpoint() is None
    for size in (2, 2, 5):
        await store.record_checkpoint(await signed(store, size))

    newest = await signed(store, 5)
    with pytest.raises(AssertionError):
        await store.record_checkpoint(replace(newest, root=bytes(32)))
    with pytest.raises(AssertionError):
        await store.record_checkpoint(await signed(store, 2))
    assert await store.newest_checkpoint() == newest


async def test_the_newest_entry_of_a_seldom_kind_is_found(
    store: TransactionalStore,
) -> None:
    for kind in ("config.loaded", "admin.test", "config.loaded", "admin.test"):
        await store.append([EntryDraft(kind, NOW, {})])

    found = await store.newest_entry("config.loaded")
    assert found
    assert found.index == 2
    assert await store.newest_entry("config.other") is None


async def test_entries_disclose_to_their_keys_only(store: TransactionalStore) -> None:
    await store.append([EntryDraft("admin.test", NOW, {}, ACT.disclosures())])

    (entry,) = await store.entries(0, 1)
    found = await store.disclosures(0)
    digests = parse_leaf(entry.data, log=ORIGIN).disclosure_digests
    assert tuple(sorted(one.digest for one in found)) == digests
    assert await store.disclosures(1) == []
    assert await store.disclosures_of([0, 1]) == {0: found, 1: []}


async def test_a_peers_log_is_linked_step_by_step(store: TransactionalStore) -> None:
    log = PeerLog()
    assert await store.peer_log(PEER) is None
    first, second = log.link(), log.link()

    await store.link_peer_log(first)
    await store.link_peer_log(second)

    state = await store.peer_log(PEER)
    assert state
    assert (state.origin, state.size, state.root) == (log.origin, 2, second.root)
    assert state.note == second.note
    assert await store.peer_log(OTHER_PEER) is None
    with pytest.raises(LogOutOfStepError) as caught:
        await store.link_peer_log(second)
    assert caught.value.seen == 2


async def test_linking_the_same_checkpoint_again_is_harmless(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    await store.link_peer_log(log.link())

    await store.link_peer_log(log.link(0))

    state = await store.peer_log(PEER)
    assert state
    assert state.size == 1


def spread(count: int, below: int) -> Iterator[int]:
    chance = random.Random(7)  # noqa: S311 - which leaves a test proves
    return (chance.randrange(below) for _ in range(count))


@pytest.mark.timeout(240)
async def test_proofs_reach_through_three_levels_of_tiles(
    store: TransactionalStore,
) -> None:
    size = 65_536 + 300
    for start in range(0, size, 8_192):
        await store.append(drafts(min(8_192, size - start)))
    head = await store.log_head()

    for found in await store.prove([0, size - 1, *spread(30, size)], size):
        verify_inclusion(
            index=found.index,
            size=size,
            leaf=leaf_hash(found.data),
            path=found.path,
            root=head.root,
        )
    assert len(await store.tile(1, 0, 256)) == 8_192
    assert hashlib.sha256(await store.tile(2, 0, 1)).digest()
    verify_consistency(
        old_size=65_536,
        new_size=size,
        old_root=await store.root_at(65_536),
        new_root=head.root,
        proof=await store.consistency(65_536, size),
    )
