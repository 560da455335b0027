"""Rounds and cosigning between two real sides (specification, section 8.5)."""

from collections import Counter
from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.conflicts import ConflictKind, parse_conflict, prove_conflict
from gateway.core.errors import (
    LogForkError,
    MaintenanceError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.gossip import GossipRequest
from gateway.core.protocol import Consistency
from gateway.core.translog.checkpoint import (
    Checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from gateway.core.translog.witness import (
    encode_add_checkpoint,
    origin_hash,
    parse_cosignatures,
)
from gateway.flows.conflicts import LogStanding
from gateway.flows.own_proofs import OwnProofs
from gateway.flows.witness import COSIGN_BURST, COSIGN_INTERVAL_S
from gateway.ports.log import SignedCheckpoint
from gateway.ports.peers import PeerPolicy
from tests.support.pair import Side
from tests.support.surroundings import NoMetrics

Two = tuple[Side, Side]


def origin(side: Side) -> str:
    """Return the origin of a side's log."""
    return side.keyring.log.origin


async def make_round(side: Side) -> SignedCheckpoint:
    """Begin a round of a side."""
    signed = await side.rounds.begin()
    assert signed is not None
    return signed


async def forked(side: Side, size: int) -> bytes:
    """Sign another history of that size with the real keys."""
    return await side.keyring.log.sign(Checkpoint(origin(side), size, b"\1" * 32))


def allow(side: Side, policy: PeerPolicy) -> None:
    """Change a side's policy for the other."""
    peer = side.other
    side.directory.known[peer.authority] = replace(peer, policy=policy)


async def test_a_round_is_cosigned_and_both_sides_can_show_it(two: Two) -> None:
    ee, pt = two
    await ee.send()
    target = await make_round(ee)

    assert await ee.rounds.ask_due() == 1

    note = await OwnProofs(ee.store, ee.exchange.checkpoints).cosigned_note(target)
    verify_checkpoint(note, origin=origin(ee), keys=ee.keyring.log.vkeys)
    times = verify_cosignatures(note, pt.keyring.witness.vkeys)
    assert times == {"pgr.pt/witness": ee.clock.now() // 1000}
    assert len(await ee.store.cosignatures(target.size)) == 2  # one line a key
    state = await pt.store.witnessed(origin(ee))
    assert state is not None
    assert (state.size, state.root) == (target.size, target.root)
    assert await pt.witnessing.checkpoint(pt.other, origin_hash(origin(ee)))
    (entry,) = await pt.store.entries(await pt.logged() - 1, 1)
    assert entry.kind == "wit.cosign"


async def test_a_round_without_growth_or_of_cosigning_alone_is_not_made(
    two: Two,
) -> None:
    ee, pt = two
    await make_round(ee)
    await ee.rounds.ask_due()
    assert await ee.rounds.begin() is None

    await make_round(pt)
    await pt.rounds.ask_due()  # writes wit.cosign into our log
    assert await ee.rounds.begin() is None
    assert await ee.rounds.begin(is_forced=True) is not None


async def test_what_is_cosigned_already_is_answered_with_the_same_lines(
    two: Two,
) -> None:
    ee, pt = two
    target = await make_round(ee)
    body = encode_add_checkpoint(0, (), target.note)
    first = await pt.witnessing.add_checkpoint(ee.authority, body)
    logged = await pt.logged()

    again = await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(target.size, (), target.note),
    )

    assert (again.status, again.body) == (200, first.body)
    assert await pt.logged() == logged


async def test_a_witness_answers_where_it_is_and_the_log_goes_on_from_there(
    two: Two,
) -> None:
    ee, pt = two
    await make_round(ee)
    await ee.rounds.ask_due()
    await ee.send()
    target = await make_round(ee)
    body = encode_add_checkpoint(0, (), target.note)
    answer = await pt.witnessing.add_checkpoint(ee.authority, body)
    state = await pt.store.witnessed(origin(ee))
    assert state is not None
    assert (answer.status, answer.body) == (409, b"%d\n" % state.size)

    ee.clock.advance(COSIGN_INTERVAL_S)
    assert await ee.rounds.ask_due() == 1
    assert (await ee.rounds.standing()).covered_size == target.size


async def test_a_growing_log_is_cosigned_every_five_minutes_in_the_long_run(
    two: Two,
) -> None:
    ee, pt = two
    for _ in range(COSIGN_BURST):
        await ee.send()
        await make_round(ee)
        assert await ee.rounds.ask_due() == 1
    await ee.send()
    await make_round(ee)
    logged = await pt.logged()

    assert await ee.rounds.ask_due() == 0
    standing = await ee.rounds.standing()
    assert standing.uncovered > 0
    assert "503" in standing.witnesses[0].problem
    assert await pt.logged() == logged

    ee.clock.advance(COSIGN_INTERVAL_S - 1)
    assert await ee.rounds.ask_due() == 0
    ee.clock.advance(2)
    assert await ee.rounds.ask_due() == 1


async def test_a_witness_whose_clock_is_in_doubt_dates_nothing(two: Two) -> None:
    ee, pt = two
    target = await make_round(ee)
    pt.witnessing._is_clock_held = lambda: True
    body = encode_add_checkpoint(0, (), target.note)

    answer = await pt.witnessing.add_checkpoint(ee.authority, body)

    assert (answer.status, answer.retry_after_s) == (503, 1)
    assert await pt.store.witnessed(origin(ee)) is None


async def test_delivery_does_not_wait_for_a_witness_that_is_away(two: Two) -> None:
    ee, pt = two
    pt.witnessing._is_clock_held = lambda: True
    sent = await ee.send()
    await make_round(ee)
    assert await ee.rounds.ask_due() == 0
    await ee.deliver()

    assert await ee.state(sent.accepted.id) == "delivered"


class Counts(NoMetrics):
    """Figures that are counted, for a look at them."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def count(self, name: str, amount: int = 1, **_labels: str) -> None:
        """Add up."""
        self.counted[name] += amount


async def test_a_round_that_misses_its_quorum_is_told(two: Two) -> None:
    ee, _ = two
    counts = Counts()
    ee.rounds.exchange = replace(ee.exchange, metrics=counts)
    ee.wire.is_cut = True
    await make_round(ee)
    assert await ee.rounds.ask_due() == 0
    await ee.send()
    await make_round(ee)

    assert counts.counted["mla_rounds_without_quorum_total"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old x\n\nnote", 400),
        (b"old 0\n" + b"A" * 44 + b"\n\nno note\n", 400),
        (b"x" * 600_000, 400),
    ],
)
async def test_what_is_no_request_is_refused(
    two: Two,
    body: bytes,
    status: int,
) -> None:
    ee, pt = two
    answer = await pt.witnessing.add_checkpoint(ee.authority, body)
    assert answer.status == status


async def test_logs_and_keys_nobody_configured_are_refused(two: Two) -> None:
    ee, pt = two
    stranger = Checkpoint("bmj.de/audit/1", 1, b"\1" * 32)
    target = await make_round(ee)
    foreign = target.note.replace(b"moj.ee/audit/1\n", b"bmj.de/audit/1\n", 1)
    unsigned = target.note.split(b"\n\n")[0] + b"\n\n" + pt_line(pt, stranger)
    for note, status in ((foreign, 404), (unsigned, 403)):
        body = encode_add_checkpoint(0, (), note)
        answer = await pt.witnessing.add_checkpoint(ee.authority, body)
        assert answer.status == status


def pt_line(pt: Side, checkpoint: Checkpoint) -> bytes:
    """Return a signature line by a key that is not the log's."""
    cosigner = pt.keyring.witness.succession.at_work[0].keys[0]
    return cosigner.cosign(checkpoint, time_s=1).line().encode()


# --- a log that lies ---


async def test_another_history_at_a_witness_is_kept_as_proof(two: Two) -> None:
    ee, pt = two
    target = await make_round(ee)
    await ee.rounds.ask_due()
    fork = await forked(ee, target.size)

    answer = await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(target.size, (), fork),
    )

    assert answer.status == 422
    (kept,) = await pt.store.conflicts()
    assert kept.conflict.kind is ConflictKind.SPLIT_VIEW
    held, offered = prove_conflict(kept.conflict, ee.keyring.log.vkeys)
    assert (held.root, offered.root) == (target.root, b"\1" * 32)
    (name,) = pt.conflict_files.kept
    assert name.startswith("split-view-")
    assert parse_conflict(pt.conflict_files.kept[name]) == kept.conflict


async def test_a_forked_log_is_never_cosigned_again_and_nothing_is_exchanged(
    two: Two,
) -> None:
    ee, pt = two
    target = await make_round(ee)
    await ee.rounds.ask_due()
    await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(target.size, (), await forked(ee, target.size)),
    )
    sent = await ee.send()
    back = await pt.send()
    await make_round(ee)
    ee.clock.advance(COSIGN_INTERVAL_S)

    assert await ee.rounds.ask_due() == 0
    assert await pt.exchange.conflicts.standing(origin(ee)) is LogStanding.QUARANTINED
    with pytest.raises(MaintenanceError):
        await ee.deliver()
    with pytest.raises(MaintenanceError, match="shows two histories"):
        await pt.deliver()
    assert await ee.state(sent.accepted.id) == "queued"

    allow(pt, PeerPolicy(exchanges_despite_conflict=True))
    ee.clock.advance(600)
    await ee.deliver()
    await pt.deliver()
    assert await ee.state(sent.accepted.id) == "delivered"
    assert await pt.state(back.accepted.id) == "delivered"


