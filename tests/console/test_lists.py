"""What goes with the list of messages: exports, saved views, many at once."""

import csv
import json
import re
from urllib.parse import urlencode

import pytest

from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from tests.support.admin_api import AdminNode, request_form
from tests.support.browsing import Seen, look

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _submit(node: AdminNode, reference: str) -> str:
    form: dict[str, object] = {**request_form(), "sender_ref": reference}
    async with node.client("caseworker") as client:
        request = SubmitRequest(to="pgr.pt", message=form)
        return (await client.send(calls.submit(request))).id


def _hidden(seen: Seen) -> dict[str, str]:
    """Return the hidden fields of the last form of a page."""
    last = seen.text[seen.text.rindex('<form method="post"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', last)
    return {name: value.replace("&amp;", "&") for name, value in found}


async def test_the_filter_of_a_list_is_exported_as_it_stands(node: AdminNode) -> None:
    ours = await _submit(node, "EE-31")
    await _submit(node, "EE-32")
    page = await look(node, "/console/messages?sender_ref=EE-31&column=id")
    exports = {
        one.partition("?")[0][-4:]: one for one in page.links if "/export" in one
    }
    as_csv = await look(node, exports["/csv"])
    (row,) = csv.DictReader(as_csv.text.lstrip("\ufeff").splitlines())
    assert row["id"] == ours
    assert "messages.csv" in as_csv.headers["content-disposition"]
    async with node.session.get(
        node.url + exports["json"], headers=node.headers()
    ) as response:
        assert [one["id"] for one in json.loads(await response.read())] == [ours]


async def test_filters_are_kept_under_a_name_and_shared(node: AdminNode) -> None:
    form = {
        "name": "Portugal, <waiting>",
        "query": "state=queued&peer=pgr.pt",
        "shared_with": "operator",
    }
    saved = await look(node, "/console/views", "caseworker", form=form)
    place = "/console/messages?state=queued&peer=pgr.pt"
    assert (saved.status, saved.headers["location"]) == (303, place)
    for account, is_theirs in (("caseworker", True), ("operator", False)):
        seen = await look(node, "/console/messages", account)
        assert "Portugal, &lt;waiting&gt;" in seen.text
        assert any(one.endswith("/drop") for one in seen.actions) is is_theirs
    auditor = await look(node, "/console/messages", "auditor")
    assert "Portugal" not in auditor.text
    mine = await look(node, "/console/messages", "caseworker")
    (drop,) = [one for one in mine.actions if one.endswith("/drop")]
    dropped = await look(node, drop, "caseworker", form={})
    assert dropped.status == 303
    assert "Portugal" not in (await look(node, "/console/messages", "operator")).text


async def test_a_view_leads_nowhere_else(node: AdminNode) -> None:
    form = {"name": "bad", "query": "x=//evil.example"}
    refused = await look(node, "/console/views", form=form)
    assert refused.status == 400


async def test_columns_are_remembered(node: AdminNode) -> None:
    chosen = await look(node, "/console/messages?column=id&column=attempts&column=x")
    cookie = chosen.headers["set-cookie"].partition(";")[0]
    assert cookie == "mla-columns=id-attempts"
    await _submit(node, "EE-33")
    later = await look(node, "/console/messages", headers={"Cookie": cookie})
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', later.text)
    assert heads == ["Message", "Attempts"]
    odd = await look(node, "/console/messages", headers={"Cookie": "mla-columns=x"})
    assert "Accepted" in odd.text


async def test_many_messages_are_withdrawn_after_a_look(node: AdminNode) -> None:
    for _ in range(3):
        await _submit(node, "EE-40")
    query = urlencode({"sender_ref": "EE-40", "action": "cancel"})
    preview = await look(node, f"/console/bulk?{query}", "operator")
    assert "Do it with 3 messages" in preview.text
    form = _hidden(preview)
    assert form["query"] == "sender_ref=EE-40"
    empty = await look(node, "/console/bulk", "operator", form={**form, "reason": ""})
    assert empty.status == 400
    order = {**form, "reason": "sent to the wrong office"}
    begun = await look(node, "/console/bulk", "operator", form=order)
    assert begun.status == 303
    assert begun.headers["location"].startswith("/console/jobs/")
    again = await look(node, "/console/bulk", "operator", form=order)
    assert again.headers["location"] == begun.headers["location"]


async def test_what_changed_since_the_look_is_not_done(node: AdminNode) -> None:
    await _submit(node, "EE-41")
    path = "/console/bulk?sender_ref=EE-41&action=cancel"
    form = _hidden(await look(node, path, "operator"))
    await _submit(node, "EE-41")
    order = {**form, "reason": "sent to the wrong office"}
    refused = await look(node, "/console/bulk", "operator", form=order)
    assert refused.status == 409


async def test_without_an_action_nothing_is_looked_at(node: AdminNode) -> None:
    seen = await look(node, "/console/bulk", "operator")
    assert "No filter is set" in seen.text
    assert "/console/bulk" not in seen.actions
    odd = await look(node, "/console/bulk?action=explode", "operator")
    assert odd.status == 400
