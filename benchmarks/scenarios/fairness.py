"""S12: how long messages with one peer take while another peer is dead or floods.

Node A exchanges single messages with B, in both directions. Beside it a third peer C is
dead (it accepts connections and never answers, with messages for it waiting), or floods A
with full batches of good messages, with batches of which one item is a lie, or with
garbage on every connection it may have.
"""

import itertools
import statistics
import time
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Setting
from benchmarks.forms import small_request
from benchmarks.unkind import Flood, Flooder, flooding_peer
from gateway.admin import shapes
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.core.errors import QuotaError
from gateway.core.values import AuthorityId
from gateway.demo.stage import Authority, Node, free_ports
from tests.support.proxy import Network, Proxy

GOAL = 2.0
_AUTHORITIES = (
    Authority("moj.ee", "EE", "Ministry of Justice"),
    Authority("pgr.pt", "PT", "Procuradoria"),
    Authority("min.fr", "FR", "Ministère de la Justice"),
)
_WAITING_FOR_THE_DEAD = 20
_WITHIN_S = 30
# An account of the API may make 20 requests a second.
_EVERY_S = 0.06
_PERCENT = 99
_NEWEST = 500


@dataclass(frozen=True, slots=True)
class _Amounts:
    probes: int
    flood: int


_WHOLE = _Amounts(probes=200, flood=20_000)
_QUICK = _Amounts(probes=30, flood=2_000)


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield, for each kind of unkind peer, the others' p99 ÷ theirs alone."""
    amounts = _QUICK if setting.is_quick else _WHOLE
    with _three_nodes(setting.folder) as (ours, other, unkind):
        alone = _Lane(ours, other, amounts.probes)
        alone.probe()
        beside: dict[str, tuple[list[float], int]] = {}
        _queue_for_the_dead(ours, unkind)
        beside["dead"] = alone.probe(), _WAITING_FOR_THE_DEAD
        setting.tell(f"queueing {amounts.flood:,} messages at the flooding peer")
        with flooding_peer(
            unkind.home, AuthorityId(ours.authority.id), amounts.flood
        ) as flooder:
            before = alone.probe()
            for flood in Flood:
                beside[flood.value] = _flooded(alone, flooder, flood)
            after = alone.probe()
    quiet = [*before, *after]
    for name, (took, sent) in beside.items():
        yield Figure(
            scenario="S12",
            name=f"fairness_{name}",
            what=f"p99 of a message beside a peer ({_SAYING[name]}) ÷ alone",
            value=_p99(took) / _p99(quiet),
            unit="ratio",
            goal=GOAL,
            is_at_most=True,
            context={
                "alone_p50_ms": _ms(statistics.median(quiet)),
                "alone_p99_ms": _ms(_p99(quiet)),
                "p50_ms": _ms(statistics.median(took)),
                "p99_ms": _ms(_p99(took)),
                "samples": len(took),
                "sent_by_it": sent,
            },
        )


_SAYING = {
    "dead": "dead",
    "messages": "flooding with messages",
    "lies": "flooding with false items",
    "garbage": "flooding with garbage",
}


class _Lane:
    """Single messages between two nodes, in both directions at once."""

    def __init__(self, one: Node, other: Node, probes: int) -> None:
        self._ends = ((one, other), (other, one))
        self._probes = probes

    def probe(self) -> list[float]:
        """Return seconds from submitting a message to its verified receipt."""
        with ThreadPoolExecutor(len(self._ends)) as pool:
            return list(itertools.chain(*pool.map(self._one_way, self._ends)))

    def _one_way(self, way: tuple[Node, Node]) -> list[float]:
        sender, recipient = way
        client, began = _client(sender), {}
        for _ in range(self._probes):
            asked_at, asked = datetime.now(UTC), time.perf_counter()
            began[_send(client, recipient).id] = asked_at
            time.sleep(max(_EVERY_S - (time.perf_counter() - asked), 0.0))
        end = time.monotonic() + _WITHIN_S
        while len(ended := _delivered(client, began)) < len(began):
            if time.monotonic() > end:
                raise TimeoutError("a message was not delivered")
            time.sleep(1.0)
        return [(ended[one] - began[one]).total_seconds() for one in began]


def _delivered(client: BlockingClient, ids: Container[str]) -> dict[str, datetime]:
    """Return when each of the newest messages had its receipt stored."""
    query = shapes.MessageQuery(box="out", state="delivered", limit=_NEWEST)
    page = client.send(calls.list_messages(query))
    return {
        one.id: datetime.fromisoformat(one.updated_at)
        for one in page.items
        if one.id in ids
    }


def _flooded(lane: _Lane, flooder: Flooder, flood: Flood) -> tuple[list[float], int]:
    flooder.begin(flood)
    took = lane.probe()
    return took, flooder.end()


def _queue_for_the_dead(ours: Node, dead: Node) -> None:
    client = _client(ours)
    for _ in range(_WAITING_FOR_THE_DEAD):
        _send(client, dead)


def _send(client: BlockingClient, to: Node) -> shapes.Submitted:
    request = shapes.SubmitRequest(to=to.authority.id, message=small_request())
    while True:
        try:
            return client.send(calls.submit(request))
        except QuotaError:
            time.sleep(_EVERY_S)


def _client(node: Node) -> BlockingClient:
    token = (node.home / "operators" / "admin.token").read_text().strip()
    return BlockingClient(
        Endpoint(url=f"http://127.0.0.1:{node.admin_port}", token=token),
    )


@contextmanager
def _three_nodes(folder: Path) -> Iterator[tuple[Node, Node, Node]]:
    """Give two nodes that run, and the home of a third that is a black hole."""
    ports = free_ports(2 * len(_AUTHORITIES))
    nodes = [
        Node(authority, folder / authority.country, *ports[2 * number :][:2])
        for number, authority in enumerate(_AUTHORITIES)
    ]
    ours, other, unkind = nodes
    listens_at, line = unkind.peer_port, Proxy(unkind.peer_port)
    unkind.peer_port = line.port
    try:
        ours.init()
        other.init()
        unkind.init(peer_listen_port=listens_at)
        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(Node.start, nodes))
        _enrol(folder, ours, other, unkind)
        # Whom a node has not met since its start is called back before it is believed.
        _meet(ours, unkind)
        unkind.stop()
        line.become(Network.SILENT)
        yield ours, other, unkind
    finally:
        line.close()
        for node in nodes:
            node.stop()


def _enrol(folder: Path, ours: Node, *others: Node) -> None:
    our_card = _card(ours, folder)
    for peer in others:
        for one, card in ((ours, _card(peer, folder)), (peer, our_card)):
            one.run("peer", "add", card[0], "--fingerprint", card[1])


def _meet(one: Node, peer: Node) -> None:
    client = _client(one)
    met = [_send(client, peer).id]
    end = time.monotonic() + _WITHIN_S
    while not _delivered(client, met):
        if time.monotonic() > end:
            raise TimeoutError("the first message was not delivered")
        time.sleep(_EVERY_S)


def _card(node: Node, folder: Path) -> tuple[str, str]:
    path = str(folder / f"{node.authority.id}.card")
    node.run("peer", "card", "--out", path)
    return path, str(node.ask("peer", "fingerprint")["fingerprint"])


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * _PERCENT // 100]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
