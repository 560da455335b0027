"""Erasing messages for good, and what a crash or an older copy must not undo."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import (
    ClockError,
    ConflictError,
    KeystoreError,
    NotErasableError,
    NotFoundError,
    UsageError,
)
from gateway.core.limits import MAX_BASIS_CHARS
from gateway.core.values import MessageId, UnixMs, new_uuid7, parse_time
from gateway.keystore.archive import Vault
from gateway.keystore.rings import RingFile
from gateway.keystore.sealed import Secret
from gateway.ports.erasure import Erased, ErasureOrder
from gateway.ports.keys import ErasedNote, RingId
from tests.flows.test_way_of_a_message import kinds_about
from tests.support.evidence import arrived, content, sent_with
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
SECURITY = Act("saar", "security", "end of the retention period")
DAY_MS = 86_400_000


async def erase(side: Side, *ids: MessageId, case: str = "") -> Erased:
    plan = await side.erasure.plan(ids, case)
    return await side.erasure.erase(plan, "retention-10y", SECURITY)


async def opened(ee: Side, pt: Side, **files: bytes) -> MessageId:
    """Return a message that was delivered, checked and opened."""
    if files:
        message_id = await sent_with(ee, **files)
    else:
        message_id = (await ee.send()).accepted.id
    await (arrived(ee, pt, message_id) if files else _checked(ee, pt))
    await pt.open.open(message_id, CASEWORKER)
    return message_id


async def _checked(ee: Side, pt: Side) -> None:
    await ee.deliver()
    await pt.validation.validate_some()


async def told(side: Side, message_id: MessageId) -> set[str]:
    """Return the names of all that entries about a message disclose."""
    indices = await side.store.log_indices(message_id)
    found = [one for index in indices for one in await side.store.disclosures(index)]
    return {read_disclosure(one.encoded).name for one in found}


def ring_file(side: Side) -> RingFile:
    return RingFile(side.keyring.layout.rings)


async def test_both_sides_erase_each_for_itself(two: Two) -> None:
    ee, pt = two
    message_id = await opened(ee, pt)
    await pt.telling.tell_due(pt.other)
    case = (await pt.row(message_id)).case_id

    assert len((await erase(pt, case=case)).rings) == 1

    assert await pt.state(message_id) == "erased"
    assert (await kinds_about(pt, message_id))[-1] == "msg.erase"
    assert "case" not in await told(pt, message_id)
    assert {"actor", "role", "purpose"} <= await told(pt, message_id)
    with pytest.raises(ConflictError, match="erased"):
        await pt.open.open(message_id, CASEWORKER)
    assert (await ee.open.open(message_id, CASEWORKER)).message
    await erase(ee, message_id)
    with pytest.raises(ConflictError, match="erased"):
        await ee.open.open(message_id, CASEWORKER)


async def test_the_entry_says_when_backups_and_keys_are_gone(two: Two) -> None:
    ee, pt = two
    message_id = await opened(ee, pt)
    open_until = max(
        parse_time(record.open_until) for record in pt.keyring.opening.records()
    )
    assert open_until > pt.clock.now() + 35 * DAY_MS

    (note,) = (await erase(pt, message_id)).notes

    assert note.until == open_until
    (entry,) = await pt.store.entries(note.log_index, 1)
    leaf = parse_leaf(entry.data, log=pt.keyring.log.origin)
    assert parse_time(leaf.text("until")) == open_until


async def test_evidence_is_removed_from_the_disk(two: Two) -> None:
    ee, pt = two
    message_id = await opened(ee, pt, ledger=content(70_000), image=content(9, seed=1))
    with pytest.raises(NotErasableError, match="being-checked"):
        await erase(pt, message_id)
    while await pt.check.check_one():
        pass
    folder = pt.blobs._path
    names = [row.blob for row in await pt.store.attachments(message_id)]
    assert all((folder / name).exists() for name in names)

    await erase(pt, message_id)

    assert not any((folder / name).exists() for name in names)
    assert await pt.store.blobs() == {}


async def test_what_is_under_way_is_refused_with_a_name(two: Two) -> None:
    ee, pt = two
    sent = (await ee.send()).accepted.id

    plan = await ee.erasure.plan([sent])
    assert [item.obstacle for item in plan.items] == ["under-way"]
    with pytest.raises(NotErasableError, match=f"{sent} is under-way"):
        await erase(ee, sent)
    await ee.deliver()
    with pytest.raises(NotErasableError, match="unopened"):
        await erase(pt, sent)
    assert await ee.state(sent) == "delivered"


async def test_an_order_names_messages_that_are_there(two: Two) -> None:
    ee, _ = two
    with pytest.raises(NotFoundError):
        await ee.erasure.plan([new_uuid7(ee.clock.now())])
    with pytest.raises(NotFoundError):
        await ee.erasure.plan([], "a case that nobody knows")
    with pytest.raises(UsageError, match="500"):
        await ee.erasure.plan([new_uuid7(ee.clock.now()) for _ in range(501)])


async def test_nothing_is_erased_by_a_clock_that_is_in_doubt(two: Two) -> None:
    ee, pt = two
    message_id = await opened(ee, pt)
    pt.exchange.clock_hold.is_held = True

    with pytest.raises(ClockError):
        await erase(pt, message_id)

    assert await pt.state(message_id) == "opened"


# --- a crash, and an older copy ---


async def erased_and_killed(side: Side, message_id: MessageId) -> Erased:
    """Let the process die right after the transaction."""
    order = ErasureOrder(
        basis="retention-10y",
        until=side.clock.now(),
        act=SECURITY,
    )
    return await side.store.erase([message_id], order, side.clock.now())


@pytest.mark.parametrize("is_begun", [False, True])
async def test_what_a_crash_left_is_finished_at_the_start(
    two: Two,
    *,
    is_begun: bool,
) -> None:
    ee, pt = two
    message_id = await opened(ee, pt, ledger=content(70_000))
    while await pt.check.check_one():
        pass
    blobs = list(await pt.store.blobs())
    erased = await erased_and_killed(pt, message_id)
    if is_begun:
        pt.keyring.disclosures.remember(erased.notes)
    (ring,) = erased.rings
    assert ring_file(pt).wrapped_key(ring)

    await pt.erasure.recover()
    await pt.care.recover()

    assert ring_file(pt).wrapped_key(ring) is None
    assert pt.keyring.disclosures.erased()[message_id] == erased.notes[0]
    assert not any((pt.blobs._path / blob).exists() for blob in blobs)
    size = await pt.logged()
    await pt.erasure.recover()
    assert await pt.logged() == size


async def test_an_older_database_is_erased_again_before_it_serves(two: Two) -> None:
    """What the register remembers, and the database that was put back does not."""
    ee, pt = two
    message_id = await opened(ee, pt)
    unsent = (await ee.send()).accepted.id
    until = UnixMs(pt.clock.now() + DAY_MS)
    for side, one in ((pt, message_id), (ee, unsent)):
        erased = ErasedNote(one, 99, until, "retention-10y")
        side.keyring.disclosures.remember([erased])
        await side.erasure.recover()

    assert await pt.state(message_id) == "erased"
    assert (await kinds_about(pt, message_id))[-1] == "msg.erase"
    (index,) = (await pt.store.log_indices(message_id))[-1:]
    disclosed = [
        read_disclosure(one.encoded) for one in await pt.store.disclosures(index)
    ]
    assert {one.value for one in disclosed if one.name == "actor"} == {"node"}
    # Still to be sent as this copy has it: only the peer can say that it knows it.
    assert await ee.state(unsent) == "queued"
    await ee.deliver()
    await ee.erasure.recover()
    assert await ee.state(unsent) == "erased"


class FailingRegister:
    """A register whose disk fails once."""

    def __init__(self, side: Side) -> None:
        self._register = side.keyring.disclosures
        self.failures = 1

    def destroy(self, rings: Collection[RingId]) -> int:
        """Fail, the first time."""
        if self.failures:
            self.failures -= 1
            raise KeystoreError("the disk is gone")
        return self._register.destroy(rings)

    def __getattr__(self, name: str) -> object:
        return getattr(self._register, name)


async def test_a_failing_disk_is_told_and_the_rest_done_later(two: Two) -> None:
    ee, pt = two
    message_id = await opened(ee, pt)
    register = FailingRegister(pt)
    pt.erasure._register = register  # type: ignore[assignment]  # fails like a disk
    rings = set(await pt.store.rings())

    with pytest.raises(KeystoreError):
        await erase(pt, message_id)
    (ring,) = rings - set(await pt.store.rings())
    assert await pt.state(message_id) == "erased"
    assert ring_file(pt).wrapped_key(ring)
    await pt.erasure.tidy()

    assert ring_file(pt).wrapped_key(ring) is None


# --- the file itself ---


async def test_the_file_is_written_anew_and_not_too_often(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ee, pt = two
    compacted: list[UnixMs] = []
    compact = pt.store.compact

    async def slow() -> None:
        await compact()
        pt.clock.advance(30)
        compacted.append(pt.clock.now())

    monkeypatch.setattr(pt.store, "compact", slow)
    await pt.erasure.tidy()
    assert compacted == []
    for _ in range(2):
        await erase(pt, await opened(ee, pt))
        await pt.erasure.tidy()
        await pt.erasure.tidy()
    assert len(compacted) == 1

    pt.clock.advance(301)
    await pt.erasure.tidy()

    assert len(compacted) == 2
    assert not await pt.store.is_compaction_due()


def test_a_basis_of_the_longest_form_is_remembered(tmp_path: Path) -> None:
    vault = Vault(Secret(bytes(32)), RingFile(tmp_path / "rings"))
    note = ErasedNote(
        MessageId("019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"),
        2**40,
        UnixMs(253_402_300_799_999),
        "x" * MAX_BASIS_CHARS,
    )
    vault.remember([note])
    assert vault.erased() == {note.id: replace(note)}
