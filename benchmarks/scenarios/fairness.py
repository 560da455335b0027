"""S12: how long messages with one peer take while another peer is dead or floods.

Node A exchanges single messages with B, in both directions. Beside it a third peer C
is dead (it accepts connections and never answers, with messages for it waiting), or
floods A with full batches of good messages, with batches of which one item is a lie, or
with garbage on every connection it may have.

The quick form takes too few samples for a 99th of a hundred: its worst one stands for
it, and is held against no goal.
"""

import itertools
import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Setting
from benchmarks.forms import small_request
from benchmarks.neighbours import api, neighbours
from benchmarks.unkind import Flood, Flooder, flooding_peer
from gateway.admin import shapes
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.core.values import AuthorityId
from gateway.demo.stage import Authority, Node, free_ports
from tests.support.proxy import Network, Proxy

GOAL = 2.0
_FR = Authority("min.fr", "FR", "Ministère de la Justice")
_WAITING_FOR_THE_DEAD = 20
_WITHIN_S = 90.0
_LOOK_EVERY_S = 0.3
_EVERY_S = 0.1
_PERCENT = 99
_NEWEST = 500


@dataclass(frozen=True, slots=True)
class _Amounts:
    probes: int
    flood: int


_WHOLE = _Amounts(probes=200, flood=20_000)
_QUICK = _Amounts(probes=12, flood=1_000)


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield, for each kind of unkind peer, the others' p99 ÷ theirs alone."""
    amounts = _QUICK if setting.is_quick else _WHOLE
    home = setting.folder / "home"
    home.mkdir()
    with neighbours(home) as (ours, other), _unkind_peer(home, ours) as unkind:
        lane = _Lane(ours, other, amounts.probes)
        lane.probe()  # everything is warm now
        # Not after the floods: what they leave behind would count as quiet.
        quiet = lane.probe() + lane.probe()
        beside: dict[str, tuple[list[float], int]] = {}
        _queue_for_the_dead(ours, unkind)
        beside["dead"] = lane.probe(), _WAITING_FOR_THE_DEAD
        setting.tell(f"queueing {amounts.flood:,} messages at the flooding peer")
        target = AuthorityId(ours.authority.id)
        with flooding_peer(unkind.home, target, amounts.flood) as flooder:
            for flood in Flood:
                beside[flood.value] = _flooded(lane, flooder, flood)
                _until_validated(api(ours))
    for name, (took, sent) in beside.items():
        yield Figure(
            scenario="S12",
            name=f"fairness_{name}",
            what=f"p99 of a message beside a peer ({_SAYING[name]}) ÷ alone",
            value=_p99(took) / _p99(quiet),
            unit="ratio",
            goal=None if setting.is_quick else GOAL,
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
        client, began = api(sender), {}
        for _ in range(self._probes):
            asked_at, asked = datetime.now(UTC), time.monotonic()
            began[_send(client, recipient)] = asked_at
            time.sleep(max(_EVERY_S - (time.monotonic() - asked), 0.0))
        ended = _until_delivered(client, began)
        return [(ended[one] - began[one]).total_seconds() for one in began]


def _until_validated(client: BlockingClient) -> None:
    """Wait until what the flood has left behind is done."""
    query = shapes.MessageQuery(box="in", limit=_NEWEST)
    end = time.monotonic() + _WITHIN_S
    while not all(one.type for one in client.send(calls.list_messages(query)).items):
        if time.monotonic() > end:
            raise TimeoutError("what the flood brought was not validated in time")
        time.sleep(_LOOK_EVERY_S)


def _flooded(lane: _Lane, flooder: Flooder, flood: Flood) -> tuple[list[float], int]:
    flooder.begin(flood)
    took = lane.probe()
    return took, flooder.end()


def _queue_for_the_dead(ours: Node, dead: Node) -> None:
    for _ in range(_WAITING_FOR_THE_DEAD):
        _send(api(ours), dead)


def _send(client: BlockingClient, to: Node) -> str:
    request = shapes.SubmitRequest(to=to.authority.id, message={**small_request()})
    return client.send(calls.submit(request)).id


@contextmanager
def _unkind_peer(folder: Path, ours: Node) -> Iterator[Node]:
    """Give the home of a peer that has met ours, and whose address is a black hole."""
    peer_port, admin_port = free_ports(2)
    line = Proxy(peer_port)
    unkind = Node(_FR, folder / "fr", line.port, admin_port)
    try:
        unkind.init(peer_listen_port=peer_port)
        unkind.start()
        _enrol(folder, ours, unkind)
        # Whom a node has not met since its start is called back before it is believed.
        client = api(ours)
        _until_delivered(client, [_send(client, unkind)])
        unkind.stop()
        line.become(Network.SILENT)
        yield unkind
    finally:
        line.close()
        unkind.stop()


def _enrol(folder: Path, ours: Node, unkind: Node) -> None:
    for one, peer in ((ours, unkind), (unkind, ours)):
        card = folder / f"{peer.authority.id}.card"
        peer.run("peer", "card", "--out", str(card))
        fingerprint = str(peer.ask("peer", "fingerprint")["fingerprint"])
        one.run("peer", "add", str(card), "--fingerprint", fingerprint)


def _until_delivered(
    client: BlockingClient,
    ids: Collection[str],
) -> dict[str, datetime]:
    """Return when each of some of the newest messages had its receipt stored."""
    query = shapes.MessageQuery(box="out", state="delivered", limit=_NEWEST)
    end = time.monotonic() + _WITHIN_S
    while time.monotonic() < end:
        rows = client.send(calls.list_messages(query)).items
        ended = {one.id: datetime.fromisoformat(one.updated_at) for one in rows}
        if ended.keys() >= set(ids):
            return ended
        time.sleep(_LOOK_EVERY_S)
    raise TimeoutError(f"not all messages were delivered within {_WITHIN_S:g} s")


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * _PERCENT // 100]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
