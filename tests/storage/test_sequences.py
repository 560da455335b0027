"""Ranges of running numbers say the same as a plain set of numbers would."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.values import UnixMs
from gateway.storage.memory.tables import Tables
from gateway.storage.memory.transaction import MemoryTransaction
from gateway.storage.operations import sequences
from gateway.storage.rows import RangeKind
from tests.support.storing import NOW, ORIGIN, PEER, vault

NUMBERS = st.lists(st.lists(st.integers(0, 40), max_size=6), max_size=8)


def held(tx: MemoryTransaction, kind: RangeKind) -> list[int]:
    spans = tx.ranges(PEER, kind, first=0, limit=1_000)
    # Ranges neither touch nor overlap: each set has one spelling.
    assert all(a.last + 1 < b.first for a, b in pairwise(spans))
    return [seq for span in spans for seq in range(span.first, span.last + 1)]


@given(NUMBERS)
def test_missing_are_all_numbers_below_the_highest_that_never_came(
    batches: list[list[int]],
) -> None:
    tx = MemoryTransaction(Tables(), ORIGIN, vault())
    seen: set[int] = set()
    for batch in batches:
        sequences.observe(tx, PEER, batch, NOW)
        seen.update(batch)
        highest = max(seen, default=0)
        expected = [seq for seq in range(1, highest) if seq not in seen]
        assert held(tx, RangeKind.MISSING) == expected
        assert tx.peer(PEER).highest_seq == highest


@given(NUMBERS)
def test_pending_are_all_numbers_given_and_not_settled(
    batches: list[list[int]],
) -> None:
    tx = MemoryTransaction(Tables(), ORIGIN, vault())
    pending: set[int] = set()
    for batch in batches:
        for _ in range(7):
            pending.add(sequences.next_seq(tx, PEER, accepted=1))
        sequences.settle(tx, PEER, batch)
        pending.difference_update(batch)
        assert held(tx, RangeKind.PENDING) == sorted(pending)
    assert tx.peer(PEER).accepted == tx.peer(PEER).last_seq == 7 * len(batches)


_RANGES = st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=5)


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=6), _RANGES), max_size=8)
)
def test_holes_are_missing_numbers_that_the_sender_did_not_name_last(
    deliveries: list[tuple[list[int], list[tuple[int, int]]]],
) -> None:
    tx = MemoryTransaction(Tables(), ORIGIN, vault())
    seen: set[int] = set()
    since: dict[int, int] = {}
    for at, (batch, pending) in enumerate(deliveries, 1):
        sequences.observe(tx, PEER, batch, UnixMs(at))
        sequences.announce(tx, PEER, pending, UnixMs(at))
        seen.update(batch)
        named = {seq for first, last in pending for seq in range(first, last + 1)}
        missing = set(range(1, max(seen, default=0))) - seen
        since = {seq: since.get(seq, at) for seq in missing - named}
        found = {
            seq: span.since
            for span in sequences.holes(tx, PEER)
            for seq in range(span.first, span.last + 1)
        }
        assert found == since
