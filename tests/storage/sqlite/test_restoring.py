"""The lost end of our log put back into an old copy of it: all of it, or nothing."""

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection as Engine
from typing import cast

import pytest

from gateway.core.entries.disclosures import read_disclosure
from gateway.core.entries.leaf import EntryDraft, Leaf, parse_leaf
from gateway.core.errors import ConflictError, GatewayError
from gateway.core.values import MessageId, UnixMs
from gateway.flows.self_check import check_store
from gateway.ports.erasure import ErasureOrder
from gateway.ports.log import SignedCheckpoint
from gateway.ports.outbox import NewOutbound
from gateway.ports.recovery import FROM_MARK, RecoveryNote
from gateway.storage.rewriting import KnownLog, Restored
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.restoring import restore_end
from gateway.storage.sqlite.store import SqliteStore
from tests.support.storing import (
    ACT,
    KEY,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    deliver,
    held_draft,
    outbound,
    sealing,
    sqlite_store,
    vault,
)

LATER = UnixMs(NOW + 1_000)


@dataclass
class Scene:
    """A database that was put back, and what others kept of its log.

    Attributes:
        folder: Holds the old database, with what was logged since.
        known: The log as others kept it.
        sent: Ours that both have.
        gone_out: Ours that only the others' log names.
        gone_in: The peer's that only the others' log names.
        kept: Ours that only this database has.
        released: Ours that was held in both, and sent here only.
        opened: The peer's that both have, opened here only.
    """

    folder: Path
    known: KnownLog
    sent: NewOutbound
    gone_out: NewOutbound
    gone_in: MessageId
    kept: NewOutbound
    released: NewOutbound
    opened: MessageId


async def known_log(store: SqliteStore) -> KnownLog:
    """Return the log of a store, as somebody kept it."""
    head = await store.log_head()
    entries = await store.entries(0, head.size)
    told = {
        one.index: tuple(each.encoded for each in await store.disclosures(one.index))
        for one in entries
    }
    note = SignedCheckpoint(head.size, head.root, b"signed", NOW)
    return KnownLog(
        origin=ORIGIN,
        size=head.size,
        root=head.root,
        leaves=lambda: iter([one.data for one in entries]),
        disclosures=lambda index: told[index],
        checkpoints=(note,),
    )


async def grow(store: SqliteStore, count: int) -> None:
    """Append entries that matter to nobody."""
    await store.append([EntryDraft("admin.test", NOW, {}) for _ in range(count)])


@asynccontextmanager
async def set_back(folder: Path, *, filling: int = 3) -> AsyncIterator[Scene]:
    """Give a scene: exchange, copy, exchange more, put the copy back, go on."""
    log = PeerLog()
    sent, gone_out, kept = outbound(), outbound(), outbound()
    released = held_draft()
    item, gone = log.item(), log.item(seq=2)
    newer, older = folder / "newer", folder / "older"
    newer.mkdir()
    async with sqlite_store(newer) as store:
        await grow(store, filling)
        await store.accept(sent, NOW)
        await store.accept(released, NOW)
        await store.commit_inbound(log.link(), [item], NOW)
        await deliver(store, log, sent)
    shutil.copytree(newer, older)
    async with sqlite_store(newer) as store:
        await store.accept(gone_out, NOW)
        await deliver(store, log, gone_out)
        await store.commit_inbound(log.link(), [gone], NOW)
        await grow(store, filling)
        known = await known_log(store)
    async with sqlite_store(older) as store:
        await store.keep_recovery_note(
            RecoveryNote(FROM_MARK, known.size, known.root, b"signed", NOW),
        )
        await store.accept(replace(kept, idempotency_key="once"), LATER)
        assert await store.release(released.id, sealing(), LATER)
        await store.log_access(item.id, ACT, LATER)
        head = await store.log_head()
        await store.record_checkpoint(
            SignedCheckpoint(head.size, head.root, b"astray", LATER),
        )
        await store.append([EntryDraft("key.card", LATER, {"count": 9})])
    yield Scene(older, known, sent, gone_out, gone.id, kept, released, item.id)


async def restore(
    scene: Scene, spoil: Callable[[Engine], Engine] | None = None
) -> Restored:
    """Put the end of the log back."""
    connection = await connect(scene.folder / "gateway.db", KEY, Role.WRITER)

    def run(engine: Engine) -> Restored:
        used = spoil(engine) if spoil else engine
        return restore_end(used, scene.known, vault=vault(scene.folder), now=LATER)

    try:
        return await connection.run(run)
    finally:
        await connection.close()


async def leaves(store: SqliteStore) -> list[Leaf]:
    """Return all entries of a store."""
    entries = await store.entries(0, (await store.log_head()).size)
    return [parse_leaf(one.data, log=ORIGIN) for one in entries]


