"""Originals of redacted copies, on every store: used up once, named, granted apart."""

from dataclasses import replace

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.evidence import BlobUse, Upload
from gateway.ports.originals import NewOriginal
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import complete_upload, sent_with
from tests.support.storing import NOW

ACT = Act("kask", "officer", "order of the court")
SEALED = b"sealed: key, name, record"
LATER = UnixMs(NOW + 1000)


async def kept(store: TransactionalStore) -> tuple[MessageId, Upload, Upload]:
    """Accept a message with a copy and the original of it."""
    copy, original = await complete_upload(store), await complete_upload(store)
    originals = (NewOriginal(original.id, SEALED),)
    message = replace(sent_with(copy), originals=originals)
    await store.accept(message, NOW)
    return message.id, copy, original


async def test_an_original_is_kept_beside_the_attachments(
    store: TransactionalStore,
) -> None:
    message_id, copy, original = await kept(store)

    assert [one.aid for one in await store.attachments(message_id)] == [copy.aid]
    access = await store.open_originals(
        message_id, ACT, NOW, grant_until=LATER, uses_approval=False
    )
    (one,) = access.originals
    assert (one.aid, one.size, one.length) == (
        original.aid,
        original.size,
        original.length,
    )
    assert (one.blob, one.root, one.sealed) == (original.blob, original.root, SEALED)
    # A sweep of the folder leaves it, and nothing of it can be used again.
    uses = await store.blobs()
    assert uses[original.blob] == BlobUse(original.length, is_coming=False)
    again = replace(
        sent_with(await complete_upload(store)),
        originals=(NewOriginal(original.id, SEALED),),
    )
    with pytest.raises(ConflictError):
        await store.accept(again, NOW)


async def test_having_opened_the_message_gives_no_right_to_them(
    store: TransactionalStore,
) -> None:
    message_id, _, original = await kept(store)
    await store.log_access(message_id, ACT, NOW, grant_until=LATER)
    with pytest.raises(NotAllowedError):
        await store.hand_out_original(message_id, original.aid, ACT, NOW)

    await store.open_originals(
        message_id, ACT, NOW, grant_until=LATER, uses_approval=False
    )

    size = (await store.log_head()).size
    for _ in range(2):
        await store.hand_out_original(message_id, original.aid, ACT, LATER)
    # The first time is logged, the second is the same fetching.
    assert (await store.log_head()).size == size + 1
    other = replace(ACT, actor="somebody")
    for act, at in ((other, NOW), (ACT, UnixMs(LATER + 1))):
        with pytest.raises(NotAllowedError):
            await store.hand_out_original(message_id, original.aid, act, at)
    with pytest.raises(NotFoundError):
        await store.hand_out_original(message_id, "00" * 16, ACT, NOW)


async def test_an_approval_is_used_up_by_one_opening(
    store: TransactionalStore,
) -> None:
    message_id, _, _ = await kept(store)
    new = NewApproval(
        kind=ApprovalKind.ORIGINAL, subject=message_id, message_id=message_id
    )
    approval = await store.ask_approval(new, ACT, NOW)
    await store.permit(approval.number, replace(ACT, actor="tamm"), NOW)
    size = (await store.log_head()).size

    await store.open_originals(
        message_id, ACT, NOW, grant_until=LATER, uses_approval=True
    )

    assert (await store.log_head()).size == size + 2
    with pytest.raises(NeedsApprovalError):
        await store.open_originals(
            message_id, ACT, NOW, grant_until=LATER, uses_approval=True
        )


async def test_a_message_without_originals_has_none_to_show(
    store: TransactionalStore,
) -> None:
    message = sent_with(await complete_upload(store))
    await store.accept(message, NOW)
    with pytest.raises(NotFoundError):
        await store.open_originals(
            message.id, ACT, NOW, grant_until=LATER, uses_approval=False
        )
