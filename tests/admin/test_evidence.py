"""The parts of a dispute bundle over the API: sealed, signed, logged, no plaintext."""

import base64
import hashlib
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.admin.evidence_shapes import EvidenceParts, EvidenceQuery
from gateway.admin.handlers import dispute
from gateway.cli.dispute import merge_shared, message_parts
from gateway.client import calls
from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    conflict_name,
    encode_conflict,
)
from gateway.core.entries.disclosures import read_disclosure
from gateway.core.errors import NotAllowedError, NotFoundError
from gateway.core.identity import parse_card, verify_card
from gateway.core.translog.checkpoint import Checkpoint, Ed25519Cosigner
from gateway.core.translog.note import parse_note
from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.witness import Cosignature
from gateway.verifier.bundle_writer import BundleWriter, SharedParts
from gateway.verifier.files import NewFolder
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Report
from gateway.verifier.verify import verify_path
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.cards import seed

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
    writer = BundleWriter(NewFolder.create(folder / "bundle"))
    writer.add_message(message_parts([parts], content))
    writer.finish(merge_shared(SharedParts(cards=()), [parts]))
    keys = []
    for one in parts.cards:
        keys.append(folder / f"{one.authority}.compared")
        keys[-1].write_bytes(base64.b64decode(one.card))
    return verify_path(folder / "bundle", VerifyOptions(keys=tuple(keys)))


