"""Peers, jobs and maintenance: what is shown of them, and what is done."""

import pytest

from gateway.admin import job_shapes, shapes
from gateway.client import calls, halt_calls, job_calls
from gateway.console.handlers.peers import compared
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEER = f"/console/peers/{PT}"


async def test_a_peer_is_tested_and_says_why_it_does_not_answer(
    node: AdminNode,
) -> None:
    listed = await look(node, "/console/peers")
    assert ("a", {"class": "row", "href": PEER}) in listed.tags
    tested = await look(node, f"{PEER}/test", form={})
    assert tested.status == 200
    assert "It does not answer" in tested.text
    assert "127.0.0.1" in tested.text


async def test_fingerprints_are_compared_side_by_side(node: AdminNode) -> None:
    async with node.client() as client:
        told = (await client.send(calls.show_peer(PT))).fingerprint
    same = await look(node, f"{PEER}?told={told[:32]}+{told[32:].upper()}")
    assert "They are the same." in same.text
    other = "0" if told[-1] != "0" else "1"
    differs = await look(node, f"{PEER}?told={told[:-1]}{other}")
    assert "They differ" in differs.text
    assert differs.text.count(">differs<") == 1


async def test_what_is_read_out_may_be_too_short_or_nothing() -> None:
    assert compared("ab12cd34", "") is None
    assert compared("ab12cd34", "hello - world") is not None
    cut = compared("ab12cd34", "AB12")
    assert cut is not None
    assert [group.agrees for group in cut.groups] == [True, False]


async def test_limits_are_set_and_nonsense_is_not(node: AdminNode) -> None:
    form = {"upload_kib_s": "500", "upload_hours": "", "max_evidence_gib": "7"}
    done = await look(node, f"{PEER}/limits", form=form)
    assert done.status == 303
    wrong = await look(node, f"{PEER}/limits", form=form | {"upload_kib_s": "much"})
    assert wrong.status == 400
    assert "much is no whole number." in wrong.text
    async with node.client() as client:
        shown = await client.send(calls.show_peer(PT))
    assert (shown.upload_kib_s, shown.max_evidence_gib) == (500, 7)


async def test_a_peer_is_stopped_and_what_went_is_shown(node: AdminNode) -> None:
    await node.receive()
    form = {"reason": "their keys are stolen", "since": "2020-01-01T00:00"}
    stopped = await look(node, f"{PEER}/incident", form=form)
    assert stopped.status == 303
    shown = await look(node, PEER)
    assert "Exchange is stopped in both directions" in shown.text
    assert "their keys are stolen" in shown.text
    went = await look(node, f"{PEER}/exchanged")
    assert "Came from it" in went.text
    assert "Incidents of this peer" in went.text
    # One who could approve is there: another person has to.
    again = await look(node, f"{PEER}/resume", "operator", form={})
    assert again.status == 403
    wrong = await look(node, f"{PEER}/incident", form=form | {"since": "yesterday"})
    assert wrong.status == 400


async def test_a_job_is_shown_with_its_progress_and_stopped(node: AdminNode) -> None:
    request = shapes.SubmitRequest(to=PT, message=dict[str, object](request_form()))
    async with node.client() as client:
        await client.send(calls.submit(request))
        chosen = job_shapes.BulkFilter(box="out")
        look_at = job_shapes.BulkPreviewRequest(action="cancel", filter=chosen)
        preview = await client.send(job_calls.preview_bulk(look_at))
        order = job_shapes.BulkRequest(
            action="cancel", filter=chosen, digest=preview.digest, reason="sent twice"
        )
        job = await client.send(job_calls.begin_bulk(order))
    listed = await look(node, "/console/jobs")
    assert f'id="job-{job.id}"' in listed.text
    shown = await look(node, f"/console/jobs/{job.id}")
    assert "Withdraw messages" in shown.text
    assert "sent twice" in shown.text
    assert 'data-refresh="2"' in shown.text
    done = await look(node, f"/console/jobs/{job.id}/cancel", form={"reason": "no"})
    assert done.status == 303
    over = await look(node, f"/console/jobs/{job.id}")
    assert "stopped by admin" in over.text
    assert "data-refresh" not in over.text


async def test_a_window_is_begun_and_ended(node: AdminNode) -> None:
    before = await look(node, "/console/maintenance")
    assert "not maintained" in before.text
    (until,) = [
        attributes["value"]
        for tag, attributes in before.tags
        if tag == "input" and attributes.get("name") == "until"
    ]
    form = {"until": until or "", "reason": "new disks"}
    begun = await look(node, "/console/maintenance/begin", form=form)
    assert begun.status == 303
    on = await look(node, "/console/maintenance", "observer")
    assert "This node is being maintained" in on.text
    assert "/console/maintenance/end" not in on.text
    ended = await look(node, "/console/maintenance/end", form={})
    assert ended.status == 303
    async with node.client() as client:
        assert not (await client.send(halt_calls.show_maintenance())).on
