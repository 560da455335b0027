"""Which databases a node runs on, and that only its key opens them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.errors import StoreError
from gateway.core.values import UnixMs
from gateway.ports.keys import RingId
from gateway.ports.outbox import OutcomeKind
from gateway.storage.lock import hold_folder
from gateway.storage.sqlite.connection import Role, check_engine, connect
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import migrations
from gateway.storage.sqlite.store import SqliteStore
from tests.support.storing import (
    KEY,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    claim,
    outbound,
    sqlite_store,
    vault,
)

ROOT = Path(__file__).parents[3]
DURABLE = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "temp_store": 2,
    "mmap_size": 0,
    "busy_timeout": 5000,
    "cipher_status": "1",
    "cipher_use_hmac": "1",
}


async def open_store(
    folder: Path, key: bytes = KEY, origin: str = ORIGIN
) -> SqliteStore:
    return await SqliteStore.open(
        folder / "gateway.db",
        key,
        log_origin=origin,
        vault=vault(folder),
        on_fatal=lambda _: None,
    )


def modes_in(folder: Path) -> set[int]:
    return {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


def bytes_in(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.iterdir())


@pytest.mark.parametrize("role", list(Role))
async def test_every_connection_is_durable_private_and_encrypted(
    tmp_path: Path,
    role: Role,
) -> None:
    await (await connect(tmp_path / "gateway.db", KEY, Role.WRITER)).close()
    connection = await connect(tmp_path / "gateway.db", KEY, role)
    try:
        found = await connection.run(
            lambda engine: {
                name: engine.execute(f"PRAGMA {name}").fetchone()[0]
                for name in (*DURABLE, "query_only")
            },
        )
    finally:
        await connection.close()

    assert found == {**DURABLE, "query_only": int(role is Role.READER)}


async def test_another_key_opens_nothing(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path):
        pass

    with pytest.raises(StoreError, match="not its key"):
        await open_store(tmp_path, key=bytes(32))


async def test_a_plain_database_is_refused(tmp_path: Path) -> None:
    plain = sqlcipher.connect(str(tmp_path / "gateway.db"))
    plain.execute("CREATE TABLE message (id TEXT)")
    plain.close()

    with pytest.raises(StoreError):
        await open_store(tmp_path)


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path):
        pass
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    await connection.run(
        lambda engine: engine.execute("INSERT INTO schema_version VALUES (9999)"),
    )
    await connection.close()

    with pytest.raises(StoreError, match="layout 9999"):
        await open_store(tmp_path)


async def test_the_database_of_another_log_is_refused(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path):
        pass

    with pytest.raises(StoreError, match="holds the log"):
        await open_store(tmp_path, origin="mj.fr/audit/1")


async def test_a_migration_that_was_applied_is_not_applied_again(
    tmp_path: Path,
) -> None:
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    for _ in range(2):
        await connection.run(lambda engine: migrate(engine, origin=ORIGIN))
    versions = await connection.run(
        lambda engine: engine.execute("SELECT version FROM schema_version").fetchall(),
    )
    await connection.close()

    assert versions == [(step.version,) for step in migrations()]


def test_an_engine_that_can_corrupt_its_log_is_refused() -> None:
    check_engine((3, 51, 3))
    with pytest.raises(StoreError, match=r"3\.51\.2, expected 3\.51\.3 or newer"):
        check_engine((3, 51, 2))


async def test_files_are_the_owners_alone_and_links_are_not_followed(
    tmp_path: Path,
) -> None:
    os.umask(old := os.umask(0))
    os.umask(0)
    try:
        async with sqlite_store(tmp_path) as store:
            await store.probe()
            modes = modes_in(tmp_path)
    finally:
        os.umask(old)
    assert modes == {0o600}

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "gateway.db").symlink_to(tmp_path / "gateway.db")
    with pytest.raises(StoreError):
        await open_store(elsewhere)


async def test_no_plaintext_reaches_the_files(tmp_path: Path) -> None:
    message = outbound()
    async with sqlite_store(tmp_path) as store:
        await store.accept(message, NOW)
        await store.log_head()
        raw = bytes_in(tmp_path)
    raw += bytes_in(tmp_path)

    assert message.sealing
    for canary in (message.id, message.index.case_id, PEER, "kask", "message"):
        assert canary.encode() not in raw
    assert message.sealing.envelope not in raw
    assert b"SQLite format" not in raw


async def test_back_off_and_attempts_survive_a_restart(tmp_path: Path) -> None:
    message, log = outbound(), PeerLog()
    later = UnixMs(NOW + 30_000)
    async with sqlite_store(tmp_path) as store:
        await store.accept(message, NOW)
        await claim(store)
        unknown = log.outcome(message, OutcomeKind.UNKNOWN, next_attempt_at=later)
        await store.record_outcomes(PEER, [unknown], None, NOW)
        await store.record_failure(PEER, error="unreachable", retry_at=later)

    async with sqlite_store(tmp_path) as store:
        row = await store.message(message.id)
        traffic = await store.traffic(PEER, NOW)
        assert (row.attempts, row.has_unknown_attempt) == (1, True)
        assert (traffic.failures, traffic.retry_at) == (1, later)
        assert await claim(store) == []
        assert await claim(store, later) == [message.id]


async def test_a_check_that_was_begun_is_given_again_after_a_restart(
    tmp_path: Path,
) -> None:
    log = PeerLog()
    item = log.item()
    async with sqlite_store(tmp_path) as store:
        await store.commit_inbound(log.link(), [item], NOW)
        await store.begin_checks(10, NOW)
        assert await store.begin_checks(10, NOW) == []

    async with sqlite_store(tmp_path) as store:
        (again,) = await store.begin_checks(10, NOW)
        assert again.id == item.id


async def ring_of_case(folder: Path, case_id: str) -> RingId:
    connection = await connect(folder / "gateway.db", KEY, Role.WRITER)
    rows = await connection.run(
        lambda engine: engine.execute(
            "SELECT ring FROM disclosure_ring WHERE scope = ?", (f"case:{case_id}",)
        ).fetchall(),
    )
    await connection.close()
    return RingId(rows[0][0])


async def test_destroying_a_ring_erases_what_it_sealed_and_nothing_else(
    tmp_path: Path,
) -> None:
    message = outbound()
    async with sqlite_store(tmp_path) as store:
        await store.accept(message, NOW)
        before = await store.disclosures(0)
        root = (await store.log_head()).root
    ring = await ring_of_case(tmp_path, message.index.case_id)

    assert vault(tmp_path).destroy([ring]) == 1

    async with sqlite_store(tmp_path) as store:
        left = await store.disclosures(0)
        assert {one.ring.value for one in before} == {"duty", "case"}
        assert left == [one for one in before if one.ring.value == "duty"]
        assert (await store.log_head()).root == root


async def test_a_store_that_never_ran_can_be_closed(tmp_path: Path) -> None:
    store = await open_store(tmp_path)

    await store.close()

    assert not (tmp_path / "gateway.db-wal").exists()


def test_one_node_a_folder(tmp_path: Path) -> None:
    attempt = (
        "import sys; from pathlib import Path; from gateway.storage.lock import *\n"
        "try:\n    hold_folder(Path(sys.argv[1])).__enter__()\n"
        "except StoreError as error:\n    print(error)\n"
    )

    def try_in_another_process() -> str:
        return subprocess.run(  # noqa: S603 - our own interpreter and text
            [sys.executable, "-c", attempt, str(tmp_path)],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        ).stdout

    with hold_folder(tmp_path):
        assert f"process {os.getpid()}" in try_in_another_process()
    assert try_in_another_process() == ""
