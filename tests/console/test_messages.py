"""The list of messages, one message, and what is done with it."""

import hashlib
import re

import pytest

from gateway.admin.shapes import OriginalGiven, SubmitRequest
from gateway.client import calls
from gateway.client.approval_calls import approve
from gateway.mla.redaction import RedactionRecord
from tests.support.admin_api import AdminNode, request_form
from tests.support.browsing import Seen, look
from tests.support.evidence import request_with
from tests.support.file_api import DATA, submitted, uploaded

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _submit(node: AdminNode, **changes: str) -> str:
    form: dict[str, object] = {**request_form(), **changes}
    async with node.client("caseworker") as client:
        request = SubmitRequest(to="pgr.pt", message=form)
        return (await client.send(calls.submit(request))).id


def _rows(seen: Seen) -> list[str]:
    return re.findall(r'<tr id="m-([0-9a-f-]+)"', seen.text)


async def test_filters_stand_in_the_address_and_in_the_form(node: AdminNode) -> None:
    ours = await _submit(node, sender_ref="EE-17")
    theirs = await node.receive()
    assert ours in _rows(await look(node, "/console/messages"))
    by_reference = await look(node, "/console/messages?sender_ref=EE-17&box=out&state=")
    assert _rows(by_reference) == [ours]
    assert ("option", {"value": "out", "selected": None}) in by_reference.tags
    inbound = _rows(await look(node, "/console/messages?box=in"))
    assert theirs in inbound
    assert ours not in inbound
    since = await look(node, "/console/messages?since=2100-01-01")
    assert _rows(since) == []
    assert "No message is like that." in since.text


async def test_what_no_filter_can_be_is_a_problem_and_not_a_list(
    node: AdminNode,
) -> None:
    seen = await look(node, "/console/messages?state=nonsense")
    assert seen.status == 400
    assert "state: &#39;nonsense&#39;, expected" in seen.text


async def test_columns_are_chosen_in_the_address(node: AdminNode) -> None:
    await _submit(node)
    seen = await look(node, "/console/messages?column=id&column=attempts&column=size")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', seen.text)
    assert heads == ["Message", "Attempts", "Size"]
    # Following a page keeps both the filters and the columns.
    assert seen.text.count('type="checkbox" name="column"') > len(heads)


async def test_pages_follow_each_other_without_gap_or_repeat(node: AdminNode) -> None:
    for _ in range(52):
        await node.receive()
    first = await look(node, "/console/messages?box=in&column=id")
    (older,) = [one for one in first.links if "cursor=" in one]
    assert "column=id" in older
    assert "data-refresh" in first.text
    second = await look(node, older)
    assert len(_rows(first)) == 50
    assert _rows(second)
    assert not set(_rows(first)) & set(_rows(second))
    # A page that is not the first stays as it is while it is read.
    assert "data-refresh" not in second.text
    assert "To the newest" in second.text


async def test_a_message_shows_its_facts_steps_and_proofs(node: AdminNode) -> None:
    message_id = await _submit(node)
    await node.deliver(message_id)
    seen = await look(node, f"/console/messages/{message_id}")
    assert "Request for assistance" in seen.text
    assert "Delivered: the receipt was verified" in seen.text
    proofs = [one for one in seen.links if "/receipts/" in one]
    assert len(set(proofs)) == 2
    proof = await look(node, proofs[0])
    assert proof.status == 200
    assert proof.text.startswith("c2sp.org/tlog-proof@v1")
    assert "attachment;" in proof.headers["content-disposition"]
    nothing = await look(node, f"/console/messages/{message_id}/receipts/nothing")
    assert nothing.status == 404


async def test_attempts_that_failed_stand_in_the_timeline(node: AdminNode) -> None:
    message_id = await _submit(node)
    await node.put_off(message_id)
    seen = await look(node, f"/console/messages/{message_id}")
    told = re.sub(r"<[^>]*>", "", seen.text)
    assert "Attempt 1 came to nothing" in told
    assert "The peer&#39;s node could not be reached" in told
    async with node.client() as client:
        timeline = await client.send(calls.timeline(message_id))
    assert [(one.attempt, one.code) for one in timeline.attempts] == [
        (1, "unreachable")
    ]


