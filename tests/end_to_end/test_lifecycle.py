"""Holding, searching and erasing as people type it, with real processes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.stage import Node, run_unchecked
from tests.support.processes import plain_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(180)]

SAMPLE = Path(__file__).parents[2] / "config" / "sample-request.json"
GROUND = ("--basis", "retention-10y", "--reason", "end of the retention period")
SEARCH = ("subject", "search", "--surname", "mueller", "--forenames", "JURGEN")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """Two running nodes that have enrolled each other, with a second person each."""
    with plain_pair(tmp_path_factory.mktemp("lifecycle")) as nodes:
        for node in nodes:
            roles = ("--role", "security", "--role", "approver")
            node.run("operator", "add", "saar", *roles)
            token = ("--label", "t", "--out", str(node.home / "saar.token"))
            node.run("operator", "token", "saar", *token)
        yield nodes


def told(node: Node, *words: str, by: str = "") -> dict[str, object]:
    """Return the one JSON document that a command prints."""
    done = run_unchecked("--home", str(node.home), *_by(node, by), "--json", *words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def refused(node: Node, *words: str, by: str = "") -> str:
    done = run_unchecked("--home", str(node.home), *_by(node, by), *words)
    assert done.returncode != 0
    return done.stderr


def _by(node: Node, name: str) -> tuple[str, ...]:
    return ("--token-file", str(node.home / f"{name}.token")) if name else ()


def approved(node: Node, *words: str) -> dict[str, object]:
    """Return what a command prints once a second person has approved it."""
    said = refused(node, *words)
    asked = re.search(r"approve (\d+)", said)
    assert asked, said
    assert "approval" in refused(node, *words)
    told(node, "approve", asked[1], by="saar")
    return told(node, *words)


def items(found: dict[str, object], name: str = "items") -> list[dict[str, object]]:
    listed = found[name]
    assert isinstance(listed, list)
    return listed


def request_about(folder: Path, surname: str) -> Path:
    """Return a file with the sample request, about somebody else."""
    form = json.loads(SAMPLE.read_text("utf-8"))
    person = form["payload"]["persons"][0]
    person |= {"surname": surname, "forenames": "Jürgen", "birth_date": "1970-01-02"}
    path = folder / f"{surname}.json"
    path.write_text(json.dumps(form), "utf-8")
    return path


def exchanged(ee: Node, pt: Node, form: Path) -> str:
    """Send a message and open it there; return its id."""
    sent = told(ee, "send", "--to", "pgr.pt", "--message", str(form), "--wait")
    message_id = str(sent["id"])
    until(lambda: told(pt, "show", message_id).get("problems") == 0, "checked")
    told(pt, "open", message_id, "--purpose", "answering the request")
    return message_id


def test_what_is_held_is_not_erased_until_a_second_person_lifts_it(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt, request_about(pt.home, "Haamer"))
    held = told(
        pt,
        *("hold", "add", "--surname", "HAAMER", "--born", "1970"),
        *("--reason", "appeal is pending", "--review-on", "2099-01-01"),
    )
    assert (held["scope"], held["by"]) == ("person", "admin")
    said = refused(pt, "erase", message_id, *GROUND, "--yes")
    assert "on-legal-hold" in said
    assert "hold list" in said
    lift = ("hold", "lift", str(held["hold_id"]), "--reason", "the judgment is final")
    assert "another person" in refused(pt, *lift)
    told(pt, *lift, by="saar")
    assert items(told(pt, "hold", "list")) == []
    assert approved(pt, "erase", message_id, *GROUND, "--yes")["erased"] is True
    kinds = [one["kind"] for one in items(told(pt, "audit", "tail", "-n", "20"))]
    assert {"admin.hold", "admin.hold-lift"} <= set(kinds)


def test_a_person_is_searched_for_by_two_and_found_in_both_nodes(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt, request_about(pt.home, "Müller"))
    for node, box in ((ee, "out"), (pt, "in")):
        entered = told(node, "subject", "requests", "add", "access", "--reference", "7")
        words = (*SEARCH, "--request", str(entered["request_id"]))
        found = approved(node, *words)
        (candidate,) = items(found)
        assert (candidate["id"], candidate["box"]) == (message_id, box)
        assert candidate["agrees"] == ["name", "surname"]
        assert "ller" not in json.dumps(found)
        (looked,) = [
            one["disclosed"]
            for one in items(told(node, "audit", "tail", "-n", "9"))
            if one["index"] == found["index"]
        ]
        assert isinstance(looked, dict)
        assert looked["purpose"] == "SUBJECT_REQUEST"
        assert looked["query"] == f"subject {found['query']}"
        closed = ("subject", "requests", "close", str(entered["request_id"]))
        told(node, *closed, "--outcome", "granted", "--reason", "answered by letter")
    approved(pt, "erase", message_id, *GROUND, "--yes")
    again = told(pt, "subject", "requests", "add", "access", "--reference", "8")
    words = (*SEARCH, "--request", str(again["request_id"]))
    assert items(approved(pt, *words)) == []


def test_what_is_due_is_shown_erased_and_reported(pair: tuple[Node, Node]) -> None:
    ee, pt = pair
    ee.run("peer", "pause", "pgr.pt")
    form = ("--message", str(SAMPLE))
    draft = str(told(ee, "send", "--to", "pgr.pt", *form)["id"])
    told(ee, "cancel", draft, "--reason", "sent in error")
    ee.run("peer", "resume", "pgr.pt")
    assert items(told(ee, "retention", "preview")) == []
    (ahead,) = [
        one
        for one in items(told(ee, "retention", "preview", "--within", "90"))
        if draft in str(one["ids"])
    ]
    assert (ahead["rule"], ahead["then"], ahead["kept"]) == ("draft", "erase", {})
    nothing = told(ee, "retention", "run", "--reason", "period is over", "--yes")
    assert nothing["erased"] == 0
    case = str(ahead["case"])
    told(ee, "retention", "review", case, "--reason", "the trial is pending")
    assert "RET_REQ" in refused(ee, "retention", "confirm", case)
    table = items(told(pt, "retention", "rules"))
    assert {one["name"] for one in table if one["automatic"]} == {
        "withdrawn-data",
        "refused-information",
    }


def test_the_record_of_processing_can_be_checked_by_others(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    message_id = exchanged(ee, pt, SAMPLE)
    case = str(told(pt, "show", message_id)["case"])
    card, out = pt.home / "ours.card", pt.home
    pt.run("peer", "card", "--out", str(card))
    for name, only in (("all", ()), ("case", ("--case", case))):
        out = pt.home / f"led-{name}"
        period = ("--from", "2020-01-01", "--to", "2099-01-01")
        words = ("audit", "led-export", *period, "--reason", "DPA-4", "--out", str(out))
        done = told(pt, *words, *only)
        records = [
            json.loads(line) for line in (out / "led.jsonl").read_text().splitlines()
        ]
        assert len(records) == done["records"]
        (read,) = [
            one
            for one in records
            if one["kind"] == "msg.access" and one["msg_id"] == message_id
        ]
        assert read["op"] == "CONSULTATION"
        assert (read["actor_id"], read["result"]) == ("admin", "ALLOWED")
        assert read["justification"] == "answering the request"
        assert len((out / "led.csv").read_text().splitlines()) == len(records) + 1
        checked = told(pt, "verify", str(out / "log"), "--keys", str(card))
        assert checked["result"] == "ok"
        proofs = {one.name for one in (out / "log" / "proofs").iterdir()}
        assert proofs == {f"{one['log_seq']}.tlog-proof" for one in records}
        if only:
            assert {one.get("msg_id") for one in records} == {message_id}
    kinds = [one["kind"] for one in items(told(pt, "audit", "tail", "-n", "30"))]
    assert kinds.count("admin.led-export") == 2
    proof = next((out / "log" / "proofs").iterdir())
    lines = proof.read_text().splitlines()
    lines[1] = "extra " + lines[1].split()[1][::-1]
    proof.write_text("\n".join(lines))
    assert "FAILED" in refused_out(pt, "verify", str(out / "log"), "--keys", str(card))


def refused_out(node: Node, *words: str) -> str:
    done = run_unchecked("--home", str(node.home), *words)
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_accesses_at_night_are_put_before_somebody(pair: tuple[Node, Node]) -> None:
    ee, pt = pair
    exchanged(ee, pt, SAMPLE)
    period = ("--from", "2020-01-01", "--to", "2099-01-01")
    reasons = set[object]()
    for zone in ("UTC", "Etc/GMT-8", "Etc/GMT+8"):
        found = told(pt, "audit", "review", *period, "--zone", zone)
        reasons |= {one["reason"] for one in items(found)}
    # It is night in one of them at any time.
    assert "night-access" in reasons
    assert "one like Europe/Tallinn" in refused(
        pt, "audit", "review", *period, "--zone", "Mars/Base"
    )
