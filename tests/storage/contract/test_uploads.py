"""Uploads: kept once, used once, by their owner alone."""

from dataclasses import replace

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.errors import ConflictError, NotFoundError, QuotaError
from gateway.core.limits import MAX_UNUSED_UPLOADS
from gateway.core.parts import PartSet
from gateway.core.values import UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    AttachmentState,
    BlobUse,
    Upload,
    UploadId,
    UploadState,
)
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import (
    OWNER,
    complete_upload,
    completed,
    new_blob,
    sent_with,
    upload,
)
from tests.support.storing import NOW, held_draft

UNKNOWN = UploadId("00" * 16)


async def shown(store: TransactionalStore, one: Upload) -> Upload:
    return await store.upload(one.id, one.owner)


async def test_an_upload_is_shown_as_it_was_stored(store: TransactionalStore) -> None:
    new = upload(key="k")
    assert await store.add_upload(new) == new
    assert await shown(store, new) == new


async def test_an_upload_is_nobody_elses(store: TransactionalStore) -> None:
    new = await store.add_upload(upload())
    for upload_id, owner in ((new.id, "tamm"), (new.id, ""), (UNKNOWN, OWNER)):
        with pytest.raises(NotFoundError):
            await store.upload(upload_id, owner)


async def test_a_repeated_key_gives_the_first_upload(store: TransactionalStore) -> None:
    first = await store.add_upload(upload(key="k"))
    assert await store.add_upload(upload(key="k")) == first
    theirs = upload(owner="tamm", key="k")
    assert await store.add_upload(theirs) == theirs
    assert len(await store.blobs()) == 2


async def test_a_whole_file_is_found_by_either_announcement(
    store: TransactionalStore,
) -> None:
    new = await store.add_upload(replace(upload(key="k"), request_digest="without"))
    whole = replace(new, request_digest="without with")
    assert await store.replace_spool(new, whole)
    for digest in ("without", "with"):
        assert await store.find_upload(OWNER, "k", digest) == whole
    with pytest.raises(ConflictError):
        await store.find_upload(OWNER, "k", "other")


async def test_a_key_is_for_one_file(store: TransactionalStore) -> None:
    first = await store.add_upload(upload(key="k"))
    with pytest.raises(ConflictError, match="another file"):
        await store.add_upload(upload(key="k", digest="another"))
    assert list(await store.blobs()) == [first.blob]


async def test_without_a_key_every_upload_is_a_new_one(
    store: TransactionalStore,
) -> None:
    one, other = await store.add_upload(upload()), await store.add_upload(upload())
    assert one.id != other.id


async def test_a_key_of_an_upload_that_was_used_still_gives_it(
    store: TransactionalStore,
) -> None:
    used = await complete_upload(store, key="k")
    await store.accept(sent_with(used), NOW)
    again = await store.add_upload(upload(key="k"))
    assert (again.id, again.state) == (used.id, UploadState.USED)


async def test_an_account_has_so_many_uploads_that_wait_and_no_more(
    store: TransactionalStore,
) -> None:
    used = await complete_upload(store)
    for _ in range(MAX_UNUSED_UPLOADS - 1):
        await store.add_upload(upload(length=100))
    with pytest.raises(QuotaError):
        await store.add_upload(upload())
    await store.add_upload(upload(owner="tamm"))
    await store.accept(sent_with(used), NOW)  # what was used waits no more
    last = await store.add_upload(upload(key="k"))
    assert await store.add_upload(upload(key="k")) == last  # and asking is free


async def test_what_came_is_noted_while_the_upload_is_open(
    store: TransactionalStore,
) -> None:
    new = await store.add_upload(upload())
    later = UnixMs(NOW + 5)
    await store.note_spooled(new.id, 16_384, later)
    assert await shown(store, new) == replace(new, spooled=16_384, touched_at=later)
    await store.note_spooled(UNKNOWN, 1, later)

    complete = await complete_upload(store)
    await store.note_spooled(complete.id, 7, later)
    assert await shown(store, complete) == complete


async def test_a_spool_is_put_in_the_place_of_the_one_it_was_made_from(
    store: TransactionalStore,
) -> None:
    before = await store.add_upload(upload())
    anew = replace(before, blob=new_blob(), kept=b"another key", spooled=16_384)
    assert await store.replace_spool(before, anew)
    assert await shown(store, before) == anew
    late = replace(before, blob=new_blob())
    assert not await store.replace_spool(before, late)
    assert not await store.replace_spool(completed(anew), late)
    assert await shown(store, before) == anew


async def test_a_spool_of_a_dropped_upload_is_not_put_anywhere(
    store: TransactionalStore,
) -> None:
    before = await store.add_upload(upload())
    assert await store.drop_upload(before.id) == before.blob
    assert not await store.replace_spool(before, completed(before))
    assert await store.blobs() == {}


