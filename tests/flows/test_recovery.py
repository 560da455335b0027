"""Our own log set back: noticed, proven, and nothing signed until it is whole again."""

import pytest

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import GatewayError, MaintenanceError, StoreError
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.flows.recovery import LogWitnessing, Recovery
from gateway.ports.log import PeerLogLink
from gateway.ports.recovery import FROM_DATABASE, FROM_MARK
from tests.flows.test_housekeeping import housekeeping
from tests.support.pair import CASEWORKER, Side
from tests.support.surroundings import NoMetrics

Two = tuple[Side, Side]


async def beyond(side: Side, *, signer: LogSigner | None = None) -> bytes:
    """Return a note of a log of ours that is longer than the one there is."""
    size = await side.logged() + 50
    checkpoint = Checkpoint(side.keyring.log.origin, size, b"\2" * 32)
    if signer:
        return signer.sign(checkpoint)
    return await side.keyring.log.sign(checkpoint)


async def hold(holder: Side, side: Side, note: bytes) -> None:
    """Let a side hold a note as the newest it has linked of the other's log."""
    known = await holder.store.peer_log(side.authority)
    assert known
    await holder.store.link_peer_log(
        PeerLogLink(
            authority=side.authority,
            origin=known.origin,
            seen_size=known.size,
            size=await side.logged() + 50,
            root=b"\2" * 32,
            note=note,
        ),
    )


def started_anew(side: Side) -> Recovery:
    """Return what the next process would know of the log."""
    return Recovery(
        side.store,
        LogWitnessing(side.keyring.log, side.mark),
        side.clock,
        NoMetrics(),
    )


async def test_a_proven_contradiction_stops_every_release(two: Two) -> None:
    ee, pt = two
    await hold(pt, ee, await beyond(ee))
    with pytest.raises(MaintenanceError, match="seen size"):
        await ee.exchange.agreement.ensure(pt.authority)
    recovery = ee.exchange.recovery
    assert recovery.is_on
    assert [note.source for note in recovery.notes] == [pt.authority]
    assert "is missing here (pgr.pt); nothing is signed" in recovery.reason
    for release in (
        ee.exchange.checkpoints.newest(),
        ee.exchange.checkpoints.covering(1),
        ee.deliver(),
        ee.exchange.agreement.ensure(pt.authority),
        ee.our_card.issue("asked", CASEWORKER),
    ):
        with pytest.raises(MaintenanceError, match="nothing is signed"):
            await release
    assert ee.wire.deliveries == []
    assert await ee.our_card.push_where_due() == 0


async def test_a_peer_that_only_claims_it_holds_up_nobody_else(two: Two) -> None:
    ee, pt = two
    thief = LogSigner(
        ee.keyring.log.origin,
        ed25519_seed=bytes(32),
        ml_dsa_seed=bytes(32),
    )
    await hold(pt, ee, await beyond(ee, signer=thief))
    with pytest.raises(MaintenanceError, match="seen size"):
        await ee.exchange.agreement.ensure(pt.authority)
    assert not ee.exchange.recovery.is_on
    assert ee.exchange.agreement.disagreeing.keys() == {pt.authority}
    assert (await ee.exchange.checkpoints.newest()).size == await ee.logged()


async def test_a_note_that_our_log_contains_proves_nothing(two: Two) -> None:
    """A peer that claims another size than the note it shows for it."""
    ee, pt = two
    await hold(pt, ee, await beyond(ee))
    pt.shown_note = (await ee.exchange.checkpoints.newest()).note
    with pytest.raises(MaintenanceError, match="seen size"):
        await ee.exchange.agreement.ensure(pt.authority)
    assert not ee.exchange.recovery.is_on


async def test_what_is_submitted_meanwhile_waits_and_peers_are_put_off(
    two: Two,
) -> None:
    ee, pt = two
    sent = await pt.send()
    await hold(pt, ee, await beyond(ee))
    with pytest.raises(MaintenanceError):
        await ee.exchange.agreement.ensure(pt.authority)
    kept = await ee.send()
    assert await ee.state(kept.accepted.id) == "queued"
    before = await ee.logged()
    with pytest.raises(GatewayError):
        await pt.deliver()
    assert await ee.logged() == before
    assert await pt.state(sent.accepted.id) == "queued"


