"""After an erasure the file, its log and its free pages hold nothing of it."""

import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import DiskReserveError
from gateway.core.values import UnixMs
from gateway.ports.erasure import ErasureOrder
from gateway.ports.inbox import CheckDone, InboundItem
from gateway.ports.log import SignedCheckpoint
from gateway.storage.sqlite import tidying
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.store import SqliteStore
from tests.support.pages import every_byte
from tests.support.storing import (
    ACT,
    DAY_MS,
    KEY,
    NOW,
    PEER,
    PeerLog,
    deliver,
    index_of,
    outbound,
    sqlite_store,
    vault,
)

ORDER = ErasureOrder(
    basis="retention-10y",
    until=UnixMs(NOW + DAY_MS),
    act=Act("saar", "security", "end of the retention period"),
)


@dataclass(frozen=True)
class Secrets:
    """A peer's message, and every value that has to go with it."""

    item: InboundItem
    values: tuple[bytes, ...]


def all_of(folder: Path) -> bytes:
    return every_byte(folder / "gateway.db", KEY)


async def stored(store: SqliteStore, log: PeerLog, number: int) -> Secrets:
    """Store, check and open a message full of things to be erased."""
    case = f"case-{number:05}-of-somebody"
    item = replace(
        log.item(f"{number:05} says who did it ".encode() * (1 + number % 40)),
        archived_key=f"archived key {number:05}".encode(),
        seq=number,
    )
    await store.commit_inbound(log.link(), [item], NOW)
    await store.begin_checks(9, NOW)
    index = replace(
        index_of(case),
        sender_ref=f"Js {number:05}/26",
        recipient_ref=f"K-{number:05}/2026",
        in_reply_to=f"reply to {number:05}",
    )
    await store.finish_checks([CheckDone(item.id, PEER, index, 0)])
    reader = Act("tamm", "caseworker", "answering", f"K-{number:05}/2026")
    await store.log_access(item.id, reader, NOW)
    values = (
        case.encode(),
        item.envelope,
        item.archived_key,
        index.sender_ref.encode(),
        index.recipient_ref.encode(),
        index.in_reply_to.encode(),
    )
    return Secrets(item, values)


async def test_nothing_of_what_was_erased_is_in_any_page(tmp_path: Path) -> None:
    """Rows are rewritten, grow and go in a mixed order, as in years of use.

    So that pages are split and merged, which leaves copies of rows in them.
    """
    chance = random.Random(7)  # noqa: S311 - which messages a test erases
    log = PeerLog()
    async with sqlite_store(tmp_path) as store:
        kept: list[Secrets] = []
        gone: list[Secrets] = []
        for number in range(1, 161):
            kept.append(await stored(store, log, number))
            if number % 3 == 0:
                one = kept.pop(chance.randrange(len(kept)))
                await store.erase([one.item.id], ORDER, NOW)
                gone.append(one)
        before = all_of(tmp_path)
        assert all(value in before for one in kept for value in one.values)
        assert await store.is_compaction_due()

        await store.retire_wal()
        await store.compact()

        assert not await store.is_compaction_due()
        assert (tmp_path / "gateway.db-wal").stat().st_size == 0
        after = all_of(tmp_path)
        found = [value for one in gone for value in one.values if value in after]
        assert found == []
        assert all(
            value in after for one in kept for value in one.values if len(value) < 400
        )


async def test_what_was_submitted_with_is_in_no_page_either(tmp_path: Path) -> None:
    message = replace(
        outbound(),
        idempotency_key="K-17/2026 to mj.fr",
        request_digest="digest-of-the-request",
    )
    async with sqlite_store(tmp_path) as store:
        await store.accept(message, NOW)
        await deliver(store, PeerLog(), message)
        values = [
            b"K-17/2026 to mj.fr",
            b"digest-of-the-request",
            message.index.case_id.encode(),
        ]
        assert all(value in all_of(tmp_path) for value in values)

        await store.erase([message.id], ORDER, NOW)
        await store.compact()

        assert [value for value in values if value in all_of(tmp_path)] == []


