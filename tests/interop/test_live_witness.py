"""A running node has its log cosigned by a stand-alone witness of other people."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.translog.checkpoint import cosignature_lines, verify_checkpoint
from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.core.translog.witness import origin_hash
from gateway.demo.stage import Authority, Node, free_ports, run_unchecked
from tests.support.interop import python_tools, run
from tests.support.witness_process import NAME, OtherWitness, other_witness

pytestmark = [pytest.mark.end_to_end, pytest.mark.long, pytest.mark.timeout(240)]

EE = Authority("moj.ee", "EE", "Ministry of Justice")
ORIGIN = "moj.ee/audit/1"
WITHIN_S = 30


@dataclass(frozen=True)
class Watched:
    """A node whose log a witness watches."""

    node: Node
    witness: OtherWitness
    keys: tuple[VerifierKey, ...]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    peer_port, admin_port = free_ports(2)
    node = Node(EE, tmp_path / "home", peer_port, admin_port)
    node.init()
    policy = (node.home / "keys" / "log.policy").read_text().splitlines()
    keys = tuple(
        parse_vkey(line.split()[1]) for line in policy if line.startswith("log ")
    )
    folder = tmp_path / "witness"
    folder.mkdir()
    with other_witness(folder, [(ORIGIN, keys[0])]) as witness:
        file = node.home / "gateway.toml"
        entry = f"{witness.url} {witness.key.to_text()}"
        chosen = f'[log]\nquorum = 1\nwitnesses = ["{entry}"]\n'
        file.write_text(file.read_text().replace("[log]\n", chosen, 1))
        node.start()
        try:
            yield Watched(node, witness, keys)
        finally:
            node.stop()


def cosigned(watched: Watched) -> tuple[int, bytes]:
    """Begin a round; return its size and note once the witness has cosigned."""
    done = watched.node.ask("audit", "round", "--wait", str(WITHIN_S))
    assert done["cosigned_by"] == [NAME]
    size, note = done["size"], done["note"]
    assert isinstance(size, int)
    assert isinstance(note, str)
    return size, note.encode()


def test_rounds_are_cosigned_and_both_sides_verify_the_export(
    watched: Watched, tmp_path: Path
) -> None:
    sizes = []
    # Looking at something is logged, once in a while: the log grows.
    for look in (("audit", "tail"), ("list",), ("audit", "show", "0")):
        size, note = cosigned(watched)
        sizes.append(size)
        head = verify_checkpoint(note, origin=ORIGIN, keys=watched.keys)
        assert head.size == size
        ((key, time_s),) = cosignature_lines(note, [watched.witness.key])
        assert key.name == NAME
        assert time_s > 0
        watched.node.run(*look)
    assert sizes == sorted(set(sizes))
    published = watched.witness.fetch(f"{origin_hash(ORIGIN)}/checkpoint")
    assert published.body.splitlines()[1] == str(sizes[-1]).encode()

    folder, policy = tmp_path / "log", tmp_path / "policy"
    watched.node.run("audit", "export", "--out", str(folder))
    lines = [f"log {key.to_text()}" for key in watched.keys]
    lines += [f"witness other {watched.witness.key.to_text()}", "quorum other", ""]
    policy.write_text("\n".join(lines))
    keys = tmp_path / "keys"
    keys.write_text("".join(f"{key.to_text()}\n" for key in watched.keys))
    done = run_unchecked(
        *("verify", str(folder), "--keys", str(keys), "--policy", str(policy)),
    )
    assert done.returncode == 0, done.stdout
    assert NAME in done.stdout
    # The witness's own people verify the same export, with their quorum of one.
    shown = run(
        *(sys.executable, "-m", "aics_tlog", "verify-checkpoint", "--quorum", "1"),
        *("--tiles", str(folder), "--log-key", watched.keys[0].to_text()),
        *("--witness-key", watched.witness.key.to_text()),
        env=python_tools(),
    )
    assert shown.returncode == 0, shown.stdout.decode()


def test_a_restarted_node_goes_on_where_the_witness_stands(watched: Watched) -> None:
    before, _ = cosigned(watched)
    watched.node.stop()
    watched.node.start()
    watched.node.run("audit", "tail")

    after, _ = cosigned(watched)

    assert after > before
    standing = watched.node.ask("audit", "witnesses")
    assert standing["quorum"] == 1
    covered = standing["covered_size"]
    assert isinstance(covered, int)
    assert covered >= after
