"""Many messages at once: looked at first, then done to exactly what was shown."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.admin import job_shapes, shapes, view_shapes
from gateway.admin.message_files import cell
from gateway.client import calls, job_calls
from gateway.client.call import Call
from gateway.client.client import GatewayClient
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.flows import bulk
from tests.support.admin_api import PT, AdminNode, request_form

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

ALL = job_shapes.BulkFilter()


@asynccontextmanager
async def jobs_running(node: AdminNode) -> AsyncIterator[None]:
    """Run the node's jobs while a block runs."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(node.services.jobs.run())
        yield
        task.cancel()


async def submit(node: AdminNode, **changes: str) -> str:
    form: JsonObject = request_form() | changes
    request = shapes.SubmitRequest(to=PT, message=dict[str, object](form))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def ended(client: GatewayClient, job: job_shapes.Job) -> job_shapes.Job:
    async with asyncio.timeout(10):
        while True:
            found = await client.send(job_calls.show_job(job.id))
            if found.ended_at:
                return found
            await asyncio.sleep(0.01)


def order(
    preview: job_shapes.BulkPreview, *, reference: str = ""
) -> Call[job_shapes.Job]:
    return job_calls.begin_bulk(
        job_shapes.BulkRequest(
            action=preview.action,
            filter=ALL,
            digest=preview.digest,
            reason="sent twice",
            reference=reference,
        ),
        idempotency_key="k-1",
    )


def look(action: job_shapes.BulkActionName) -> Call[job_shapes.BulkPreview]:
    request = job_shapes.BulkPreviewRequest(action=action, filter=ALL)
    return job_calls.preview_bulk(request)


async def test_what_was_shown_is_done_message_by_message(node: AdminNode) -> None:
    first, second = await submit(node), await submit(node)
    received = await node.receive()
    async with jobs_running(node), node.client("operator") as client:
        preview = await client.send(look("cancel"))
        job = await client.send(order(preview))
        done = await ended(client, job)
        # The same key is the same job, although nothing is left to be done.
        assert (await client.send(order(preview))).id == job.id

    assert (preview.matched, preview.count) == (3, 2)
    assert [one.id for one in preview.first] == [second, first]
    (excluded,) = preview.excluded
    assert (excluded.why, excluded.first) == ("received", (received,))
    assert (done.state, done.total, done.done, done.failed) == ("done", 2, 2, 0)
    assert done.result == {"outcomes": {"done": 2}}
    entries = await node.entries("msg.cancel")
    assert {one["m"] for one in entries} == {first, second}
    assert {one["purpose"] for one in entries} == {"sent twice"}
    (begun,) = await node.entries("admin.job-begin")
    assert (begun["actor"], begun["res"], begun["count"]) == (
        "operator",
        "bulk-cancel",
        "2",
    )
    listed = await node.entries("msg.list")
    assert "bulk cancel" in {one["query"] for one in listed}


async def test_what_has_changed_since_the_preview_is_not_done(
    node: AdminNode,
) -> None:
    await submit(node)
    async with node.client("operator") as client:
        preview = await client.send(look("cancel"))
        await submit(node)
        with pytest.raises(ConflictError, match="concerns 2 messages now"):
            await client.send(order(preview))
    assert await node.entries("admin.job-begin") == []


async def test_what_was_offered_can_only_have_gone_another_way(
    node: AdminNode,
) -> None:
    message = await submit(node)
    now = node.trust.clock.now()
    store = node.trust.store
    await store.claim_due(PT, now=now, lease_ms=1, max_items=9, max_bytes=2**24)
    async with jobs_running(node), node.client("operator") as client:
        refused = await client.send(look("cancel"))
        preview = await client.send(look("other-channel"))
        with pytest.raises(ConflictError, match="concerns none"):
            await client.send(order(refused))
        with pytest.raises(UsageError, match="where the message is found"):
            await client.send(order(preview))
        job = await client.send(order(preview, reference="courier bag 17"))
        await ended(client, job)
        shown = await client.send(calls.show_message(message))

    assert refused.excluded[0].why == "offered"
    assert preview.offered == 1
    assert "would then have them twice" in preview.warning
    assert (shown.state, shown.last_code) == ("cancelled", "other-channel")
    (entry,) = await node.entries("msg.cancel")
    assert (entry["res"], entry["detail"]) == ("other-channel", "courier bag 17")


async def test_a_receipt_that_comes_after_all_counts(node: AdminNode) -> None:
    message = await submit(node)
    async with jobs_running(node), node.client("operator") as client:
        preview = await client.send(look("other-channel"))

        async def say_it_went_another_way() -> None:
            job = await client.send(order(preview, reference="bag 17"))
            await ended(client, job)

        await node.deliver(message, meanwhile=say_it_went_another_way)
        shown = await client.send(calls.show_message(message))
    assert shown.state == "delivered"
    assert len(await node.entries("msg.cancel")) == 1


