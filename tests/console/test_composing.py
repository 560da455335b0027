"""Composing a message on its page, as a browser without scripts would."""

import re

import pytest

from gateway.admin.case_shapes import CaseMessage
from gateway.admin.shapes import MessageQuery, SubmitRequest, Submitted
from gateway.admin.upload_shapes import UploadRequest
from gateway.client import calls
from gateway.console.handlers.compose_start import likely_answered
from gateway.mla.types import common_types, declared_type
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.browsing import Seen, look
from tests.support.composed import BASICS, FURTHER
from tests.support.html_forms import filled_in, pairs_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = "/console/compose/new"
FIRST = f"{NEW}?type=MLA_REQ&to={PT}"


async def _post(node: AdminNode, pairs: list[tuple[str, str]]) -> Seen:
    return await look(node, NEW, "caseworker", form=pairs)


async def _pressed(
    node: AdminNode, seen: Seen, action: str, changes: dict[str, str] | None = None
) -> Seen:
    pairs = pairs_of(seen.text, "compose")
    return await _post(node, filled_in(pairs, changes or {}, action))


async def _complete(node: AdminNode) -> Seen:
    """Return the page of a request in which everything is filled in."""
    first = await look(node, FIRST, "caseworker")
    # What was asked for decides which fields are needed: they come with the answer.
    seen = await _pressed(node, first, "check", BASICS)
    return await _pressed(node, seen, "add:payload.persons", FURTHER)


def _value(seen: Seen, name: str) -> str:
    return dict(pairs_of(seen.text, "compose"))[name]


async def test_a_request_is_filled_in_looked_through_and_sent_once(
    node: AdminNode,
) -> None:
    person = {
        "payload.persons.0.kind": "natural",
        "payload.persons.0.role": "SUSPECT",
        "payload.persons.0.surname": "Tamm",
    }
    seen = await _complete(node)
    assert _value(seen, "payload.persons.0.person_id") == "P1"

    review = await _pressed(node, seen, "review", person)
    assert pairs_of(review.text, "compose") == []
    assert "On 3 May a false invoice was sent." in review.text
    assert "logged and sent at once" in review.text

    sending = [*pairs_of(review.text, "review"), ("_do", "send")]
    done = await _post(node, sending)
    assert done.status == 303
    again = await _post(node, sending)
    assert again.headers["location"] == done.headers["location"]
    async with node.client("auditor") as client:
        query = MessageQuery(sender_ref="KR-26-1")
        (row,) = (await client.send(calls.list_messages(query))).items
    assert done.headers["location"] == f"/console/messages/{row.id}"
    assert (row.peer, row.state) == (PT, "queued")


async def test_what_is_missing_is_counted_and_told_when_asked(node: AdminNode) -> None:
    first = await look(node, FIRST, "caseworker")
    assert re.search(r"\d+ fields still to fill in", first.text)
    assert "to put right" not in first.text

    asked = await _pressed(node, first, "review")
    assert "places to put right" in asked.text
    assert 'href="#f-purpose"' in asked.text
    assert ("select", "true") in [
        (tag, found.get("aria-invalid"))
        for tag, found in asked.tags
        if found.get("id") == "f-purpose"
    ]


async def test_a_wrong_value_is_told_at_its_field_as_it_is_written(
    node: AdminNode,
) -> None:
    first = await look(node, FIRST, "caseworker")
    seen = await _pressed(node, first, "check", {"language": "English!"})

    assert "Expected: a language code like en" in seen.text
    assert 'href="#f-language"' in seen.text
    assert "Fill this in" not in seen.text


async def test_parts_are_opened_added_and_taken_out_again(node: AdminNode) -> None:
    seen = await look(node, FIRST, "caseworker")
    seen = await _pressed(node, seen, "open:payload.costs")
    seen = await _pressed(node, seen, "open:payload.proceedings.authority_conducting")
    assert any(
        "authority_conducting.country" in n for n, _ in pairs_of(seen.text, "compose")
    )
    seen = await _pressed(node, seen, "narrow:payload.proceedings.authority_conducting")
    seen = await _pressed(node, seen, "add:payload.measures")
    assert _value(seen, "payload.measures.1.measure_id") == "M2"
    seen = await _pressed(node, seen, "remove:payload.measures.0")
    assert _value(seen, "payload.measures.0.measure_id") == "M2"
    seen = await _pressed(
        node, seen, "add:payload.facts.summary", {"payload.measures.0.assist": "A16"}
    )
    assert "payload.facts.summary.1.text" in dict(pairs_of(seen.text, "compose"))
    seen = await _pressed(node, seen, "remove:payload.costs")
    assert ("_open", "payload.costs") not in pairs_of(seen.text, "compose")


async def test_a_form_with_names_of_another_is_refused(node: AdminNode) -> None:
    for pairs in (
        [("msg_type", "MLA_REQ"), ("_to", PT), ("payload.nothing", "x")],
        [("msg_type", "NOTHING"), ("_to", PT)],
        [("msg_type", "MLA_REQ"), ("_to", "x" * 100)],
        [("_document", "{nonsense"), ("_to", PT)],
        [("msg_type", "MLA_REQ"), ("_to", PT), ("_do", "add:payload.nothing")],
        [("msg_type", "MLA_REQ"), ("_to", PT), ("_do", "attach:nothing")],
        [("msg_type", "MLA_REQ"), ("_to", "nobody.example")],
        [("msg_type", "MLA_REQ"), ("_to", PT)] + [("_upload", "a|b")] * 300,
    ):
        seen = await _post(node, pairs)
        assert seen.status < 500
        assert seen.status >= 400 or 'role="alert"' in seen.text, pairs


