"""A new log on a real home: kill it between any two steps, and run it again."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.assembly import epochs
from gateway.assembly.homes import create_home
from gateway.assembly.recovering import log_standing, opened_home
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    KeystoreError,
    NotFoundError,
    StoreError,
)
from gateway.core.identity import parse_request
from gateway.core.values import UnixMs
from gateway.keystore.home import HomeLayout
from gateway.keystore.root import RootFolder
from gateway.keystore.sealed import read_passphrase_file
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.reader import SqliteReader
from gateway.verifier.options import VerifyOptions
from gateway.verifier.verify import verify_path
from tests.support.homes import NOW, home_request

LATER = UnixMs(NOW + 60_000)

# Whole homes are made and cut at every step.
pytestmark = pytest.mark.long


class EndedError(Exception):
    """The process ended."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node as `init` leaves it: its log has three entries and was signed."""
    asyncio.run(create_home(tmp_path / "home", home_request()))
    return tmp_path / "home"


def signed(home: Path, request: bytes) -> bytes:
    """Return what the root answers to a request."""
    layout = HomeLayout(home).keys.root
    passphrase = read_passphrase_file(layout.passphrase)
    return RootFolder.unlock(layout, passphrase).sign(request, LATER)


def statement_for(home: Path) -> bytes:
    """Return the root's statement about the next log."""
    _, request = asyncio.run(epochs.epoch_request(home))
    return signed(home, request)


def begin(home: Path, proof: bytes) -> epochs.Succeeded:
    return asyncio.run(epochs.begin_epoch(home, proof))


def origin_of(home: Path) -> str:
    """Return the log of a home that a node would start on."""
    return asyncio.run(log_standing(home)).origin


def test_the_request_names_the_next_log_and_new_keys_alone(home: Path) -> None:
    with opened_home(home) as opened:
        old = {key.public for key in opened.keyring.log.vkeys}
        cosigned = {key.public for key in opened.keyring.witness.vkeys}
    origin, request = asyncio.run(epochs.epoch_request(home))
    assert origin == "moj.ee/audit/2"
    asked = parse_request(request).statement(2)
    assert asked.log_origin == origin
    assert not old & {key.public for key in asked.log_keys}
    assert not cosigned & {key.public for key in asked.witness_keys}
    # Asking again makes no other keys, and changes nothing that is at work.
    assert asyncio.run(epochs.epoch_request(home)) == (origin, request)
    assert origin_of(home) == "moj.ee/audit/1"


def test_a_new_log_names_the_one_before(home: Path) -> None:
    before = asyncio.run(log_standing(home))
    done = begin(home, statement_for(home))
    assert done.begun
    with opened_home(home) as opened:
        keyring = opened.keyring
        assert keyring.log.origin == "moj.ee/audit/2"
        assert keyring.proven_statement.statement.number == 2
        init, recover = asyncio.run(first_entries(home, keyring.database_key.raw))
    prior = parse_leaf(init, log="moj.ee/audit/2").fields["prior"]
    assert isinstance(prior, dict)
    assert (prior["o"], prior["n"]) == (before.origin, before.head.size)
    assert parse_leaf(recover, log="moj.ee/audit/2").text("res") == "epoch"
    assert verified(done.folder)


def verified(folder: Path) -> bool:
    """Tell whether an exported log holds under its own keys, copied out of it."""
    keys = folder.parent.parent / f"{folder.name}.keys"
    keys.write_bytes((folder / "keys.txt").read_bytes())
    return verify_path(folder, VerifyOptions(keys=(keys,))).exit_code == 0


async def first_entries(home: Path, key: bytes) -> list[bytes]:
    """Return the first two entries of the log in the database."""
    connection = await connect(HomeLayout(home).database, key, Role.READER)
    try:
        found = await connection.run(lambda engine: SqliteReader(engine).entries(0, 2))
    finally:
        await connection.close()
    return [one.data for one in found]


def ending_at(name: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the process end where a step would begin; return what undoes that."""

    def end(*_arguments: object, **_more: object) -> None:
        raise EndedError

    monkeypatch.setattr(epochs, name, end)
    return monkeypatch.undo


@pytest.mark.parametrize("step", ["_export", "begin_log"])
def test_an_end_before_the_database_leaves_the_old_log(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    proof = statement_for(home)
    undo = ending_at(step, monkeypatch)
    with pytest.raises(EndedError):
        begin(home, proof)
    undo()
    assert origin_of(home) == "moj.ee/audit/1"
    assert begin(home, proof).begun
    assert origin_of(home) == "moj.ee/audit/2"


@pytest.mark.parametrize("step", ["_put_into_force", "replace_private", "mark_path"])
def test_an_end_after_the_database_is_finished_by_the_next_run(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    proof = statement_for(home)
    undo = ending_at(step, monkeypatch)
    with pytest.raises(EndedError):
        begin(home, proof)
    undo()
    if step != "mark_path":  # by then all but the mark was done
        with pytest.raises(StoreError, match="recover --new-epoch"):
            origin_of(home)
    again = begin(home, proof)
    assert again.begun is None
    assert origin_of(home) == "moj.ee/audit/2"
    assert begin(home, proof) == again


def test_a_half_written_export_is_begun_anew(home: Path) -> None:
    folder = HomeLayout(home).database.parent / "epochs" / "1"
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    (folder / "checkpoint").write_bytes(b"half")
    done = begin(home, statement_for(home))
    assert done.folder == folder
    assert verified(folder)


def test_what_the_root_did_not_say_of_the_next_log_changes_nothing(home: Path) -> None:
    with opened_home(home) as opened:
        same_log = signed(home, opened.keyring.statement_request())
    with pytest.raises(ConflictError, match=r"expected moj\.ee/audit/2"):
        begin(home, same_log)
    proof = statement_for(home)
    for raw in (b"", b"garbage", proof[:-90] + b"A" + proof[-89:]):
        with pytest.raises(GatewayError):
            begin(home, raw)
    for path in HomeLayout(home).keys.folder.glob("log-*.2.key"):
        path.unlink()
    with pytest.raises(KeystoreError, match="do not lie here"):
        begin(home, proof)
    assert origin_of(home) == "moj.ee/audit/1"


def test_an_earlier_log_is_written_with_what_it_disclosed(
    home: Path,
    tmp_path: Path,
) -> None:
    begin(home, statement_for(home))
    target = tmp_path / "past"
    size = asyncio.run(epochs.export_past(home, 1, target))
    assert size == 3
    assert verified(target)
    told = b"".join(one.read_bytes() for one in (target / "disclosures").iterdir())
    assert told
    kept = HomeLayout(home).database.parent / "epochs" / "1"
    assert not (kept / "disclosures").exists()
    with pytest.raises(NotFoundError, match="no such log"):
        asyncio.run(epochs.export_past(home, 7, tmp_path / "none"))
    with pytest.raises(ConflictError):
        asyncio.run(epochs.export_past(home, 1, target))
