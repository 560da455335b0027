"""A seeded store is one that the node believes, and goes on with."""

from pathlib import Path

import pytest

from benchmarks.per_message import Side
from benchmarks.seeded_messages import PATTERN
from benchmarks.seeded_rows import Amount, Target
from benchmarks.seeding import seed
from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.checkpoint import Checkpoint, LogSigner, verify_checkpoint
from gateway.flows.self_check import check_store
from gateway.ports.messages import Box, MessageFilter
from tests.support.storing import (
    KEY,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    sqlite_store,
    vault,
)

SIGNER = LogSigner(ORIGIN, ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))
MESSAGES, QUEUED = 430, 7


async def sign(checkpoint: Checkpoint) -> bytes:
    return SIGNER.sign(checkpoint)


async def seeded(folder: Path) -> None:
    target = Target(
        path=folder / "gateway.db",
        key=KEY,
        origin=ORIGIN,
        vault=vault(folder),
        sign=sign,
    )
    amount = Amount(
        messages=MESSAGES,
        peers=(PEER, OTHER_PEER),
        now=NOW,
        envelope_bytes=200,
        queued=QUEUED,
    )
    await seed(target, amount)


@pytest.mark.parametrize("entries_before", [0, 300])
async def test_the_node_finds_nothing_wrong_with_it(
    tmp_path: Path, entries_before: int
) -> None:
    async with sqlite_store(tmp_path) as store:
        await store.append(
            [EntryDraft("admin.test", NOW, {}) for _ in range(entries_before)]
        )
    await seeded(tmp_path)

    async with sqlite_store(tmp_path) as store:
        report = await check_store(
            store,
            origin=ORIGIN,
            read_note=lambda raw: verify_checkpoint(
                raw, origin=ORIGIN, keys=SIGNER.keys
            ),
        )
        queue = MessageFilter(box=Box.OUT, states=("queued",))
        waiting = await store.messages(queue, cursor="", limit=100)

    assert report.findings == ()
    assert report.messages == MESSAGES
    assert report.entries > entries_before + MESSAGES
    assert report.signed_size == report.entries
    assert len(waiting.rows) == QUEUED


async def test_messages_go_through_a_seeded_store(tmp_path: Path) -> None:
    await seeded(tmp_path)
    async with sqlite_store(tmp_path) as store:
        before = (await store.log_head()).size
        took_s = await Side(store).batch_s()
        grown = (await store.log_head()).size - before
        left = (await store.traffic(PEER, NOW)).queued
        report = await check_store(store, origin=ORIGIN)

    assert took_s > 0
    # Sent, delivered, received and checked: four entries a message.
    assert grown == 4 * 64
    assert left > 0
    assert report.findings == ()


def test_the_pattern_has_every_state_in_its_share() -> None:
    states = [(fate.box, fate.state) for fate in PATTERN]
    assert len(states) == 100
    assert len(set(states)) == 10
