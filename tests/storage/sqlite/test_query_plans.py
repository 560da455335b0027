"""How the engine goes about every statement: along an index, wherever a table grows.

A million messages must cost what a thousand cost. A statement that reads a whole table,
or sorts, is named below with the reason why it may; a new one fails here.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection as Engine

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.entries.kinds import is_pruned_kind
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import QUERIES

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
    "list_by_code": "message_by_code",
    "list_by_hold": "message_by_hold",
    "list_by_urgency": "message_by_urgency",
    "job_of_key": "job_by_key",
    "past_jobs": "job_ended",
    "entry_indices": "audit_entry_by_message",
    "used_keys_of": "used_key_by_message",
    "subject_tags": "subject_tag_by_message",
    "drop_subject_tags": "subject_tag_by_message",
    "disposals": "disposal_by_case",
    "open_subject_requests": "subject_request_open",
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

# Tables with a row for each peer, witness, state or find, never for each message.
SMALL_TABLES = frozenset(
    {
        # At most a thousand are open, and what is over goes after a while.
        "alert",
        # Of the people of one authority.
        "known_place",
        "session",
        "disclosure_key",
        "incident",
        "maintenance",
        "legal_hold",
        "log_conflict",
        "message_count",
        "peer",
        "recovery_note",
        "token_use",
        "sqlite_schema",
        "webhook",
        "witnessed_log",
    },
)

# Indices that hold what is being worked on, however much is settled.
SMALL_INDICES = frozenset(
    {
        "approval_due",
        "attachment_damaged",
        "attachment_unverified",
        "job_open",
        "message_being_checked",
        "subject_request_open",
        "message_leased",
        "message_unchecked",
        "upload_unused",
    },
)

# The first rows in the order of the key: the limit ends it, not the table.
FIRST_ROWS = frozenset({"newest_checkpoint", "oldest_change", "oldest_changes"})

# Whole tables, with the node stopped: `mla-gateway recover`.
OFFLINE = frozenset(
    {
        "all_changes",
        "all_events",
        "all_keys",
        "all_messages",
        "all_refusals",
        "cut_events",
        "cut_tiles",
        "first_entries",
        "keep_stamps",
        "moved_changes",
        "moved_events",
        "moved_grants",
        "moved_keys",
        "moved_messages",
        "moved_refusals",
        "moved_stamps",
    },
)

# Whole tables, beside the messages' way.
WHOLE = {
    "open_alarm_counts": "alarms that are open, along an index of them alone",
    "all_kept_facts": "a report over all cases that were erased",
    "change_before": "a person asks to be told again: back to that moment only",
    "blob_uses": "the folder of evidence is compared with all that names a file of it",
    "found_counts": "rows counted once a walk over the whole store, along an index",
    "rings": "ring keys are compared with all that names one, after a start",
    "count_subject_requests": "the register of what people asked: dozens a year",
    "subject_requests": "the register of what people asked, as a whole",
    "unsearchable": "older messages are counted once a search for a person",
    "unlogged_refusals": "all refusals once a walk over the whole store",
    "assignments_to": "cases of somebody by name, when they leave: once an account",
    "unused_duty_rings": "pruning asks once whether a quarter is in use any more",
}

# Sorted once they are found: there are few.
SORTED = {
    "expiring": "messages that expire soon, counted by peer",
    "open_alerts": "at most a thousand",
    "open_alert_counts": "at most a thousand, counted",
    "sessions": "of the people of one authority",
    "open_alarm_counts": "alarms that are open, counted by kind",
    "all_events": "with the node stopped",
    "conflicts_of": "what is held against one log",
    "entries_of": "the entries of a page of messages",
    "let_through": "the messages of a page",
    "list_by_id": "messages whose ids begin alike",
    "saved_views": "the views that one account sees, dozens",
    "step_outcomes": "the messages of one job, counted",
    "causes": "what waits or has failed, counted by cause",
    "holds": "the legal holds, at most a thousand",
    "in_transfer": "messages of one peer whose files are under way",
    "log_triggers": "with the node stopped",
    "open_approval_counts": "what waits for people now, a row for each kind",
    "owed_evidence": "messages of one peer whose files are under way",
    "proofs": "the proofs of one message",
    "proofs_of": "the proofs of a page of messages",
    "witnessed_logs": "one row for each log that we cosign",
}

_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_ALIAS = re.compile(r"\b(?:FROM|JOIN) (\w+) AS (\w+)")
_NAMED = re.compile(r":([a-z_]+)")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Give an empty database of the newest layout."""
    with closing(sqlcipher.connect(":memory:", isolation_level=None)) as engine:
        engine.create_function("is_pruned_kind", 1, is_pruned_kind, deterministic=True)
        migrate(engine, origin="moj.ee/audit/1")
        yield engine


