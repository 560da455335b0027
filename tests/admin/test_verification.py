"""What looking at evidence has shown, over a served API; and the receipt from it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.admin.verification_shapes import AckDraft, AckRequest, Rejection
from gateway.client import calls
from gateway.client.verification_calls import draft_evidence_ack, verification
from gateway.core import canonical
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.values import MessageId
from gateway.flows.indexing import docket_json, message_index
from gateway.mla.envelope_fields import Form
from gateway.mla.findings import SignatureFinding
from gateway.mla.problems import values_at
from gateway.mla.validate import validate
from gateway.ports.evidence import AttachmentState
from gateway.ports.inbox import CheckDone
from gateway.ports.signatures import CheckedSignature, SignedFile
from tests.support.admin_api import PT, AdminNode
from tests.support.file_api import UNKNOWN, opened, submitted, uploaded
from tests.support.forms import evidence_message

PDF = b"%PDF-1.7 /ByteRange [0 1 2 3]"
FIRST, SECOND = (
    str(one) for one in values_at(evidence_message(), "/payload/manifest/*/item_id")
)


class OneSigner:
    """Finds one good signature in whatever it is given."""

    async def check(self, _file: SignedFile) -> Sequence[CheckedSignature]:
        finding = SignatureFinding(
            kind="PAdES",
            result="valid",
            is_intact=True,
            is_trusted=True,
            is_whole=True,
            certificate="ab" * 32,
        )
        return [CheckedSignature(finding, "CN=R. Pedralva")]


@pytest.fixture
def signing(node: AdminNode) -> AdminNode:
    node.services.inspection._signatures = OneSigner()
    return node


async def test_the_result_for_each_file_is_shown(node: AdminNode) -> None:
    message_id = await submitted(node, await uploaded(node))

    async with node.client("auditor") as client:
        known = await client.send(verification(message_id))

    assert (known.id, known.box, known.peer, known.complete) == (
        message_id,
        "out",
        PT,
        True,
    )
    (file,) = known.files
    assert (file.state, file.decrypts, file.size_ok, file.digest_ok) == (
        "verified",
        True,
        True,
        True,
    )
    assert file.compared == ("SHA-256",)
    assert (file.custody, file.structure) == ("good", "not-checked")
    assert file.checked_at
    assert file.faults == ()
    (entry, *_) = await node.entries("msg.list")
    assert entry["query"] == f"message {message_id} verification"


async def test_who_signed_is_shown_to_those_who_opened_the_message(
    signing: AdminNode,
) -> None:
    message_id = await submitted(signing, await uploaded(signing, PDF))

    async def names(account: str) -> list[str]:
        async with signing.client(account) as client:
            known = await client.send(verification(message_id))
        (file,) = known.files
        (signature,) = file.signatures
        assert (signature.result, signature.certificate) == ("valid", "ab" * 32)
        assert signature.revocation == "not-checked"
        assert known.names_shown is bool(signature.signer)
        return [signature.signer]

    assert await names("caseworker") == [""]
    await opened(signing, message_id)
    assert await names("caseworker") == ["CN=R. Pedralva"]
    assert await names("auditor") == [""]
    # Another caseworker has not opened it.
    assert await names("admin") == [""]


async def test_of_a_file_that_was_not_looked_at_its_state_is_told(
    node: AdminNode,
) -> None:
    message_id = MessageId(await submitted(node, await uploaded(node)))
    store = node.trust.store
    (row,) = await store.attachments(message_id)
    await store.mark_attachment(message_id, row.aid, AttachmentState.STORED)

    async with node.client() as client:
        known = await client.send(verification(message_id))

    assert not known.complete
    assert [one.state for one in known.files] == ["stored"]


async def test_a_message_that_is_not_there_has_no_result(node: AdminNode) -> None:
    async with node.client() as client:
        with pytest.raises(NotFoundError):
            await client.send(verification(UNKNOWN))


# --- the receipt ---


async def received_evidence(node: AdminNode) -> MessageId:
    """Take a message that brings items by another way, and read it."""
    message_id = await node.receive()
    document = evidence_message() | {"msg_id": message_id}
    await node.trust.store.begin_checks(10, node.trust.clock.now())
    done = CheckDone(
        message_id, PT, message_index(document), 0, docket=docket_json(document)
    )
    await node.trust.store.finish_checks([done])
    return message_id


async def drafted(node: AdminNode, message_id: str, request: AckRequest) -> AckDraft:
    async with node.client("caseworker") as client:
        return await client.send(draft_evidence_ack(message_id, request))


async def test_a_receipt_is_drafted_from_what_is_known_and_decided(
    node: AdminNode,
) -> None:
    message_id = await received_evidence(node)
    request = AckRequest(
        rejected=(Rejection(item=FIRST, reason="the disk is broken"),),
        vouched=(SECOND,),
    )

    draft = await drafted(node, message_id, request)

    assert (draft.to, draft.left_out) == (PT, ())
    document = canonical.convert(draft.document, dict)
    assert validate(document, form=Form.AUTHOR) == []
    assert values_at(document, "/payload/items/*/result") == ["REJECTED", "ACCEPTED"]
    assert document["in_reply_to"] == message_id
    (moment, _) = values_at(document, "/payload/items/*/received_at")
    assert str(moment).endswith("Z")


async def test_what_nobody_knows_of_is_not_acknowledged(node: AdminNode) -> None:
    message_id = await received_evidence(node)

    draft = await drafted(node, message_id, AckRequest(vouched=(FIRST,)))
    assert draft.left_out == (SECOND,)
    with pytest.raises(UsageError, match="nothing to acknowledge"):
        await drafted(node, message_id, AckRequest())
    with pytest.raises(UsageError, match="none of that id"):
        await drafted(node, message_id, AckRequest(vouched=("x",)))


async def test_only_what_was_received_and_read_is_acknowledged(
    node: AdminNode,
) -> None:
    ours = await submitted(node, await uploaded(node))
    unread = await node.receive()

    with pytest.raises(UsageError, match="only what was received"):
        await drafted(node, ours, AckRequest())
    with pytest.raises(ConflictError, match="not read yet"):
        await drafted(node, unread, AckRequest())


async def test_the_receipt_waits_until_all_files_were_looked_at(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = await received_evidence(node)
    theirs = MessageId(await submitted(node, await uploaded(node)))
    (row,) = await node.trust.store.attachments(theirs)
    store = node.trust.store

    async def attachments(_message_id: MessageId) -> list[object]:
        return [replace(row, state=AttachmentState.STORED)]

    monkeypatch.setattr(store, "attachments", attachments)
    with pytest.raises(ConflictError, match="not all files were looked at"):
        await drafted(node, message_id, AckRequest())


async def test_the_receipt_is_a_look_that_is_logged(node: AdminNode) -> None:
    message_id = await received_evidence(node)
    await drafted(node, message_id, AckRequest(vouched=(FIRST,)))

    queries = [one["query"] for one in await node.entries("msg.list")]
    assert f"message {message_id} evidence-ack" in queries
    async with node.client("caseworker") as client:
        row = await client.send(calls.show_message(message_id))
    assert row.state == "received"
