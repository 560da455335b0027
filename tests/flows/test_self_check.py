"""Every way to rewrite a store is named: with a code, and where."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as Engine

import pytest

from gateway.core.entries.kinds import is_pruned_kind
from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.merkle import Frontier, leaf_hash
from gateway.core.values import UnixMs
from gateway.flows.findings import FindingCode
from gateway.flows.self_check import check_store
from tests.support.storing import NOW, ORIGIN
from tests.support.watched import Watched, read_note, sign, watched

MADE_UP = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched(tmp_path) as made:
        yield made


async def found(store: Watched) -> set[tuple[str, str]]:
    report = await check_store(store.store, origin=ORIGIN, read_note=read_note)
    return {(finding.code.value, finding.place) for finding in report.findings}


async def test_a_sound_store_has_no_findings(store: Watched) -> None:
    report = await check_store(store.store, origin=ORIGIN, read_note=read_note)

    assert report.findings == ()
    assert (report.entries, report.messages, report.signed_size) == (605, 4, 600)
    assert report.root == (await store.store.log_head()).root


async def test_another_log_is_not_ours(store: Watched) -> None:
    report = await check_store(store.store, origin="mj.fr/audit/1")

    assert report.findings[0].code is FindingCode.ENTRY_UNREADABLE
    assert report.findings[0].place == "entry 0"


@dataclass(frozen=True)
class Tampering:
    """A change to the file, and what the check must say of it."""

    name: str
    change: Callable[[Engine], object]
    code: FindingCode
    place: str
    contradicts_signed: bool = False


def _sql(*statements: str) -> Callable[[Engine], object]:
    return lambda engine: [engine.execute(one) for one in statements]


def _swap(engine: Engine) -> None:
    """Let two entries change places, with their hashes."""
    engine.execute("UPDATE audit_entry SET i = -1 WHERE i = 300")
    engine.execute("UPDATE audit_entry SET i = 300 WHERE i = 301")
    engine.execute("UPDATE audit_entry SET i = 301 WHERE i = -1")


def _rewrite_with_its_hash(engine: Engine) -> None:
    """Change an entry and give it its own hash."""
    ((data,),) = engine.execute("SELECT data FROM audit_entry WHERE i = 300")
    data = data.replace(b'"admin.test"', b'"admin.tost"')
    engine.execute(
        "UPDATE audit_entry SET data = ?, leaf = ?, kind = 'admin.tost' WHERE i = 300",
        (data, leaf_hash(data)),
    )


def _hashes(engine: Engine, size: int) -> list[bytes]:
    rows = engine.execute(
        "SELECT leaf FROM audit_entry WHERE i < ? ORDER BY i", (size,)
    )
    return [row[0] for row in rows]


def _back_date(engine: Engine) -> None:
    """Back-date the last entry, and all that is stored above it."""
    ((data,),) = engine.execute("SELECT data FROM audit_entry WHERE i = 604")
    start = data.index(b'"t":"') + 5
    data = data[:start] + b"2020" + data[start + 4 :]
    hashes = _hashes(engine, 604)
    leaf = leaf_hash(data)
    frontier = Frontier().extend([*hashes, leaf]).to_bytes()
    engine.execute(
        "UPDATE audit_entry SET data = ?, leaf = ? WHERE i = 604", (data, leaf)
    )
    engine.execute(
        "UPDATE audit_head SET last_leaf = ?, frontier = ?", (leaf, frontier)
    )


def _cut(size: int) -> Callable[[Engine], object]:
    def change(engine: Engine) -> None:
        hashes = _hashes(engine, size)
        frontier = Frontier().extend(hashes).to_bytes()
        engine.execute("DELETE FROM audit_entry WHERE i >= ?", (size,))
        engine.execute(
            "UPDATE audit_head SET size = ?, last_leaf = ?, frontier = ?",
            (size, hashes[-1], frontier),
        )

    return change


_CODE = FindingCode
TAMPERINGS = [
    Tampering(
        "bytes of an entry",
        _sql(
            "UPDATE audit_entry SET data = CAST("
            "replace(CAST(data AS TEXT), 'admin.test', 'admin.tost') AS BLOB"
            ") WHERE i = 300"
        ),
        _CODE.ENTRY_CHANGED,
        "entry 300",
        contradicts_signed=True,
    ),
    Tampering(
        "an entry without its bytes",
        _sql("UPDATE audit_entry SET data = NULL WHERE i = 300"),
        _CODE.ENTRY_CHANGED,
        "entry 300",
        contradicts_signed=True,
    ),
    Tampering(
        "an entry with its hash",
        _rewrite_with_its_hash,
        _CODE.CHAIN_BROKEN,
        "entry 301",
        contradicts_signed=True,
    ),
    Tampering(
        "an entry with its hash, in the tile",
        _rewrite_with_its_hash,
        _CODE.TILE_CHANGED,
        "tile 0/1",
    ),
    Tampering(
        "an entry with its hash, as it was signed",
        _rewrite_with_its_hash,
        _CODE.CHECKPOINT_DIFFERS,
        "size 600",
        contradicts_signed=True,
    ),
    Tampering(
        "hash of an entry",
        _sql("UPDATE audit_entry SET leaf = zeroblob(32) WHERE i = 300"),
        _CODE.ENTRY_CHANGED,
        "entry 300",
        contradicts_signed=True,
    ),
    Tampering(
        "an entry deleted",
        _sql("DELETE FROM audit_entry WHERE i = 300"),
        _CODE.ENTRY_MISSING,
        "entry 300",
        contradicts_signed=True,
    ),
    Tampering(
        "last entries deleted",
        _sql("DELETE FROM audit_entry WHERE i >= 603"),
        _CODE.ENTRY_MISSING,
        "entry 603",
    ),
    Tampering(
        "an entry too many",
        _sql("INSERT INTO audit_entry VALUES (605, zeroblob(32), x'00', 'x', '')"),
        _CODE.ENTRY_EXCESS,
        "entry 605",
    ),
    Tampering(
        "order of two entries",
        _swap,
        _CODE.CHAIN_BROKEN,
        "entry 300",
        contradicts_signed=True,
    ),
    Tampering("place of an entry", _swap, _CODE.ENTRY_MISPLACED, "entry 301"),
    Tampering(
        "kind of an entry",
        _sql("UPDATE audit_entry SET kind = 'config.trust' WHERE i = 300"),
        _CODE.ENTRY_MISPLACED,
        "entry 300",
    ),
    Tampering(
        "message of an entry",
        _sql("UPDATE audit_entry SET message_id = '' WHERE i = 0"),
        _CODE.ENTRY_MISPLACED,
        "entry 0",
    ),
    Tampering("time of an entry", _back_date, _CODE.TIME_UNMARKED, "entry 604"),
    Tampering(
        "hashes of a tile",
        _sql("UPDATE audit_tile SET hashes = zeroblob(8192) WHERE tile = 1"),
        _CODE.TILE_CHANGED,
        "tile 0/1",
    ),
    Tampering(
        "root of a tile",
        _sql("UPDATE audit_tile SET root = zeroblob(32) WHERE tile = 0"),
        _CODE.TILE_CHANGED,
        "tile 0/0",
    ),
    Tampering(
        "a tile deleted",
        _sql("DELETE FROM audit_tile WHERE tile = 0"),
        _CODE.TILE_CHANGED,
        "tile 0/0",
    ),
    Tampering(
        "frontier",
        _sql("UPDATE audit_head SET frontier = zeroblob(length(frontier))"),
        _CODE.HEAD_CHANGED,
        "size 605",
        contradicts_signed=True,
    ),
    Tampering(
        "last hash",
        _sql("UPDATE audit_head SET last_leaf = zeroblob(32)"),
        _CODE.HEAD_CHANGED,
        "size 605",
        contradicts_signed=True,
    ),
    Tampering(
        "entries and end, cut",
        _cut(595),
        _CODE.LOG_CUT,
        "size 595",
        contradicts_signed=True,
    ),
    Tampering(
        "signed root",
        _sql("UPDATE audit_checkpoint SET root = zeroblob(32) WHERE size = 590"),
        _CODE.CHECKPOINT_DIFFERS,
        "size 590",
        contradicts_signed=True,
    ),
    Tampering(
        "signature of the newest note",
        _sql(
            "UPDATE audit_checkpoint SET note = CAST("
            "substr(note, 1, length(note) - 9) || 'AAAAAAA=' || x'0A' AS BLOB"
            ") WHERE size = 600"
        ),
        _CODE.CHECKPOINT_CHANGED,
        "size 600",
    ),
    Tampering(
        "text of an older note",
        _sql(
            "UPDATE audit_checkpoint SET note = "
            "(SELECT note FROM audit_checkpoint WHERE size = 600) WHERE size = 590"
        ),
        _CODE.CHECKPOINT_CHANGED,
        "size 590",
    ),
    Tampering(
        "state of a message",
        _sql("UPDATE message SET state = 'opened' WHERE state = 'delivered'"),
        _CODE.MESSAGE_STATE,
        "message {delivered}",
    ),
    Tampering(
        "state of a message, back",
        _sql(
            "UPDATE message SET state = 'received', opened_index = -1 "
            "WHERE state = 'opened'"
        ),
        _CODE.MESSAGE_STATE,
        "message {opened}",
    ),
    Tampering(
        "state of a message, with the counter",
        _sql(
            "UPDATE message SET state = 'delivered' WHERE state = 'cancelled'",
            "UPDATE message_count SET count = 2 WHERE state = 'delivered'",
            "UPDATE message_count SET count = 0 WHERE state = 'cancelled'",
        ),
        _CODE.MESSAGE_STATE,
        "message {cancelled}",
    ),
    Tampering(
        "peer of a message",
        _sql("UPDATE message SET peer = 'bmj.de' WHERE state = 'delivered'"),
        _CODE.MESSAGE_CHANGED,
        "message {delivered}",
    ),
    Tampering(
        "digest of a message",
        _sql(
            "UPDATE message SET digest = replace(digest, 'a', 'b') "
            "WHERE state = 'opened'"
        ),
        _CODE.MESSAGE_CHANGED,
        "message {opened}",
    ),
    Tampering(
        "entry of a message",
        _sql("UPDATE message SET log_index = 300 WHERE state = 'opened'"),
        _CODE.MESSAGE_CHANGED,
        "message {opened}",
    ),
    Tampering(
        "first opening of a message",
        _sql("UPDATE message SET opened_index = 300 WHERE state = 'opened'"),
        _CODE.MESSAGE_CHANGED,
        "message {opened}",
    ),
    Tampering(
        "a message deleted",
        _sql("DELETE FROM message WHERE state = 'delivered'"),
        _CODE.MESSAGE_MISSING,
        "entry 0",
    ),
    Tampering(
        "id of a message",
        _sql(
            "UPDATE message SET id = '01900000-0000-7000-8000-000000000000' "
            "WHERE state = 'opened'"
        ),
        _CODE.MESSAGE_UNLOGGED,
        f"message {MADE_UP}",
    ),
    Tampering(
        "counter",
        _sql("UPDATE message_count SET count = count + 1 WHERE state = 'delivered'"),
        _CODE.COUNTS_DIFFER,
        "mj.fr out delivered",
    ),
    Tampering(
        "accepted",
        _sql("UPDATE peer SET accepted = accepted + 1 WHERE peer = 'mj.fr'"),
        _CODE.COUNTS_DIFFER,
        "mj.fr accepted",
    ),
    Tampering(
        "a refusal deleted",
        _sql("DELETE FROM refusal"),
        _CODE.MESSAGE_MISSING,
        "entry 6",
    ),
    Tampering(
        "a refusal made up",
        _sql(
            "INSERT INTO refusal VALUES "
            "('mj.fr', '01900000-0000-7000-8000-000000000000', 'd', 3, 'x')"
        ),
        _CODE.REFUSAL_UNLOGGED,
        f"message {MADE_UP}",
    ),
    Tampering(
        "a receipt deleted",
        _sql("DELETE FROM proof WHERE role = 'receipt'"),
        _CODE.PROOF_BROKEN,
        "message {delivered}",
    ),
    Tampering(
        "leaf of a proof",
        _sql(
            "UPDATE proof SET leaf = CAST(leaf || x'20' AS BLOB) WHERE role = 'receipt'"
        ),
        _CODE.PROOF_BROKEN,
        "message {delivered}",
    ),
    Tampering(
        "path of a proof",
        _sql("UPDATE proof SET path = zeroblob(length(path)) WHERE role = 'origin'"),
        _CODE.PROOF_BROKEN,
        "message {opened}",
    ),
]


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.name)
async def test_every_change_is_named(store: Watched, tampering: Tampering) -> None:
    await store.sql(tampering.change)

    report = await check_store(store.store, origin=ORIGIN, read_note=read_note)

    ids = {
        "delivered": store.delivered,
        "cancelled": store.cancelled,
        "opened": store.opened,
    }
    place = tampering.place.format(**ids)
    (finding,) = [
        one
        for one in report.findings
        if (one.code, one.place) == (tampering.code, place)
    ]
    assert finding.contradicts_signed is tampering.contradicts_signed


async def test_a_message_that_was_put_in_without_an_entry_is_found(
    store: Watched,
) -> None:
    def change(engine: Engine) -> None:
        columns = [row[1] for row in engine.execute("PRAGMA table_info(message)")]
        others = ",".join(name for name in columns if name not in {"number", "id"})
        engine.execute(
            f"INSERT INTO message (number, id, {others}) "  # noqa: S608 - its own columns
            f"SELECT 99, '{MADE_UP}', {others} FROM message WHERE state = 'opened'",
        )

    await store.sql(change)

    assert ("message-unlogged", f"message {MADE_UP}") in await found(store)


async def test_pruned_entries_are_accepted_below_what_a_log_entry_names(
    store: Watched,
) -> None:
    prune = EntryDraft("log.prune", UnixMs(NOW + 2), {"min": 256, "basis": "law"})
    await store.store.append([prune])
    await sign(store.store)
    entries = await store.store.entries(0, 256)
    gone = sum(is_pruned_kind(entry.kind) for entry in entries)
    await store.sql(
        _sql(
            "UPDATE audit_entry SET data = NULL WHERE i < 256 "
            "AND (kind LIKE 'admin.%' OR kind IN ('msg.access', 'msg.check'))",
        ),
    )
    report = await check_store(store.store, origin=ORIGIN, read_note=read_note)
    assert (report.findings, report.pruned) == ((), gone)

    await store.sql(_sql("UPDATE audit_entry SET data = NULL WHERE i = 256"))
    assert ("entry-changed", "entry 256") in await found(store)
