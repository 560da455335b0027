"""Every kind of damage to a store is found by checking it against itself."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from gateway.core.delivery import OutboundState
from gateway.ports.log import SignedCheckpoint
from gateway.storage.audit_check import check_store
from gateway.storage.memory.store import MemoryRunner
from gateway.storage.memory.tables import ONLY, Tables
from gateway.storage.rows import StoredMessage
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    deliver,
    outbound,
    store_in_memory,
)


@pytest.fixture
async def store() -> AsyncIterator[TransactionalStore]:
    """Give a store in which something happened, 8 entries and 3 messages."""
    log = PeerLog()
    async with store_in_memory() as one:
        delivered, cancelled = outbound(), outbound()
        await one.accept(delivered, NOW)
        await one.accept(cancelled, NOW)
        await one.cancel(cancelled.id, ACT, NOW)
        await deliver(one, log, delivered)
        received = log.item()
        refused = log.item(seq=2, refusal="expired")
        await one.commit_inbound(log.link(), [received, refused], NOW)
        await one.begin_checks(1, NOW)
        await one.log_access(received.id, ACT, NOW)
        yield one


def tables_of(store: TransactionalStore) -> Tables:
    assert isinstance(store._runner, MemoryRunner)
    return store._runner._tables


async def findings(store: TransactionalStore) -> tuple[str, ...]:
    return (await check_store(store, origin=ORIGIN)).findings


async def test_a_sound_store_has_no_findings(store: TransactionalStore) -> None:
    report = await check_store(store, origin=ORIGIN)

    assert (report.entries, report.messages, report.findings) == (8, 3, ())


async def test_another_log_is_not_ours(store: TransactionalStore) -> None:
    report = await check_store(store, origin="mj.fr/audit/1")

    assert "belongs to another log" in report.findings[0]


async def test_a_changed_entry_is_found_with_its_index(
    store: TransactionalStore,
) -> None:
    entries = tables_of(store).entries
    entries[2] = replace(entries[2], data=entries[2].data.replace(b"mj.fr", b"mj.de"))

    found = await findings(store)

    assert found[0] == "entry 2: its hash is not the stored one"
    assert "entry 3: the chain is broken before it" in found
    assert "log: the root over 8 entries is not the head's" in found


async def test_a_column_that_says_something_else_is_found(
    store: TransactionalStore,
) -> None:
    entries = tables_of(store).entries
    entries[1] = replace(entries[1], kind="msg.hold")

    assert "entry 1: its columns say something else" in await findings(store)


async def test_a_cut_log_is_found(store: TransactionalStore) -> None:
    tables = tables_of(store)
    del tables.entries[7]
    assert "log: 7 entries, the head says 8" in await findings(store)

    tables.head[ONLY] = replace(tables.head[ONLY], size=4, frontier=bytes(32))
    tables.checkpoints[8] = SignedCheckpoint(8, bytes(32), b"note", NOW)
    assert "log: ends at 4, 8 was signed" in await findings(store)


async def test_another_signed_root_is_found(store: TransactionalStore) -> None:
    tables_of(store).checkpoints[5] = SignedCheckpoint(5, bytes(32), b"note", NOW)

    assert await findings(store) == ("log: the signed root of size 5 is another one",)


def _remove(tables: Tables, message: StoredMessage) -> None:
    del tables.messages[message.view.id]


def _count_one_more(tables: Tables, _: StoredMessage) -> None:
    row = tables.peers[PEER]
    tables.peers[PEER] = replace(row, accepted=row.accepted + 1)


def _claim_delivery(tables: Tables, message: StoredMessage) -> None:
    view = replace(message.view, state=OutboundState.DELIVERED)
    tables.messages[view.id] = replace(message, view=view)


def _rename(tables: Tables, message: StoredMessage) -> None:
    view = replace(message.view, id=outbound().id)
    tables.messages[view.id] = replace(message, view=view)
    del tables.messages[message.view.id]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_remove, "is logged, but not there"),
        (_count_one_more, "3 accepted, 2 counted"),
        (_claim_delivery, "is delivered without an entry"),
        (_rename, "has no entry of its arrival"),
    ],
)
async def test_messages_and_entries_that_do_not_agree_are_found(
    store: TransactionalStore,
    damage: Callable[[Tables, StoredMessage], None],
    sentence: str,
) -> None:
    tables = tables_of(store)
    cancelled = next(
        one
        for one in tables.messages.values()
        if one.view.state is OutboundState.CANCELLED
    )

    damage(tables, cancelled)

    assert any(sentence in one for one in await findings(store))
