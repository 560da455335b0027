"""S4: durable accept at the admin API beside a bare aiohttp server given the same POST.

Both are asked by the same program over plain HTTP on loopback, as the admin API is by
default, in turns. The peer of the node is away while accepting is measured, so that
nothing else is done for the messages; with the peer there is a figure of its own.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks.figures import Figure, Setting
from benchmarks.forms import small_request
from benchmarks.neighbours import cpu_s, neighbours, post, processes_of, token
from benchmarks.post_load import Load, Loaded
from gateway.admin.route import PREFIX
from gateway.demo.stage import Node

_PATH = f"{PREFIX}/messages"
_CLIENTS = 64
_BARE_FACTOR = 4  # so much more may be posted to the bare server in about the time
_GOAL_RATIO, _GOAL_MS = 0.25, 8.0


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield accepts a second, as a ratio, and the time one client alone waits."""
    rounds, requests, alone = (3, 300, 100) if setting.is_quick else (7, 1500, 500)
    with neighbours(setting.folder) as (node, peer), _bare() as bare_port:
        desk = _Desk(node)
        desk.submit(_CLIENTS, requests)
        beside = [desk.submit(_CLIENTS, requests)]
        peer.stop()
        bare, accepted, cpu_ms = [], [], []
        for _ in range(rounds):
            bare.append(_rate(desk.post_bare(bare_port, _BARE_FACTOR * requests)))
            before_s = cpu_s(processes_of(node))
            accepted.append(_rate(desk.submit(_CLIENTS, requests)))
            used_s = cpu_s(processes_of(node)) - before_s
            cpu_ms.append(used_s * 1000 / requests)
        one = desk.submit(1, alone)
    yield Figure(
        scenario="L",
        name="bare_posts",
        what="bare aiohttp server: POST of the same bytes, 64 clients",
        value=statistics.median(bare),
        unit="/s",
    )
    yield Figure(
        scenario="S4",
        name="accept_to_bare_post",
        what="durable accept at the API, 64 clients, beside the bare server",
        value=statistics.median(
            ours / limit for ours, limit in zip(accepted, bare, strict=True)
        ),
        unit="ratio",
        goal=_GOAL_RATIO,
        context={
            "accepts_per_s": statistics.median(accepted),
            "node_cpu_ms": statistics.median(cpu_ms),
            "accepts_per_s_while_delivering": _rate(beside[0]),
        },
    )
    yield Figure(
        scenario="S4",
        name="accept_alone",
        what="durable accept at the API, one client, median",
        value=statistics.median(one.times_ms),
        unit="ms",
        goal=_GOAL_MS,
        is_at_most=True,
        context={"p99_ms": one.times_ms[len(one.times_ms) * 99 // 100]},
    )


class _Desk:
    """Posts the same message again and again, each time as another one."""

    def __init__(self, node: Node) -> None:
        request = {"to": "pgr.pt", "message": small_request()}
        self._body = msgspec.json.encode(request).decode()
        self._node = node
        self._posted = 0

    def submit(self, clients: int, requests: int) -> Loaded:
        """Submit messages to the node."""
        return self._post(self._node.admin_port, token(self._node), clients, requests)

    def post_bare(self, port: int, requests: int) -> Loaded:
        """Post as many to the bare server."""
        return self._post(port, token(self._node), _CLIENTS, requests)

    def _post(self, port: int, bearer: str, clients: int, requests: int) -> Loaded:
        first, self._posted = self._posted, self._posted + requests
        return post(
            Load(
                port=port,
                path=_PATH,
                body=self._body,
                clients=clients,
                requests=requests,
                token=bearer,
                first_key=first,
                status=202,
            ),
        )


def _rate(loaded: Loaded) -> float:
    return len(loaded.times_ms) / loaded.seconds


@contextmanager
def _bare() -> Iterator[int]:
    """Run the bare server; give its port."""
    words = [sys.executable, "-m", "benchmarks.bare_server"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own program
        try:
            yield int(server.stdout.readline() if server.stdout else "")
        finally:
            server.kill()