async def test_only_who_may_do_something_is_offered_it(node: AdminNode) -> None:
    message_id = await _submit(node)
    path = f"/console/messages/{message_id}"

    async def offered(account: str) -> set[str]:
        seen = await look(node, path, account)
        return {one.removeprefix(f"{path}/") for one in seen.actions}

    assert await offered("observer") == set()
    assert await offered("operator") == {"retry", "cancel"}
    assert await offered("caseworker") == {"open", "recall"}


async def test_a_message_is_tried_again_withdrawn_and_the_reader_told(
    node: AdminNode,
) -> None:
    message_id = await _submit(node)
    path = f"/console/messages/{message_id}"
    node.trust.woken.clear()
    retried = await look(node, f"{path}/retry", form={})
    assert (retried.status, retried.headers["location"]) == (303, path)
    cookie = retried.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    told = {"Cookie": cookie.partition(";")[0]}
    shown = await look(node, path, headers=told)
    assert '<p class="notice">' in shown.text
    assert "Max-Age=0" in shown.headers["set-cookie"]
    empty = await look(node, f"{path}/cancel", form={"reason": " "})
    assert empty.status == 400
    script = await look(
        node,
        f"{path}/cancel",
        form={"reason": "sent by mistake"},
        headers={"HX-Request": "true"},
    )
    assert (script.status, script.headers["hx-redirect"]) == (204, path)
    assert "withdrawn" in script.headers["set-cookie"]
    again = await look(node, f"{path}/cancel", form={"reason": "once more"})
    assert again.status == 409


async def test_a_message_is_taken_back_before_and_after_it_left(
    node: AdminNode,
) -> None:
    waiting = await _submit(node)
    form = {"reason": "the order was lifted", "action": "restrict"}
    taken = await look(node, f"/console/messages/{waiting}/recall", form=form)
    assert "before%20it%20left" in taken.headers["set-cookie"]
    gone = await _submit(node)
    await node.deliver(gone)
    told = await look(node, f"/console/messages/{gone}/recall", form=form)
    assert "being%20told" in told.headers["set-cookie"]


async def test_opening_takes_a_purpose_is_logged_and_shows_the_form(
    node: AdminNode,
) -> None:
    message_id = await node.receive()
    path = f"/console/messages/{message_id}"
    before = len(await node.entries("msg.access"))
    refused = await look(node, f"{path}/open", "caseworker", form={"purpose": ""})
    assert refused.status == 400
    assert len(await node.entries("msg.access")) == before
    purpose = "to decide <on> the request"
    opened = await look(
        node,
        f"{path}/open",
        "caseworker",
        form={"purpose": purpose},
        headers={"Accept-Language": "fr"},
    )
    assert opened.status == 200
    entry = (await node.entries("msg.access"))[-1]
    assert (entry["actor"], entry["purpose"]) == ("caseworker", purpose)
    assert "to decide &lt;on&gt; the request" in opened.text
    assert "Demande d&#39;entraide" in opened.text
    assert "Autorité qui demande" in opened.text or "Autorité" in opened.text
    assert opened.headers["cache-control"] == "no-store"
    confirmed = await look(node, f"{path}/confirm", "caseworker", form={})
    assert confirmed.status == 303
    shown = await look(node, path, "caseworker")
    assert "handed over" in shown.text


async def test_a_page_that_was_not_opened_shows_nothing_of_the_content(
    node: AdminNode,
) -> None:
    message_id = await node.receive()
    for account in ("observer", "auditor", "operator", "caseworker"):
        seen = await look(node, f"/console/messages/{message_id}", account)
        assert seen.status == 200
        assert "Kolvasi" not in seen.text
    denied = await look(
        node,
        f"/console/messages/{message_id}/open",
        "operator",
        form={"purpose": "curiosity"},
    )
    assert denied.status == 404