async def test_too_many_messages_are_not_one_action(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_BULK", 1)
    await submit(node)
    await submit(node)
    async with node.client("operator") as client:
        with pytest.raises(UsageError, match="narrow it"):
            await client.send(look("retry"))


async def test_a_job_is_stopped_by_those_it_concerns(node: AdminNode) -> None:
    async with node.client("auditor") as client:
        job = await client.send(job_calls.begin_log_verification())
        page = await client.send(job_calls.list_jobs(job_shapes.JobQuery(open=True)))
    assert [one.id for one in page.items] == [job.id]
    async with node.client("operator") as client:
        with pytest.raises(NotAllowedError, match="auditor, who asked for it"):
            await client.send(job_calls.cancel_job(job.id))
        with pytest.raises(NotFoundError):
            await client.send(job_calls.show_job(job.id + 1))
    async with node.client("observer") as client:
        with pytest.raises(NotAllowedError):
            await client.send(job_calls.show_job(job.id))
    async with node.client("security") as client:
        stopped = await client.send(job_calls.cancel_job(job.id, "not now"))
    assert (stopped.state, stopped.cancelled_by) == ("cancelled", "security")
    (entry,) = await node.entries("admin.job-cancel")
    assert (entry["purpose"], entry["detail"]) == ("not now", f"job {job.id}")


async def test_the_log_is_verified_as_a_job(node: AdminNode) -> None:
    await submit(node)
    async with jobs_running(node), node.client("auditor") as client:
        job = await client.send(job_calls.begin_log_verification())
        done = await ended(client, job)
    assert done.state == "done"
    assert done.result["verified"] is True
    assert done.result["size"] == done.done == done.total
    assert done.result["findings"] == []


async def test_an_export_holds_the_filter_and_is_logged(node: AdminNode) -> None:
    await submit(node, sender_ref='=HYPERLINK("http://x")')
    kept = await submit(node, sender_ref="EE/7")
    fields = shapes.MessageFields(sender_ref="EE/7")
    async with node.client("observer") as client:

        async def export(wanted: shapes.MessageFields, form: str) -> bytes:
            call = job_calls.export_messages(wanted, form)
            return b"".join([block async for block in client.download(call)])

        table = await export(shapes.MessageFields(), "csv")
        array = await export(fields, "json")
        nothing = await export(shapes.MessageFields(peer="moj.fr"), "json")
        listed = await client.send(calls.list_messages(shapes.MessageQuery()))

    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    assert [row["id"] for row in rows] == [one.id for one in listed.items]
    assert rows[1]["sender_ref"] == '\'=HYPERLINK("http://x")'
    assert [one["id"] for one in json.loads(array)] == [kept]
    assert json.loads(nothing) == []
    told = {one["query"]: one["count"] for one in await node.entries("msg.list")}
    assert told["export csv"] == "2"
    assert told["export json sender_ref=EE/7"] == "1"


async def test_an_export_is_a_named_file_of_unknown_length(node: AdminNode) -> None:
    target = f"{node.url}/api/v1/messages/csv"
    async with node.session.get(target, headers=node.headers("observer")) as answer:
        headers = answer.headers
        assert (await answer.read()).startswith(b"id,box,peer,state,")
    assert headers["Content-Type"] == "text/csv"
    assert headers["Content-Disposition"] == 'attachment; filename="messages.csv"'
    assert "Content-Length" not in headers


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_is_a_formula(begin: str) -> None:
    assert cell(f"{begin}1+1") == f"'{begin}1+1"


def test_other_cells_are_what_they_are() -> None:
    assert [cell(one) for one in ("EE/7", -1, True, 0)] == ["EE/7", "-1", "true", "0"]


async def test_failures_are_grouped_with_what_lists_them(node: AdminNode) -> None:
    message = await submit(node)
    await node.refuse_key(message)
    async with node.client("observer") as client:
        found = await client.send(job_calls.list_failures())
    (cause,) = found.items
    assert (cause.count, cause.state, cause.code) == (1, "held", "key-retired")
    target = f"{node.url}/api/v1/messages?{cause.query}"
    async with node.session.get(target, headers=node.headers()) as answer:
        items = (await answer.json())["items"]
    assert [one["id"] for one in items] == [message]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=queued,gone", "'gone'"),
        ("id=01a1ee", "first 8 characters"),
        ("id=01A1EE56-5E", "lower case"),
        ("since=yesterday", "since"),
        ("until=2026", "until"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    node: AdminNode, query: str, words: str
) -> None:
    target = f"{node.url}/api/v1/messages?{query}"
    async with node.session.get(target, headers=node.headers()) as answer:
        assert answer.status == 400
        assert words in (await answer.json())["detail"]
    async with node.client() as client:
        request = view_shapes.SaveViewRequest(name="v", query=query)
        with pytest.raises(UsageError):
            await client.send(job_calls.save_view(request))


async def test_views_are_shared_with_a_role(node: AdminNode) -> None:
    request = view_shapes.SaveViewRequest(
        name="waiting", query="state=held,queued&peer=pgr.pt", shared_with="observer"
    )
    async with node.client("operator") as client:
        saved = await client.send(job_calls.save_view(request))
    async with node.client("observer") as client:
        (seen,) = (await client.send(job_calls.list_views())).items
        with pytest.raises(NotFoundError):
            await client.send(job_calls.drop_view(saved.id))
    assert (seen.id, seen.name, seen.owner, seen.mine) == (
        saved.id,
        "waiting",
        "operator",
        False,
    )
    assert seen.query == "state=held%2Cqueued&peer=pgr.pt"
    async with node.client("approver") as client:
        assert not (await client.send(job_calls.list_views())).items
    async with node.client("operator") as client:
        await client.send(job_calls.drop_view(saved.id))
        assert not (await client.send(job_calls.list_views())).items