async def test_two_roots_for_a_size_in_a_delivery_are_kept_as_proof(two: Two) -> None:
    ee, pt = two
    await ee.send()
    await ee.deliver()
    seen = await pt.store.peer_log(ee.authority)
    assert seen is not None
    note = await forked(ee, seen.size)

    with pytest.raises(LogForkError):
        await pt.exchange.peer_logs.link(
            pt.other,
            note.decode(),
            Consistency(from_size=seen.size, proof=[]),
            [],
        )

    (kept,) = await pt.store.conflicts()
    assert (kept.conflict.kind, kept.conflict.held) == (
        ConflictKind.SPLIT_VIEW,
        seen.note,
    )


async def test_one_branch_for_deliveries_and_another_for_witnesses_is_found(
    two: Two,
) -> None:
    ee, pt = two
    await ee.send()
    await ee.deliver()
    fork = await forked(ee, 50)

    answer = await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(0, (), fork),
    )
    assert (answer.status, answer.retry_after_s) == (503, 60)  # no such tree to prove

    ee.wire.other = pt
    pt.wire.change_proof = lambda proof: proof
    while await ee.logged() < 50:
        await ee.send()
    answer = await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(0, (), fork),
    )
    assert answer.status == 422
    (kept,) = await pt.store.conflicts()
    assert kept.conflict.kind is ConflictKind.INCONSISTENT
    assert await pt.exchange.conflicts.standing(origin(ee)) is LogStanding.SUSPECT


