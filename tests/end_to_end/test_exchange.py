"""Two real processes exchange, fail, come back, and prove it."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.admin import opening_shapes
from gateway.client import calls
from gateway.core.errors import GatewayError, UnreachableError
from gateway.demo.stage import run_command, run_unchecked
from tests.support.processes import (
    Background,
    RunningNode,
    running_pair,
    until,
    verify_inside,
    verify_log,
)
from tests.support.proxy import Network

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

Pair = tuple[RunningNode, RunningNode]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as nodes:
        yield nodes


@pytest.fixture(autouse=True)
def whole_network(pair: Pair) -> Iterator[None]:
    yield
    for one in pair:
        one.proxy.become(Network.WHOLE)
        if one.node.process is None:
            one.start()


def opened(one: RunningNode, message_id: str) -> opening_shapes.Opened:
    return one.send(
        calls.open_message(
            message_id, opening_shapes.OpenRequest(purpose="test of the way")
        ),
    )


def test_a_request_is_delivered_opened_taken_and_proven(
    pair: Pair,
    tmp_path: Path,
) -> None:
    ee, pt = pair
    message_id = ee.submit(pt.id, "first")
    until(lambda: ee.state(message_id) == "delivered", "delivery")
    assert opened(pt, message_id).message["msg_id"] == message_id
    until(lambda: ee.state(message_id) == "opened", "the opening is told")
    assert pt.send(calls.confirm_message(message_id)).state == "handed_over"
    folder = tmp_path / "receipts"
    ee.node.run("receipt", message_id, "--out", str(folder))
    roles = {path.name.split("-")[0] for path in folder.glob("*.tlog-proof")}
    assert {"origin", "receipt", "opening"} <= roles
    cards = []
    for one in pair:
        card = tmp_path / f"{one.id}.card"
        one.node.run("peer", "card", "--out", str(card))
        cards += ["--keys", str(card)]
    for proof in folder.glob("*.tlog-proof"):
        run_command("verify", str(proof), *cards)
        proof.write_bytes(proof.read_bytes().replace(b"index ", b"index 1"))
        assert run_unchecked("verify", str(proof), *cards).returncode == 7


def test_a_cut_network_only_delays(pair: Pair) -> None:
    ee, pt = pair
    pt.proxy.become(Network.CUT)
    message_id = ee.submit(pt.id, "cut")
    time.sleep(1.5)
    assert ee.state(message_id) == "queued"
    pt.proxy.become(Network.WHOLE)
    until(lambda: ee.state(message_id) == "delivered", "delivery after the cut")


def test_lost_answers_make_no_second_message(pair: Pair) -> None:
    ee, pt = pair
    before = len(pt.messages("in"))
    pt.proxy.become(Network.LOSES_REPLIES)
    message_id = ee.submit(pt.id, "lost-answer")
    until(lambda: len(pt.messages("in")) == before + 1, "it arrives")
    time.sleep(1.0)
    assert ee.state(message_id) == "queued"
    pt.proxy.become(Network.WHOLE)
    until(lambda: ee.state(message_id) == "delivered", "the receipt")
    assert len(pt.messages("in")) == before + 1


def submit_until_accepted(one: RunningNode, to: str, key: str) -> str:
    """Submit as a patient system does: again, with the same key, until it answers."""
    while True:
        try:
            return one.submit(to, key)
        except UnreachableError:
            time.sleep(0.05)
        except GatewayError as error:
            if error.is_permanent:
                raise
            time.sleep(0.05)


def kill_and_restart(one: RunningNode, times: int, seed: int) -> None:
    """Kill a node at random moments."""
    chance = random.Random(seed)  # noqa: S311 - moments of a test
    for _ in range(times):
        time.sleep(chance.uniform(0.05, 0.9))
        one.kill()
        one.start()


@pytest.mark.parametrize("victim", [0, 1], ids=["sender", "receiver"])
def test_killing_a_node_at_any_moment_loses_and_doubles_nothing(
    pair: Pair,
    victim: int,
    tmp_path: Path,
) -> None:
    ee, pt = pair
    seed = time.time_ns() % 1_000_000
    print(f"seed {seed}")  # noqa: T201 - replays the run
    before = {message.id for message in pt.messages("in")}
    kills = 6
    killing = Background(lambda: kill_and_restart(pair[victim], kills, seed))
    accepted = [
        submit_until_accepted(ee, pt.id, f"kill-{seed}-{number}")
        for number in range(60)
    ]
    killing.join()
    again = [ee.submit(pt.id, f"kill-{seed}-{number}") for number in range(60)]
    assert again == accepted
    until(
        lambda: not ee.messages("out", "queued"),
        "everything is delivered",
        within_s=90,
    )
    arrived = [message.id for message in pt.messages("in")]
    lost = set(accepted) - set(arrived)
    doubled = len(arrived) - len(set(arrived))
    unexpected = set(arrived) - before - set(accepted)
    print(f"kills {kills} accepted {len(accepted)} lost {len(lost)} doubled {doubled}")  # noqa: T201 - figures
    assert (lost, doubled, unexpected) == (set(), 0, set())
    stats = ee.send(calls.stats())
    assert stats.balanced
    for one in pair:
        assert verify_inside(one)
        verify_log(one, tmp_path)
