"""A new log in the database of one whose end is lost; what stood there still counts."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection as Engine
from typing import NamedTuple

import pytest

from gateway.core.entries.disclosures import read_disclosure
from gateway.core.entries.leaf import EntryDraft, Leaf, parse_leaf
from gateway.core.errors import ConflictError
from gateway.core.translog.merkle import leaf_hash, verify_inclusion
from gateway.core.values import MessageId, UnixMs
from gateway.flows.self_check import check_store
from gateway.ports.erasure import ErasureOrder
from gateway.ports.log import SignedCheckpoint
from gateway.ports.messages import ProofRole
from gateway.ports.outbox import NewOutbound
from gateway.ports.recovery import FROM_MARK, RecoveryNote
from gateway.storage.rewriting import Begun, NewLog
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.past import past_disclosures
from gateway.storage.sqlite.store import SqliteStore
from gateway.storage.sqlite.succeeding import begin_log
from tests.storage.sqlite.test_restoring import EndedError, stumbling_at
from tests.support.storing import (
    ACT,
    KEY,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    deliver,
    held_draft,
    outbound,
    sealing,
    vault,
)

NEXT = "moj.ee/audit/2"
LATER = UnixMs(NOW + 1_000)


class Scene(NamedTuple):
    """Messages of a log that was signed, and went on unsigned."""

    delivered: NewOutbound
    queued: NewOutbound
    held: NewOutbound
    unsigned: NewOutbound
    opened: MessageId
    refused: MessageId
    signed: SignedCheckpoint


async def opened_store(folder: Path, origin: str) -> SqliteStore:
    """Open the store of a log."""

    def fail(error: Exception) -> None:
        raise AssertionError(error)

    return await SqliteStore.open(
        folder / "gateway.db",
        KEY,
        log_origin=origin,
        vault=vault(folder),
        on_fatal=fail,
    )


async def scene_in(folder: Path) -> Scene:
    """Make a database whose log was signed and went on a little."""
    log = PeerLog()
    delivered, queued, unsigned = outbound(), outbound(), outbound()
    held = held_draft()
    item, refused = log.item(), log.item(seq=2, refusal="expired")
    store = await opened_store(folder, ORIGIN)
    async with store.running():
        await store.append(
            [EntryDraft("config.trust", NOW, {"dig": "ab" * 32, "res": "initial"})],
        )
        await store.accept(delivered, NOW)
        await store.accept(held, NOW)
        await store.commit_inbound(log.link(), [item, refused], NOW)
        await deliver(store, log, delivered)
        await store.accept(queued, NOW)
        await store.log_access(item.id, ACT, NOW)
        head = await store.log_head()
        signed = SignedCheckpoint(head.size, head.root, b"signed", NOW)
        await store.record_checkpoint(signed)
        await store.accept(unsigned, LATER)
        assert await store.release(held.id, sealing(), LATER)
        await store.log_access(item.id, ACT, LATER)
        await store.keep_recovery_note(
            RecoveryNote(FROM_MARK, 99, bytes(32), b"lost", LATER),
        )
    return Scene(delivered, queued, held, unsigned, item.id, refused.id, signed)


async def on_database(folder: Path, work: Callable[[Engine], object]) -> object:
    """Run something on the database itself."""
    connection = await connect(folder / "gateway.db", KEY, Role.WRITER)
    try:
        return await connection.run(work)
    finally:
        await connection.close()


async def succeed(
    folder: Path,
    spoil: Callable[[Engine], Engine] = lambda engine: engine,
) -> Begun:
    """Begin the next log."""
    init = EntryDraft("log.init", LATER, {"vkeys": ["key"], "pol": "cd" * 32})
    new = NewLog(ORIGIN, NEXT, init)
    done = await on_database(
        folder,
        lambda engine: begin_log(spoil(engine), new, vault=vault(folder), now=LATER),
    )
    assert isinstance(done, Begun)
    return done


async def leaves(store: SqliteStore) -> list[Leaf]:
    """Return all entries of the new log."""
    entries = await store.entries(0, (await store.log_head()).size)
    return [parse_leaf(one.data, log=NEXT) for one in entries]


async def test_the_new_log_takes_over_what_the_old_one_had(tmp_path: Path) -> None:
    scene = await scene_in(tmp_path)
    done = await succeed(tmp_path)
    assert (done.carried, done.logged_again) == (4, 3)
    store = await opened_store(tmp_path, NEXT)
    async with store.running():
        found = await leaves(store)
        assert [leaf.kind for leaf in found] == [
            "log.init",
            "log.recover",
            "config.trust",
            "msg.carry",
            "msg.carry",
            "msg.carry",
            "msg.send",
            "msg.reject",
            "msg.access",
            "msg.send",
            "msg.send",
            "msg.access",
        ]
        assert await store.recovery_notes() == []
        assert await store.newest_checkpoint() is None
        assert (await check_store(store, origin=NEXT)).findings == ()
        for message in (scene.queued, scene.unsigned, scene.held):
            leaf = found[(await store.message(message.id)).log_index]
            assert (leaf.kind, leaf.text("m")) == ("msg.send", message.id)
        opened = await store.message(scene.opened)
        (event,) = await store.events_due(PEER, 5)
        told = found[event.log_index]
        assert (told.kind, told.number("ref")) == ("msg.access", opened.log_index)
        known = await store.known_inbound(PEER, [scene.refused])
        assert known
        again = await store.log_access(scene.opened, ACT, LATER)
        assert not again.is_first_opening


async def test_proofs_of_old_messages_go_on_holding(tmp_path: Path) -> None:
    scene = await scene_in(tmp_path)
    await succeed(tmp_path)
    store = await opened_store(tmp_path, NEXT)
    async with store.running():
        roles = {
            scene.delivered.id: {ProofRole.ORIGIN, ProofRole.RECEIPT},
            scene.queued.id: {ProofRole.ORIGIN},
            scene.opened: {ProofRole.ORIGIN, ProofRole.RECEIPT, ProofRole.OPENING},
        }
        for message_id, expected in roles.items():
            proofs = await store.proofs(message_id)
            assert {one.role for one in proofs} == expected
            ours = [one for one in proofs if one.origin == ORIGIN]
            assert ours
            for one in ours:
                assert one.checkpoint_note == b"signed"
                verify_inclusion(
                    index=one.proof.index,
                    size=scene.signed.size,
                    leaf=leaf_hash(one.proof.leaf),
                    path=one.proof.path,
                    root=scene.signed.root,
                )


async def test_what_the_old_log_disclosed_stays_sealed_and_readable(
    tmp_path: Path,
) -> None:
    await scene_in(tmp_path)
    await succeed(tmp_path)

    def read(engine: Engine) -> set[str]:
        found = past_disclosures(engine, ORIGIN, vault(tmp_path))
        return {read_disclosure(one).value for each in found.values() for one in each}

    found = await on_database(tmp_path, read)
    assert isinstance(found, set)
    assert {ACT.actor, ACT.purpose} <= found


async def test_an_end_anywhere_on_the_way_leaves_the_old_log(tmp_path: Path) -> None:
    await scene_in(tmp_path)
    for fails_at in range(1, 300):
        try:
            await succeed(tmp_path, stumbling_at(fails_at))
        except EndedError:
            store = await opened_store(tmp_path, ORIGIN)
            async with store.running():
                assert (await check_store(store, origin=ORIGIN)).findings == ()
                assert len(await store.recovery_notes()) == 1
        else:
            break
    else:
        raise AssertionError("it never came through")
    assert fails_at > 40
    store = await opened_store(tmp_path, NEXT)
    async with store.running():
        assert (await check_store(store, origin=NEXT)).findings == ()


async def test_a_log_that_was_never_signed_is_not_succeeded(tmp_path: Path) -> None:
    store = await opened_store(tmp_path, ORIGIN)
    async with store.running():
        await store.append([EntryDraft("admin.test", NOW, {})])
    with pytest.raises(ConflictError, match="never signed"):
        await succeed(tmp_path)


async def test_erasing_reaches_what_the_old_log_disclosed_and_minima_end_with_it(
    tmp_path: Path,
) -> None:
    scene = await scene_in(tmp_path)
    await succeed(tmp_path)
    store = await opened_store(tmp_path, NEXT)
    order = ErasureOrder(basis="x", until=LATER, act=ACT)
    async with store.running():
        assert await store.log_minimum() == 0
        erased = await store.erase([scene.delivered.id], order, LATER)
        assert len(erased.rings) == 1
    vault(tmp_path).destroy(erased.rings)

    def read(engine: Engine) -> set[str]:
        found = past_disclosures(engine, ORIGIN, vault(tmp_path))
        return {read_disclosure(one).name for each in found.values() for one in each}

    found = await on_database(tmp_path, read)
    assert isinstance(found, set)
    assert {"actor", "purpose"} <= found