def plan_of(engine: Engine, statement: str) -> list[str]:
    """Return the steps that the engine would take."""
    named = dict.fromkeys(_NAMED.findall(statement))
    values = named or (None,) * statement.count("?")
    rows = engine.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    return [str(row[3]) for row in rows]


def whole_tables(statement: str, plan: list[str]) -> set[str]:
    """Return the growing tables that a plan reads from one end to the other."""
    named = {alias: table for table, alias in _ALIAS.findall(statement)}
    found: set[str] = set()
    for step in plan:
        match = _SCAN.match(step)
        if match is None or "VIRTUAL TABLE" in step or match[1] == "CONSTANT":
            continue
        table = named.get(match[1]) or str(match[1])
        if table not in SMALL_TABLES and match[2] not in SMALL_INDICES:
            found.add(table)
    return found


def is_sorted(plan: list[str]) -> bool:
    """Tell whether rows are gathered first and then sorted."""
    return any("TEMP B-TREE" in step for step in plan)


def names() -> list[str]:
    """Return every statement that is run on a database with a layout."""
    return sorted(QUERIES.keys() - {"create_schema_version"})


@pytest.mark.parametrize(("name", "index"), INDEXED.items())
def test_frequent_queries_use_their_index_and_sort_nothing(
    engine: Engine, name: str, index: str
) -> None:
    plan = plan_of(engine, QUERIES[name])
    used = re.compile(rf"(SEARCH|SCAN) .+ USING (COVERING )?INDEX {index}\b")
    # A list that is looked through has the step that finds rows inside another.
    first = next(step for step in plan if not step.startswith("CO-ROUTINE"))
    assert used.match(first), plan
    assert not is_sorted(plan), plan


@pytest.mark.parametrize("name", names())
def test_no_statement_reads_a_growing_table_whole(engine: Engine, name: str) -> None:
    statement = QUERIES[name]
    plan = plan_of(engine, statement)
    is_excused = name in FIRST_ROWS | OFFLINE | WHOLE.keys()
    assert bool(whole_tables(statement, plan)) is is_excused
    assert is_sorted(plan) is (name in SORTED)


def test_first_rows_are_limited() -> None:
    assert all(re.search(r" LIMIT (1|\?);\Z", QUERIES[name]) for name in FIRST_ROWS)


def test_a_scan_and_a_sort_are_seen(engine: Engine) -> None:
    """The test itself: a list by a field without an index fails it."""
    statement = "SELECT * FROM message AS m WHERE m.digest > ? ORDER BY m.seq"
    plan = plan_of(engine, statement)
    assert whole_tables(statement, plan) == {"message"}
    assert is_sorted(plan)


def test_every_statement_is_a_named_one() -> None:
    """So nothing but settings of the engine is run past this test."""
    found = re.compile(r"\.execute(?:many|script)?\(\s*f?[\"']([A-Z]+)")
    words = {
        word
        for file in GATEWAY.rglob("*.py")
        for word in found.findall(file.read_text("utf-8"))
    }
    assert words <= {
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "PRAGMA",
        "VACUUM",
        "DROP",
        "SELECT",
    }
