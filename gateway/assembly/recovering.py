"""Making our own log whole again: with the node stopped, and its home locked.

Only files and the database of this machine are looked at. What somebody else kept of
our log is checked by the same code as any evidence, under our own keys, and has to
lead to every checkpoint that is known to be held by somebody.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.assembly.storage import open_store
from gateway.assembly.world import SystemClock
from gateway.config.reading import load_settings
from gateway.config.settings import Settings
from gateway.core import canonical
from gateway.core.errors import NotFoundError, VerificationError
from gateway.core.limits import MAX_NOTE_BYTES, MIB
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.note import Note, VerifierKey, parse_note
from gateway.core.translog.tiles import bundles_of, decode_bundle
from gateway.flows.own_log import log_keys
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring, open_keyring
from gateway.ports.log import LogHead, SignedCheckpoint
from gateway.ports.recovery import RecoveryNote
from gateway.storage.lock import hold_folder
from gateway.storage.rewriting import KnownLog, Restored
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.restoring import restore_end
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.layout import CHECKPOINT_NAME, disclosure_name, max_bundle_bytes
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path

_MAX_DISCLOSURES_BYTES = MIB
_EARLIER = "checkpoints/"
# A mirror that is still growing has no list of its files: each is checked anyhow.
_MAY_BE_MISSING = frozenset({"no-manifest"})


@dataclass(frozen=True, slots=True)
class LogStanding:
    """What is known of our log on this machine.

    Attributes:
        head: Where it ends in the database.
        notes: What somebody holds of it and the database does not.
    """

    origin: str
    head: LogHead
    notes: Sequence[RecoveryNote]


@dataclass(frozen=True, slots=True)
class Home:
    """A home that no node runs on, its keys unlocked."""

    layout: HomeLayout
    settings: Settings
    keyring: Keyring


async def log_standing(home: Path) -> LogStanding:
    """Return what is known of our log; the node must not be running.

    Raises:
        ConfigError: The configuration has problems.
        KeystoreError: The keys can't be used.
        StoreError: The database can't be used, or a node runs on it.
    """
    with opened_home(home) as opened:
        standing, _ = await _look(opened)
        return standing


async def restore_tail(home: Path, folder: Path) -> Restored:
    """Put the lost end of our log back from a folder that somebody kept.

    Raises:
        VerificationError: The folder is not our log, or lacks what somebody holds.
        ConflictError: There is nothing in it that our log does not have.
        ConfigError: The configuration has problems.
        KeystoreError: The keys can't be used.
        StoreError: The database can't be used, or a node runs on it.
    """
    with opened_home(home) as opened:
        standing, keys = await _look(opened)
        await asyncio.to_thread(_verify, opened.layout, folder, standing, keys)
        known = await asyncio.to_thread(_known_log, folder, standing.origin)
        connection = await connect(
            opened.settings.storage.path,
            opened.keyring.database_key.raw,
            Role.WRITER,
        )
        try:
            return await connection.run(
                lambda engine: restore_end(
                    engine,
                    known,
                    vault=opened.keyring.disclosures,
                    now=SystemClock().now(),
                ),
            )
        finally:
            await connection.close()


@contextmanager
def opened_home(home: Path) -> Iterator[Home]:
    """Give a home whose keys are unlocked and which no node runs on."""
    settings = load_settings(home, os.environ).settings
    layout = HomeLayout(home.absolute())
    with hold_folder(layout.run):
        yield Home(layout, settings, open_keyring(settings, os.environ))


async def _look(opened: Home) -> tuple[LogStanding, tuple[VerifierKey, ...]]:
    async with open_store(opened.settings, opened.keyring) as store:
        standing = LogStanding(
            origin=opened.keyring.log.origin,
            head=await store.log_head(),
            notes=await store.recovery_notes(),
        )
        return standing, await log_keys(store, opened.keyring.log)


def _verify(
    layout: HomeLayout,
    folder: Path,
    standing: LogStanding,
    keys: Sequence[VerifierKey],
) -> None:
    """Check a folder under our keys, and against every note that somebody holds.

    Raises:
        VerificationError: Something does not hold; says what.
    """
    with tempfile.TemporaryDirectory(dir=layout.run, prefix="recover-") as beside:
        vkeys = Path(beside, "keys.txt")
        vkeys.write_text("".join(f"{key.to_text()}\n" for key in keys))
        seen = []
        for number, note in enumerate(standing.notes):
            path = Path(beside, f"{number}-{note.source}")
            path.write_bytes(note.note)
            seen.append(path)
        report = verify_path(folder, VerifyOptions(keys=(vkeys,), seen=tuple(seen)))
    problem = _problem(report)
    if problem:
        raise VerificationError(f"{folder}: {problem}")


def _problem(report: Report) -> str:
    for line in report.lines:
        is_passed_over = line.code in _MAY_BE_MISSING
        if line.outcome in {Outcome.FAILED, Outcome.INCOMPLETE} and not is_passed_over:
            return f"{line.subject}: {line.text}"
    return ""


def _known_log(folder: Path, origin: str) -> KnownLog:
    """Return a folder that was verified, as the database takes it.

    Raises:
        VerificationError: It is of another log of ours.
    """
    files = EvidenceFolder(folder)
    newest = files.read(CHECKPOINT_NAME, max_bytes=MAX_NOTE_BYTES)
    checkpoint = parse_checkpoint(parse_note(newest).text)
    if checkpoint.origin != origin:
        raise VerificationError(f"{folder}: of {checkpoint.origin}, expected {origin}")
    earlier = [
        files.read(name, max_bytes=MAX_NOTE_BYTES)
        for name in sorted(files.names())
        if name.startswith(_EARLIER)
    ]
    return KnownLog(
        origin=origin,
        size=checkpoint.size,
        root=checkpoint.root,
        leaves=lambda: known_leaves(files, checkpoint.size),
        disclosures=lambda index: _disclosures(files, index),
        checkpoints=tuple(map(_signed, (newest, *earlier))),
    )


def _signed(note: bytes) -> SignedCheckpoint:
    """Return a signed checkpoint; lines of others than its log are left out."""
    signed = parse_note(note)
    found = parse_checkpoint(signed.text)
    own = tuple(one for one in signed.signatures if one.name == found.origin)
    raw = Note(signed.text, own).to_bytes()
    return SignedCheckpoint(found.size, found.root, raw, SystemClock().now())


def known_leaves(files: EvidenceFolder, size: int) -> Iterator[bytes]:
    """Yield the entries of a log folder, from the first on.

    Raises:
        GatewayError: A file is missing, or not what it should be.
    """
    for bundle in bundles_of(size):
        raw = files.read(bundle.path(), max_bytes=max_bundle_bytes(bundle))
        yield from decode_bundle(raw, bundle.width)


def _disclosures(files: EvidenceFolder, index: int) -> tuple[str, ...]:
    try:
        raw = files.read(disclosure_name(index), max_bytes=_MAX_DISCLOSURES_BYTES)
    except NotFoundError:
        return ()
    lines = raw.splitlines()
    return tuple(
        canonical.decode_as(line, str, max_bytes=_MAX_DISCLOSURES_BYTES)
        for line in lines
    )