async def test_evidence_is_fetched_under_the_opening_and_by_its_name(
    node: AdminNode,
) -> None:
    message_id = await submitted(node, await uploaded(node))
    path = f"/console/messages/{message_id}"
    seen = await look(node, f"{path}/open", form={"purpose": "to look at the file"})
    (action,) = [one for one in seen.actions if "/attachments/" in one]
    early = await look(node, action, "caseworker", form={"name": "x"})
    assert early.status == 403
    async with node.session.post(
        node.url + action, data={"name": "Prüf\r\n.bin"}, headers=node.headers()
    ) as response:
        assert await response.read() == DATA
        assert response.content_type == "application/octet-stream"
        disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment; filename*=UTF-8''Pr%C3%BCf%0D%0A.bin"


async def test_search_goes_to_an_id_and_finds_the_rest(node: AdminNode) -> None:
    message_id = await _submit(node, sender_ref="EE-18")
    to_id = await look(node, f"/console/search?q={message_id.upper()}")
    assert to_id.headers["location"] == f"/console/messages/{message_id}"
    by_reference = await look(node, "/console/search?q=EE-18")
    assert "Messages with this reference" in by_reference.text
    assert f"/console/messages/{message_id}" in by_reference.links
    shown = await look(node, f"/console/messages/{message_id}")
    (case,) = {one for one in shown.links if one.startswith("/console/cases/")}
    to_case = await look(node, f"/console/search?q={case.rpartition('/')[2]}")
    assert to_case.headers["location"] == case
    for wanted in ("nothing", "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"):
        nothing = await look(node, f"/console/search?q={wanted}")
        assert "Nothing has this id" in nothing.text


async def test_the_overview_groups_what_goes_wrong_by_cause(node: AdminNode) -> None:
    message_id = await _submit(node)
    await node.refuse_key(message_id)
    seen = await look(node, "/console/overview", headers={"Accept-Language": "fr"})
    assert "Ce qui échoue, par cause" in seen.text
    assert "pgr.pt" in seen.text
    observer = await look(node, "/console/overview", "observer")
    assert observer.status == 200
    assert "c-checks" not in observer.text


async def test_originals_of_redacted_copies_are_shown_and_fetched_with_a_purpose(
    node: AdminNode,
) -> None:
    made = RedactionRecord(
        redaction_id="019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
        source_sha256=hashlib.sha256(b"Miller paid").hexdigest(),
        result_sha256=hashlib.sha256(DATA).hexdigest(),
        salt=bytes(32),
        reasons=("SOURCE",),
        rule="names of sources",
        by="A. Tamm",
        at="2026-11-28T08:00:00Z",
    )
    copy, original = await uploaded(node), await uploaded(node, b"Miller paid")
    request = SubmitRequest(
        to="pgr.pt",
        message=dict(request_with("ledger.bin")),
        attachments=(copy,),
        originals=(OriginalGiven(upload=original, record=dict(made.to_json())),),
    )
    async with node.client("caseworker") as client:
        sent = await client.send(calls.submit(request))
    async with node.client("approver") as client:
        await client.send(approve(sent.approval))
    path = f"/console/messages/{sent.id}"
    why = {"purpose": "order of the court"}
    opened = await look(node, f"{path}/open", "caseworker", form=why)
    assert f"{path}/originals" in opened.actions
    waits = await look(node, f"{path}/originals", "caseworker", form=why)
    assert waits.status == 403
    assert "Another person has to approve this first" in waits.text
    (number,) = re.findall(r"approve (\d+)", waits.text)
    async with node.client("approver") as client:
        await client.send(approve(int(number)))
    shown = await look(node, f"{path}/originals", "caseworker", form=why)
    assert "belongs to the copy" in shown.text
    (action,) = [one for one in shown.actions if "/originals/" in one]
    async with node.session.post(
        node.url + action, data={"name": "a.txt"}, headers=node.headers("caseworker")
    ) as response:
        assert await response.read() == b"Miller paid"


async def test_a_message_is_printed_or_said_why_not(node: AdminNode) -> None:
    message_id = await node.receive()
    path = f"/console/messages/{message_id}/print"
    async with node.session.post(
        node.url + path,
        data={"purpose": "for the file"},
        headers=node.headers("caseworker"),
    ) as response:
        body = await response.read()
        assert response.status == 200, body
        assert body.startswith(b"%PDF")
        assert message_id in response.headers["Content-Disposition"]
