"""The parts of a dispute bundle over the API: sealed, signed, logged, no plaintext."""

import base64
import hashlib
from pathlib import Path

import pytest

from gateway.admin import shapes
from gateway.admin.evidence_shapes import EvidenceParts
from gateway.cli.commands.evidence import parts_of
from gateway.client import calls
from gateway.core.errors import NotAllowedError, NotFoundError
from gateway.core.identity import parse_card, verify_card
from gateway.verifier.bundle import encode_bundle
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Report
from gateway.verifier.verify import verify_path
from tests.support.admin_api import PT, AdminNode, request_form

UNKNOWN = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"


async def _submit(node: AdminNode) -> str:
    request = shapes.SubmitRequest(to=PT, message=dict[str, object](request_form()))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def test_evidence_is_the_sealed_bytes_with_the_proofs_that_name_them(
    node: AdminNode,
) -> None:
    sent = await _submit(node)
    await node.deliver(sent)
    async with node.client("auditor") as client:
        row = await client.send(calls.show_message(sent))
        parts = await client.send(calls.evidence(sent))
        receipts = await client.send(calls.receipts(sent))

    assert (parts.id, parts.box, parts.peer) == (sent, "out", PT)
    sealed = base64.b64decode(parts.envelope)
    assert hashlib.sha256(sealed).hexdigest() == row.digest
    assert [one.role for one in parts.proofs] == ["origin", "receipt"]
    assert {one.name for one in parts.proofs} == {one.name for one in receipts.items}


async def test_evidence_of_an_inbound_message_is_the_peers_bytes(
    node: AdminNode,
) -> None:
    received = await node.receive()
    async with node.client("observer") as client:
        row = await client.send(calls.show_message(received))
        parts = await client.send(calls.evidence(received))

    sealed = base64.b64decode(parts.envelope)
    assert hashlib.sha256(sealed).hexdigest() == row.digest
    assert sorted(one.role for one in parts.proofs) == ["origin", "receipt"]


async def test_both_cards_come_with_who_compared_the_peers(node: AdminNode) -> None:
    sent = await _submit(node)
    async with node.client("auditor") as client:
        parts = await client.send(calls.evidence(sent))
        peer = await client.send(calls.show_peer(PT))

    assert [one.authority for one in parts.cards] == ["moj.ee", PT]
    for one in parts.cards:
        raw = base64.b64decode(one.card)
        card = verify_card(raw, stage=parse_card(raw).card.stage)
        assert (card.authority, card.fingerprint) == (one.authority, one.fingerprint)
    assert parts.enrolment is not None
    assert parts.enrolment.fingerprint == peer.fingerprint
    assert parts.enrolment.compared_how == "read out by phone"
    assert (parts.enrolment.compared_by, parts.enrolment.compared_at) == (
        peer.compared_by,
        peer.compared_at,
    )


async def test_of_a_peer_that_was_removed_there_is_no_card(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client() as client:
        await client.send(calls.remove_peer(PT, is_forced=True))
        parts = await client.send(calls.evidence(received))

    assert [one.authority for one in parts.cards] == ["moj.ee"]
    assert parts.enrolment is None


async def test_what_is_held_has_no_sealed_bytes_yet(node: AdminNode) -> None:
    async with node.client("operator") as client:
        await client.send(calls.pause_peer(PT))
    sent = await _submit(node)
    async with node.client("auditor") as client:
        parts = await client.send(calls.evidence(sent))

    assert (parts.envelope, parts.proofs) == ("", ())


async def test_looking_at_evidence_is_logged_and_opens_nothing(
    node: AdminNode,
) -> None:
    received = await node.receive()
    async with node.client("auditor") as client:
        await client.send(calls.evidence(received))
        await client.send(calls.evidence(received))

    (entry,) = await node.entries("msg.list")
    assert entry["query"] == f"message {received} evidence"
    assert (entry["actor"], entry["count"]) == ("auditor", "2")
    assert await node.entries("msg.access") == []


async def test_there_is_evidence_for_whom_receipts_are_for_and_of_what_there_is(
    node: AdminNode,
) -> None:
    async with node.client("security") as client:
        with pytest.raises(NotAllowedError):
            await client.send(calls.evidence(await node.receive()))
    async with node.client("auditor") as client:
        with pytest.raises(NotFoundError):
            await client.send(calls.evidence(UNKNOWN))


async def test_a_message_held_for_a_new_key_can_be_proven_too(node: AdminNode) -> None:
    sent = await _submit(node)
    await node.refuse_key(sent)
    async with node.client("auditor") as client:
        receipts = await client.send(calls.receipts(sent))
        parts = await client.send(calls.evidence(sent))

    roles = [one.role for one in receipts.items]
    assert roles == [one.role for one in parts.proofs] == ["origin", "key-refusal"]


def _verify(folder: Path, parts: EvidenceParts, content: bytes = b"") -> Report:
    bundle = folder / "bundle.zip"
    bundle.write_bytes(encode_bundle(parts_of(parts, content)))
    keys = []
    for one in parts.cards:
        keys.append(folder / f"{one.authority}.compared")
        keys[-1].write_bytes(base64.b64decode(one.card))
    return verify_path(bundle, VerifyOptions(keys=tuple(keys)))


async def test_a_bundle_of_what_the_sender_holds_verifies(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    sent = await _submit(node)
    await node.deliver(sent)
    async with node.client() as client:
        parts = await client.send(calls.evidence(sent))
        request = shapes.OpenRequest(purpose="to prove it")
        opened = await client.send(calls.open_message(sent, request))

    report = _verify(tmp_path, parts, base64.b64decode(opened.manifest))
    assert report.exit_code == 0, report.render()
    assert "that the recipient had it" not in report.not_shown
    assert "manifest.json is what the sender logged" in report.render()


async def test_a_bundle_of_what_the_recipient_holds_verifies(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    received = await node.receive()
    async with node.client() as client:
        request = shapes.OpenRequest(purpose="to answer it")
        opened = await client.send(calls.open_message(received, request))
        parts = await client.send(calls.evidence(received))

    report = _verify(tmp_path, parts, base64.b64decode(opened.manifest))
    assert report.exit_code == 0, report.render()
    assert "that the recipient opened it" not in report.not_shown


async def test_a_bundle_of_what_waits_for_a_new_key_verifies(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    sent = await _submit(node)
    await node.refuse_key(sent)
    async with node.client() as client:
        parts = await client.send(calls.evidence(sent))

    report = _verify(tmp_path, parts)
    assert report.exit_code == 0, report.render()
    assert "that the recipient had it" in report.not_shown