async def test_a_suspect_log_that_links_again_is_cleared(two: Two) -> None:
    ee, pt = two
    await ee.send()
    await ee.deliver()
    for _ in range(3):
        await pt.exchange.conflicts.smaller(
            pt.other,
            held=await forked(ee, 9),
            offered=await forked(ee, 3),
        )
    assert await pt.exchange.conflicts.standing(origin(ee)) is LogStanding.SUSPECT

    sent = await ee.send()
    await ee.deliver()

    assert await ee.state(sent.accepted.id) == "delivered"
    assert await pt.exchange.conflicts.standing(origin(ee)) is LogStanding.GOOD
    assert [kept.is_settled for kept in await pt.store.conflicts()] == [True]


async def test_files_of_conflicts_are_written_again_at_a_start(two: Two) -> None:
    ee, pt = two
    target = await make_round(ee)
    await ee.rounds.ask_due()
    await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(target.size, (), await forked(ee, target.size)),
    )
    before = dict(pt.conflict_files.kept)
    pt.conflict_files.kept.clear()

    assert await pt.exchange.conflicts.write_files() == 1
    assert pt.conflict_files.kept == before


async def test_a_witness_that_is_ahead_of_our_log_stops_what_is_released_to_it(
    two: Two,
) -> None:
    ee, pt = two
    target = await make_round(ee)
    await ee.rounds.ask_due()
    state = await pt.store.witnessed(origin(ee))
    assert state is not None
    await pt.store.record_witnessed(
        replace(state, size=900),
        old_size=target.size,
        at=pt.clock.now(),
    )
    await ee.send()
    await make_round(ee)

    assert await ee.rounds.ask_due() == 0
    (standing,) = (await ee.rounds.standing()).witnesses
    assert "has cosigned size 900" in standing.problem
    assert ee.other.authority not in ee.exchange.agreement._agreed


