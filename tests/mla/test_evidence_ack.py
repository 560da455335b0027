"""The receipt of evidence says of each item what was found, and what people decide."""

from typing import cast

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.errors import UsageError
from gateway.mla.docket import docket_entry
from gateway.mla.envelope_fields import Form
from gateway.mla.evidence_ack import DraftedAck, Verdicts, draft_ack
from gateway.mla.findings import FileFindings, SignatureFinding
from gateway.mla.problems import select, values_at
from gateway.mla.validate import validate
from tests.support.forms import evidence_message, sample, with_value

AT = "2026-09-25T09:00:06Z"
RECEIVED = docket_entry(evidence_message())
FIRST, SECOND = (
    str(one.value) for one in select(RECEIVED, "/payload/manifest/*/item_id")
)
GOOD = FileFindings(item_id=FIRST, decrypts=True, size_ok=True, digest_ok=True)
WRONG = FileFindings(
    item_id=SECOND,
    decrypts=True,
    size_ok=True,
    digest_ok=False,
    differing=("SHA-512",),
    signatures=(SignatureFinding(kind="PAdES", result="broken"),),
)


def drafted(*findings: FileFindings, verdicts: Verdicts | None = None) -> DraftedAck:
    return draft_ack(
        RECEIVED, findings, verdicts=verdicts or Verdicts(), received_at=AT
    )


def document_of(ack: DraftedAck) -> JsonObject:
    assert ack.document is not None
    assert validate(ack.document, form=Form.AUTHOR) == []
    return ack.document


def rows(document: JsonObject) -> list[JsonObject]:
    return cast("list[JsonObject]", values_at(document, "/payload/items/*"))


def test_what_was_found_right_is_accepted_as_in_the_sample() -> None:
    second = FileFindings(item_id=SECOND, decrypts=True, size_ok=True, digest_ok=True)

    document = document_of(drafted(GOOD, second))

    assert document["payload"] == sample("EVD_ACK")["payload"]
    for name in ("case_id", "instrument", "purpose", "urgency", "handling"):
        assert document[name] == RECEIVED[name]
    assert document["in_reply_to"] == RECEIVED["msg_id"]


def test_what_was_found_wrong_is_rejected_with_the_reason() -> None:
    document = document_of(drafted(GOOD, WRONG))

    accepted, rejected = rows(document)
    assert accepted["result"] == "ACCEPTED"
    assert rejected["result"] == "REJECTED"
    assert (rejected["digest_ok"], rejected["signature_ok"]) == (False, False)
    assert values_at(rejected, "reason/*/text") == [
        "digest SHA-512 is not the one announced; a signature does not hold"
    ]
    assert values_at(document, "/payload/resend/*") == [SECOND]


def test_a_person_may_reject_what_the_node_finds_right() -> None:
    verdicts = Verdicts(rejected={FIRST: "page 3 cannot be read"})

    document = document_of(drafted(GOOD, verdicts=verdicts))

    (row,) = rows(document)
    assert (row["result"], row["digest_ok"]) == ("REJECTED", True)
    assert values_at(row, "reason/*/text") == ["page 3 cannot be read"]


def test_what_came_by_another_way_needs_somebody_who_vouches_for_it() -> None:
    unknown = drafted(GOOD)
    vouched = drafted(GOOD, verdicts=Verdicts(vouched=frozenset({SECOND})))

    assert unknown.left_out == (SECOND,)
    assert len(rows(document_of(unknown))) == 1
    assert vouched.left_out == ()
    assert len(rows(document_of(vouched))) == 2


def test_without_anything_known_there_is_no_receipt() -> None:
    assert drafted() == DraftedAck(None, (FIRST, SECOND))


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (Verdicts(rejected={"x": "why"}), "none of that id"),
        (Verdicts(vouched=frozenset({"x"})), "none of that id"),
        (Verdicts(vouched=frozenset({FIRST})), "its file is here"),
        (
            Verdicts(rejected={SECOND: "why"}, vouched=frozenset({SECOND})),
            "it is rejected",
        ),
    ],
)
def test_verdicts_are_about_items_of_the_message(
    verdicts: Verdicts, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        drafted(GOOD, verdicts=verdicts)


def test_the_receipt_carries_our_own_file_number() -> None:
    received = with_value(RECEIVED, "/recipient_ref", "K-17/2026")

    ack = draft_ack(received, [GOOD], verdicts=Verdicts(), received_at=AT)

    assert document_of(ack)["sender_ref"] == "K-17/2026"