async def test_a_dropped_upload_is_gone_and_its_blob_is_named(
    store: TransactionalStore,
) -> None:
    new = await store.add_upload(upload())
    assert await store.drop_upload(new.id) == new.blob
    assert await store.drop_upload(new.id) is None
    with pytest.raises(NotFoundError):
        await shown(store, new)


async def test_used_uploads_become_the_attachments_in_their_order(
    store: TransactionalStore,
) -> None:
    first, second = await complete_upload(store), await complete_upload(store)
    message = sent_with(second, first)

    await store.accept(message, NOW)

    rows = await store.attachments(message.id)
    assert [(row.position, row.aid, row.blob) for row in rows] == [
        (0, second.aid, second.blob),
        (1, first.aid, first.blob),
    ]
    for row, made_of in zip(rows, (second, first), strict=True):
        assert (row.length, row.root) == (made_of.length, made_of.root)
        assert row.part_list == made_of.part_list
        assert row.state is AttachmentState.VERIFIED
        assert (len(row.parts), row.parts.count) == (0, 2)
    view = await store.message(message.id)
    assert (view.attachments, view.attachment_bytes) == (2, 2 * first.length)


async def test_the_key_of_a_used_upload_is_gone_from_its_row(
    store: TransactionalStore,
) -> None:
    used = await complete_upload(store)
    await store.accept(sent_with(used), NOW)
    after = await shown(store, used)
    assert (after.state, after.kept, after.part_list) == (UploadState.USED, b"", b"")
    assert await store.blobs() == {used.blob: BlobUse(used.length, is_coming=False)}


async def test_a_held_message_keeps_its_attachments(store: TransactionalStore) -> None:
    used = await complete_upload(store)
    message = sent_with(used, message=held_draft())
    accepted = await store.accept(message, NOW)
    assert accepted.state is OutboundState.HELD
    (row,) = await store.attachments(message.id)
    assert row.blob == used.blob
    assert (await store.message(message.id)).attachment_bytes == used.length


@pytest.mark.parametrize("case", ["open", "used", "twice", "unknown", "foreign"])
async def test_a_message_takes_uploads_that_are_complete_and_its_own_or_nothing(
    store: TransactionalStore,
    case: str,
) -> None:
    good = await complete_upload(store)
    bad = {
        "open": await store.add_upload(upload()),
        "used": await complete_upload(store),
        "twice": good,
        "unknown": upload(),
        "foreign": await complete_upload(store, owner="tamm"),
    }[case]
    if case == "used":
        await store.accept(sent_with(bad), NOW)
    size = (await store.log_head()).size
    message = sent_with(good, bad)

    expected = NotFoundError if case in {"unknown", "foreign"} else ConflictError
    with pytest.raises(expected):
        await store.accept(message, NOW)

    assert await shown(store, good) == good
    assert (await store.log_head()).size == size
    with pytest.raises(NotFoundError):
        await store.message(message.id)


async def test_uploads_that_nothing_comes_for_are_found_oldest_first(
    store: TransactionalStore,
) -> None:
    await store.add_upload(upload(touched_at=UnixMs(NOW + 9)))
    old = await store.add_upload(upload(touched_at=UnixMs(NOW + 1)))
    used = await complete_upload(store)
    await store.accept(sent_with(used), NOW)

    found = await store.stale_uploads(UnixMs(NOW + 9), 10)

    assert [one.id for one in found] == [used.id, old.id]
    assert [one.id for one in await store.stale_uploads(UnixMs(NOW + 99), 1)] == [
        used.id,
    ]


async def test_a_used_upload_that_is_dropped_leaves_its_blob_to_the_message(
    store: TransactionalStore,
) -> None:
    used = await complete_upload(store)
    message = sent_with(used)
    await store.accept(message, NOW)
    assert await store.drop_upload(used.id) is None
    (row,) = await store.attachments(message.id)
    assert row.blob == used.blob
    assert list(await store.blobs()) == [used.blob]


async def test_an_upload_whose_blob_is_lost_is_forgotten(
    store: TransactionalStore,
) -> None:
    lost, kept = await complete_upload(store), await complete_upload(store)
    assert not await store.lose_blob(lost.blob, new_blob())
    assert not await store.lose_blob(BlobId("00" * 16), new_blob())
    with pytest.raises(NotFoundError):
        await shown(store, lost)
    assert list(await store.blobs()) == [kept.blob]


async def test_the_parts_that_a_peer_has_are_noted(store: TransactionalStore) -> None:
    used, other = await complete_upload(store), await complete_upload(store)
    message = sent_with(used, other)
    await store.accept(message, NOW)
    await store.note_sent(message.id, other.aid, PartSet(2).with_part(1))
    rows = await store.attachments(message.id)
    assert [row.parts.missing() for row in rows] == [[0, 1], [0]]
