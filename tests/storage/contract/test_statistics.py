"""What may be counted of a case outlives it, once, and names nothing of it."""

from dataclasses import replace

from gateway.core.canonical import encode_typed
from gateway.core.values import MessageId
from gateway.mla.deadlines import Terms
from gateway.mla.docket import docket_entry
from gateway.storage.store import TransactionalStore
from tests.storage.contract.test_cases import ORDER, request
from tests.support.forms import sample
from tests.support.storing import NOW, PEER, PeerLog, deliver, new_id


async def test_facts_of_cases_come_in_pages(store: TransactionalStore) -> None:
    log = PeerLog()
    for _ in range(3):
        await accept(store, log)
    first = await store.facts_of_cases(Terms(), NOW, before=None, limit=2)
    rest = await store.facts_of_cases(Terms(), NOW, before=first.next, limit=2)
    assert (len(first.facts), len(rest.facts), rest.next) == (2, 1, None)
    assert {one.peer for one in first.facts} == {PEER}


async def accept(store: TransactionalStore, log: PeerLog) -> MessageId:
    """Accept a sample request, have it delivered, and return its id."""
    message = request(new_id())
    document = sample("MLA_REQ") | {"msg_id": message.id}
    message = replace(message, docket=encode_typed(docket_entry(document)))
    await store.accept(message, NOW)
    await deliver(store, log, message)
    return message.id


async def test_facts_are_kept_when_their_case_is_erased(
    store: TransactionalStore,
) -> None:
    erased = await accept(store, PeerLog())
    (before,) = (await store.facts_of_cases(Terms(), NOW, before=None, limit=9)).facts
    await store.erase([erased], ORDER, NOW)
    page = await store.facts_of_cases(Terms(), NOW, before=None, limit=9)
    assert list(page.facts) == []
    (kept,) = await store.kept_facts()
    assert kept == before
