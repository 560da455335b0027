"""Time stamps: each with its entry, one a checkpoint, only of trees that are ours."""

import hashlib

import pytest

from gateway.core import canonical
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, ORIGIN

ALL = 2**63 - 1


def stamp(response: bytes = b"response") -> TimeStamp:
    return TimeStamp(response, "CN=TSA", UnixMs(NOW + 7), UnixMs(NOW + 10**9))


async def checkpoint(store: TransactionalStore, entries: int = 1) -> Checkpoint:
    """Grow the log and keep a signed checkpoint of it."""
    await store.append([EntryDraft("admin.test", NOW, {})] * entries)
    head = await store.log_head()
    await store.record_checkpoint(SignedCheckpoint(head.size, head.root, b"n", NOW))
    return Checkpoint(ORIGIN, head.size, head.root)


async def test_a_stamp_is_kept_with_an_entry_that_names_it(
    store: TransactionalStore,
) -> None:
    head = await checkpoint(store, 3)

    kept = await store.add_stamp(head.text, stamp(), NOW)

    assert (kept.size, kept.index, kept.text, kept.kept_at) == (3, 3, head.text, NOW)
    assert await store.stamps(ALL, 9) == [kept]
    (entry,) = await store.entries(3, 9)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    assert leaf["k"] == "tsa.stamp"
    assert leaf["cp"] == {"o": ORIGIN, "n": 3, "r": encode_base64(head.root)}
    assert leaf["dig"] == hashlib.sha256(b"response").hexdigest()


async def test_a_checkpoint_has_one_stamp(store: TransactionalStore) -> None:
    head = await checkpoint(store)
    first = await store.add_stamp(head.text, stamp(), NOW)

    again = await store.add_stamp(head.text, stamp(b"other"), UnixMs(NOW + 1))

    assert again == first
    assert (await store.log_head()).size == 2
    assert await store.stamps(ALL, 9) == [first]


async def test_stamps_come_largest_first_below_a_size(
    store: TransactionalStore,
) -> None:
    for _ in range(3):
        head = await checkpoint(store)
        await store.add_stamp(head.text, stamp(), NOW)

    assert [one.size for one in await store.stamps(ALL, 9)] == [5, 3, 1]
    assert [one.size for one in await store.stamps(5, 1)] == [3]
    assert await store.stamps(1, 9) == []


async def test_only_what_we_signed_can_be_stamped(store: TransactionalStore) -> None:
    head = await checkpoint(store)
    for text in (
        Checkpoint(ORIGIN, 2, head.root).text,
        Checkpoint(ORIGIN, head.size, bytes(32)).text,
    ):
        with pytest.raises(ConflictError):
            await store.add_stamp(text, stamp(), NOW)
    assert await store.stamps(ALL, 9) == []
    assert (await store.log_head()).size == 1
