"""The node's fields are added to the author's, and only the node's are its own."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)
from gateway.mla.document import (
    IndexFields,
    NodeFields,
    Party,
    case_of,
    complete,
    derive_roles,
    index_fields,
    opens_case,
    priority_of,
    split_author_fields,
)
from gateway.mla.envelope_fields import NODE_FIELD_NAMES, Form
from gateway.mla.types.model import Role
from gateway.mla.validate import validate
from gateway.mla.versions import OWED_SINCE
from tests.support.forms import in_form, sample, sample_messages, without

MSG_ID = MessageId("01990000-0000-7000-8000-000000000001")
CASE_ID = "01990000-0000-7000-8000-000000000002"
NODE_FIELDS = NodeFields(
    msg_id=MSG_ID,
    case_id=CASE_ID,
    seq=2,
    prev_hash=HexDigest("ab" * 32),
    sender=Party(
        country="GE", authority_id=AuthorityId("ca01.ge.example"), role=Role.REQUESTING
    ),
    recipient=Party(
        country="PT", authority_id=AuthorityId("ca01.pt.example"), role=Role.REQUESTED
    ),
    created_at=UnixMs(1_789_030_800_999),
    sent_at=UnixMs(1_789_030_801_000),
    schema_version="1.0",
)


@pytest.mark.parametrize("number", range(len(sample_messages())))
def test_an_authors_sample_completed_by_the_node_is_valid(number: int) -> None:
    sender_role = sample_messages()[number]["from"]
    author = in_form(sample_messages()[number], Form.AUTHOR)

    document, ignored = complete(author, NODE_FIELDS)
    document["from"] = sender_role

    assert ignored == []
    assert validate(document) == []


def test_the_node_adds_its_fields_in_the_form_of_the_samples() -> None:
    author = without(in_form(sample("MLA_REQ"), Form.AUTHOR), "/case_id")

    document, _ = complete(author, NODE_FIELDS)

    names = NODE_FIELD_NAMES - {"national", "translations_owed"} | {"case_id"}
    assert {name: document[name] for name in names} == {
        "msg_id": MSG_ID,
        "case_id": CASE_ID,
        "schema_version": "1.0",
        "seq": 2,
        "prev_hash": "ab" * 32,
        "from": {"country": "GE", "authority_id": "ca01.ge.example", "role": "REQ"},
        "to": {"country": "PT", "authority_id": "ca01.pt.example", "role": "RQD"},
        "created_at": "2026-09-10T09:00:00Z",
        "sent_at": "2026-09-10T09:00:01Z",
        "needs_receipt": True,
    }


def test_a_translation_that_is_owed_is_said_in_the_message() -> None:
    author = without(in_form(sample("MLA_REQ"), Form.AUTHOR), "/case_id")

    owing = replace(
        NODE_FIELDS, schema_version=OWED_SINCE, translations_owed=("pt", "es")
    )
    document, _ = complete(author, owing)

    assert document["translations_owed"] == ["pt", "es"]
    assert validate(document) == []


def test_a_receipt_wants_no_receipt() -> None:
    document, _ = complete(in_form(sample("ACK"), Form.AUTHOR), NODE_FIELDS)

    assert document["needs_receipt"] is False


def test_fields_of_the_node_given_by_an_author_are_ignored_and_named() -> None:
    given_document = sample("ACK")

    own, ignored = split_author_fields(given_document)
    document, named = complete(given_document, NODE_FIELDS)

    assert own == in_form(given_document, Form.AUTHOR)
    extra = {"prev_hash", "national", "translations_owed"}
    assert ignored == named == sorted(NODE_FIELD_NAMES - extra)
    assert document["msg_id"] == MSG_ID


def test_the_first_message_of_a_sender_has_no_previous_digest() -> None:
    first = NodeFields(
        msg_id=MSG_ID,
        case_id=CASE_ID,
        seq=1,
        prev_hash=None,
        sender=NODE_FIELDS.sender,
        recipient=NODE_FIELDS.recipient,
        created_at=UnixMs(0),
        sent_at=UnixMs(0),
        schema_version="1.0",
    )

    document, _ = complete(in_form(sample("ACK"), Form.AUTHOR), first)

    assert "prev_hash" not in document


@pytest.mark.parametrize(
    ("msg_type", "is_opener", "roles"),
    [
        ("MLA_REQ", True, (Role.REQUESTING, Role.REQUESTED)),
        ("ACK", False, (Role.REQUESTED, Role.REQUESTING)),
        ("ACK", True, (Role.REQUESTING, Role.REQUESTED)),
        ("SPI", True, (Role.INFORMING, Role.REQUESTED)),
    ],
)
def test_roles_follow_from_who_opened_the_case(
    msg_type: str, *, is_opener: bool, roles: tuple[Role, Role]
) -> None:
    assert derive_roles(msg_type, sender_opened_case=is_opener) == roles


def test_requests_open_cases_and_receipts_do_not() -> None:
    assert opens_case("MLA_REQ")
    assert not opens_case("ACK")
    assert not opens_case("NONSENSE")


@pytest.mark.parametrize(
    ("urgency", "priority"),
    [
        ("EMERGENCY", Priority.URGENT),
        ("URGENT", Priority.URGENT),
        ("PRIORITY", Priority.ROUTINE),
        ("ROUTINE", Priority.ROUTINE),
        (7, Priority.ROUTINE),
    ],
)
def test_only_urgent_and_vital_messages_go_first(
    urgency: str | int, priority: Priority
) -> None:
    assert priority_of({"urgency": urgency}) is priority


def test_the_index_holds_what_a_message_is_found_by() -> None:
    assert index_fields(sample("ACK") | {"recipient_ref": "R-1"}) == IndexFields(
        msg_type="ACK",
        case_id="e9d152bf-a049-5d65-9eb9-82bf286122a7",
        seq=1,
        in_reply_to="8d03d8f2-0fa6-58ee-9d6b-af1218105e1e",
        sender_ref="PT-CYB-0001-1001",
        recipient_ref="R-1",
        urgency="URGENT",
    )


@pytest.mark.parametrize(
    "document",
    [
        {},
        {
            "msg_type": "NONSENSE",
            "case_id": "x",
            "seq": True,
            "in_reply_to": 1,
            "sender_ref": "x" * 65,
            "recipient_ref": ["x"],
            "urgency": "SOON",
        },
        {"seq": -1},
        {"seq": 10**9},
        {"seq": "1"},
    ],
)
def test_the_index_takes_nothing_that_is_malformed(document: JsonObject) -> None:
    assert index_fields(document) == IndexFields()
    assert case_of(document) is None


@given(st.dictionaries(st.sampled_from(["msg_type", "seq", "case_id"]), st.text()))
def test_reading_a_document_raises_nothing(document: JsonObject) -> None:
    index_fields(document)
    priority_of(document)
