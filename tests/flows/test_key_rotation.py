"""A log whose keys are succeeded by others, and a peer that learns of it late."""

from dataclasses import replace

import pytest

from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import LogProofError, UnreachableError, UntrustedCardError
from gateway.core.identity import SigningKeys, verify_card
from gateway.core.translog.checkpoint import verify_checkpoint
from gateway.core.translog.note import parse_note
from gateway.core.values import AuthorityId, Stage
from gateway.flows.keys_in_log import log_keys_if_changed
from gateway.flows.own_log import log_keys
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.root import RootFolder
from gateway.keystore.rotation import begin_rotation
from gateway.keystore.sealed import read_passphrase_file
from gateway.keystore.succession import KeyUse
from gateway.ports.log import StoredEntry
from gateway.ports.store import Store
from tests.flows.test_housekeeping import NoWork, housekeeping
from tests.support.pair import EE, Side, restarted

Two = tuple[Side, Side]


def signed(side: Side, request: bytes) -> Keyring:
    """Have the root sign, put its statement into force, and load the keys anew."""
    keyring, now = side.keyring, side.clock.now()
    layout = keyring.layout.root
    root = RootFolder.unlock(layout, read_passphrase_file(layout.passphrase))
    keyring.with_statement(root.sign(request, now), now)
    return load_keyring(keyring.layout, side.authority, keyring.lock)


async def overlapping(side: Side) -> Side:
    """Return the side with new log keys beside the old ones."""
    begun = begin_rotation(side.keyring, KeyUse.LOG, side.clock.now())
    return await restarted(side, signed(side, begun.statement_request()))


async def finished(side: Side) -> Side:
    """Return the side with the new log keys alone."""
    request = side.keyring.statement_request(alone=[KeyUse.LOG])
    return await restarted(side, signed(side, request))


async def takes_card(side: Side) -> None:
    """Let a side take the other's newest card."""
    assert await side.refresh(side.other.authority)


async def exchanged(one: Side, other: Side) -> None:
    """Send a message each way, and see both receipts proven."""
    for sender in (one, other):
        sent = await sender.send()
        await sender.deliver()
        assert await sender.state(sent.accepted.id) == "delivered"


async def leaves(side: Side) -> list[Leaf]:
    entries = await side.store.entries(0, 1000)
    return [parse_leaf(one.data, log=side.keyring.log.origin) for one in entries]


async def rules(side: Side) -> list[object]:
    """Return what each `log.keys` entry says."""
    return [
        leaf.fields["res"] for leaf in await leaves(side) if leaf.kind == "log.keys"
    ]


async def test_in_the_overlap_both_cards_serve(two: Two) -> None:
    ee, pt = two
    await exchanged(ee, pt)

    ee = await overlapping(ee)

    assert len(ee.keyring.log.vkeys) == 4
    assert pt.other.card.log_keys == two[0].keyring.log.vkeys
    await exchanged(ee, pt)
    await takes_card(pt)
    assert pt.other.card.log_keys == ee.keyring.log.vkeys
    await exchanged(ee, pt)


async def test_a_peer_that_took_the_card_in_time_notices_no_end(two: Two) -> None:
    ee, pt = two
    ee = await overlapping(ee)
    await takes_card(pt)

    ee = await finished(ee)

    await exchanged(ee, pt)
    assert pt.exchange.peer_logs.take_unknown() == set()


async def test_a_peer_that_missed_the_overlap_refuses_until_it_has_the_card(
    two: Two,
) -> None:
    ee, pt = two
    await exchanged(ee, pt)
    ee = await finished(await overlapping(ee))
    before = await pt.store.peer_log(EE)
    sent = await ee.send()

    with pytest.raises(LogProofError) as refused:
        await ee.deliver()

    assert refused.value.code == "log-proof-invalid"
    assert await pt.store.peer_log(EE) == before
    assert pt.exchange.peer_logs.take_unknown() == {EE}
    await takes_card(pt)
    ee.clock.advance(3600)
    await ee.deliver()
    assert await ee.state(sent.accepted.id) == "delivered"
    await exchanged(ee, pt)


class Refreshing(NoWork):
    """Fetches cards as the peers' care does, and counts."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side
        self.fetched: list[AuthorityId] = []
        self.is_in_vain = False

    async def refresh_card(self, peer: str) -> bool:
        """Fetch and take the peer's card."""
        self.fetched.append(AuthorityId(peer))
        if self.is_in_vain:
            raise UnreachableError("no route")
        return await self._side.refresh(AuthorityId(peer))


async def test_it_fetches_the_card_by_itself_and_goes_on(two: Two) -> None:
    """Also when it was the peer that called: the reply is not believed."""
    ee, pt = two
    care = Refreshing(pt)
    keeping = housekeeping(pt, care)
    await keeping.tick()
    care.fetched.clear()
    ee = await finished(await overlapping(ee))
    sent = await pt.send()
    with pytest.raises(LogProofError):
        await pt.deliver()
    assert await pt.state(sent.accepted.id) == "queued"

    pt.clock.advance(5)
    await keeping.tick()

    assert care.fetched == [EE]
    assert pt.other.card.log_keys == ee.keyring.log.vkeys
    pt.clock.advance(3600)
    await pt.deliver()
    assert await pt.state(sent.accepted.id) == "delivered"


