"""Messages over the API: accepted once, listed, opened for a named person, proven."""

import asyncio
import base64
import hashlib
import io
import json
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.admin.services import AdminLimits
from gateway.client import calls
from gateway.core.canonical import JsonObject
from gateway.core.errors import (
    ConflictError,
    InvalidFormError,
    NotAllowedError,
    NotFoundError,
    QuotaError,
    UsageError,
)
from gateway.core.translog.proof import parse_log_proof, verify_log_proof
from tests.support.admin_api import PT, AdminNode, admin_node, request_form
from tests.support.pdf import PdfText

UNKNOWN = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"
PERSON = opening_shapes.OnBehalfOf(id="p-7", name="Ann Tamm", role="prosecutor")


def _request(message: JsonObject | None = None) -> shapes.SubmitRequest:
    form = dict[str, object](request_form() if message is None else message)
    return shapes.SubmitRequest(to=PT, message=form)


async def _submit(node: AdminNode, key: str = "") -> shapes.Submitted:
    async with node.client("caseworker") as client:
        return await client.send(calls.submit(_request(), idempotency_key=key))


async def test_an_accepted_message_is_durable_and_listed(node: AdminNode) -> None:
    submitted = await _submit(node)
    assert submitted.state == "queued"
    assert node.trust.woken[-1] == PT
    async with node.client("observer") as client:
        shown = await client.send(calls.show_message(submitted.id))
        page = await client.send(calls.list_messages(shapes.MessageQuery()))
    assert shown.index == submitted.index
    assert (shown.box, shown.peer, shown.type) == ("out", PT, "MLA_REQ")
    assert page.items == (shown,)
    assert not page.next


async def test_the_submission_is_logged_with_who_and_as_what(node: AdminNode) -> None:
    await _submit(node)
    (entry,) = await node.entries("msg.send")
    assert (entry["actor"], entry["role"]) == ("caseworker", "caseworker")


async def test_repeating_a_submission_gives_the_first_answer(node: AdminNode) -> None:
    first = await _submit(node, "k-1")
    again = await _submit(node, "k-1")
    assert (again.id, again.index) == (first.id, first.index)
    assert again.repeated
    assert not first.repeated
    assert len(await node.entries("msg.send")) == 1


async def test_one_key_for_two_requests_is_a_conflict(node: AdminNode) -> None:
    await _submit(node, "k-1")
    other = request_form() | {"sender_ref": "another"}
    async with node.client("caseworker") as client:
        with pytest.raises(ConflictError):
            await client.send(calls.submit(_request(other), idempotency_key="k-1"))


async def test_everything_wrong_with_a_form_is_answered_and_nothing_stored(
    node: AdminNode,
) -> None:
    broken = request_form()
    del broken["purpose"], broken["handling"]
    async with node.client("caseworker") as client:
        with pytest.raises(InvalidFormError) as refused:
            await client.send(calls.submit(_request(broken)))
    pointers = {one.pointer for one in refused.value.problems}
    assert {"/purpose", "/handling"} <= pointers
    assert await node.entries("msg.send") == []


async def test_a_peer_that_is_not_configured_is_not_there(node: AdminNode) -> None:
    request = shapes.SubmitRequest(to="nobody.example", message={})
    async with node.client("caseworker") as client:
        with pytest.raises(NotFoundError):
            await client.send(calls.submit(request))


async def test_waiting_ends_when_the_message_is_delivered(node: AdminNode) -> None:
    async with node.client("caseworker") as client, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(client.send(calls.submit(_request(), wait_s=10)))
        query = shapes.ChangesQuery(wait=5)
        async with node.client("observer") as watcher:
            (queued,) = (await watcher.send(calls.changes(query))).items
        await node.deliver(queued.id)
    assert waiting.result().state == "delivered"


