"""The log as a record of processing, and what of it somebody should look at."""

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gateway.core.entries.kinds import KINDS
from gateway.core.values import UnixMs
from gateway.mla.codelists import is_code
from gateway.mla.log_review import (
    BULK_READS,
    REPEATED_DENIALS,
    MessageFacts,
    ReviewReason,
    review_list,
)
from gateway.mla.processing import (
    FIELDS,
    OPERATIONS,
    ProcessingRecord,
    operation_of,
    record_of,
)
from gateway.verifier.led_export import records_text, table_text

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

HOUR = 3_600_000
NOON = UnixMs(1_764_331_200_000)  # 2025-11-28 12:00 UTC
NOTHING = MessageFacts(special=frozenset(), ended={})
OTHER_KINDS = (
    "admin.approval-ask",
    "admin.approval-override",
    "admin.retry",
    "config.trust",
    "key.card",
)


def record(
    seq: int,
    kind: str = "msg.access",
    *,
    at: int = NOON,
    actor: str = "anna",
    msg_id: str = "m1",
    **leaf: str,
) -> ProcessingRecord:
    entry: JsonObject = {"k": kind, "i": seq, "m": msg_id, "t": "…", **leaf}
    return record_of(entry, {"actor": actor}, at_ms=UnixMs(at), entry_hash="ff")


def reasons(*records: ProcessingRecord, facts: MessageFacts = NOTHING) -> list[str]:
    return [str(one.reason) for one in review_list(records, facts)]


@pytest.mark.parametrize("kind", [*KINDS, *OTHER_KINDS])
def test_every_kind_of_entry_is_an_operation_of_the_list(kind: str) -> None:
    assert is_code("LOG_OP", operation_of(kind))
    assert kind not in OPERATIONS or OPERATIONS[kind] == operation_of(kind)


def test_a_reading_says_who_when_and_why() -> None:
    leaf: JsonObject = {
        "k": "msg.access",
        "i": 7,
        "log": "moj.ee/audit/1",
        "m": "m1",
        "t": "2026-11-28T12:00:00.000Z",
        "peer": "pgr.pt",
        "prev": "aa",
    }
    disclosed = {
        "actor": "anna",
        "role": "caseworker",
        "purpose": "answering",
        "case": "K-1",
    }
    found = record_of(leaf, disclosed, at_ms=NOON, entry_hash="ff")
    assert found.fields == {
        "log_id": "moj.ee/audit/1",
        "log_seq": 7,
        "at": "2026-11-28T12:00:00.000Z",
        "op": "CONSULTATION",
        "kind": "msg.access",
        "actor_kind": "person",
        "actor_id": "anna",
        "actor_role": "caseworker",
        "case_id": "K-1",
        "msg_id": "m1",
        "justification": "answering",
        "result": "ALLOWED",
        "prev_hash": "aa",
        "entry_hash": "ff",
    }
    assert list(found.fields) == [name for name in FIELDS if name in found.fields]


def test_a_disclosure_names_its_recipient_and_a_refusal_is_denied() -> None:
    sent = record_of({"k": "msg.send", "peer": "pgr.pt"}, {}, at_ms=NOON, entry_hash="")
    assert (sent.fields["recipient"], sent.fields["actor_kind"]) == (
        "pgr.pt",
        "peer node",
    )
    assert record(1, res="not-allowed").result == "DENIED"
    # Of a check, `res` says what for, not that it was refused.
    assert record(1, "msg.check", res="key-retired").result == "ALLOWED"
    assert record(1, "msg.check", actor="node").fields["actor_kind"] == "service"


def test_both_writings_hold_every_record_and_no_formula() -> None:
    records = [record(1), record(2, actor="=cmd()")]
    assert len(records_text(records).splitlines()) == 2
    table = table_text(records).decode().splitlines()
    assert table[0].split(",") == list(FIELDS)
    assert "'=cmd()" in table[2]


def test_many_readings_within_an_hour_are_one_question() -> None:
    dense = [record(one, at=NOON + one * 1_000) for one in range(BULK_READS)]
    (found,) = review_list(dense, NOTHING)
    assert (found.reason, found.actor, len(found.seqs)) == ("bulk-reads", "anna", 50)
    assert reasons(*dense[1:]) == []
    sparse = [record(one, at=NOON + one * HOUR // 60) for one in range(BULK_READS)]
    assert reasons(*sparse) == ["bulk-reads"]
    spread = [record(one, at=NOON + one * HOUR // 40) for one in range(BULK_READS)]
    assert reasons(*spread) == []


def test_repeated_denials_of_one_account_are_a_question() -> None:
    denied = [record(one, res="not-allowed") for one in range(REPEATED_DENIALS)]
    assert reasons(*denied) == ["repeated-denials"]
    two = [*denied[:2], record(9, res="not-allowed", actor="mart")]
    assert reasons(*two) == []


def test_night_is_where_the_authority_is() -> None:
    late = record(1, at=NOON + 11 * HOUR)
    assert reasons(late) == ["night-access"]
    east = timezone(timedelta(hours=8))
    assert review_list([late], NOTHING, east) == []
    assert reasons(record(1, "msg.list", at=NOON + 11 * HOUR)) == []


def test_special_categories_and_ended_cases_are_questions() -> None:
    facts = MessageFacts(special=frozenset({"m1"}), ended={"m1": NOON, "m2": NOON})
    assert reasons(record(1), facts=facts) == ["special-category"]
    after = record(2, at=NOON + 1, msg_id="m2")
    assert reasons(after, facts=facts) == ["no-open-task"]


def test_break_glass_is_always_looked_at() -> None:
    used = record(1, "admin.approval-override")
    assert reasons(used) == [ReviewReason.BREAK_GLASS]
