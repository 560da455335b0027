"""Removing for good, as an operator types it, with real processes."""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.assembly.storage import open_store
from gateway.config.reading import load_settings
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import UnixMs
from gateway.demo.stage import Node, run_unchecked
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring, open_keyring
from tests.support.pages import every_byte
from tests.support.processes import plain_pair

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(180)]

SAMPLE = Path(__file__).parents[2] / "config" / "sample-request.json"
WITHIN_S = 30.0
GROUND = ("--basis", "retention-10y", "--reason", "end of the retention period")
# Long before any machine that runs this: 2011.
LONG_AGO = UnixMs(1_300_000_000_000)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Two running nodes that have enrolled each other."""
    with plain_pair(tmp_path) as nodes:
        yield nodes


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.2)


def told(node: Node, *words: str) -> dict[str, object]:
    """Return the one JSON document that a command prints."""
    done = run_unchecked("--home", str(node.home), "--json", *words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def refused(node: Node, *words: str) -> tuple[int, str]:
    done = run_unchecked("--home", str(node.home), *words)
    return done.returncode, done.stderr


def keyring_of(node: Node) -> Keyring:
    settings = load_settings(node.home, os.environ).settings
    return open_keyring(settings, {})


def exchanged(ee: Node, pt: Node) -> str:
    """Send a message and open it there; return its id."""
    sent = told(ee, "send", "--to", "pgr.pt", "--message", str(SAMPLE), "--wait")
    message_id = str(sent["id"])
    until(lambda: told(pt, "show", message_id).get("problems") == 0, "checked")
    told(pt, "open", message_id, "--purpose", "answering the request")
    return message_id


def listed(node: Node, message_id: str, command: str, name: str) -> list[object]:
    """Return a list that a command prints of a message."""
    found = told(node, command, message_id)[name]
    assert isinstance(found, list)
    return found


def test_a_case_is_erased_and_its_proofs_are_not(pair: tuple[Node, Node]) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt)
    words = ("erase", "--case", str(told(pt, "show", message_id)["case"]), *GROUND)

    plan = told(pt, *words, "--dry-run")
    assert (plan["disclosures"], plan.get("erased", False)) == (1, False)
    assert told(pt, "show", message_id)["state"] == "opened"
    code, said = refused(pt, *words)
    assert (code, "--yes" in said) == (2, True)
    done = told(pt, *words, "--yes")

    assert (done["erased"], done["rings"]) == (True, 1)
    after = told(pt, "show", message_id)
    assert (after["state"], after["case"]) == ("erased", "")
    assert told(pt, "audit", "verify")["verified"] is True
    assert {
        "actor": "admin",
        "role": "caseworker",
        "purpose": "answering the request",
        "purpose_code": "INVESTIGATION",
    } in [one["disclosed"] for one in listed(pt, message_id, "timeline", "steps")]  # type: ignore[index]
    proven = [one["role"] for one in listed(pt, message_id, "receipt", "items")]  # type: ignore[index]
    assert {"origin", "receipt", "opening"} <= set(proven)
    assert refused(pt, "open", message_id, "--purpose", "again")[0] == 5
    bundle, card = pt.home / "bundle.zip", pt.home / "ours.card"
    pt.run("peer", "card", "--out", str(card))
    told(pt, "evidence", message_id, "--out", str(bundle))
    keys = ("--keys", str(card), "--keys", str(pt.home / "peer.card"))
    assert told(pt, "verify", str(bundle), *keys)["result"] == "ok"
    assert told(ee, "show", message_id)["state"] in {"delivered", "opened"}


def test_the_database_file_holds_nothing_of_it(pair: tuple[Node, Node]) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt)
    before = told(pt, "show", message_id)
    database = HomeLayout(pt.home).database
    backup = shutil.copytree(database.parent, pt.home.parent / "backup")
    values = [str(before[name]).encode() for name in ("case", "sender_ref")]
    key = keyring_of(pt).database_key.raw
    assert all(value in every_byte(backup / database.name, key) for value in values)

    told(pt, "erase", message_id, *GROUND, "--yes")

    until(lambda: "database_compacted" in pt.log_file.read_text(), "written anew")
    left = every_byte(database, key)
    assert [value for value in values if value in left] == []


def test_a_crash_right_after_the_commit_undoes_nothing(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt)
    told(pt, "erase", message_id, *GROUND, "--yes")
    process = pt.process
    assert process
    process.send_signal(signal.SIGKILL)
    process.wait()
    pt.settle()

    pt.start()

    assert told(pt, "show", message_id)["state"] == "erased"
    code, said = refused(pt, "erase", message_id, "--case", "x", *GROUND, "--yes")
    assert (code, "either" in said) == (2, True)
    sent = told(ee, "send", "--to", "pgr.pt", "--message", str(SAMPLE), "--wait")
    code, said = refused(pt, "erase", str(sent["id"]), *GROUND, "--yes")
    assert (code, "unopened" in said) == (5, True)


async def _log_what_people_did(node: Node) -> None:
    settings = load_settings(node.home, os.environ).settings
    act = Act("tamm", "observer", "looking").disclosures()
    drafts = [EntryDraft("msg.list", LONG_AGO, {"count": 1}, act) for _ in range(300)]
    async with open_store(settings, keyring_of(node)) as store:
        await store.append(drafts)


def check_export(node: Node) -> None:
    """Export a pruned log, and let the verifier look at what is left."""
    card, export = node.home / "ours.card", node.home.parent / "export"
    node.run("peer", "card", "--out", str(card))
    told(node, "audit", "export", "--out", str(export))
    assert told(node, "verify", str(export), "--keys", str(card))["result"] == "ok"
    assert not (export / "tile" / "entries" / "000").exists()
    assert (export / "tile" / "0" / "000").exists()


def test_an_old_log_is_pruned_and_everything_else_goes_on(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt)
    pt.stop()
    asyncio.run(_log_what_people_did(pt))
    pt.start()
    told(pt, "audit", "round")
    assert refused(pt, "audit", "prune", "--below", "300", *GROUND[:2], "--yes")[0] == 2
    words = ("audit", "prune", "--below", "256", *GROUND)
    plan = told(pt, *words, "--dry-run")
    assert int(str(plan["entries"])) > 200

    done = told(pt, *words, "--yes")

    assert (done["pruned"], done["minimum"]) == (True, 256)
    assert refused(pt, *words, "--yes")[0] == 5
    verified = told(pt, "audit", "verify")
    assert (verified["verified"], verified["pruned"]) == (True, plan["entries"])
    assert told(pt, "audit", "checkpoint")["minimum"] == 256
    pt.stop()
    pt.start()
    again = exchanged(ee, pt)
    assert told(ee, "show", again)["state"] in {"delivered", "opened"}
    proven = [one["role"] for one in listed(pt, message_id, "receipt", "items")]  # type: ignore[index]
    assert {"origin", "receipt"} <= set(proven)
    check_export(pt)
    shown = told(pt, "audit", "show", "0")
    assert shown["kind"] == "log.init"
    assert shown["leaf"]