async def test_it_outlives_the_process(two: Two) -> None:
    ee, pt = two
    await hold(pt, ee, await beyond(ee))
    with pytest.raises(MaintenanceError):
        await ee.exchange.agreement.ensure(pt.authority)
    again = started_anew(ee)
    await again.load()
    assert again.is_on
    with pytest.raises(MaintenanceError, match="nothing is signed"):
        again.check()


async def test_the_mark_shows_it_without_any_peer(two: Two) -> None:
    ee, _ = two
    ee.wire.is_cut = True
    again = started_anew(ee)
    await again.load()
    assert not again.is_on
    ee.mark.note = await beyond(ee)
    await again.load()
    assert [note.source for note in again.notes] == [FROM_MARK]


@pytest.mark.parametrize("mark", [b"", b"garbage", b"\xff" * 40])
async def test_a_mark_that_is_none_stops_nobody(two: Two, mark: bytes) -> None:
    ee, _ = two
    ee.mark.note = mark
    again = started_anew(ee)
    await again.load()
    assert not again.is_on


async def test_every_signed_checkpoint_is_marked(two: Two) -> None:
    ee, _ = two
    await ee.send()
    newest = await ee.exchange.checkpoints.newest()
    assert ee.mark.note == newest.note


async def test_a_signed_checkpoint_that_the_tables_do_not_lead_to(two: Two) -> None:
    ee, _ = two
    newest = await ee.exchange.checkpoints.newest()
    await ee.store.append([EntryDraft("admin.test", ee.clock.now(), {})])
    head = await ee.store.log_head()
    other = Checkpoint(ee.keyring.log.origin, head.size, b"\3" * 32)
    note = await ee.keyring.log.sign(other)
    await ee.store.record_checkpoint(
        type(newest)(head.size, other.root, note, ee.clock.now()),
    )
    again = started_anew(ee)
    await again.load()
    assert [one.source for one in again.notes] == [FROM_DATABASE]


async def test_rows_that_are_gone_are_a_reason_not_to_start(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ee, _ = two
    last = await ee.logged() - 1
    entries = await ee.store.entries(last, 2)

    async def cut(start: int, limit: int) -> object:
        return entries[1:] if (start, limit) == (last, 2) else []

    monkeypatch.setattr(ee.store, "entries", cut)
    with pytest.raises(StoreError, match="mla-gateway recover"):
        await started_anew(ee).load()


async def test_all_peers_are_asked_at_once_and_silence_blocks_nobody(two: Two) -> None:
    ee, pt = two
    agreement = ee.exchange.agreement
    ee.wire.is_cut = True
    await agreement.ask([pt.authority], within_s=1.0)
    assert not agreement.has_agreed
    assert not ee.exchange.recovery.is_on
    ee.wire.is_cut = False
    await agreement.ask([pt.authority], within_s=1.0)
    assert agreement.has_agreed


async def test_housekeeping_goes_on_and_asks_the_others(two: Two) -> None:
    ee, pt = two
    ee.mark.note = await beyond(ee)
    await ee.exchange.recovery.load()
    await hold(pt, ee, await beyond(ee))
    keeping = housekeeping(ee)
    ee.clock.advance(301)
    await keeping.tick()
    sources = [note.source for note in ee.exchange.recovery.notes]
    assert sources == [FROM_MARK, pt.authority]
    ee.clock.advance(3_700)
    await keeping.tick()


async def test_every_hour_all_peers_are_compared_with(two: Two) -> None:
    ee, pt = two
    keeping = housekeeping(ee)
    await keeping.tick()
    await hold(pt, ee, await beyond(ee))
    ee.clock.advance(3_500)
    await keeping.tick()
    assert not ee.exchange.recovery.is_on
    ee.clock.advance(101)
    await keeping.tick()
    assert [note.source for note in ee.exchange.recovery.notes] == [pt.authority]
