"""An old backup put back under a real node: noticed, survived, mended."""

import json
import shutil
from pathlib import Path
from typing import cast

import pytest

from gateway.admin import shapes
from gateway.client import calls
from gateway.core.errors import MaintenanceError
from gateway.demo.stage import run_command, run_unchecked
from tests.support.processes import (
    RunningNode,
    running_pair,
    until,
    verify_inside,
    verify_log,
)

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

Report = dict[str, object]


def database(node: RunningNode) -> Path:
    """Return the database file of a node."""
    return node.node.home / "data" / "gateway.db"


def put_back(node: RunningNode, copy: Path) -> None:
    """Replace the database of a stopped node, as a restored backup would."""
    for suffix in ("", "-wal", "-shm"):
        database(node).with_name(f"gateway.db{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, database(node))


def recover(node: RunningNode, *words: str) -> Report:
    """Run `recover` on the home of a stopped node."""
    home = ("--home", str(node.node.home), "--json")
    return cast("Report", json.loads(run_command(*home, "recover", *words)))


def refused(node: RunningNode, *words: str) -> str:
    """Run `recover`, which has to fail; return what it says."""
    done = run_unchecked("--home", str(node.node.home), "recover", *words)
    assert done.returncode != 0, done.stdout
    return done.stderr


def delivered(sender: RunningNode, to: RunningNode, key: str) -> str:
    """Send a message and wait until it has arrived; return its id."""
    sent = sender.submit(to.id, key)
    until(lambda: sender.state(sent) in {"delivered", "opened"}, f"{key} delivered")
    return sent


def set_back(ee: RunningNode, pt: RunningNode, folder: Path) -> tuple[str, str]:
    """Exchange, take a copy, exchange more, export, put the copy back.

    Returns the two messages that the copy does not have: ours and theirs.
    """
    delivered(ee, pt, "before")
    ee.node.stop()
    shutil.copy(database(ee), folder / "old.db")
    ee.start()
    ours = delivered(ee, pt, "ours")
    theirs = delivered(pt, ee, "theirs")
    ee.node.run("audit", "export", "--out", str(folder / "kept"))
    ee.node.stop()
    put_back(ee, folder / "old.db")
    return ours, theirs


def try_again(sender: RunningNode, to: RunningNode) -> None:
    """Let a node try at once what waits for a peer."""
    sender.send(calls.retry_messages(shapes.RetryRequest(peer=to.id)))


def releases_nothing(ee: RunningNode, pt: RunningNode) -> tuple[str, str]:
    """Show that a node takes messages, says what is wrong, and releases nothing.

    Returns a message of its own and one of the peer's that wait.
    """
    linked = pt.send(calls.show_peer(ee.id)).peer_log_size
    assert ee.send(calls.readyz()).status == "recovery"
    with pytest.raises(MaintenanceError, match="nothing is signed until"):
        ee.send(calls.log_checkpoint())
    ours = ee.submit(pt.id, "meanwhile")
    theirs = pt.submit(ee.id, "waiting")
    try_again(pt, ee)
    until(
        lambda: pt.send(calls.show_message(theirs)).last_code == "maintenance",
        "the peer is put off",
    )
    assert (ee.state(ours), pt.state(theirs)) == ("queued", "queued")
    assert pt.send(calls.show_peer(ee.id)).peer_log_size == linked
    checks = {one.name: one for one in ee.send(calls.diagnostics()).checks}
    assert checks["log"].level == "fail"
    assert "is not the one that was signed before" in checks["log"].text
    assert b"mla_log_recovery 1.0" in ee.send(calls.metrics())
    return ours, theirs


def mend(ee: RunningNode, pt: RunningNode, folder: Path) -> set[str]:
    """Put the end of the log back; return the messages that are gone."""
    missing = cast("list[Report]", recover(ee, "--status")["missing"])
    assert {one["held_by"] for one in missing} == {"mark", pt.id}
    assert "ROLLBACK" in refused(ee, "--tail", str(folder / "too-short"))
    done = recover(ee, "--tail", str(folder / "kept"))
    assert "nothing to put back" in refused(ee, "--tail", str(folder / "kept"))
    lost = cast("list[Report]", done["lost"])
    return {str(one["id"]) for one in lost}


def test_a_restored_backup_is_noticed_and_mended(tmp_path: Path) -> None:
    with running_pair(tmp_path) as (ee, pt):
        ee.node.run("audit", "export", "--out", str(tmp_path / "too-short"))
        gone = set_back(ee, pt, tmp_path)
        ee.start()
        ours, theirs = releases_nothing(ee, pt)
        assert "another node runs" in refused(ee, "--status")
        ee.kill()
        assert mend(ee, pt, tmp_path) == set(gone)
        ee.start()
        assert ee.send(calls.readyz()).status == "ready"
        until(lambda: ee.state(ours) == "delivered", "what was kept is delivered")
        try_again(pt, ee)
        until(lambda: pt.state(theirs) == "delivered", "what waited is delivered")
        assert pt.send(calls.show_peer(ee.id)).missing == ()
        assert verify_inside(ee)
        assert verify_log(ee, tmp_path)["result"] == "ok"
