"""The layout of the database: append-only where it must be, quick where it is large."""

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from sqlite3 import Connection as Engine

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.entries.leaf import EntryDraft
from gateway.storage.sqlite.connection import Connection, Role, connect
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import QUERIES
from tests.support.storing import KEY, NOW, ORIGIN, sqlite_store

GATEWAY = Path(__file__).parents[3] / "gateway"

# Reads and changes that must not look at more rows than they return.
INDEXED = {
    "due": "message_offered",
    "next_due_at": "message_by_attempt",
    "past_expiry": "message_by_expiry",
    "unchecked": "message_unchecked",
    "restart_checks": "message_being_checked",
    "release_leases": "message_leased",
    "held": "message_by_peer",
    "oldest_queued_at": "message_by_peer",
    "list_all": "message_by_time",
    "list_by_state": "message_by_state",
    "list_by_peer": "message_by_peer",
    "list_by_case": "message_by_case",
    "list_by_type": "message_by_type",
    "list_by_sender_ref": "message_by_sender_ref",
    "list_by_key": "message_by_key",
    "entry_indices": "audit_entry_by_message",
    "used_keys_of": "used_key_by_message",
    "case_in_use": "message_by_case",
    "newest_entry": "audit_entry_by_kind",
    "peer_log": "peer_log_by_authority",
    "upload_by_key": "upload_by_key",
    "unused_uploads": "upload_unused",
    "stale_uploads": "upload_by_time",
    "past_pending": "message_pending",
    "evidence_bytes": "message_with_evidence",
    "unverified": "attachment_unverified",
    "upload_of_blob": "upload_unused",
    "first_opening_of": "audit_entry_by_message",
    "found_counts": "message_by_peer",
    "owed_offers": "message_offered",
    "owed_witnesses": "proof_by_leaf",
    "owed_receipts": "message_by_entry",
}


# Tables with a row or a few for each peer, and what is no table at all.
SMALL = (
    "peer",
    "message_count",
    "witnessed_log",
    "log_conflict",
    "json_each",
    "sqlite_schema",
    "schema_version",
    "node_state",
)

# Asked once at a start, about everything there is.
AT_START = {
    "blob_uses",
    "look_again",
    "recovery_notes",
    "rings",
    "old_ring_keys",
    "drop_old_ring_keys",
}
# Run by `mla-gateway recover` alone, with the node stopped.
OFFLINE = {
    name
    for file in ("rewriting.sql", "succeeding.sql")
    for name in re.findall(
        r"-- name: ([a-z_]+)",
        (GATEWAY / "storage" / "sql" / file).read_text(),
    )
}
# Asked once in a walk over everything.
WALKED = {"unlogged_refusals"}
# Asked when a person erases or prunes.
SELDOM = {
    "drop_used_upload",
    "drop_past_disclosures",
    "first_event",
    "count_pruned_entries",
    "minimum",
    "unused_duty_rings",
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Connection]:
    connection = await connect(tmp_path / "gateway.db", KEY, Role.WRITER)
    await connection.run(lambda engine: migrate(engine, origin=ORIGIN))
    yield connection
    await connection.close()


def plan_of(engine: Engine, name: str) -> list[str]:
    statement = QUERIES[name]
    count = statement.count("?")
    named = dict.fromkeys(re.findall(r":([a-z_]+)", statement), "")
    explained = f"EXPLAIN QUERY PLAN {statement}"
    rows = engine.execute(explained, named or ("",) * count)
    return [row[3] for row in rows]


@pytest.mark.parametrize(("name", "index"), INDEXED.items())
async def test_frequent_queries_use_their_index_and_sort_nothing(
    database: Connection,
    name: str,
    index: str,
) -> None:
    plan = await database.run(lambda engine: plan_of(engine, name))

    assert re.search(rf"USING (COVERING )?INDEX {index}\b", plan[0]), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


async def test_no_query_scans_a_large_table(database: Connection) -> None:
    small = "|".join(SMALL)
    for name in QUERIES:
        if QUERIES[name].startswith("CREATE") or name in INDEXED:
            continue
        plan = await database.run(partial(plan_of, name=name))
        scans = [step for step in plan if step.startswith("SCAN")]
        allowed = [one for one in scans if re.match(rf"SCAN ({small})\b", one)]
        # Reading on in the order of the key is no scan.
        read_on = {"oldest_changes", "newest_checkpoint"}
        if name not in {*read_on, *AT_START, *OFFLINE, *WALKED, *SELDOM}:
            assert scans == allowed, (name, plan)


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
