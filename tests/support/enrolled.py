"""Homes of two authorities that have enrolled each other, made once and copied.

Making keys, starting two nodes and enrolling them takes longer than most tests; so each
worker does it once, and every test works on a copy of its own.
"""

import contextlib
import shutil
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from gateway.demo.stage import Authority, Node, free_ports
from tests.support.proxy import Proxy

EE = Authority("moj.ee", "EE", "Ministry of Justice")
PT = Authority("pgr.pt", "PT", "Procuradoria")


@dataclass(frozen=True, slots=True)
class Home:
    """A home and the ports it was made for.

    Attributes:
        peer_port: The one on the card, where peers ask.
        listen_port: Where the node itself listens for peers.
    """

    authority: Authority
    path: Path
    peer_port: int
    listen_port: int
    admin_port: int


Homes: TypeAlias = tuple[Home, Home]


@dataclass(slots=True, eq=False)
class _Original:
    """Two homes that nobody works on, and whether a copy of them is at work."""

    homes: Homes
    folder: tempfile.TemporaryDirectory[str] = field(repr=False)
    is_taken: bool = False

    def is_free(self) -> bool:
        """Tell whether a copy could listen now."""
        return not self.is_taken and all(
            _is_free(port)
            for home in self.homes
            for port in (home.peer_port, home.listen_port, home.admin_port)
        )


_ORIGINALS: list[_Original] = []


@contextmanager
def enrolled_homes(folder: Path) -> Iterator[Homes]:
    """Give two homes in `folder` whose nodes are not running."""
    original = next((one for one in _ORIGINALS if one.is_free()), None)
    if original is None:
        original = _make()
        _ORIGINALS.append(original)
    first, second = original.homes
    original.is_taken = True
    try:
        yield _copied(first, folder), _copied(second, folder)
    finally:
        original.is_taken = False


def _copied(home: Home, folder: Path) -> Home:
    path = folder / home.path.name
    shutil.copytree(home.path, path, symlinks=True)
    return replace(home, path=path)


def _make() -> _Original:
    folder = tempfile.TemporaryDirectory(prefix="mla-homes-")
    ports = free_ports(6)
    homes = (
        Home(EE, Path(folder.name) / "ee", *ports[:3]),
        Home(PT, Path(folder.name) / "pt", *ports[3:]),
    )
    first, second = nodes = tuple(
        Node(home.authority, home.path, home.peer_port, home.admin_port)
        for home in homes
    )
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        for home in homes:
            stack.callback(Proxy(home.listen_port, home.peer_port).close)
        list(
            pool.map(
                lambda node, home: node.init(peer_listen_port=home.listen_port),
                nodes,
                homes,
            ),
        )
        for node in nodes:
            stack.callback(node.stop)
        list(pool.map(Node.start, nodes))
        list(pool.map(_enrol, (first, second), (second, first)))
    return _Original(homes, folder)


def _enrol(node: Node, peer: Node) -> None:
    card = node.home / "peer.card"
    peer.run("peer", "card", "--out", str(card))
    fingerprint = str(peer.ask("peer", "fingerprint")["fingerprint"])
    node.run("peer", "add", str(card), "--fingerprint", fingerprint)


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False
