"""An old backup put back under a real node: noticed, survived, mended."""

import json
import shutil
from pathlib import Path
from typing import cast

import pytest

from gateway.admin import opening_shapes, shapes
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

pytestmark = [pytest.mark.end_to_end, pytest.mark.long, pytest.mark.timeout(240)]

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


def set_back(ee: RunningNode, pt: RunningNode, folder: Path) -> tuple[str, str, str]:
    """Exchange, take a copy, exchange more, export, put the copy back.

    Returns a message that the copy has, and the two that it does not: ours and theirs.
    """
    before = delivered(ee, pt, "before")
    ee.node.stop()
    shutil.copy(database(ee), folder / "old.db")
    ee.start()
    ours = delivered(ee, pt, "ours")
    theirs = delivered(pt, ee, "theirs")
    pt.node.stop()  # so that nothing is signed after what is exported
    ee.node.run("audit", "round")
    ee.node.run("audit", "export", "--out", str(folder / "kept"))
    ee.node.stop()
    pt.start()
    put_back(ee, folder / "old.db")
    return before, ours, theirs


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
    for one in ee.messages("out", "delivered"):
        # What was signed before still proves what was delivered before.
        roles = {proof.role for proof in ee.send(calls.receipts(one.id)).items}
        assert roles >= {"origin", "receipt"}
        ee.send(calls.evidence(one.id))
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
        _, *gone = set_back(ee, pt, tmp_path)
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


def begin_anew(ee: RunningNode, folder: Path) -> Report:
    """Begin a new log on a stopped node; return what the command says."""
    request, statement = str(folder / "request"), str(folder / "statement")
    root = str(ee.node.home / "keys" / "root")
    asked = recover(ee, "--new-epoch", "--out", request)
    assert asked["log"] == f"{ee.id}/audit/2"
    run_command("root", "sign", request, "--keys", root, "--out", statement)
    done = recover(ee, "--new-epoch", "--statement", statement)
    again = recover(ee, "--new-epoch", "--statement", statement)
    assert "proofs" not in again
    return done


def card_of(node: RunningNode, path: Path) -> Path:
    """Write the present card of a node."""
    node.node.run("peer", "card", "--out", str(path))
    return path


def verified(evidence: Path, *cards: Path) -> str:
    """Verify evidence under cards, which has to hold; return what is said of it."""
    keys = [word for card in cards for word in ("--keys", str(card))]
    return run_command("verify", str(evidence), *keys)


def evidence_of(
    node: RunningNode,
    message_id: str,
    folder: Path,
    *cards: Path,
) -> str:
    """Return what verifying a node's bundle about a message says."""
    bundle = folder / f"{node.id}-{message_id}.zip"
    node.node.run("evidence", message_id, "--out", str(bundle))
    return verified(bundle, *cards)


def proofs_hold(
    ee: RunningNode, message_id: str, folder: Path, *cards: Path
) -> set[str]:
    """Verify all proofs of a message; return of which logs they are."""
    ee.node.run("receipt", message_id, "--out", str(folder))
    keys = [word for card in cards for word in ("--keys", str(card))]
    logs = set()
    for proof in folder.glob("*.tlog-proof"):
        report = json.loads(run_command("--json", "verify", str(proof), *keys))
        assert report["result"] == "ok"
        logs.add(str(report["leaf"]["log"]))
    return logs


def opens_under_the_new_log(
    ee: RunningNode,
    pt: RunningNode,
    message_id: str,
    folder: Path,
) -> None:
    """Open a message of the old log; both sides can prove it, under both logs."""
    ee.send(
        calls.open_message(
            message_id, opening_shapes.OpenRequest(purpose="test of the way")
        ),
    )
    until(lambda: pt.state(message_id) == "opened", "the opening is told")
    cards = [card_of(one, folder / f"{one.id}.new-card") for one in (ee, pt)]
    old = folder / f"{ee.id}.old-card"
    for one in (ee, pt):
        told = evidence_of(one, message_id, folder, *cards, old)
        assert f"{ee.id} logged having had this envelope" in told
        assert f"{ee.id} logged having opened it for a person" in told


def test_where_the_end_is_lost_a_new_log_begins(tmp_path: Path) -> None:
    with running_pair(tmp_path) as (ee, pt):
        cards = [card_of(one, tmp_path / f"{one.id}.old-card") for one in (ee, pt)]
        received = delivered(pt, ee, "received")
        before, *_ = set_back(ee, pt, tmp_path)
        ee.start()
        ours, theirs = releases_nothing(ee, pt)
        ee.node.stop()
        begun = begin_anew(ee, tmp_path)
        assert begun["carried"] == 2
        ee.start()
        assert ee.send(calls.readyz()).status == "ready"
        until(lambda: ee.state(ours) == "delivered", "what was kept is delivered")
        until(
            lambda: pt.send(calls.show_peer(ee.id)).peer_log_size < 20,
            "the peer follows the new log",
        )
        try_again(pt, ee)
        until(lambda: pt.state(theirs) == "delivered", "what waited is delivered")
        levels = {one.name: one.level for one in pt.send(calls.diagnostics()).checks}
        assert levels[f"peer {ee.id}"] != "fail"
        logs = proofs_hold(ee, before, tmp_path / "receipts", *cards)
        assert logs == {f"{ee.id}/audit/1", f"{pt.id}/audit/1"}
        told = evidence_of(ee, before, tmp_path, *cards)
        assert f"{pt.id} logged having had this envelope" in told
        assert "taken it over from its log before" in told
        opens_under_the_new_log(ee, pt, received, tmp_path)
        assert verify_inside(ee)
        assert verify_log(ee, tmp_path)["result"] == "ok"
        ee.node.stop()
        past = tmp_path / "past"
        recover(ee, "--past", "1", "--out", str(past))
        assert 'actor="admin"' in verified(past, cards[0])