async def test_files_become_items_and_go_with_the_message(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        request = UploadRequest(name="invoice.pdf", size=7)
        upload = await client.send(calls.create_upload(request))
    async with node.session.put(
        f"{node.url}/api/v1/uploads/{upload.id}?offset=0",
        data=b"%PDF-1.",
        headers=node.headers("caseworker"),
    ) as answer:
        assert answer.status == 200
    seen = await look(node, FIRST, "caseworker")
    seen = await _pressed(node, seen, f"attach:{upload.id}", {"purpose": "TRIAL"})
    assert _value(seen, "payload.manifest.0.file_name") == "invoice.pdf"
    assert _value(seen, "payload.manifest.0.purpose") == "TRIAL"
    assert _value(seen, "_upload") == f"{upload.id}|invoice.pdf"

    # Attached once, and taken out: the node forgets it.
    seen = await _pressed(node, seen, f"attach:{upload.id}")
    assert "payload.manifest.1.file_name" not in dict(pairs_of(seen.text, "compose"))
    seen = await _pressed(node, seen, "remove:payload.manifest.0")
    assert "_upload" not in dict(pairs_of(seen.text, "compose"))
    async with node.session.get(
        f"{node.url}/api/v1/uploads/{upload.id}", headers=node.headers("caseworker")
    ) as answer:
        assert answer.status == 404


async def _submitted(node: AdminNode) -> tuple[Submitted, str]:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        done = await client.send(calls.submit(request))
        row = await client.send(calls.show_message(done.id))
    return done, row.case


async def test_types_have_their_forms_in_a_case(node: AdminNode) -> None:
    _, case = await _submitted(node)
    for declared in common_types()[::7]:
        path = f"{NEW}?type={declared.name}&to={PT}&case={case}"
        seen = await look(node, path, "caseworker")
        assert seen.status == 200, declared.name
        ids = [found["id"] for _, found in seen.tags if found.get("id")]
        assert len(ids) == len(set(ids)), declared.name
        again = await _pressed(node, seen, "check")
        assert again.status == 200, declared.name
        # Nothing came, went or changed by being posted.
        before, after = (pairs_of(one.text, "compose") for one in (seen, again))
        assert sorted(after) == sorted(before), declared.name


async def test_an_answer_takes_over_what_the_message_says(node: AdminNode) -> None:
    done, case = await _submitted(node)
    path = f"{NEW}?type=AMD&to={PT}&case={case}&reply={done.id}"
    seen = await look(node, path, "caseworker")
    assert _value(seen, "in_reply_to") == done.id
    assert _value(seen, "sender_ref") == request_form()["sender_ref"]

    refused = await _pressed(node, seen, "take")
    assert 'role="alert"' in refused.text
    taken = await _pressed(node, seen, "take", {"_opening_purpose": "to amend it"})
    assert _value(taken, "instrument.0") == request_form()["instrument"][0]  # type: ignore[index]
    (access,) = [
        one
        for one in await node.entries("msg.access")
        if one.get("purpose") == "to amend it"
    ]
    assert access


async def test_who_must_let_it_go_is_told_before(node: AdminNode) -> None:
    seen = await look(node, FIRST, "caseworker")
    marked = [
        *(pair for pair in pairs_of(seen.text, "compose") if pair[0] != "handling"),
        ("handling", "TLP:RED"),
        ("_do", "check"),
    ]
    told = await _post(node, marked)
    assert "A second person has to let it go: TLP:RED" in told.text


async def test_one_chooses_whom_to_write_to_and_what(node: AdminNode) -> None:
    seen = await look(node, "/console/compose", "caseworker")
    assert f'value="{PT}"' in seen.text
    assert 'value="MLA_REQ"' in seen.text
    assert 'value="CLS"' not in seen.text
    half = await look(node, f"{NEW}?type=MLA_REQ", "caseworker")
    assert (half.status, half.headers["location"]) == (
        303,
        "/console/compose?type=MLA_REQ",
    )
    closing = await look(node, f"{NEW}?type=CLS&to={PT}", "caseworker")
    assert closing.status == 400


def _told(number: int, msg_type: str) -> CaseMessage:
    return CaseMessage(
        id=str(number),
        type=msg_type,
        role="REQ",
        at="2026-09-21T14:13:20Z",
        case_state="RECEIVED",
        delivery="handed_over",
    )


async def test_a_decision_answers_the_request_and_a_receipt_the_newest_message() -> (
    None
):
    newest_first = (_told(3, "CLR_RSP"), _told(2, "AMD"), _told(1, "MLA_REQ"))

    assert likely_answered(newest_first, declared_type("DEC")).id == "1"
    assert likely_answered(newest_first, declared_type("ACK")).id == "3"
    assert likely_answered(newest_first[:2], declared_type("RSP")).id == "3"
