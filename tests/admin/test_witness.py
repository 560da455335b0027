"""Witnesses, rounds and conflicts over the API."""

import pytest

from gateway.admin.witness_shapes import LogPolicy, RoundsQuery
from gateway.client import calls
from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    parse_conflict,
    prove_conflict,
)
from gateway.core.translog.checkpoint import (
    Checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from gateway.ports.witness import Cosignature
from tests.support.admin_api import PT, AdminNode


async def test_who_cosigns_and_how_far_is_shown(node: AdminNode) -> None:
    async with node.client("auditor") as client:
        signed = await client.send(calls.begin_round())
        (found,) = (await client.send(calls.witnesses())).items
    assert (found.name, found.peer, found.size, found.at) == (
        f"{PT}/witness",
        PT,
        0,
        "",
    )
    assert found.lag_entries == signed.size


async def test_a_round_is_shown_with_its_cosignatures(node: AdminNode) -> None:
    store = node.services.exchange.store
    async with node.client("auditor") as client:
        signed = await client.send(calls.begin_round())
        keys = node.trust.keyring.witness
        origin = node.trust.keyring.log.origin
        newest = await store.newest_checkpoint()
        assert newest is not None
        checkpoint = Checkpoint(origin, newest.size, newest.root)
        lines = await keys.cosign(checkpoint, time_s=1_700_000_000)
        await store.record_cosignatures(
            newest.size,
            [Cosignature(one.name, one.key_id, one.line(), 1) for one in lines],
        )
        shown = await client.send(calls.rounds(RoundsQuery()))
        none = await client.send(calls.rounds(RoundsQuery(before=signed.size)))

    (one,) = shown.items
    assert (one.size, shown.next, none.items) == (signed.size, 0, ())
    assert one.cosigned_by == (keys.name,)
    raw = one.note.encode()
    verify_checkpoint(raw, origin=origin, keys=node.trust.keyring.log.vkeys)
    assert verify_cosignatures(raw, keys.vkeys) == {keys.name: 1_700_000_000}


async def test_rounds_are_paged(node: AdminNode) -> None:
    async with node.client("security") as client:
        sizes = []
        for _ in range(3):
            await client.send(calls.list_operators())
            sizes.append((await client.send(calls.begin_round())).size)
        sizes = sorted(set(sizes), reverse=True)
        first = await client.send(calls.rounds(RoundsQuery(limit=1)))
    assert [one.size for one in first.items] == sizes[:1]
    assert first.next == sizes[0]


async def test_a_conflict_is_given_out_as_its_file(node: AdminNode) -> None:
    peer = node.services.peers.find(PT).peer
    signer = node.peer.audit_signer
    held, offered = (
        signer.sign(Checkpoint(signer.origin, 5, root))
        for root in (b"a" * 32, b"b" * 32)
    )
    await node.services.exchange.conflicts.found(
        peer,
        ConflictKind.SPLIT_VIEW,
        held=held,
        offered=offered,
    )
    async with node.client("auditor") as client:
        (shown,) = (await client.send(calls.conflicts())).items
        standing = await client.send(calls.show_peer(PT))

    kept = parse_conflict(shown.file.encode())
    assert isinstance(kept, LogConflict)
    prove_conflict(kept, peer.card.log_keys)
    assert (shown.authority, shown.kind, shown.settled) == (PT, "split-view", False)
    assert standing.log_standing == "quarantined"


@pytest.mark.parametrize("name", LogPolicy.__struct_fields__)
async def test_each_part_of_the_log_policy_is_changed_alone(
    node: AdminNode,
    name: str,
) -> None:
    async with node.client("security") as client:
        policy = LogPolicy(**{name: True})
        changed = await client.send(calls.set_log_policy(PT, policy))
        again = await client.send(calls.set_log_policy(PT, LogPolicy()))

    fields = LogPolicy.__struct_fields__
    assert [one for one in fields if getattr(changed, one)] == [name]
    assert changed == again