async def test_what_was_pruned_is_in_no_page(tmp_path: Path) -> None:
    drafts = [
        EntryDraft("auth.fail", NOW, {"count": 700_000_000_000_000 + one})
        for one in range(300)
    ]
    async with sqlite_store(tmp_path) as store:
        await store.append(drafts)
        head = await store.log_head()
        await store.record_checkpoint(SignedCheckpoint(300, head.root, b"n", NOW))
        await store.record_round(300, NOW)
        await store.prune(256, basis="ten years", act=ACT, now=NOW)
        await store.compact()

        left = all_of(tmp_path)
        found = [
            one for one in range(300) if str(700_000_000_000_000 + one).encode() in left
        ]
        assert found == list(range(256, 300))


async def test_no_key_of_a_ring_is_in_the_database(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path) as store:
        await store.accept(outbound(), NOW)
        keys = [vault(tmp_path)._rings.wrapped_key(one) for one in await store.rings()]
        assert len(keys) == 2
        assert not any(key in all_of(tmp_path) for key in keys if key)


async def test_an_older_copy_does_not_give_back_what_was_erased(
    tmp_path: Path,
) -> None:
    """A backup of the database from before, beside the keys of today."""
    copy = tmp_path / "backup"
    copy.mkdir()
    async with sqlite_store(tmp_path) as store:
        secrets = await stored(store, PeerLog(), 1)
        access = (await store.log_indices(secrets.item.id))[-1]
        for name in ("gateway.db", "gateway.db-wal"):
            shutil.copy(tmp_path / name, copy / name)
        erased = await store.erase([secrets.item.id], ORDER, NOW)
        vault(tmp_path).destroy(erased.rings)
    shutil.copy(tmp_path / "rings", copy / "rings")

    async with sqlite_store(copy) as old:
        read = [read_disclosure(one.encoded) for one in await old.disclosures(access)]
        assert {one.name for one in read} == {"actor", "role", "purpose"}
        # Nor can anything more be sealed under what was destroyed.
        await old.log_access(secrets.item.id, ACT, NOW)
        assert not set(erased.rings) & set(await old.rings())


async def test_keys_of_an_older_version_are_moved_out_and_seal_on(
    tmp_path: Path,
) -> None:
    """A database as version 4 of the layout left it, with its keys inside."""
    async with sqlite_store(tmp_path) as store:
        await store.append([EntryDraft("admin.test", NOW, {}, ACT.disclosures())])
        rings = await store.rings()
    one = vault(tmp_path)
    nonce = bytes(12)
    old_keys = {}
    for ring in rings:
        key = one._unwrap(ring)
        assert key
        sealed = AESGCM(bytes(32)).encrypt(nonce, key, b"disclosure-ring\0")
        old_keys[ring] = nonce + sealed
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    await connection.run(
        lambda engine: engine.executemany(
            "INSERT INTO disclosure_key SELECT key_id, scope, ? "
            "FROM disclosure_ring WHERE ring = ?",
            [(wrapped, ring) for ring, wrapped in old_keys.items()],
        )
    )
    await connection.run(lambda engine: engine.execute("DELETE FROM disclosure_ring"))
    await connection.close()
    (tmp_path / "rings").unlink()
    assert all(wrapped in all_of(tmp_path) for wrapped in old_keys.values())

    async with sqlite_store(tmp_path) as store:
        assert len(await store.disclosures(0)) == len(ACT.disclosures())
        assert await store.is_compaction_due()
        await store.compact()
        left = all_of(tmp_path)
        assert not any(wrapped in left for wrapped in old_keys.values())


async def test_without_room_for_a_second_copy_nothing_is_begun(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sqlite_store(tmp_path) as store:
        message = outbound()
        await store.accept(message, NOW)
        await deliver(store, PeerLog(), message)
        await store.erase([message.id], ORDER, NOW)
        monkeypatch.setattr(tidying, "_SPARE_BYTES", 2**60)

        with pytest.raises(DiskReserveError):
            await store.compact()

        assert await store.is_compaction_due()
        await store.accept(outbound(), NOW)
