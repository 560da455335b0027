"""An emergency between two real nodes: alarm, person on call, program, deadlines."""

import json
from pathlib import Path

import pytest

from gateway.admin.node_shapes import EntriesQuery
from gateway.client.calls import log_entries
from gateway.demo.stage import run_unchecked
from tests.support.desks import emergency_request
from tests.support.processes import RunningNode, running_pair, until, verify_inside

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

ROSTER = """
[[person]]
name = "admin"
contact = "+351 555 0001"
"""


def command(running: RunningNode, *words: str) -> dict[str, object]:
    done = run_unchecked("--home", str(running.node.home), *words, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def items(running: RunningNode, *words: str) -> list[dict[str, object]]:
    found = command(running, *words)["items"]
    assert isinstance(found, list)
    return found


def _with_desk(running: RunningNode, folder: Path) -> Path:
    """Give a node a roster and a program; return the file that the program writes."""
    told = folder / "told"
    program = folder / "notify"
    program.write_text(f'#!/bin/sh\ncat >> "{told}"\necho >> "{told}"\n')
    program.chmod(0o700)
    home = running.node.home
    (home / "roster.toml").write_text(ROSTER)
    config = home / "gateway.toml"
    line = f'notify = ["{program}"]\n'
    text = config.read_text().replace("[desk]\n", f"[desk]\n{line}", 1)
    assert line in text
    config.write_text(text)
    return told


def _each_step_is_logged(running: RunningNode) -> None:
    page = running.send(log_entries(EntriesQuery(limit=500)))
    kinds = {entry.kind for entry in page.items}
    assert kinds >= {
        "admin.alarm-raise",
        "admin.alarm-ask",
        "admin.alarm-claim",
        "admin.alarm-resolve",
    }
    assert verify_inside(running)


def test_an_emergency_reaches_a_person_on_call(tmp_path: Path) -> None:
    with running_pair(tmp_path) as (ee, pt):
        pt.kill()
        told = _with_desk(pt, tmp_path)
        pt.start()
        message = ee.submit(pt.id, "emergency", dict(emergency_request()))
        until(lambda: pt.messages("in", "received") != [], "it arrives")
        until(told.exists, "the program is run")
        until(lambda: told.read_text().endswith("}\n"), "and gets all of it")

        object_ = json.loads(told.read_text().splitlines()[0])
        assert (object_["kind"], object_["peer"]) == ("emergency", ee.id)
        assert object_["person"] == {"name": "admin", "contact": "+351 555 0001"}
        assert message not in told.read_text()

        (alarm,) = items(pt, "alarm", "list", "--kind", "emergency")
        assert (alarm["kind"], alarm["message"]) == ("emergency", message)
        assert alarm["person"] == "admin"
        due = {one["rule"]: one for one in items(pt, "deadline", "list")}
        assert due["D27.emergency"]["ours"] is True

        doctor = run_unchecked("--home", str(pt.node.home), "doctor")
        assert "ok    on call: 1 person(s), told by a program" in doctor.stdout

        # Killed and started again, it knows who was asked.
        pt.kill()
        pt.start()
        number = str(alarm["alarm"])
        assert command(pt, "alarm", "claim", number)["claimed_by"] == "admin"
        done = command(pt, "alarm", "resolve", number, "--reason", "called them")
        assert done["outcome"] == "done"
        assert items(pt, "alarm", "list", "--kind", "emergency") == []
        # The day that the sample gives has passed, which is an alarm of its own.
        kinds_told = [json.loads(one)["kind"] for one in told.read_text().splitlines()]
        assert kinds_told.count("emergency") == 1
        _each_step_is_logged(pt)
