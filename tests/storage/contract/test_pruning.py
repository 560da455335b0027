"""Pruning the log: what people did goes, every hash and proof stays; on every store."""

from dataclasses import replace

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft, parse_leaf
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.translog.merkle import (
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from gateway.core.values import UnixMs
from gateway.ports.erasure import Pruned, Pruning
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.log import SignedCheckpoint
from gateway.ports.outbox import OutcomeKind
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    DAY_MS,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    deliver,
    outbound,
)

SECURITY = Act("saar", "security", "end of the retention period")
LATER = UnixMs(NOW + 100 * DAY_MS)


def looks(count: int, at: UnixMs = NOW) -> list[EntryDraft]:
    return [
        EntryDraft("msg.list", at, {"count": one}, ACT.disclosures())
        for one in range(count)
    ]


async def sign(store: TransactionalStore) -> None:
    head = await store.log_head()
    await store.record_checkpoint(
        SignedCheckpoint(head.size, head.root, b"note", NOW),
    )
    await store.record_round(head.size, NOW)


async def prune(store: TransactionalStore, minimum: int) -> Pruned:
    return await store.prune(minimum, basis="ten years", act=SECURITY, now=LATER)


async def test_nothing_is_pruned_of_what_is_on_hold(
    store: TransactionalStore,
) -> None:
    await store.append(looks(300))
    message = outbound()
    await store.accept(message, NOW)
    await store.append(looks(300))
    await sign(store)
    hold = LegalHold(
        hold_id="h1",
        scope=HoldScope.MESSAGE,
        target=message.id,
        held_by="anna",
        reason="appeal",
        since=NOW,
        review_on="2027-06-30",
    )
    await store.add_hold(hold, ACT)

    assert (await prune(store, 256)).pruning.minimum == 256
    with pytest.raises(ConflictError, match=r"entries from 300 on .* hold h1"):
        await prune(store, 512)

    await store.lift_hold("h1", SECURITY, LATER)
    assert (await prune(store, 512)).pruning.minimum == 512


async def test_proofs_roots_and_tiles_are_as_they_were(
    store: TransactionalStore,
) -> None:
    await store.append(looks(700))
    before = await store.entries(0, 700)
    roots = {size: await store.root_at(size) for size in (255, 256, 512, 513, 700)}
    tiles = [await store.tile(0, at, 256) for at in (0, 1)]
    await sign(store)

    done = await prune(store, 512)

    assert done.pruning == Pruning(512, entries=512, disclosures=512 * 5)
    assert {size: await store.root_at(size) for size in roots} == roots
    assert [await store.tile(0, at, 256) for at in (0, 1)] == tiles
    for found in await store.prove([512, 600, 699, done.log_index], 701):
        verify_inclusion(
            index=found.index,
            size=701,
            leaf=leaf_hash(found.data),
            path=found.path,
            root=(await store.log_head()).root,
        )
    verify_consistency(
        old_size=256,
        new_size=700,
        old_root=roots[256],
        new_root=roots[700],
        proof=await store.consistency(256, 700),
    )
    after = await store.entries(0, 700)
    assert [one.leaf_hash for one in after] == [one.leaf_hash for one in before]
    assert [one.data for one in after[:512]] == [b""] * 512
    assert after[512:] == before[512:]
    with pytest.raises(NotFoundError, match="pruned"):
        await store.prove([511], 700)


async def test_nobody_is_named_below_the_minimum(store: TransactionalStore) -> None:
    await store.append(looks(300))
    await sign(store)

    await prune(store, 256)

    assert await store.disclosures(255) == []
    assert len(await store.disclosures(256)) == 5


async def test_the_entry_says_where_and_why(store: TransactionalStore) -> None:
    await store.append(looks(300))
    await sign(store)
    assert await store.log_minimum() == 0

    done = await prune(store, 256)

    (entry,) = await store.entries(done.log_index, 1)
    leaf = parse_leaf(entry.data, log=ORIGIN)
    assert (leaf.kind, leaf.fields) == ("log.prune", {"min": 256, "basis": "ten years"})
    assert await store.log_minimum() == 256


