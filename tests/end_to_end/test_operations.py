"""Two real nodes under the hands of operators: maintenance, jobs, an incident."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.client import calls, job_calls
from tests.support.enrolled import EE, PT
from tests.support.processes import (
    RunningNode,
    running_pair,
    until,
    verify_inside,
)
from tests.support.proxy import Network

pytestmark = [pytest.mark.end_to_end, pytest.mark.long, pytest.mark.timeout(240)]

MANY = 40


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[RunningNode, RunningNode]]:
    with (
        tempfile.TemporaryDirectory(prefix="mla-test-operations-") as folder,
        running_pair(Path(folder)) as nodes,
    ):
        yield nodes


def list_of(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


def waits_for_maintenance(one: RunningNode, message_id: str) -> bool:
    shown = one.send(calls.show_message(message_id))
    return (shown.state, shown.last_code) == ("queued", "maintenance")


def test_peers_are_put_off_until_a_window_ends(
    two: tuple[RunningNode, RunningNode],
) -> None:
    ee, pt = two
    end = datetime.now(UTC) + timedelta(hours=1)
    ee.node.run(
        "maintenance", "start", "--until", f"{end:%Y-%m-%dT%H:%M}", "--reason", "disks"
    )
    theirs, ours = pt.submit(EE.id, "m-1"), ee.submit(PT.id, "m-2")
    until(lambda: waits_for_maintenance(pt, theirs), "the peer is told to come later")
    ee.kill()
    ee.start()
    assert ee.node.ask("maintenance", "show")["on"] is True
    assert ee.send(calls.readyz()).status == "maintenance"
    assert ee.send(calls.show_message(ours)).attempts == 0

    ee.node.run("maintenance", "stop")

    until(lambda: ee.state(ours) == "delivered", "what waited here goes")
    pt.node.run("retry", "--peer", EE.id)
    until(lambda: pt.state(theirs) == "delivered", "and what waited there comes")


def test_a_job_goes_on_after_a_crash(two: tuple[RunningNode, RunningNode]) -> None:
    ee, pt = two
    pt.proxy.become(Network.CUT)
    ids = {ee.submit(PT.id, f"j-{number}") for number in range(MANY)}
    chosen = ("--box", "out", "--state", "queued", "--peer", PT.id)
    preview = ee.node.ask("bulk", "preview", "other-channel", *chosen)
    assert preview["count"] == MANY
    job = ee.node.ask(
        "bulk",
        "run",
        "other-channel",
        *chosen,
        *("--digest", str(preview["digest"]), "--reason", "the line is down"),
        *("--reference", "courier bag 17"),
    )
    ee.kill()
    ee.start()

    number = int(str(job["id"]))

    def has_ended() -> bool:
        return bool(ee.send(job_calls.show_job(number)).ended_at)

    until(has_ended, "the job goes on")
    pt.proxy.become(Network.WHOLE)
    shown = ee.send(job_calls.show_job(number))
    assert (shown.state, shown.done, shown.failed) == ("done", MANY, 0)
    cancelled = {one.id for one in ee.messages("out", "cancelled")}
    assert cancelled == ids
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "sent-otherwise.json")
        ee.node.run(
            "export", "--code", "other-channel", "--format", "json", "--out", str(out)
        )
        assert {one["id"] for one in json.loads(out.read_bytes())} == ids
    assert verify_inside(ee)


def test_a_stopped_peer_is_let_in_again_by_two(
    two: tuple[RunningNode, RunningNode],
) -> None:
    ee, pt = two
    ee.node.run("peer", "incident", PT.id, "--reason", "their keys are stolen")
    late = pt.submit(EE.id, "i-1")
    until(lambda: waits_for_maintenance(pt, late), "the peer is told to come later")
    ee.node.run("peer", "resume", PT.id)
    pt.node.run("retry", "--peer", EE.id)
    until(lambda: pt.state(late) == "delivered", "what waited there comes")
    assert ee.send(calls.show_message(late)).suspect is None
    found = ee.node.ask("peer", "exchanged", PT.id)
    assert found["opened_here"] == 0
    assert [one["ended_by"] for one in list_of(found["incidents"])] == ["admin"]
