"""The original of a redacted copy stays here, and is shown by a logged access only."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.admin.retention_shapes import EraseRequest
from gateway.client import calls
from gateway.client.approval_calls import approve
from gateway.client.retention_calls import erase_messages
from gateway.core import canonical
from gateway.core.errors import (
    InvalidFormError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from gateway.core.values import MessageId
from gateway.mla.problems import text_at
from gateway.mla.redaction import RedactionRecord
from tests.support.admin_api import PT, AdminNode
from tests.support.evidence import request_with
from tests.support.file_api import UNKNOWN, fetch, uploaded
from tests.support.forms import with_value

ORIGINAL = b"Miller paid Smith.\n" * 70_000
COPY = b"[...] paid Smith.\n" * 70_000
WHY = opening_shapes.OpenRequest(purpose="order of the court")


def record(original: bytes = ORIGINAL, copy: bytes = COPY) -> RedactionRecord:
    return RedactionRecord(
        redaction_id="019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
        source_sha256=hashlib.sha256(original).hexdigest(),
        result_sha256=hashlib.sha256(copy).hexdigest(),
        salt=bytes(range(32)),
        reasons=("SOURCE",),
        rule="names of sources",
        by="A. Tamm",
        at="2026-11-28T08:00:00Z",
    )


async def submitted(
    node: AdminNode, made: RedactionRecord, form: dict[str, object] | None = None
) -> shapes.Submitted:
    copy, original = await uploaded(node, COPY), await uploaded(node, ORIGINAL)
    given = shapes.OriginalGiven(upload=original, record=dict(made.to_json()))
    request = shapes.SubmitRequest(
        to=PT,
        message=form or dict(request_with("ledger.bin")),
        attachments=(copy,),
        originals=(given,),
    )
    async with node.client("caseworker") as client:
        return await client.send(calls.submit(request))


async def allowed(node: AdminNode, number: int) -> None:
    async with node.client("approver") as client:
        await client.send(approve(number))


async def open_originals(
    node: AdminNode, message_id: str, account: str = "caseworker"
) -> opening_shapes.Originals:
    async with node.client(account) as client:
        return await client.send(calls.open_originals(message_id, WHY))


def number_in(error: NeedsApprovalError) -> int:
    number = re.search(r"approve (\d+)", str(error))
    assert number is not None
    return int(number[1])


async def asked(node: AdminNode, message_id: str) -> int:
    """Ask for the originals; return the number of what is waited for."""
    with pytest.raises(NeedsApprovalError) as refused:
        await open_originals(node, message_id)
    return number_in(refused.value)


async def path_of(node: AdminNode, sent: shapes.Submitted) -> str:
    """Open the originals of a message; return the path of the one."""
    await allowed(node, await asked(node, sent.id))
    (one,) = (await open_originals(node, sent.id)).items
    return f"/api/v1/messages/{sent.id}/originals/{one.aid}"


async def test_the_node_shows_that_the_copy_was_made_of_the_original(
    node: AdminNode,
) -> None:
    made = record()
    sent = await submitted(node, made)
    # A redacted copy waits for a second person, as ever.
    await allowed(node, sent.approval)
    async with node.client("caseworker") as client:
        opened = await client.send(calls.open_message(sent.id, WHY))
    # The item commits to the record, and only the copy is in the message.
    path = "/payload/manifest/*/redaction_ref/commitment"
    assert text_at(canonical.convert(opened.message, dict), path) == made.commitment
    assert [one.sha256 for one in opened.attachments] == [made.result_sha256]
    await allowed(node, await asked(node, sent.id))

    shown = await open_originals(node, sent.id)

    (one,) = shown.items
    assert (one.sha256, one.size) == (made.source_sha256, len(ORIGINAL))
    assert (one.copy, one.faults) == ("ledger.bin", ())
    assert one.record.salt == made.salt.hex()
    path = f"/api/v1/messages/{sent.id}/originals/{one.aid}"
    assert (await fetch(node, path))[::2] == (200, ORIGINAL)
    refused, granted = (await node.entries("msg.access"))[-2:]
    assert refused["res"] == "needs-approval"
    assert granted["purpose"] == "order of the court"
    assert granted["detail"] == "sealed originals of redacted copies"
    # An approval is for one opening; within its time fetching is logged once.
    await asked(node, sent.id)
    assert (await fetch(node, path, "bytes=5-"))[::2] == (206, ORIGINAL[5:])
    (export,) = await node.entries("msg.export")
    assert (export["actor"], export["res"]) == ("caseworker", one.aid)


async def test_who_opened_the_message_has_no_right_to_its_originals(
    node: AdminNode,
) -> None:
    sent = await submitted(node, record())
    path = await path_of(node, sent)
    async with node.client("admin") as client:
        await client.send(calls.open_message(sent.id, WHY))
    assert (await fetch(node, path, account="admin"))[0] == 403
    assert (await fetch(node, path[:-32] + UNKNOWN))[0] == 404
    # Nor is it among what may be fetched of the message.
    as_attachment = path.replace("/originals/", "/attachments/")
    assert (await fetch(node, as_attachment))[0] == 404
    async with node.client("auditor") as client:
        with pytest.raises(NotAllowedError):
            await client.send(calls.open_originals(sent.id, WHY))


async def test_an_original_is_erased_with_its_message(
    node: AdminNode, tmp_path: Path
) -> None:
    sent = await submitted(node, record())
    path = await path_of(node, sent)
    blobs = tmp_path / "blobs"
    assert len(files_in(blobs)) == 2
    size = sum(files_in(blobs).values())
    async with node.client("operator") as client:
        await client.send(calls.cancel_message(sent.id, "sent in error"))
    order = EraseRequest(basis="LED-16", reason="sent in error", ids=(sent.id,))

    async with node.client("security") as client:
        with pytest.raises(NeedsApprovalError) as refused:
            await client.send(erase_messages(order))
        async with node.client("admin") as other:
            await other.send(approve(number_in(refused.value)))
        erased = await client.send(erase_messages(order))

    assert (erased.files, erased.file_bytes) == (2, size)
    assert files_in(blobs) == {}
    assert (await fetch(node, path))[0] == 404
    async with node.client("caseworker") as client:
        with pytest.raises(NotFoundError):
            await client.send(calls.open_originals(sent.id, WHY))


def files_in(folder: Path) -> dict[str, int]:
    """Return the blobs in a folder, with their sizes."""
    return {
        one.name: one.stat().st_size
        for one in folder.rglob("*")
        if one.is_file() and len(one.name) == 32
    }


async def test_a_message_without_originals_says_so(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        for message_id in (received, MessageId(record().redaction_id)):
            with pytest.raises(NotFoundError):
                await client.send(calls.open_originals(message_id, WHY))


async def test_what_does_not_belong_together_is_refused(node: AdminNode) -> None:
    for made in (record(original=b"another"), record(copy=b"another")):
        with pytest.raises(UsageError, match="originals: "):
            await submitted(node, made)
    other = record()
    told = replace(other, salt=bytes(32)).for_item()
    form = request_with("ledger.bin")
    for name, value in told.items():
        form = with_value(form, f"/payload/manifest/0/{name}", value)
    with pytest.raises(InvalidFormError) as refused:
        await submitted(node, other, dict(form))
    (problem,) = refused.value.problems
    assert problem.pointer == "/payload/manifest/0/redaction_ref/commitment"
    assert problem.code == "E_CHAIN"
    # Nothing was used up by what was refused.
    assert (await submitted(node, other)).approval