# --- lines that do not count ---


async def test_lines_by_other_keys_or_that_do_not_hold_are_not_kept(two: Two) -> None:
    ee, pt = two
    target = await make_round(ee)
    answer = await pt.witnessing.add_checkpoint(
        ee.authority,
        encode_add_checkpoint(0, (), target.note),
    )
    lines = parse_cosignatures(answer.body)
    other = Checkpoint(origin(ee), target.size, b"\2" * 32)
    wrong = await pt.keyring.witness.cosign(other, time_s=5)
    alien = await ee.keyring.witness.cosign(other, time_s=5)
    (witness,) = ee.rounds.witnesses()
    for forged, reason in ((wrong, "does not hold|signature"), (alien, "no line")):
        body = "".join(one.line() for one in forged).encode()
        with pytest.raises(Exception, match=reason):
            await ee.rounds._asker._keep(
                witness,
                target,
                replace(answer, body=body),
            )
    assert await ee.store.cosignatures(target.size) == []
    assert len(lines) == 2


# --- gossip ---


async def test_gossip_is_refused_unless_agreed(two: Two) -> None:
    ee, pt = two
    body = canonical.encode(GossipRequest(checkpoints=["x"]))
    with pytest.raises(NotAllowedError):
        await pt.gossip.take(pt.other, body)
    with pytest.raises(NotFoundError):
        await pt.witnessing.checkpoint(pt.other, origin_hash("bmj.de/audit/1"))
    assert await ee.gossip.tell() == 0


async def test_gossip_finds_a_log_that_shows_two_histories(two: Two) -> None:
    """The other side was shown a fork of a log that this side knows."""
    ee, pt = two
    await ee.send()
    await ee.deliver()
    seen = await pt.store.peer_log(ee.authority)
    assert seen is not None
    allow(pt, PeerPolicy(may_gossip=True))
    notes = [(await forked(ee, seen.size)).decode(), seen.note.decode(), "garbage"]
    unsigned = seen.note.decode().replace("\n— ", "\n— x", 1)

    reply = await pt.gossip.take(
        pt.other,
        canonical.encode(GossipRequest(checkpoints=[*notes, unsigned])),
    )

    assert reply.conflicts == [origin(ee)]
    (kept,) = await pt.store.conflicts()
    assert kept.conflict.kind is ConflictKind.SPLIT_VIEW


async def test_gossip_tells_of_third_logs_only(two: Two) -> None:
    ee, pt = two
    allow(ee, PeerPolicy(may_gossip=True))
    allow(pt, PeerPolicy(may_gossip=True))
    await make_round(pt)
    await pt.rounds.ask_due()
    assert await ee.gossip._notes_for(ee.other) == []  # its own log is none of it

    third = await ee.store.witnessed(origin(pt))
    assert third is not None
    await ee.store.record_witnessed(
        replace(third, origin="bmj.de/audit/1", authority=ee.authority),
        old_size=0,
        at=ee.clock.now(),
    )
    assert await ee.gossip._notes_for(ee.other) == [third.note.decode()]
    assert await ee.gossip.tell() == 1
