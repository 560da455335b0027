"""Later events told by a peer: believed once, for messages between the two."""

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.errors import LogOutOfStepError
from gateway.ports.inbox import EventStanding, PeerEvent
from gateway.ports.messages import ProofRole
from gateway.ports.outbox import NewOutbound
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    deliver,
    new_id,
    outbound,
)


async def delivered(store: TransactionalStore, log: PeerLog) -> NewOutbound:
    message = outbound()
    await store.accept(message, NOW)
    await deliver(store, log, message)
    return message


async def tell(
    store: TransactionalStore,
    log: PeerLog,
    *events: PeerEvent,
) -> list[EventStanding]:
    return await store.commit_events(log.link(), events, NOW)


async def test_an_opening_is_noted_once(store: TransactionalStore) -> None:
    log = PeerLog()
    message = await delivered(store, log)
    opening = log.event("msg.access", message.id)

    first = await tell(store, log, opening, opening)
    again = await tell(store, log, opening)

    assert {*first, *again} == {EventStanding.NOTED}
    assert (await store.message(message.id)).state is OutboundState.OPENED
    indices = await store.log_indices(message.id)
    kinds = [(await store.entries(one, 1))[0].kind for one in indices]
    assert kinds == ["msg.send", "msg.deliver", "msg.opened"]
    roles = [proof.role for proof in await store.proofs(message.id)]
    assert roles == [ProofRole.RECEIPT, ProofRole.OPENING]


async def test_a_later_rejection_turns_delivered_into_refused(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    message = await delivered(store, log)
    assert message.sealing
    rejection = log.event(
        "msg.reject",
        message.id,
        digest=message.sealing.digest,
        code="malformed",
    )

    assert await tell(store, log, rejection) == [EventStanding.NOTED]

    row = await store.message(message.id)
    assert (row.state, row.last_code) == (OutboundState.REFUSED, "malformed")


async def test_an_event_before_its_receipt_is_early_and_stores_nothing(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    size = (await store.log_head()).size

    standings = await tell(store, log, log.event("msg.access", message.id))

    assert standings == [EventStanding.EARLY]
    assert (await store.log_head()).size == size
    assert await store.proofs(message.id) == []


async def test_events_about_messages_of_others_are_unknown(
    store: TransactionalStore,
) -> None:
    log, stranger = PeerLog(), PeerLog(OTHER_PEER)
    message = await delivered(store, log)

    standings = [
        *await tell(store, stranger, stranger.event("msg.access", message.id)),
        *await tell(store, log, log.event("msg.access", new_id())),
        *await tell(
            store,
            log,
            log.event("msg.reject", message.id, digest="0" * 64, code="malformed"),
        ),
        *await tell(store, log, log.event("msg.expire", new_id())),
    ]

    assert set(standings) == {EventStanding.UNKNOWN}
    assert (await store.message(message.id)).state is OutboundState.DELIVERED


async def test_an_expiry_or_withdrawal_closes_the_number_that_is_missing(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    await store.commit_inbound(log.link(), [log.item(seq=3)], NOW)

    standings = await tell(
        store,
        log,
        log.event("msg.expire", new_id(), seq="1"),
        log.event("msg.cancel", new_id(), seq="4"),
    )

    traffic = await store.traffic(PEER, NOW)
    assert standings == [EventStanding.NOTED] * 2
    assert (traffic.missing_seqs, traffic.highest_seq) == (((2, 2),), 4)


async def test_an_expiry_of_what_we_have_is_kept_as_proof(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)

    await tell(store, log, log.event("msg.expire", item.id, seq="1"))

    roles = [proof.role for proof in await store.proofs(item.id)]
    assert roles == [ProofRole.ORIGIN, ProofRole.EXPIRY]


async def test_events_that_do_not_link_store_nothing(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    message = await delivered(store, log)
    stale = PeerLog()

    with pytest.raises(LogOutOfStepError):
        await tell(store, stale, log.event("msg.access", message.id))
    assert (await store.message(message.id)).state is OutboundState.DELIVERED
