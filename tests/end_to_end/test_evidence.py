"""Evidence between real processes: sent, cut, killed, resumed, opened, proven."""

import json
import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.admin.node_shapes import PeerLimits
from gateway.client import calls
from gateway.core.errors import GatewayError
from gateway.demo.stage import PROGRAM, child_environment, run_command
from tests.support.evidence import request_with
from tests.support.processes import (
    RunningNode,
    running_pair,
    until,
    verify_inside,
    verify_log,
)
from tests.support.proxy import Network

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]

Pair = tuple[RunningNode, RunningNode]

MIB = 1024 * 1024
IN_FLIGHT_BYTES = 4 * 8 * MIB
# Handshakes, heads, announcements, and what encryption adds.
OVERHEAD_BYTES = 4 * MIB


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as nodes:
        yield nodes


@pytest.fixture(autouse=True)
def no_limits(pair: Pair) -> Iterator[None]:
    ee, pt = pair
    yield
    for one in pair:
        one.proxy.become(Network.WHOLE)
        if one.node.process is None:
            one.start()
    ee.send(calls.limit_peer(pt.id, PeerLimits(upload_kib_s=0)))


def made(folder: Path, name: str, size: int) -> Path:
    """Write a file that does not compress."""
    path = folder / name
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))
        file.write(os.urandom(size % MIB))
    return path


def send_words(to: str, message: Path, *files: Path) -> list[str]:
    message.write_text(json.dumps(request_with(*(file.name for file in files))))
    words = ["send", "--to", to, "--message", str(message)]
    for file in files:
        words += ["--attach", str(file)]
    return words


def in_background(one: RunningNode, *words: str) -> subprocess.Popen[str]:
    """Start a command of a node's user."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [*PROGRAM, "--home", str(one.node.home), "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=child_environment(),
    )


def answer_of(command: subprocess.Popen[str]) -> dict[str, object]:
    out, talk = command.communicate(timeout=120)
    assert command.returncode == 0, talk
    answer = json.loads(out)
    assert isinstance(answer, dict)
    return answer


def test_files_are_sent_opened_and_proven(pair: Pair, tmp_path: Path) -> None:
    ee, pt = pair
    files = [made(tmp_path, "ledger.csv", 70_001), made(tmp_path, "i.bin", 20 * MIB)]
    words = send_words(pt.id, tmp_path / "m.json", *files)
    sent = ee.node.ask(*words, "--wait", "60")
    assert sent["state"] in {"delivered", "opened"}
    message_id = str(sent["id"])
    out = tmp_path / "opened"
    pt.node.run("open", message_id, "--purpose", "test", "--out", str(out))
    for file in files:
        assert (out / file.name).read_bytes() == file.read_bytes()
    cards = []
    for one in pair:
        card = tmp_path / f"{one.id}.card"
        one.node.run("peer", "card", "--out", str(card))
        cards += ["--keys", str(card)]
    bundle = tmp_path / "dispute.zip"
    words = ["--manifest", str(out / "manifest.json"), "--out", str(bundle)]
    pt.node.run("evidence", message_id, *words)
    report = run_command("verify", str(bundle), *cards, "--attachments", str(out))
    assert "VERIFIED" in report
    until(
        lambda: all(
            file.state == "verified"
            for file in pt.send(calls.show_message(message_id)).evidence
        ),
        "the node's own check",
    )


def test_a_transfer_survives_kills_of_either_side_and_cuts(
    pair: Pair,
    tmp_path: Path,
) -> None:
    ee, pt = pair
    rng = random.Random(7)  # noqa: S311 - a schedule, not a secret
    size = 96 * MIB
    ee.send(calls.limit_peer(pt.id, PeerLimits(upload_kib_s=16 * 1024)))
    words = send_words(pt.id, tmp_path / "m.json", made(tmp_path, "disk.img", size))
    before = pt.proxy.carried_in
    message_id = str(ee.node.ask(*words)["id"])
    kills = 0
    for one in (pt, ee, pt, ee):
        time.sleep(rng.uniform(0.6, 1.2))
        one.kill()
        one.start()
        kills += 1
    pt.proxy.become(Network.CUT)
    pt.proxy.become(Network.WHOLE)
    ee.send(calls.limit_peer(pt.id, PeerLimits(upload_kib_s=0)))
    until(lambda: ee.state(message_id) == "delivered", "delivery", 90)
    sent_again = pt.proxy.carried_in - before - size
    print(f"cuts {kills + 1}, sent again {sent_again / MIB:.1f} MiB")  # noqa: T201 - a figure
    assert sent_again <= (kills + 1) * IN_FLIGHT_BYTES + OVERHEAD_BYTES
    out = tmp_path / "opened"
    pt.node.run("open", message_id, "--purpose", "test", "--out", str(out))
    assert (out / "disk.img").read_bytes() == (tmp_path / "disk.img").read_bytes()
    assert verify_inside(ee)
    assert verify_inside(pt)
    for one in pair:
        assert verify_log(one, tmp_path)["result"] == "ok"


def test_sending_in_survives_kills_of_the_node(pair: Pair, tmp_path: Path) -> None:
    ee, pt = pair
    file = made(tmp_path, "phone.img", 160 * MIB)
    words = send_words(pt.id, tmp_path / "m.json", file)
    command = in_background(ee, *words, "--idempotency-key", "phone", "--wait", "60")
    for _ in range(3):
        time.sleep(0.7)
        ee.kill()
        ee.start()
    sent = answer_of(command)
    again = ee.node.ask(*words, "--idempotency-key", "phone")
    assert again["id"] == sent["id"]
    message_id = str(sent["id"])
    until(lambda: ee.state(message_id) == "delivered", "delivery", 60)
    out = tmp_path / "opened"
    command = in_background(pt, "open", message_id, "--purpose", "t", "--out", str(out))
    time.sleep(0.6)
    pt.kill()
    pt.start()
    answer_of(command)
    assert (out / "phone.img").read_bytes() == file.read_bytes()


def test_what_was_half_sent_leaves_nothing_behind_but_its_own(pair: Pair) -> None:
    for one in pair:
        blobs = one.node.home / "data" / "blobs"
        one.kill()
        (blobs / ("0" * 32)).write_bytes(b"an orphan of a crash")
        one.start()
        assert not (blobs / ("0" * 32)).exists()


def test_a_sender_that_was_told_incomplete_sees_it(pair: Pair, tmp_path: Path) -> None:
    ee, pt = pair
    ee.send(calls.limit_peer(pt.id, PeerLimits(upload_kib_s=1024)))
    words = send_words(pt.id, tmp_path / "m.json", made(tmp_path, "a.img", 16 * MIB))
    message_id = str(ee.node.ask(*words)["id"])
    until(
        lambda: ee.send(calls.show_message(message_id)).last_code == "incomplete",
        "the answer",
    )
    until(lambda: _state(pt, message_id) == "pending", "it is pending there")
    shown = pt.send(calls.show_message(message_id))
    assert [file.state for file in shown.evidence] == ["coming"]
    assert shown.pending_until
    ee.send(calls.limit_peer(pt.id, PeerLimits(upload_kib_s=0)))
    until(lambda: ee.state(message_id) == "delivered", "delivery", 60)


def _state(one: RunningNode, message_id: str) -> str:
    try:
        return one.state(message_id)
    except GatewayError:
        return ""