@pytest.mark.parametrize("filling", [3, 260, 600])
async def test_the_end_comes_back_and_the_rest_follows_it(
    tmp_path: Path,
    filling: int,
) -> None:
    async with set_back(tmp_path, filling=filling) as scene:
        done = await restore(scene)
        assert {one.id for one in done.lost} == {scene.gone_out.id, scene.gone_in}
        assert (done.moved, done.disowned) == (3, 1)
        async with sqlite_store(scene.folder) as store:
            known = scene.known
            assert await store.root_at(known.size) == known.root
            found = await leaves(store)
            kinds = [leaf.kind for leaf in found[known.size :]]
            assert kinds == [
                "log.recover",
                "msg.send",
                "msg.send",
                "msg.access",
                "msg.lost",
                "msg.lost",
            ]
            assert await store.recovery_notes() == []
            newest = await store.newest_checkpoint()
            assert newest
            assert (newest.size, newest.note) == (known.size, b"signed")
            report = await check_store(store, origin=ORIGIN)
            assert report.findings == ()


async def test_rows_name_their_entries_where_they_are_now(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        await restore(scene)
        async with sqlite_store(scene.folder) as store:
            found = await leaves(store)
            for message in (scene.sent, scene.kept, scene.released):
                row = await store.message(message.id)
                leaf = found[row.log_index]
                assert (leaf.kind, leaf.text("m")) == ("msg.send", message.id)
                assert leaf.number("seq") == row.seq
            released = found[(await store.message(scene.released.id)).log_index]
            assert found[released.number("ref")].kind == "msg.hold"
            (event,) = await store.events_due(PEER, 10)
            access = found[event.log_index]
            assert (access.kind, access.text("m")) == ("msg.access", scene.opened)
            opened = await store.message(scene.opened)
            assert access.number("ref") == opened.log_index
            steps = (await store.changes(0, 100))[-3:]
            assert [found[one.log_index].text("m") for one in steps] == [
                scene.kept.id,
                scene.released.id,
                scene.opened,
            ]
            used = await store.find_accepted(
                scene.kept.submitter,
                "once",
                scene.kept.request_digest,
            )
            assert used
            assert found[used.log_index].text("m") == scene.kept.id


async def test_no_running_number_is_given_twice(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        await restore(scene)
        async with sqlite_store(scene.folder) as store:
            sent = [leaf for leaf in await leaves(store) if leaf.kind == "msg.send"]
            assert [leaf.number("seq") for leaf in sent] == [1, 2, 3, 4]
            assert await store.pending_seqs(PEER) == [(3, 4)]
            after = outbound()
            await store.accept(after, LATER)
            assert (await store.message(after.id)).seq == 5


async def test_who_did_what_stays_provable(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        await restore(scene)
        async with sqlite_store(scene.folder) as store:
            for leaf in await leaves(store):
                told = await store.disclosures(leaf.index)
                assert {one.digest for one in told} == set(leaf.disclosure_digests)
            opened = (await store.events_due(PEER, 1))[0].log_index
            actors = [
                read_disclosure(one.encoded).value
                for one in await store.disclosures(opened)
            ]
            assert ACT.actor in actors


async def test_the_log_is_append_only_again(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        before = await triggers(scene)
        await restore(scene)
        assert await triggers(scene) == before
        assert len(before) >= 8


async def triggers(scene: Scene) -> list[tuple[str, str]]:
    """Return what guards the log."""
    connection = await connect(scene.folder / "gateway.db", KEY, Role.WRITER)
    try:
        return await connection.run(
            lambda engine: engine.execute(QUERIES["log_triggers"]).fetchall(),
        )
    finally:
        await connection.close()


async def test_a_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        await restore(scene)
        with pytest.raises(ConflictError, match="nothing to put back"):
            await restore(scene)


class Stumbling:
    """An engine that fails at one statement, as if the process had ended there."""

    def __init__(self, engine: Engine, fails_at: int) -> None:
        self._engine = engine
        self.left = fails_at

    def execute(self, *arguments: object) -> object:
        self._count(str(arguments[0]))
        return self._engine.execute(*arguments)  # type: ignore[arg-type]  # handed on

    def executemany(self, *arguments: object) -> object:
        self._count(str(arguments[0]))
        return self._engine.executemany(*arguments)  # type: ignore[arg-type]  # see above

    @property
    def in_transaction(self) -> bool:
        return self._engine.in_transaction

    def _count(self, statement: str) -> None:
        if statement == "ROLLBACK":
            return
        self.left -= 1
        if not self.left:
            raise EndedError


def stumbling_at(statement: int) -> Callable[[Engine], Engine]:
    """Return what makes an engine fail at its n-th statement."""
    return lambda engine: cast("Engine", Stumbling(engine, statement))


class EndedError(Exception):
    """The process ended."""


async def dumped(scene: Scene) -> list[Sequence[object]]:
    """Return all rows of the tables that a recovery touches."""
    connection = await connect(scene.folder / "gateway.db", KEY, Role.WRITER)

    def dump(engine: Engine) -> list[Sequence[object]]:
        tables = engine.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        ).fetchall()
        return [
            (name, tuple(row))
            for (name,) in tables
            for row in engine.execute(f"SELECT * FROM {name}")  # noqa: S608 - a name of ours
        ]

    try:
        return await connection.run(dump)
    finally:
        await connection.close()


async def test_an_end_anywhere_on_the_way_changes_nothing(tmp_path: Path) -> None:
    async with set_back(tmp_path) as scene:
        before = await dumped(scene)
        for fails_at in range(1, 400):
            try:
                await restore(scene, stumbling_at(fails_at))
            except EndedError:
                assert await dumped(scene) == before
            else:
                break
        else:
            raise AssertionError("it never came through")
        assert fails_at > 50
        async with sqlite_store(scene.folder) as store:
            assert (await check_store(store, origin=ORIGIN)).findings == ()


@pytest.mark.parametrize("wrong", ["root", "cut", "begins elsewhere", "disclosure"])
async def test_what_is_not_the_end_of_our_log_changes_nothing(
    tmp_path: Path,
    wrong: str,
) -> None:
    async with set_back(tmp_path) as scene:
        known = scene.known
        raws = list(known.leaves())
        scene.known = {
            "root": lambda: replace(known, root=bytes(32)),
            "cut": lambda: replace(known, leaves=lambda: iter(raws[:-1])),
            "begins elsewhere": lambda: replace(known, leaves=lambda: iter(raws[1:])),
            "disclosure": lambda: replace(known, disclosures=lambda _: ("W10",)),
        }[wrong]()
        before = await dumped(scene)
        with pytest.raises(GatewayError):
            await restore(scene)
        assert await dumped(scene) == before


async def test_another_log_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with sqlite_store(other) as store:
        await grow(store, 40)
        known = await known_log(store)
    async with set_back(tmp_path) as scene:
        scene.known = known
        with pytest.raises(ConflictError, match="begins with another entry"):
            await restore(scene)


async def test_a_truncated_table_is_filled_again(tmp_path: Path) -> None:
    """Rows that somebody removed, with the head left as it was."""
    async with set_back(tmp_path) as scene:
        connection = await connect(scene.folder / "gateway.db", KEY, Role.WRITER)

        def cut(engine: Engine) -> None:
            engine.execute("DROP TRIGGER audit_entry_is_kept")
            engine.execute("DELETE FROM audit_entry WHERE i BETWEEN 2 AND 4")

        await connection.run(cut)
        await connection.close()
        done = await restore(scene)
        assert done.common == 2
        async with sqlite_store(scene.folder) as store:
            assert (await check_store(store, origin=ORIGIN)).findings == ()


async def test_a_tail_does_not_bring_back_what_was_erased(tmp_path: Path) -> None:
    """The folder was exported before the erasure, and discloses the case still."""
    log, sent = PeerLog(), outbound()
    item = log.item()
    newer, older = tmp_path / "newer", tmp_path / "older"
    newer.mkdir()
    async with sqlite_store(newer) as store:
        await store.accept(sent, NOW)
        await store.commit_inbound(log.link(), [item], NOW)
    shutil.copytree(newer, older)
    async with sqlite_store(newer) as store:
        await store.log_access(item.id, ACT, NOW)
        known = await known_log(store)
    order = ErasureOrder(basis="x", until=LATER, act=ACT, is_repeated=True)
    async with sqlite_store(older) as store:
        await store.erase([item.id], order, LATER)

    scene = Scene(older, known, sent, sent, item.id, sent, sent, item.id)
    await restore(scene)

    async with sqlite_store(older) as store:
        kinds = {one.index: one.kind for one in await leaves(store)}
        about = await store.log_indices(item.id)
        assert [kinds[index] for index in about] == [
            "msg.receive",
            "msg.access",
            "msg.erase",
        ]
        rings = [
            one.ring.value for index in about for one in await store.disclosures(index)
        ]
        assert rings.count("duty") > 3
        assert "case" not in [
            read_disclosure(one.encoded).name
            for one in await store.disclosures(about[1])
        ]
        assert len(await store.rings()) == 2  # the quarter's, and that of `sent`
        (note,) = await store.all_erased()
        assert note.log_index == about[2]


async def test_what_was_pruned_is_pruned_where_the_log_is_now(tmp_path: Path) -> None:
    async with set_back(tmp_path, filling=300) as scene:
        async with sqlite_store(scene.folder) as store:
            size = (await store.log_head()).size
            (signed,) = [await store.newest_checkpoint()]
            assert signed
            await store.record_round(signed.size, LATER)
            done = await store.prune(256, basis="x", act=ACT, now=LATER)
            assert done.log_index == size

        await restore(scene)

        async with sqlite_store(scene.folder) as store:
            assert await store.log_minimum() == 256
            entries = await store.entries(0, (await store.log_head()).size)
            (again,) = [one for one in entries if one.kind == "log.prune"]
            assert again.index > done.log_index
            assert not any(one.data for one in entries[5:256])
            assert (await check_store(store, origin=ORIGIN)).findings == ()
