"""Two nodes as their users run them, side by side, with nothing between them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.post_load import Load, Loaded
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.demo.stage import Authority, Node, child_environment, free_ports

EE = Authority("moj.ee", "EE", "Ministry of Justice")
PT = Authority("pgr.pt", "PT", "Procuradoria")

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def neighbours(folder: Path, *, requests_per_s: int = 10_000) -> Iterator[list[Node]]:
    """Give two nodes that have enrolled each other and are running.

    Args:
        folder: Where their homes are made.
        requests_per_s: What one account may ask of either.
    """
    ports = free_ports(4)
    nodes = [
        Node(EE, folder / "ee", ports[0], ports[1]),
        Node(PT, folder / "pt", ports[2], ports[3]),
    ]
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda node: _begin(node, requests_per_s), nodes))
            list(pool.map(_enrol, nodes, reversed(nodes)))
        yield nodes
    finally:
        for node in nodes:
            node.stop()


def _begin(node: Node, requests_per_s: int) -> None:
    node.init()
    configuration = node.home / "gateway.toml"
    text = configuration.read_text(encoding="utf-8")
    text = text.replace("[admin]\n", f"[admin]\nrequests_per_s = {requests_per_s}\n")
    configuration.write_text(text, encoding="utf-8")
    node.start()


def _enrol(node: Node, peer: Node) -> None:
    card = node.home / "peer.card"
    peer.run("peer", "card", "--out", str(card))
    fingerprint = str(peer.ask("peer", "fingerprint")["fingerprint"])
    node.run("peer", "add", str(card), "--fingerprint", fingerprint)


def token(node: Node) -> str:
    """Return the token of a node's first operator."""
    return (node.home / "operators" / "admin.token").read_text().strip()


def api(node: Node) -> BlockingClient:
    """Return a client of a node's admin API, as the first operator."""
    return BlockingClient(
        Endpoint(url=f"http://127.0.0.1:{node.admin_port}", token=token(node)),
    )


def post(load: Load) -> Loaded:
    """Post bodies from a process of its own.

    Raises:
        subprocess.CalledProcessError: An answer was not the expected one.
    """
    words = [sys.executable, "-m", "benchmarks.post_load"]
    done = subprocess.run(  # noqa: S603 - our own program
        words,
        input=msgspec.json.encode(load),
        stdout=subprocess.PIPE,
        check=True,
        env=child_environment(),
    )
    return msgspec.json.decode(done.stdout, type=Loaded)


def processes_of(node: Node) -> list[int]:
    """Return the process of a running node and all below it."""
    if node.process is None:
        raise ValueError("the node does not run")
    found = [node.process.pid]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text().split()
            found.extend(map(int, children))
    return found


def cpu_s(pids: Sequence[int]) -> float:
    """Return the seconds of processor time that processes have used."""
    ticks = 0
    for pid in pids:
        # The name in brackets may hold anything; the figures follow it.
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(rest[11]) + int(rest[12])
    return ticks / _TICKS_PER_S


def resident_bytes(pids: Sequence[int]) -> int:
    """Return the memory that processes hold, shared pages counted in each."""
    pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in pids]
    return sum(map(int, pages)) * _PAGE_BYTES
