"""The layout of the database: append-only where it must be, every query in use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.entries.leaf import EntryDraft
from gateway.storage.sqlite.connection import Connection, Role, connect
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import QUERIES
from tests.support.storing import KEY, NOW, ORIGIN, sqlite_store

GATEWAY = Path(__file__).parents[3] / "gateway"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Connection]:
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    await connection.run(lambda engine: migrate(engine, origin=ORIGIN))
    yield connection
    await connection.close()


async def test_the_columns_of_a_message_are_in_the_order_they_are_read(
    database: Connection,
) -> None:
    found = await database.run(
        lambda engine: [row[1] for row in engine.execute("PRAGMA table_info(message)")],
    )

    assert ",".join(found) == (
        "number,id,box,peer,state,priority,created_at,accepted_at,updated_at,"
        "expires_at,digest,content_digest,size_bytes,seq,log_index,msg_type,case_id,"
        "case_seq,urgency,in_reply_to,sender_ref,recipient_ref,attempts,"
        "next_attempt_at,last_code,hold_reason,problems,idempotency_key,"
        "unknown_attempts,is_leased,check_state,opened_index,offer_rank,"
        "attachments,attachment_bytes,pending_until"
    )


@pytest.mark.parametrize(
    "rewriting",
    [
        "UPDATE audit_entry SET data = x'00' WHERE i = 3",
        "DELETE FROM audit_entry WHERE i = 299",
        "UPDATE audit_tile SET root = zeroblob(32)",
        "DELETE FROM audit_tile",
        "UPDATE audit_head SET size = size - 1",
        "DELETE FROM audit_head",
        "UPDATE audit_checkpoint SET root = zeroblob(32)",
        "DELETE FROM audit_checkpoint",
    ],
)
async def test_the_log_cannot_be_rewritten_by_a_slip(
    tmp_path: Path,
    rewriting: str,
) -> None:
    async with sqlite_store(tmp_path) as store:
        await store.append([EntryDraft("admin.test", NOW, {}) for _ in range(300)])
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    await connection.run(
        lambda engine: engine.execute(
            "INSERT INTO audit_checkpoint VALUES (300, zeroblob(32), x'00', 1)",
        ),
    )
    try:
        with pytest.raises(sqlcipher.IntegrityError):
            await connection.run(lambda engine: engine.execute(rewriting))
    finally:
        await connection.close()


def test_every_query_is_used_and_every_used_query_exists() -> None:
    source = "".join(path.read_text() for path in (GATEWAY / "storage").rglob("*.py"))
    unused = [name for name in QUERIES if f'"{name}"' not in source]

    assert unused == []
