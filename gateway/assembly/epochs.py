"""A new log where the end of the old one is lost for good, or its keys are.

The root has to vouch for it, so it takes two steps: a request, and the root's answer.
What is put into force comes in an order in which a crash loses nothing: the old log is
exported, the database begins the new one, and last the statement takes effect. Between
the last two the node does not start; running the command again finishes.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as Engine

import nacl.utils

from gateway.assembly.recovering import Home, known_leaves, opened_home
from gateway.assembly.world import SystemClock
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, KeystoreError, NotFoundError
from gateway.core.identity import Statement, encode_request, next_origin
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.core.translog.checkpoint import Checkpoint, parse_checkpoint
from gateway.core.translog.note import SEED_BYTES, VerifierKey, parse_note
from gateway.keystore.files import make_private_folder, replace_private
from gateway.keystore.keyring import keys_statement
from gateway.keystore.own_card import first_policy
from gateway.keystore.own_statements import prove
from gateway.keystore.signing import LogKeys, WitnessKeys
from gateway.keystore.succession import KeyUse, file_names, next_number
from gateway.storage.mark import mark_path
from gateway.storage.rewriting import Begun, NewLog, prior_field
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.past import past_disclosures, past_stamps
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.sqlite.succeeding import begin_log
from gateway.verifier.export import ExportEntry, export_log
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.layout import CHECKPOINT_NAME, KEYS_NAME
from gateway.verifier.trust import parse_vkeys

EPOCHS_FOLDER = "epochs"
_RENEWED = (KeyUse.LOG, KeyUse.WITNESS)


@dataclass(frozen=True, slots=True)
class Succeeded:
    """What beginning a new log came to.

    Attributes:
        origin: The new log.
        folder: Where the old one was exported to.
        begun: What the database did; None if an earlier run had done it.
    """

    origin: str
    folder: Path
    begun: Begun | None


async def epoch_request(home: Path) -> tuple[str, bytes]:
    """Return the origin of the next log, and the request to the root for it.

    Makes new keys of the log, and of the witness too: what it cosigned before may be
    forgotten. They change nothing yet, and are made once.

    Raises:
        ConfigError: The configuration has problems.
        KeystoreError: The keys can't be used.
        StoreError: The database can't be used, or a node runs on it.
    """
    with opened_home(home) as opened:
        return await asyncio.to_thread(_request, opened)


async def begin_epoch(home: Path, proof: bytes) -> Succeeded:
    """Put the root's statement about the next log into force, and begin that log.

    May be run again after a crash: it goes on from where it was.

    Raises:
        ConflictError: The statement is not about the log after ours.
        KeystoreError: It is not of our root, or not about keys that lie here.
        StoreError: The database can't be used, or a node runs on it.
    """
    with opened_home(home) as opened:
        keyring = opened.keyring
        statement = prove(proof, keyring.root).statement
        keys = _keys_of(opened, statement)
        connection = await connect(
            opened.settings.storage.path,
            keyring.database_key.raw,
            Role.WRITER,
        )
        try:
            done = await connection.run(
                lambda engine: _begin(engine, opened, statement, keys),
            )
        finally:
            await connection.close()
        await asyncio.to_thread(_put_into_force, opened, proof, statement, keys)
        return done


async def export_past(home: Path, epoch: int, target: Path) -> int:
    """Write a log that was succeeded, with what is left of what it disclosed.

    Returns how many entries it has.

    Raises:
        NotFoundError: There was no such log here.
        ConflictError: There is something in the folder.
        StoreError: The database can't be used, or a node runs on it.
    """
    with opened_home(home) as opened:
        folder = _folder_of(opened, epoch)
        if not folder.is_dir():
            raise NotFoundError(f"{folder}: there was no such log here")
        connection = await connect(
            opened.settings.storage.path,
            opened.keyring.database_key.raw,
            Role.WRITER,
        )
        origin = _origin(opened, epoch)
        vault = opened.keyring.disclosures
        try:
            told = await connection.run(
                lambda engine: past_disclosures(engine, origin, vault),
            )
            stamps = await connection.run(lambda engine: past_stamps(engine, origin))
        finally:
            await connection.close()
        source = _PastLog(EvidenceFolder(folder), told)
        done = await asyncio.to_thread(export_log, source, target)
        await asyncio.to_thread(_write_stamps, target, stamps)
        return done.size


def _request(opened: Home) -> tuple[str, bytes]:
    keyring = opened.keyring
    lock = keyring.lock
    for use in _RENEWED:
        if keyring.succession(use).pending is None:
            number = next_number(lock.folder, use)
            for name in file_names(use, number):
                if not (lock.folder / name).exists():
                    lock.create(name, nacl.utils.random(SEED_BYTES))
    origin = next_origin(keyring.log.origin)
    statement = keys_statement(
        keyring.authority,
        log=LogKeys.load(lock, origin, None),
        witness=WitnessKeys.load(lock, keyring.witness.name, None),
        tls=keyring.tls,
        alone=_RENEWED,
    )
    return origin, encode_request(statement)


def _keys_of(opened: Home, statement: Statement) -> LogKeys:
    """Return the log keys that a statement names.

    Raises:
        ConflictError: It is not about the log after ours.
        KeystoreError: Its keys do not lie here.
    """
    ours = opened.keyring.log.origin
    in_force = opened.keyring.proven_statement.statement
    is_done = (statement.log_origin, statement.number) == (ours, in_force.number)
    if statement.log_origin != next_origin(ours) and not is_done:
        raise ConflictError(
            f"statement: about {statement.log_origin}, expected {next_origin(ours)}",
        )
    keys = LogKeys.load(
        opened.keyring.lock,
        statement.log_origin,
        statement.log_keys,
    )
    if not keys.succession.at_work:
        raise KeystoreError(
            "statement: its log keys do not lie here; ask for one with: "
            "mla-gateway recover --new-epoch --out REQUEST",
        )
    return keys


def _begin(
    engine: Engine,
    opened: Home,
    statement: Statement,
    keys: LogKeys,
) -> Succeeded:
    """Export the old log and begin the new one, unless that was done before."""
    (held,) = engine.execute(QUERIES["origin"]).fetchone()
    old_epoch = int(statement.log_origin.rpartition("/")[2]) - 1
    folder = _folder_of(opened, old_epoch)
    if held == statement.log_origin:
        return Succeeded(held, folder, None)
    if statement.log_origin != next_origin(held):
        raise ConflictError(f"statement: expected one about {next_origin(held)}")
    _export(engine, opened, folder)
    now = SystemClock().now()
    init = EntryDraft(
        "log.init",
        now,
        {
            "vkeys": [key.to_text() for key in keys.vkeys],
            "pol": hashlib.sha256(first_policy(keys.vkeys).encode()).hexdigest(),
            "prior": prior_field(_prior(engine, held)),
        },
    )
    new = NewLog(held, statement.log_origin, init)
    begun = begin_log(engine, new, vault=opened.keyring.disclosures, now=now)
    return Succeeded(statement.log_origin, folder, begun)


def _prior(engine: Engine, origin: str) -> Checkpoint:
    """Return the newest of a log that anybody is known to hold.

    Raises:
        ConflictError: It was never signed.
    """
    reader = SqliteReader(engine)
    signed = reader.newest_checkpoint()
    if signed is None:
        raise ConflictError("log: was never signed, nothing has to be succeeded")
    known = [(one.size, one.root) for one in reader.recovery_notes()]
    size, root = max([*known, (signed.size, signed.root)])
    return Checkpoint(origin, size, root)


def _export(engine: Engine, opened: Home, folder: Path) -> None:
    """Write what was signed of the old log; a half-written folder is begun anew."""
    make_private_folder(folder.parent)
    if folder.exists():
        shutil.rmtree(folder)
    keys = opened.keyring.log.vkeys
    export_log(_StoredLog(SqliteReader(engine), keys), folder)
    folder.chmod(0o700)


def _put_into_force(
    opened: Home,
    proof: bytes,
    statement: Statement,
    keys: LogKeys,
) -> None:
    keyring = opened.keyring
    replace_private(keyring.layout.log_policy, first_policy(keys.vkeys).encode())
    if statement.number > keyring.proven_statement.statement.number:
        keyring.with_statement(proof, SystemClock().now())
    # It holds a note of the old log, and nothing can be compared with that any more.
    mark_path(opened.settings.storage.path).unlink(missing_ok=True)


def _folder_of(opened: Home, epoch: int) -> Path:
    return opened.settings.storage.path.parent / EPOCHS_FOLDER / str(epoch)


def _origin(opened: Home, epoch: int) -> str:
    stem, _, _ = opened.keyring.log.origin.rpartition("/")
    return f"{stem}/{epoch}"


def _write_stamps(target: Path, stamps: Sequence[tuple[int, bytes, bytes]]) -> None:
    """Write time stamps beside the export, for programs that read such files."""
    folder = target.with_name(f"{target.name}-tsa")
    for size, text, response in stamps:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / f"{size}.body").write_bytes(text)
        (folder / f"{size}.tsr").write_bytes(response)


@dataclass(frozen=True, slots=True)
class _StoredLog:
    """The log in a database, up to its newest checkpoint; a source of the exporter.

    What it disclosed stays in the database, sealed.
    """

    reader: SqliteReader
    vkeys: tuple[VerifierKey, ...]

    def keys(self) -> Sequence[VerifierKey]:
        """Return the keys of the log."""
        return self.vkeys

    def earlier_checkpoints(self) -> Sequence[bytes]:
        """Return none: the newest is what everything follows from."""
        return ()

    def checkpoint(self) -> bytes:
        """Return the newest signed note, with what witnesses said of it.

        Raises:
            ConflictError: There is none.
        """
        signed = self.reader.newest_checkpoint()
        if signed is None:
            raise ConflictError("log: was never signed, nothing has to be succeeded")
        lines = self.reader.cosignatures(signed.size)
        return signed.note + b"".join(one.line.encode() for one in lines)

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        """Return entries from `start` on.

        Raises:
            ConflictError: Only the hash of one is left.
        """
        found = self.reader.entries(start, limit)
        if not all(one.data for one in found):
            raise ConflictError("log: an entry was pruned, it cannot be exported")
        return [ExportEntry(one.data) for one in found]


class _PastLog:
    """A log that was succeeded, from its folder, with what it disclosed."""

    def __init__(self, folder: EvidenceFolder, told: dict[int, list[str]]) -> None:
        self._folder = folder
        self._told = told
        self._size = parse_checkpoint(parse_note(self.checkpoint()).text).size
        self._leaves: Iterator[bytes] = known_leaves(folder, self._size)

    def keys(self) -> Sequence[VerifierKey]:
        """Return the keys of the log."""
        raw = self._folder.read(KEYS_NAME, max_bytes=MAX_NOTE_BYTES)
        return parse_vkeys(raw)

    def earlier_checkpoints(self) -> Sequence[bytes]:
        """Return none: there are none in the folder."""
        return ()

    def checkpoint(self) -> bytes:
        """Return the note that the folder has."""
        return self._folder.read(CHECKPOINT_NAME, max_bytes=MAX_NOTE_BYTES)

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        """Return the next entries; they are asked for in order."""
        found = []
        for index, raw in zip(range(start, start + limit), self._leaves, strict=False):
            found.append(ExportEntry(raw, tuple(self._told.get(index, ()))))
        return found
