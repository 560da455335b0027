"""Holds, searches, requests, retention and supervision through the served API."""

import json
import re
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.admin import keeping_shapes, retention_shapes, shapes, supervision_shapes
from gateway.admin import lifecycle_shapes as life
from gateway.admin.node_shapes import EntriesQuery
from gateway.client import calls, keeping_calls, lifecycle_calls, supervision_calls
from gateway.client.approval_calls import approve
from gateway.client.call import Call
from gateway.client.retention_calls import erase_messages
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotErasableError,
    NotFoundError,
    UsageError,
)
from gateway.core.values import parse_time
from gateway.mla.processing import record_of
from gateway.mla.retention import RetentionClass
from gateway.verifier.layout import tile_at
from gateway.verifier.led_export import LedWriter
from gateway.verifier.log_folder import check_log_folder
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome
from tests.support.admin_api import PT, AdminNode, request_form

T = TypeVar("T")

SUBJECT = life.Subject(name="Ledger Support")
ALWAYS = {"since": "2000-01-01T00:00:00.000Z", "until": "2099-01-01T00:00:00.000Z"}


async def submitted(node: AdminNode) -> shapes.Message:
    """Return a message of ours that will never be sent."""
    request = shapes.SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        sent = await client.send(calls.submit(request))
        return await client.send(calls.show_message(sent.id))


async def cancelled(node: AdminNode) -> shapes.Message:
    message = await submitted(node)
    async with node.client("operator") as client:
        return await client.send(calls.cancel_message(message.id, "sent in error"))


async def approved(node: AdminNode, account: str, call: Call[T]) -> T:
    """Ask, let a second person approve, and ask again."""
    async with node.client(account) as client:
        with pytest.raises(NotAllowedError, match="approval") as refused:
            await client.send(call)
    number = re.search(r"approve (\d+)", str(refused.value))
    assert number
    async with node.client("admin") as client:
        await client.send(approve(int(number[1])))
    async with node.client(account) as client:
        return await client.send(call)


async def test_a_hold_is_set_listed_respected_and_lifted(node: AdminNode) -> None:
    message = await cancelled(node)
    request = life.AddHoldRequest(
        reason="appeal", review_on="2999-01-01", case=message.case
    )
    async with node.client("caseworker") as client:
        hold = await client.send(lifecycle_calls.add_hold(request))
        assert (hold.scope, hold.target, hold.by) == (
            "case",
            message.case,
            "caseworker",
        )
        listed = await client.send(lifecycle_calls.list_holds())
        assert [one.hold_id for one in listed.items] == [hold.hold_id]
        assert not listed.items[0].overdue
    order = retention_shapes.EraseRequest(basis="x", reason="over", ids=(message.id,))
    async with node.client("security") as client:
        with pytest.raises(NotErasableError, match="on-legal-hold"):
            await client.send(erase_messages(order))
        lift = life.LiftHoldRequest(reason="judgment is final")
        await client.send(lifecycle_calls.lift_hold(hold.hold_id, lift))
        with pytest.raises(NotFoundError):
            await client.send(lifecycle_calls.lift_hold(hold.hold_id, lift))
    erased = await approved(node, "security", erase_messages(order))
    assert erased.erased
    (entry,) = await node.entries("admin.hold")
    assert (entry["actor"], entry["purpose"]) == ("caseworker", "appeal")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"case": "x", "message": "y"}, "name one of"),
        ({}, "name one of"),
        ({"message": "no id"}, "hold:"),
        ({"person": life.Subject(born="1970")}, "names nobody"),
        ({"case": "x", "review_on": "2020-01-01"}, "not in the future"),
        ({"case": "x", "review_on": "2026-02-31"}, "expected a day"),
    ],
)
async def test_a_hold_that_says_nothing_clear_is_refused(
    node: AdminNode, wrong: dict[str, object], said: str
) -> None:
    given = {"reason": "appeal", "review_on": "2999-01-01"} | wrong
    request = life.AddHoldRequest(**given)  # type: ignore[arg-type]
    async with node.client("security") as client:
        with pytest.raises(UsageError, match=said):
            await client.send(lifecycle_calls.add_hold(request))


async def test_a_search_is_for_a_request_approved_logged_and_shows_no_content(
    node: AdminNode,
) -> None:
    message = await submitted(node)
    async with node.client("auditor") as client:
        entered = await client.send(
            lifecycle_calls.add_subject_request(
                life.AddSubjectRequest(kind="access", reference="DP-7")
            ),
        )
    request = life.SubjectSearchRequest(subject=SUBJECT, request=entered.request_id)
    found = await approved(node, "auditor", lifecycle_calls.search_subjects(request))
    (candidate,) = found.items
    assert (candidate.id, candidate.case) == (message.id, message.case)
    assert candidate.agrees == ("alias",)
    assert (found.more, found.unsearchable) == (False, 0)
    entry = (await node.entries("msg.list"))[-1]
    assert entry["purpose"] == "SUBJECT_REQUEST"
    assert entry["query"] == f"subject {found.query}"
    assert entry["detail"] == f"for request {entered.request_id}"
    nobody = life.Subject(born="1970-01-01")
    vague = life.SubjectSearchRequest(subject=nobody, request=entered.request_id)
    async with node.client("auditor") as client:
        with pytest.raises(UsageError, match="names nobody"):
            await client.send(lifecycle_calls.search_subjects(vague))