async def test_whoever_keeps_us_busy_with_unknown_keys_is_asked_once_a_minute(
    two: Two,
) -> None:
    ee, pt = two
    care = Refreshing(pt)
    keeping = housekeeping(pt, care)
    await keeping.tick()
    care.fetched.clear()
    care.is_in_vain = True
    ee = await finished(await overlapping(ee))
    for _ in range(24):
        await ee.send()
        with pytest.raises(LogProofError):
            await ee.deliver()
        await keeping.tick()
        ee.clock.advance(5)
    assert care.fetched == [EE, EE]


async def test_the_log_says_once_which_keys_sign_it_from_where(two: Two) -> None:
    ee, pt = two
    assert await rules(ee) == []
    ee = await overlapping(ee)
    assert await rules(ee) == ["overlap"]
    await exchanged(ee, pt)
    ee = await restarted(ee, ee.keyring)
    assert await rules(ee) == ["overlap"]

    ee = await finished(ee)

    assert await rules(ee) == ["overlap", "alone"]
    signing = ee.keyring.log
    assert not await log_keys_if_changed(ee.store, signing, ee.clock)
    ee = await overlapping(ee)
    assert await rules(ee) == ["overlap", "alone", "overlap"]
    last = [leaf for leaf in await leaves(ee) if leaf.kind == "log.keys"][-1]
    newest = [key.to_text() for key in ee.keyring.log.newest_vkeys]
    assert last.fields["vkeys"] == newest


async def test_a_card_is_issued_after_the_entry_about_its_keys(two: Two) -> None:
    ee, _ = two
    ee = await finished(await overlapping(ee))

    kinds = [leaf.kind for leaf in await leaves(ee)]

    assert kinds[-4:] == ["log.keys", "key.card", "log.keys", "key.card"]


async def test_every_checkpoint_is_signed_by_who_has_the_say_at_its_size(
    two: Two,
) -> None:
    ee, pt = two
    every = set(ee.keyring.log.vkeys)
    notes = [(await ee.exchange.checkpoints.newest()).note]
    for change in (overlapping, finished, overlapping, finished):
        ee = await change(ee)
        await takes_card(pt)
        every |= set(ee.keyring.log.vkeys)
        notes.append((await ee.exchange.checkpoints.newest()).note)
        await exchanged(ee, pt)
        notes.append((await ee.exchange.checkpoints.newest()).note)

    said = SigningKeys()
    for leaf in await leaves(ee):
        said.read(leaf)
    for note in notes:
        checkpoint = verify_checkpoint(note, origin=ee.keyring.log.origin, keys=every)
        ids = {line.key_id for line in parse_note(note).signatures}
        said.check(checkpoint.size, [key for key in every if key.key_id in ids])


async def test_two_statements_without_a_start_between_them(two: Two) -> None:
    """The node was down for the whole overlap: it goes on with the new keys alone."""
    ee, pt = two
    await exchanged(ee, pt)
    begun = begin_rotation(ee.keyring, KeyUse.LOG, ee.clock.now())
    ee.keyring = signed(ee, begun.statement_request())

    ee = await finished(ee)

    assert await rules(ee) == ["alone"]
    await takes_card(pt)
    await exchanged(ee, pt)


async def test_a_card_under_the_statement_before_is_not_taken_again(two: Two) -> None:
    ee, pt = two
    old = ee.card
    ee = await overlapping(ee)
    await takes_card(pt)
    held = pt.other.card

    with pytest.raises(UntrustedCardError, match="number 1, expected 2 or more"):
        verify_card(old.raw, stage=Stage.TEST, previous=held)


async def test_what_keys_in_the_middle_signed_is_known_as_ours(two: Two) -> None:
    ee, _ = two
    notes = [(await ee.exchange.checkpoints.newest()).note]
    for change in (overlapping, finished, overlapping, finished):
        ee = await change(ee)
        notes.append((await ee.exchange.checkpoints.newest()).note)

    keys = await log_keys(ee.store, ee.keyring.log)

    for note in notes:
        verify_checkpoint(note, origin=ee.keyring.log.origin, keys=keys)


class PrunedStore:
    """A log of which only hashes are left, up to its end."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the entry without its data."""
        entry = await self._store.newest_entry(kind)
        return None if entry is None else replace(entry, data=b"")


async def test_where_the_entry_was_pruned_the_log_says_it_again(two: Two) -> None:
    ee, _ = two
    pruned = PrunedStore(ee.store)
    signing, clock = ee.keyring.log, ee.clock

    assert await log_keys_if_changed(pruned, signing, clock)  # type: ignore[arg-type]  # the rest is the store's

    assert await rules(ee) == ["alone"]
    assert not await log_keys_if_changed(ee.store, signing, clock)
