"""Messages of the peers: stored once, refused for good, taken by people."""

from dataclasses import replace

import pytest

from gateway.core.delivery import InboundState
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import ConflictError, LogOutOfStepError, NotFoundError
from gateway.ports.inbox import (
    CaseQuestion,
    CaseStanding,
    CheckDone,
    InboundItem,
    InboundResult,
    InboundStatus,
)
from gateway.ports.messages import Box, ProofRole
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    PeerLog,
    index_of,
    new_id,
    outbound,
)


async def receive(
    store: TransactionalStore,
    log: PeerLog,
    *items: InboundItem,
) -> list[InboundResult]:
    return await store.commit_inbound(log.link(), items, NOW)


async def newest_leaf(store: TransactionalStore) -> Leaf:
    (entry,) = await store.entries((await store.log_head()).size - 1, 1)
    return parse_leaf(entry.data, log=ORIGIN)


async def test_a_message_is_received_with_its_entry_and_proof_of_origin(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()

    (result,) = await receive(store, log, item)

    row = await store.message(item.id)
    leaf = await newest_leaf(store)
    (proof,) = await store.proofs(item.id)
    assert result == InboundResult(InboundStatus.RECEIVED, leaf.index)
    assert leaf.kind == "msg.receive"
    assert leaf.fields == {"m": item.id, "peer": PEER, "dig": item.digest}
    assert (row.box, row.state, row.problems) == (Box.IN, InboundState.RECEIVED, -1)
    assert (proof.role, proof.proof) == (ProofRole.ORIGIN, item.proof)
    assert await store.envelope(item.id) == item.envelope


async def test_the_same_bytes_again_are_already_there(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    (first,) = await receive(store, log, item)
    size = (await store.log_head()).size

    (again, twice) = await receive(store, log, item, replace(item, refusal="expired"))

    assert again == InboundResult(InboundStatus.ALREADY, first.log_index)
    assert twice == again
    assert (await store.log_head()).size == size


async def test_other_bytes_under_an_id_are_a_conflict_even_in_one_batch(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item(b"a")
    other = log.item(b"b", message_id=item.id, seq=2)

    received, refused = await receive(store, log, item, other)

    assert received.status is InboundStatus.RECEIVED
    assert (refused.status, refused.code) == (InboundStatus.REFUSED, "id-conflict")
    assert await store.envelope(item.id) == item.envelope


async def test_a_refusal_is_repeated_for_its_digest_and_binds_no_other(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    refused = log.item(b"a", refusal="key-retired")
    (first,) = await receive(store, log, refused)
    leaf = await newest_leaf(store)

    again, sealed_anew = await receive(
        store,
        log,
        replace(refused, refusal=""),
        log.item(b"b", message_id=refused.id),
    )

    assert (leaf.kind, leaf.text("res")) == ("msg.reject", "key-retired")
    assert (
        first
        == again
        == InboundResult(
            InboundStatus.REFUSED,
            leaf.index,
            "key-retired",
        )
    )
    assert sealed_anew.status is InboundStatus.RECEIVED


async def test_an_id_names_one_message_here_whoever_uses_it(
    store: TransactionalStore,
) -> None:
    ours, log, other_log = outbound(), PeerLog(), PeerLog(OTHER_PEER)
    theirs = log.item()
    await store.accept(ours, NOW)
    await receive(store, log, theirs)

    (stolen,) = await receive(store, other_log, replace(theirs, proof=log.proof()))
    (mirrored,) = await receive(store, log, log.item(message_id=ours.id, seq=2))

    assert (stolen.code, mirrored.code) == ("id-conflict", "id-conflict")
    assert (await store.message(theirs.id)).peer == PEER


async def test_known_ids_are_told_by_digest_and_per_peer(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    received, refused = log.item(b"a"), log.item(b"b", seq=2, refusal="malformed")
    results = await receive(store, log, received, refused)
    ids = [received.id, refused.id, new_id()]

    known = await store.known_inbound(PEER, ids)

    assert {
        one: [(k.digest, k.result) for k in all_] for one, all_ in known.items()
    } == {
        received.id: [
            (
                received.digest,
                InboundResult(InboundStatus.ALREADY, results[0].log_index),
            ),
        ],
        refused.id: [(refused.digest, results[1])],
    }
    assert await store.known_inbound(OTHER_PEER, ids) == {}


async def test_a_batch_that_does_not_link_stores_nothing(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    await receive(store, log, log.item())
    size = (await store.log_head()).size
    item = log.item(seq=2)

    with pytest.raises(LogOutOfStepError) as caught:
        await store.commit_inbound(replace(log.link(), seen_size=0), [item], NOW)

    assert caught.value.seen == 1
    assert (await store.log_head()).size == size
    with pytest.raises(NotFoundError):
        await store.message(item.id)


async def test_missing_numbers_are_seen_and_closed(store: TransactionalStore) -> None:
    log = PeerLog()
    await receive(store, log, log.item(seq=3), log.item(seq=4), log.item(seq=9))
    traffic = await store.traffic(PEER, NOW)
    assert (traffic.missing_seqs, traffic.highest_seq) == (((1, 2), (5, 8)), 9)

    await receive(store, log, log.item(seq=6, refusal="expired"), log.item(seq=1))

    traffic = await store.traffic(PEER, NOW)
    assert traffic.missing_seqs == ((2, 2), (5, 5), (7, 8))


async def test_a_check_is_logged_before_content_is_given_and_given_once(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    items = [log.item(seq=seq) for seq in (1, 2, 3)]
    await receive(store, log, *items)

    first = await store.begin_checks(2, NOW)
    second = await store.begin_checks(2, NOW)

    assert [one.id for one in first + second] == [item.id for item in items]
    assert await store.begin_checks(2, NOW) == []
    leaf = await newest_leaf(store)
    assert (leaf.kind, leaf.index) == ("msg.check", second[0].access_index)
    assert (first[0].envelope, first[0].archived_key) == (
        items[0].envelope,
        items[0].archived_key,
    )


async def test_a_finished_check_fills_the_index_and_opens_the_case_for_the_peer(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item, index = log.item(), index_of()
    await receive(store, log, item)
    await store.begin_checks(1, NOW)

    await store.finish_checks([CheckDone(item.id, PEER, index, 2)])

    row = await store.message(item.id)
    case = await store.case_head(index.case_id, PEER)
    assert (row.index, row.problems, row.state) == (index, 2, InboundState.RECEIVED)
    assert (case.opener, case.case_seq) == (Box.IN, 0)
    assert await store.begin_checks(1, NOW) == []
    with pytest.raises(NotFoundError):
        await store.finish_checks([CheckDone(item.id, OTHER_PEER, index, 0)])


async def test_what_is_known_of_a_case_is_told_message_by_message(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    checked, waiting = log.item(seq=1), log.item(seq=2)
    index = index_of()
    await receive(store, log, checked, waiting)
    await store.begin_checks(2, NOW)
    await store.finish_checks([CheckDone(checked.id, PEER, index, 0)])

    standings = await store.case_standings(
        [
            CaseQuestion(PEER, index.case_id, checked.id),
            CaseQuestion(PEER, "another case", waiting.id),
            CaseQuestion(OTHER_PEER, index.case_id, checked.id),
            CaseQuestion(PEER, index.case_id, None),
        ]
    )

    assert standings == [
        CaseStanding(is_known=True, answered_type=index.msg_type),
        CaseStanding(is_known=False),
        CaseStanding(is_known=False),
        CaseStanding(is_known=True),
    ]


async def test_of_checks_that_end_together_all_are_stored_or_none(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item, index = log.item(), index_of()
    await receive(store, log, item)

    with pytest.raises(NotFoundError):
        await store.finish_checks(
            [
                CheckDone(item.id, PEER, index, 0),
                CheckDone(item.id, OTHER_PEER, index, 0),
            ]
        )

    assert (await store.message(item.id)).index is None


async def test_a_quarantined_message_is_told_to_the_sender_and_handed_to_nobody(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await receive(store, log, item)

    await store.quarantine(item.id, PEER, "malformed", NOW)

    leaf = await newest_leaf(store)
    (event,) = await store.events_due(PEER, 10)
    assert (leaf.kind, leaf.text("res")) == ("msg.reject", "malformed")
    assert event.log_index == leaf.index
    assert (await store.message(item.id)).state is InboundState.QUARANTINED
    assert await store.begin_checks(1, NOW) == []
    for refused in (
        store.confirm(item.id, ACT, NOW),
        store.log_access(item.id, ACT, NOW),
    ):
        with pytest.raises(ConflictError):
            await refused


async def test_confirming_twice_is_harmless(store: TransactionalStore) -> None:
    log = PeerLog()
    item = log.item()
    await receive(store, log, item)

    first = await store.confirm(item.id, ACT, NOW)
    size = (await store.log_head()).size
    again = await store.confirm(item.id, ACT, NOW)

    assert first.state is InboundState.HANDED_OVER
    assert again == first
    assert (await store.log_head()).size == size
    with pytest.raises(NotFoundError):
        await store.confirm(new_id(), ACT, NOW)