async def test_requests_are_registered_delayed_and_closed(node: AdminNode) -> None:
    new = life.AddSubjectRequest(
        kind="erasure",
        reference="DP-7",
        via="supervisory-authority",
        received="2020-01-01",
        due="2020-02-01",
    )
    delay = life.DelaySubjectRequest(code="D1", reason="x", review_on="2020-01-01")
    unknown = life.DelaySubjectRequest(code="D9", reason="x", review_on="2999-01-01")
    close = life.CloseSubjectRequest(outcome="refused", reason="answered")
    late = life.AddSubjectRequest(
        kind="access", reference="x", received="2020-01-01", due="2019-01-01"
    )
    async with node.client("security") as client:
        entered = await client.send(lifecycle_calls.add_subject_request(new))
        assert (entered.overdue, entered.entered_by) == (True, "security")
        with pytest.raises(UsageError, match="due before"):
            await client.send(lifecycle_calls.add_subject_request(late))
        number = entered.request_id
        with pytest.raises(UsageError, match="within a year"):
            await client.send(lifecycle_calls.delay_subject_request(number, delay))
        with pytest.raises(UsageError, match="NOTICE_DELAY"):
            await client.send(lifecycle_calls.delay_subject_request(number, unknown))
        closed = await client.send(lifecycle_calls.close_subject_request(number, close))
        assert (closed.outcome, closed.overdue) == ("refused", False)
        with pytest.raises(ConflictError, match="is closed"):
            await client.send(lifecycle_calls.close_subject_request(number, close))
        for query, count in ((False, 0), (True, 1)):
            listed = await client.send(
                lifecycle_calls.list_subject_requests(
                    life.SubjectRequestsQuery(closed=query)
                ),
            )
            assert len(listed.items) == count


async def test_what_is_due_is_shown_erased_once_approved_and_told(
    node: AdminNode,
) -> None:
    message = await cancelled(node)
    async with node.client("security") as client:
        table = await client.send(keeping_calls.retention_rules())
        assert table.items[0].automatic
        query = keeping_shapes.RetentionQuery(within=91)
        ahead = await client.send(keeping_calls.preview_retention(query))
        (item,) = ahead.items
        assert (item.rule, item.ids, item.kept) == ("draft", (message.id,), {})
        review = keeping_shapes.ReviewRequest(case=message.case, reason="pending")
        await client.send(keeping_calls.review_case(review))
        with pytest.raises(ConflictError, match="RET_REQ"):
            await client.send(keeping_calls.disposal_report(message.case))
    request = keeping_shapes.RetentionRunRequest(reason="over", classes=("draft",))
    async with node.client("security") as client:
        nothing = await client.send(keeping_calls.run_retention(request))
        assert (nothing.erased, nothing.items) == (0, ())
    node.services.lifecycle.retention._periods = {RetentionClass.DRAFT: 0}
    done = await approved(node, "security", keeping_calls.run_retention(request))
    assert done.erased == 1
    (one,) = done.items
    assert (one.rule, one.rings, len(one.digests), one.failed) == ("draft", 1, 1, "")


async def test_the_record_of_processing_is_exported_and_reviewed(
    node: AdminNode,
) -> None:
    await submitted(node)
    request = supervision_shapes.BeginExportRequest(**ALWAYS, reason="DPA-4")
    backwards = supervision_shapes.ReviewQuery(
        since=ALWAYS["until"], until=ALWAYS["since"]
    )
    async with node.client("auditor") as client:
        begun = await client.send(supervision_calls.begin_led_export(request))
        assert (begun.start, begun.end) == (0, begun.index)
        assert begun.size == begun.index + 1
        query = supervision_shapes.ReviewQuery(**ALWAYS, zone="Europe/Tallinn")
        found = await client.send(supervision_calls.review_log(query))
        assert found.items == ()
        with pytest.raises(UsageError, match="ends before"):
            await client.send(supervision_calls.review_log(backwards))
    (entry,) = await node.entries("admin.led-export")
    assert entry["purpose"] == "DPA-4"
    assert entry["detail"].startswith("2000-01-01")


async def test_every_record_is_proven_by_the_log_beside_it(
    node: AdminNode, tmp_path: Path
) -> None:
    await submitted(node)
    request = supervision_shapes.BeginExportRequest(**ALWAYS, reason="DPA-4")
    async with node.client("auditor") as client:
        begun = await client.send(supervision_calls.begin_led_export(request))
        tile = tile_at(0, 0, begun.size)
        assert tile is not None
        hashes = await client.send(calls.log_tile(tile.path()))
        page = await client.send(calls.log_entries(EntriesQuery(start=0, limit=500)))
    writer = LedWriter(tmp_path / "led", begun.note.encode(), lambda _tile: hashes)
    for entry in page.items[: begun.end]:
        record = record_of(
            json.loads(entry.leaf),
            entry.disclosed,
            at_ms=parse_time(entry.at),
            entry_hash=entry.leaf_hash,
        )
        writer.add(record, entry.leaf.encode(), entry.disclosures)
    done = writer.finish(node.trust.keyring.log.vkeys)
    assert done.entries == begun.end
    keys = tmp_path / "keys"
    keys.write_text(
        "".join(f"{one.to_text()}\n" for one in node.trust.keyring.log.vkeys)
    )
    report = check_log_folder(tmp_path / "led" / "log", VerifyOptions(keys=(keys,)))
    assert report.outcome is Outcome.OK