async def test_waiting_in_vain_still_says_that_it_was_accepted(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        answer = await client.send(calls.submit(_request(), wait_s=1))
    assert answer.state == "queued"


async def test_who_waits_too_often_at_once_is_told_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    async with (
        admin_node(tmp_path, AdminLimits(burst=1000, waits=0)) as node,
        node.client("caseworker") as client,
    ):
        answer = await client.send(calls.submit(_request(), wait_s=5))
        assert answer.state == "queued"
        query = shapes.ChangesQuery(after=10**6, wait=5)
        with pytest.raises(QuotaError):
            await client.send(calls.changes(query))


async def test_lists_come_in_pages_without_gap_or_repetition(node: AdminNode) -> None:
    sent = [(await _submit(node)).id for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    async with node.client("observer") as client:
        while True:
            query = shapes.MessageQuery(limit=2, cursor=cursor)
            page = await client.send(calls.list_messages(query))
            seen += [row.id for row in page.items]
            cursor = page.next
            if not cursor:
                break
    assert seen == sent[::-1]


async def test_lists_are_filtered(node: AdminNode) -> None:
    sent = await _submit(node, "k-1")
    received = await node.receive()
    async with node.client("observer") as client:

        async def ids(**filters: object) -> list[str]:
            query = shapes.MessageQuery(**filters)  # type: ignore[arg-type]  # by name
            page = await client.send(calls.list_messages(query))
            return [row.id for row in page.items]

        assert await ids(box="in") == [received]
        assert await ids(box="out", state="queued") == [sent.id]
        assert await ids(state="delivered") == []
        assert await ids(idempotency_key="k-1") == [sent.id]
        assert await ids(type="MLA_REQ", box="out") == [sent.id]
        assert await ids(peer="nobody.example") == []


async def test_a_look_is_logged_once_for_a_caller_and_query_in_ten_minutes(
    node: AdminNode,
) -> None:
    await _submit(node)
    async with node.client("observer") as client:
        for query in (
            shapes.MessageQuery(box="out"),
            shapes.MessageQuery(box="out", limit=7),
            shapes.MessageQuery(box="in"),
        ):
            await client.send(calls.list_messages(query))
    found = await node.entries("msg.list")
    assert [(one["actor"], one["query"], one["count"]) for one in found] == [
        ("observer", "messages box=out", "1"),
        ("observer", "messages box=in", "0"),
    ]
    node.trust.clock.advance(601)
    async with node.client("observer") as client:
        await client.send(calls.list_messages(shapes.MessageQuery(box="out")))
    assert len(await node.entries("msg.list")) == 3


@pytest.mark.parametrize("text", [UNKNOWN, "1", "%2e%2e", "x" * 300])
async def test_a_message_that_is_not_there_is_not_found(
    node: AdminNode, text: str
) -> None:
    async with node.client("observer") as client:
        with pytest.raises(NotFoundError):
            await client.send(calls.show_message(text))


async def test_opening_is_logged_with_its_purpose_before_anything_is_shown(
    node: AdminNode,
) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        opened = await client.send(
            calls.open_message(
                received, opening_shapes.OpenRequest(purpose="to answer it")
            )
        )
    manifest = base64.b64decode(opened.manifest)
    assert json.loads(manifest)["message"] == opened.message
    assert opened.message["msg_id"] == received
    (entry,) = await node.entries("msg.access")
    assert entry["purpose"] == "to answer it"
    assert (entry["actor"], entry["role"]) == ("caseworker", "caseworker")
    leaf = (await node.trust.logged("msg.access"))[0]
    assert leaf.index == opened.index


async def test_the_manifest_is_the_one_that_was_logged(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        row = await client.send(calls.show_message(received))
        opened = await client.send(
            calls.open_message(
                received, opening_shapes.OpenRequest(purpose="to answer it")
            )
        )
    digest = hashlib.sha256(base64.b64decode(opened.manifest)).hexdigest()
    assert digest == row.content_digest


@pytest.mark.parametrize("purpose", ["", " ", "x" * 501])
async def test_no_purpose_no_content(node: AdminNode, purpose: str) -> None:
    received = await node.receive()
    request = opening_shapes.OpenRequest(purpose=purpose)
    async with node.client("caseworker") as client:
        with pytest.raises(UsageError):
            await client.send(calls.open_message(received, request))
    assert await node.entries("msg.access") == []


async def test_a_system_names_the_person_who_reads_or_is_refused_and_logged(
    node: AdminNode,
) -> None:
    received = await node.receive()
    request = opening_shapes.OpenRequest(purpose="to answer it")
    async with node.client("system") as client:
        with pytest.raises(NotAllowedError):
            await client.send(calls.open_message(received, request))
        (refused,) = await node.entries("msg.access")
        assert refused["res"] == "not-allowed"
        request = opening_shapes.OpenRequest(
            purpose="to answer it", on_behalf_of=PERSON
        )
        await client.send(calls.open_message(received, request))
    opened = (await node.entries("msg.access"))[1]
    assert json.loads(opened["on_behalf_of"])["name"] == "Ann Tamm"


async def test_whose_roles_do_not_cover_content_is_refused_and_logged(
    node: AdminNode,
) -> None:
    received = await node.receive()
    request = opening_shapes.OpenRequest(purpose="curious")
    async with node.client("operator") as client:
        for message_id in (received, UNKNOWN):
            # The same answer whether there is such a message or not.
            with pytest.raises(NotAllowedError):
                await client.send(calls.open_message(message_id, request))
    (entry,) = await node.entries("msg.access")
    assert (entry["actor"], entry["res"]) == ("operator", "not-allowed")


async def test_a_confirmed_message_is_handed_over(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        confirmed = await client.send(calls.confirm_message(received))
        again = await client.send(calls.confirm_message(received))
    assert confirmed.state == again.state == "handed_over"
    assert len(await node.entries("msg.confirm")) == 1


async def test_a_message_never_tried_can_be_withdrawn_with_a_reason(
    node: AdminNode,
) -> None:
    submitted = await _submit(node)
    async with node.client("operator") as client:
        row = await client.send(calls.cancel_message(submitted.id, "sent in error"))
        assert row.state == "cancelled"
        with pytest.raises(ConflictError):
            await client.send(calls.cancel_message(submitted.id, "again"))
    (entry,) = await node.entries("msg.cancel")
    assert entry["purpose"] == "sent in error"


async def test_operators_try_again_one_some_or_all_of_a_peer(node: AdminNode) -> None:
    first, second = await _submit(node), await _submit(node)
    node.trust.woken.clear()
    async with node.client("operator") as client:
        await client.send(calls.retry_message(first.id))
        request = shapes.RetryRequest(ids=(first.id, second.id))
        await client.send(calls.retry_messages(request))
        await client.send(calls.retry_messages(shapes.RetryRequest(peer=PT)))
        for wrong in (
            shapes.RetryRequest(),
            shapes.RetryRequest(ids=(first.id,), peer=PT),
            shapes.RetryRequest(ids=("x",)),
        ):
            with pytest.raises(UsageError):
                await client.send(calls.retry_messages(wrong))
    assert node.trust.woken == [PT] * 3
    assert [entry["actor"] for entry in await node.entries("admin.retry")] == (
        ["operator"] * 3
    )


async def test_the_timeline_shows_people_to_auditors_only(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        request = opening_shapes.OpenRequest(purpose="to answer it")
        await client.send(calls.open_message(received, request))
        ours = await client.send(calls.timeline(received))
    async with node.client("auditor") as client:
        theirs = await client.send(calls.timeline(received))
    kinds = [step.kind for step in theirs.steps]
    assert kinds == [step.kind for step in ours.steps]
    # The node looks first at what was not validated yet.
    assert kinds == ["msg.receive", "msg.check", "msg.access"]
    assert [step.disclosed for step in ours.steps] == [{}, {}, {}]
    assert theirs.steps[2].disclosed["purpose"] == "to answer it"


async def test_receipts_are_every_proof_there_is_and_verify_offline(
    node: AdminNode,
) -> None:
    submitted = await _submit(node)
    await node.deliver(submitted.id)
    async with node.client("auditor") as client:
        receipts = await client.send(calls.receipts(submitted.id))
    assert {one.role: one.kind for one in receipts.items} == {
        "origin": "msg.send",
        "receipt": "msg.receive",
    }
    keys = {
        node.services.log_origin: node.trust.keyring.log.vkeys,
        node.peer.audit_signer.origin: node.peer.audit_signer.keys,
    }
    for one in receipts.items:
        proof = parse_log_proof(one.proof.encode())
        _, leaf = verify_log_proof(proof, origin=one.log, keys=keys[one.log])
        assert json.loads(leaf)["m"] == submitted.id
    names = {one.name for one in receipts.items}
    assert len(names) == len(receipts.items)
    assert all(name.endswith(".tlog-proof") for name in names)


async def test_receipts_of_an_inbound_message_are_what_we_issued_and_were_shown(
    node: AdminNode,
) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        for _ in range(2):
            request = opening_shapes.OpenRequest(purpose="to answer it")
            await client.send(calls.open_message(received, request))
        receipts = await client.send(calls.receipts(received))
    assert sorted(one.role for one in receipts.items) == [
        "opening",
        "origin",
        "receipt",
    ]


async def test_the_feed_has_every_change_once_and_in_order(node: AdminNode) -> None:
    submitted = await _submit(node)
    await node.deliver(submitted.id)
    async with node.client("observer") as client:
        found = await client.send(calls.changes(shapes.ChangesQuery()))
        rest = await client.send(calls.changes(shapes.ChangesQuery(after=found.next)))
        first = await client.send(calls.changes(shapes.ChangesQuery(limit=1)))
        second = await client.send(
            calls.changes(shapes.ChangesQuery(after=first.next, limit=1))
        )
    assert [one.state for one in found.items] == ["queued", "delivered"]
    assert rest.items == ()
    assert rest.next == found.next
    assert (*first.items, *second.items) == found.items


async def test_a_poller_that_waits_gets_the_change_when_it_comes(
    node: AdminNode,
) -> None:
    async with node.client("observer") as client, asyncio.TaskGroup() as tasks:
        query = shapes.ChangesQuery(wait=10)
        waiting = tasks.create_task(client.send(calls.changes(query)))
        await asyncio.sleep(0.05)
        submitted = await _submit(node)
    assert [one.id for one in waiting.result().items] == [submitted.id]


async def test_a_poller_is_let_go_when_the_node_stops(node: AdminNode) -> None:
    async with node.client("observer") as client, asyncio.TaskGroup() as tasks:
        query = shapes.ChangesQuery(wait=60)
        waiting = tasks.create_task(client.send(calls.changes(query)))
        await asyncio.sleep(0.1)
        await node.server.drain(2.0)
    assert waiting.result().items == ()


async def test_a_message_is_printed_with_its_way_and_the_access_is_logged(
    node: AdminNode,
) -> None:
    received = await node.receive()
    request = opening_shapes.PrintRequest(purpose="for the file", language="fr")
    async with node.client("caseworker") as client:
        raw = await client.send(calls.print_message(received, request))
    pdf = PdfText.read(io.BytesIO(raw))
    assert (pdf.title, pdf.language) == ("Demande d'entraide", "fr")
    last = pdf.pages[-1]
    (access,) = await node.entries("msg.access")
    assert access["purpose"] == "for the file"
    for told in ("Preuves de transmission", "for the file", "Envoyé", "Reçu", received):
        assert told in last


async def test_printing_is_not_for_those_who_may_not_read(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client("operator") as client:
        request = opening_shapes.PrintRequest(purpose="curious")
        with pytest.raises(NotAllowedError):
            await client.send(calls.print_message(received, request))
    (access,) = await node.entries("msg.access")
    assert access["res"] == "not-allowed"