async def test_a_bundle_of_what_the_sender_holds_verifies(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    sent = await _submit(node)
    await node.deliver(sent)
    async with node.client() as client:
        parts = await client.send(calls.evidence(sent))
        request = opening_shapes.OpenRequest(purpose="to prove it")
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
        request = opening_shapes.OpenRequest(purpose="to answer it")
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


async def test_all_that_was_logged_of_a_message_is_proven_with_who_did_it(
    node: AdminNode,
) -> None:
    received = await node.receive()
    async with node.client("caseworker") as client:
        for purpose in ("to answer it", "to look again"):
            request = opening_shapes.OpenRequest(purpose=purpose)
            await client.send(calls.open_message(received, request))
    async with node.client("auditor") as client:
        parts = await client.send(calls.evidence(received))
    async with node.client("observer") as client:
        without = await client.send(calls.evidence(received))

    assert [one.role for one in parts.proofs if one.log == "moj.ee/audit/1"] == [
        "receipt",
        "opening",
    ]
    # The node looks first at what was not validated yet.
    assert [one.role for one in parts.entries] == [
        "check",
        "check",
        "access",
    ]
    told = [
        {found.name: found.value for found in map(read_disclosure, one.disclosures)}
        for one in parts.disclosures
    ]
    told = [one for one in told if one["actor"] != "node"]
    assert [one["purpose"] for one in told] == ["to answer it", "to look again"]
    assert {one["actor"] for one in told} == {"caseworker"}
    assert (without.disclosures, len(without.entries)) == ((), 3)


async def test_heads_are_linked_to_the_newest_round(
    node: AdminNode,
    tmp_path: Path,
) -> None:
    received = await node.receive()
    store = node.services.exchange.store
    signed = await node.services.exchange.checkpoints.newest()
    await store.record_round(signed.size, UnixMs(signed.at))
    async with node.client() as client:
        request = opening_shapes.OpenRequest(purpose="to answer it")
        await client.send(calls.open_message(received, request))
        parts = await client.send(calls.evidence(received))

    assert parts.head_size == signed.size
    assert parts.head.encode() == signed.note
    (link,) = parts.links
    assert link.old == signed.size < link.new
    report = _verify(tmp_path, parts)
    assert report.exit_code == 0, report.render()
    grew = f"{link.old}→{link.new}: the larger tree begins with the smaller one"
    assert grew in report.render()


async def test_many_entries_come_in_parts(
    node: AdminNode,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispute, "MAX_ENTRIES", 2)
    received = await node.receive()
    async with node.client() as client:
        for _ in range(4):
            request = opening_shapes.OpenRequest(purpose="to answer it")
            await client.send(calls.open_message(received, request))
        answers = [await client.send(calls.evidence(received))]
        while answers[-1].next is not None:
            query = EvidenceQuery(start=answers[-1].next, head=answers[0].head_size)
            answers.append(await client.send(calls.evidence(received, query)))

    # Four openings, and before each the node's own look at what was not validated.
    assert len(answers) == 5
    assert [bool(one.envelope) for one in answers] == [True, *[False] * 4]
    assert {one.head for one in answers} == {answers[0].head}
    names = [one.name for found in answers for one in (*found.proofs, *found.entries)]
    assert len(names) == len(set(names)) == 10
    roles = [one.role for found in answers for one in found.entries]
    assert sorted(roles) == ["access"] * 3 + ["check"] * 4
    writer = BundleWriter(NewFolder.create(tmp_path / "bundle"))
    writer.add_message(message_parts(answers, b""))
    writer.finish(merge_shared(SharedParts(cards=()), answers))


async def test_a_head_that_was_never_signed_is_not_linked_to(node: AdminNode) -> None:
    received = await node.receive()
    async with node.client() as client:
        with pytest.raises(NotFoundError, match="no checkpoint of size 1 was signed"):
            await client.send(calls.evidence(received, EvidenceQuery(head=1)))


async def test_an_entry_is_proven_under_the_first_head_that_a_witness_cosigned(
    node: AdminNode,
) -> None:
    received = await node.receive()
    exchange = node.services.exchange
    signed = await exchange.checkpoints.newest()
    witness = Ed25519Cosigner(f"{PT}/witness", seed(f"{PT}/witness ed25519"))
    line = witness.cosign(
        Checkpoint(exchange.checkpoints.origin, signed.size, signed.root),
        time_s=1_790_000_100,
    )
    cosigned = Cosignature(witness.key.name, witness.key.key_id, line.line(), 1)
    await exchange.store.record_cosignatures(signed.size, [cosigned])
    async with node.client() as client:
        request = opening_shapes.OpenRequest(purpose="to answer it")
        await client.send(calls.open_message(received, request))
        parts = await client.send(calls.evidence(received))

    ours = {one.role: one for one in parts.proofs if one.log == "moj.ee/audit/1"}
    assert f"\n{signed.size}\n" in ours["receipt"].proof
    assert f"{PT}/witness" in ours["receipt"].proof
    assert f"{PT}/witness" not in ours["opening"].proof


async def test_what_is_kept_against_the_peers_log_is_in_it(node: AdminNode) -> None:
    received = await node.receive()
    store = node.services.exchange.store
    held = await store.peer_log(AuthorityId(PT))
    assert held is not None
    conflict = LogConflict(
        origin=held.origin,
        authority=AuthorityId(PT),
        kind=ConflictKind.ROLLBACK,
        held=held.note,
        offered=held.note,
        source=AuthorityId(PT),
        at=UnixMs(1_790_000_000_000),
    )
    await store.keep_conflict(conflict)
    async with node.client() as client:
        parts = await client.send(calls.evidence(received))

    assert parts.held.encode() == held.note
    (copy,) = parts.conflicts
    assert copy.name == conflict_name(conflict)
    assert base64.b64decode(copy.content) == encode_conflict(conflict)


async def test_the_first_stamp_after_the_entries_bounds_them(node: AdminNode) -> None:
    received = await node.receive()
    exchange = node.services.exchange
    sizes = []
    for _ in range(3):
        signed = await exchange.checkpoints.newest()
        text = parse_note(signed.note).text
        response = b"response %d" % signed.size
        stamp = TimeStamp(response, "TSA", exchange.clock.now(), exchange.clock.now())
        await exchange.store.add_stamp(text, stamp, exchange.clock.now())
        sizes.append(signed.size)
    newest = await exchange.checkpoints.newest()
    async with node.client() as client:
        query = EvidenceQuery(head=newest.size)
        parts = await client.send(calls.evidence(received, query))
        unstamped = await client.send(calls.evidence(received, EvidenceQuery()))

    assert len(set(sizes)) == 3
    (stamp_copy,), (head,) = parts.stamps, parts.heads
    assert stamp_copy.size == head.size == sizes[0]
    assert base64.b64decode(stamp_copy.response) == b"response %d" % sizes[0]
    assert head.note.startswith(stamp_copy.text)
    assert (sizes[0], newest.size) in {(one.old, one.new) for one in parts.links}
    assert unstamped.stamps
