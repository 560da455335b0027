"""Lists whose filter lets little through: a page ends, and the next one goes on."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.values import MessageId
from gateway.ports.messages import MessageFilter
from gateway.storage.sqlite import listing
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    NOW,
    OTHER_PEER,
    PEER,
    index_of,
    new_id,
    outbound,
    sqlite_store,
)


async def pages_of(
    store: TransactionalStore, wanted: MessageFilter, *, limit: int
) -> list[list[MessageId]]:
    found, cursor = [], ""
    while True:
        page = await store.messages(wanted, cursor=cursor, limit=limit)
        found.append([one.id for one in page.rows])
        if not (cursor := page.next_cursor):
            return found


@pytest.mark.parametrize("looked_at", [1, 3, 4, 100])
async def test_rare_messages_of_a_common_type_are_found_page_by_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", looked_at)
    rare = []
    async with sqlite_store(tmp_path) as store:
        for number in range(12):
            peer = PEER if number % 4 == 0 else OTHER_PEER
            index = replace(index_of(new_id()), msg_type="REQ")
            message = outbound(peer, index=index)
            await store.accept(message, NOW)
            if peer == PEER:
                rare.append(message.id)
        found = await pages_of(store, MessageFilter(msg_type="REQ", peer=PEER), limit=2)
        none = await pages_of(store, MessageFilter(msg_type="ANS", peer=PEER), limit=2)

    assert [one for page in found for one in page] == rare[::-1]
    assert none == [[]]
    assert looked_at > 4 or [] in found
