"""Two real processes cosign each other's logs; an outside witness does too."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateway.admin.node_shapes import EntriesQuery
from gateway.admin.witness_shapes import RoundsQuery
from gateway.client import calls
from gateway.core.identity import parse_card, verify_card
from gateway.core.translog.checkpoint import (
    Ed25519Cosigner,
    verify_checkpoint,
    verify_cosignatures,
)
from gateway.core.translog.witness import parse_add_checkpoint
from gateway.demo.stage import run_unchecked
from tests.support.processes import RunningNode, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

Pair = tuple[RunningNode, RunningNode]
OUTSIDE = Ed25519Cosigner("university.example/witness", b"\7" * 32)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("witnesses")) as nodes:
        yield nodes


class University(BaseHTTPRequestHandler):
    """A witness with a key of its own and no memory: enough to be asked once."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = parse_add_checkpoint(body)
        line = OUTSIDE.cosign(request.checkpoint, time_s=1_700_000_000).line()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(line.encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def university() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), University)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_round_is_cosigned_by_a_peer_and_by_an_outside_witness(
    pair: Pair,
    university: str,
) -> None:
    ee, pt = pair
    entry = f"{university} {OUTSIDE.key.to_text()}"
    settings = ee.node.home / "gateway.toml"
    text = settings.read_text()
    ee.node.stop()
    chosen = f'[log]\nquorum = 2\nwitnesses = ["{pt.id}", "{entry}"]\n'
    settings.write_text(text.replace("[log]\n", chosen, 1))
    ee.start()
    message_id = ee.submit(pt.id, "cosigned")
    until(lambda: ee.state(message_id) == "delivered", "delivery")
    until(
        lambda: all(one.size for one in ee.send(calls.witnesses()).items),
        "both witnesses have cosigned",
    )

    done = run_unchecked("--home", str(ee.node.home), "--json", "audit", "witnesses")
    shown = json.loads(done.stdout)
    assert {one["name"] for one in shown["items"]} == {
        f"{pt.id}/witness",
        OUTSIDE.key.name,
    }
    assert shown["covered_size"] > 0
    newest = ee.send(calls.rounds(RoundsQuery())).items[-1]
    note = newest.note.encode()
    cards = {}
    for one in (ee, pt):
        raw = base64.b64decode(one.send(calls.own_card()).card)
        cards[one.id] = verify_card(raw, stage=parse_card(raw).card.stage)
    ours, theirs = cards[ee.id], cards[pt.id]
    verify_checkpoint(note, origin=ours.log_origin, keys=ours.log_keys)
    keys = (*theirs.statement.witness_keys, OUTSIDE.key)
    assert verify_cosignatures(note, keys).keys() == {
        f"{pt.id}/witness",
        OUTSIDE.key.name,
    }
    logged = [
        one.kind
        for one in pt.send(
            calls.log_entries(EntriesQuery(start=0, limit=500)),
        ).items
    ]
    assert "wit.cosign" in logged


def test_a_peer_is_told_what_it_may_see_of_logs(pair: Pair) -> None:
    ee, pt = pair
    home = ("--home", str(ee.node.home))
    done = run_unchecked(*home, "peer", "log-policy", pt.id, "--monitor", "--gossip")
    assert done.returncode == 0
    assert "tells of third logs: yes" in done.stderr
    shown = ee.send(calls.show_peer(pt.id))
    assert (shown.may_monitor, shown.may_gossip) == (True, True)
    nothing = run_unchecked(*home, "peer", "log-policy", pt.id)
    assert nothing.returncode == 2
    conflicts = run_unchecked(*home, "--json", "audit", "conflicts")
    assert json.loads(conflicts.stdout) == {"items": []}