async def test_what_receipts_and_the_node_rest_on_stays(
    store: TransactionalStore,
) -> None:
    log, message = PeerLog(), outbound()
    item = log.item()
    await store.append([EntryDraft("config.trust", NOW, {"res": "initial"})])
    await store.accept(message, NOW)
    await deliver(store, log, message)
    await store.commit_inbound(log.link(), [item], NOW)
    await store.append(looks(300))
    await sign(store)

    await prune(store, 256)

    kept = [one for one in await store.entries(0, 256) if one.data]
    assert [one.kind for one in kept] == [
        "config.trust",
        "msg.send",
        "msg.deliver",
        "msg.receive",
    ]
    assert len(await store.prove([1, 3], 300)) == 2
    assert (await store.newest_entry("config.trust")) == kept[0]
    (again,) = await store.commit_inbound(log.link(), [item], LATER)
    assert again.log_index == 3


@pytest.mark.parametrize("minimum", [256, 512])
async def test_nothing_goes_that_no_checkpoint_covers(
    store: TransactionalStore,
    minimum: int,
) -> None:
    await store.append(looks(200))
    await sign(store)
    await store.append(looks(400))
    size = (await store.log_head()).size

    with pytest.raises(ConflictError, match="signed for the first 200"):
        await prune(store, minimum)
    with pytest.raises(ConflictError, match="signed for the first 200"):
        await store.plan_pruning(minimum)
    assert (await store.log_head()).size == size


async def test_nothing_goes_that_witnesses_were_not_asked_about(
    store: TransactionalStore,
) -> None:
    await store.append(looks(200))
    await sign(store)
    await store.append(looks(200))
    head = await store.log_head()
    await store.record_checkpoint(
        SignedCheckpoint(head.size, head.root, b"for a peer", NOW),
    )

    with pytest.raises(ConflictError, match="newest round is of the first 200"):
        await prune(store, 256)


async def test_nothing_goes_that_a_peer_is_still_to_be_told(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    opened = await store.log_access(item.id, ACT, NOW)
    await store.append(looks(300))
    await sign(store)
    with pytest.raises(ConflictError, match=f"told of entry {opened.access_index}"):
        await prune(store, 256)

    await store.events_told(PEER, [opened.access_index])

    assert (await prune(store, 256)).pruning.entries == 255


async def test_the_minimum_only_rises(store: TransactionalStore) -> None:
    await store.append(looks(600))
    await sign(store)
    await prune(store, 512)

    for minimum in (256, 512):
        with pytest.raises(ConflictError, match="pruned below 512 already"):
            await prune(store, minimum)


async def test_the_ring_of_a_quarter_goes_once_it_seals_nothing(
    store: TransactionalStore,
) -> None:
    """Quarters begin in the middle of what is pruned first."""
    next_quarter = UnixMs(NOW + 92 * DAY_MS)
    await store.append(looks(300, NOW))
    rings = set(await store.rings())
    await store.append(looks(300, next_quarter))
    await sign(store)

    assert (await prune(store, 256)).rings == ()
    (old,) = (await prune(store, 512)).rings

    assert old in rings

    assert old not in await store.rings()
    assert len(await store.disclosures(599)) == 5


async def test_a_message_keeps_its_outcome_without_the_openings(
    store: TransactionalStore,
) -> None:
    log, message = PeerLog(), outbound()
    await store.accept(message, NOW)
    refusal = log.outcome(message, OutcomeKind.REFUSAL, code="quota")
    await store.claim_due(PEER, now=NOW, lease_ms=1, max_items=9, max_bytes=9_999)
    await store.record_outcomes(PEER, [replace(refusal)], log.link(), NOW)
    await store.log_access(message.id, ACT, NOW)
    await store.append(looks(300))
    await sign(store)

    await prune(store, 256)

    indices = await store.log_indices(message.id)
    found = [(await store.entries(index, 1))[0] for index in indices]
    assert [(one.kind, bool(one.data)) for one in found] == [
        ("msg.send", True),
        ("msg.refused", True),
        ("msg.access", False),
    ]
    assert (await store.message(message.id)).state.value == "refused"
