"""An exported log, read by programs that other people wrote.

Three readers that share no code with us or with each other: the Go checksum
database's packages, and two Python packages for C2SP logs.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.translog.checkpoint import verify_checkpoint
from gateway.core.translog.merkle import leaf_hash, verify_inclusion
from gateway.core.translog.note import KeyType
from gateway.core.translog.proof import parse_log_proof
from gateway.verifier.export import export_log
from tests.support.exports import ORIGIN, ListSource, leaves, signer_of
from tests.support.interop import INTEROP, go_program, python_tools, run

# Installing them takes a while, the first time.
pytestmark = pytest.mark.timeout(240)

# Tiles of two levels, full and partial ones.
SIZE = 700
EARLIER = (200, 256)
ENTRIES = leaves(SIZE)
VKEY = next(
    key.to_text() for key in signer_of().keys if key.key_type is KeyType.ED25519
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "log"
    export_log(ListSource(ENTRIES, earlier_sizes=EARLIER), folder)
    return folder


@pytest.fixture(scope="module")
def go_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return go_program(INTEROP / "tlog_reader", tmp_path_factory.mktemp("go"))


def _flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(bytes(raw))


SPOILS: dict[str, Callable[[Path], None]] = {
    "entry": lambda folder: _flip(folder / "tile/entries/001", 30),
    "tile": lambda folder: _flip(folder / "tile/0/000", 40),
    "size": lambda folder: _write_size(folder / "checkpoint"),
}


def _write_size(note: Path) -> None:
    note.write_bytes(note.read_bytes().replace(b"\n700\n", b"\n699\n", 1))


def spoilt(exported: Path, folder: Path, what: str) -> Path:
    copy = folder / what
    shutil.copytree(exported, copy)
    SPOILS[what](copy)
    return copy


# --- golang.org/x/mod/sumdb/note and tlog ---


def test_go_opens_the_note_and_proves_every_entry(
    exported: Path, go_reader: Path
) -> None:
    done = run(str(go_reader), str(exported), VKEY, *map(str, EARLIER))
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines() == [
        f"checkpoint of {ORIGIN}: size 700",
        "included: 700 entries",
        "consistent: from 200 to 700",
        "consistent: from 256 to 700",
    ]


@pytest.mark.parametrize("what", SPOILS)
def test_go_finds_what_was_changed(
    exported: Path, go_reader: Path, tmp_path: Path, what: str
) -> None:
    done = run(str(go_reader), str(spoilt(exported, tmp_path, what)), VKEY)
    assert done.returncode == 1
    assert done.stderr


def test_go_believes_no_other_key(exported: Path, go_reader: Path) -> None:
    other = ListSource(ENTRIES, signer=signer_of("pgr.pt/audit/1")).keys()[0]
    done = run(str(go_reader), str(exported), other.to_text())
    assert done.returncode == 1
    assert "no verifiable signatures" in done.stderr.decode()


# --- aics-tlog ---


def aics(*words: str) -> tuple[int, dict[str, object]]:
    """Run a command of aics-tlog; return its exit code and the document it prints."""
    done = run(sys.executable, "-m", "aics_tlog", *words, env=python_tools())
    document = json.loads(done.stdout or b"{}")
    assert isinstance(document, dict), done.stderr.decode()
    return done.returncode, document


def test_aics_tlog_verifies_checkpoint_entry_and_growth(exported: Path) -> None:
    of_log = ("--tiles", str(exported), "--log-key", VKEY)

    code, shown = aics("verify-checkpoint", *of_log)
    assert (code, shown["size"], shown["tiles_ok"]) == (0, SIZE, True)
    for index in (0, 255, 256, 699):
        code, shown = aics("verify-inclusion", *of_log, "--index", str(index))
        assert (code, shown["ok"]) == (0, True), shown
    for size in EARLIER:
        old = str(exported / "checkpoints" / str(size))
        code, shown = aics("verify-consistency", *of_log, "--old-checkpoint", old)
        assert (code, shown["ok"]) == (0, True), shown


@pytest.mark.parametrize("what", SPOILS)
def test_aics_tlog_finds_what_was_changed(
    exported: Path, tmp_path: Path, what: str
) -> None:
    folder = str(spoilt(exported, tmp_path, what))
    code, _ = aics(
        *("verify-inclusion", "--tiles", folder, "--log-key", VKEY, "--index", "300"),
    )
    # Only the bundle that it asks for, with its way to the root, is looked at.
    assert code != 0


# --- tlog-scales ---

_BOTH_SIGNATURES = """
import sys
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint
checkpoint = Checkpoint.from_text(open(sys.argv[1]).read())
keys = VkeySet(*map(Vkey.from_string, sys.argv[2:]))
held = keys.verify(checkpoint.signatures, checkpoint)
print(sorted(key.sig_type for key, _ in held))
"""


def test_tlog_scales_verifies_the_ml_dsa_signature_too(exported: Path) -> None:
    keys = [key.to_text() for key in signer_of().keys]
    note = str(exported / "checkpoint")
    python = (sys.executable, "-c", _BOTH_SIGNATURES)
    done = run(*python, note, *keys, env=python_tools())
    assert done.stdout.split() == [b"[1,", b"6]"], done.stderr.decode()

    bad = exported.parent / "bad-note"
    bad.write_bytes((exported / "checkpoint").read_bytes())
    _write_size(bad)
    done = run(*python, str(bad), *keys, env=python_tools())
    assert done.stdout.split() == [b"[]"], done.stderr.decode()


def test_tlog_scales_reads_entries_and_makes_proofs_that_we_verify(
    exported: Path,
) -> None:
    scales = (sys.executable, "-m", "tlog_scales.cli")
    env = python_tools()
    for index in (42, 699):
        leaf = run(*scales, "get-leaf", "--check", str(exported), str(index), env=env)
        assert leaf.stdout == ENTRIES[index].data, leaf.stderr.decode()
        made = run(*scales, "gen-proof", str(exported), str(index), env=env)
        proof = parse_log_proof(made.stdout)
        head = verify_checkpoint(
            proof.checkpoint_note, origin=ORIGIN, keys=signer_of().keys
        )
        verify_inclusion(
            index=proof.index,
            size=head.size,
            leaf=leaf_hash(leaf.stdout),
            path=proof.path,
            root=head.root,
        )


@pytest.mark.parametrize(("what", "index"), [("entry", "256"), ("tile", "3")])
def test_tlog_scales_finds_what_was_changed(
    exported: Path, tmp_path: Path, what: str, index: str
) -> None:
    folder = str(spoilt(exported, tmp_path, what))
    get_leaf = (sys.executable, "-m", "tlog_scales.cli", "get-leaf", "--check")
    done = run(*get_leaf, folder, index, env=python_tools())
    assert done.returncode != 0
    assert done.stdout == b""
