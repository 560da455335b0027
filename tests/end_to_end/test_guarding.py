"""A second person, a purpose and a recall between two real nodes, as people type it."""

import json
from pathlib import Path

import pytest

from gateway.admin.opening_shapes import OpenRequest
from gateway.client.calls import open_message, timeline
from gateway.core.errors import GatewayError
from gateway.demo.stage import run_unchecked
from tests.support.evidence import request_with
from tests.support.processes import (
    RunningNode,
    request_form,
    running_pair,
    until,
    verify_inside,
)

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def command(running: RunningNode, *words: str, token: str = "") -> dict[str, object]:
    by = ("--token-file", token) if token else ()
    home = ("--home", str(running.node.home))
    done = run_unchecked(*home, *by, "--json", *words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def refused(running: RunningNode, *words: str) -> str:
    done = run_unchecked("--home", str(running.node.home), *words)
    assert done.returncode != 0
    return done.stderr


def second_person(running: RunningNode) -> str:
    """Give a node another operator, who approves; return the file of the token."""
    token = str(running.node.home / "saar.token")
    running.node.run("operator", "add", "saar", "--role", "approver")
    running.node.run("operator", "token", "saar", "--label", "t", "--out", token)
    return token


def refused_for_intelligence(pt: RunningNode, message: str, out: str) -> None:
    with pytest.raises(GatewayError) as caught:
        pt.send(
            open_message(message, OpenRequest(purpose="looking", purpose_code="INTEL"))
        )
    assert caught.value.code == "E_PURPOSE"
    why = ("--purpose", "looking around", "--purpose-code", "INTEL", "--out", out)
    assert "another purpose needs a USE_REQ" in refused(pt, "open", message, *why)


def test_held_released_refused_and_recalled(tmp_path: Path) -> None:
    with running_pair(tmp_path) as (ee, pt):
        saar = second_person(ee)
        form = request_form() | {"handling": ["TLP:AMBER", "SOURCE_PROTECTED"]}
        message = ee.submit(pt.id, "marked", form)
        assert ee.state(message) == "held"
        items = command(ee, "approval", "list")["items"]
        assert isinstance(items, list)
        (approval,) = items
        assert (approval["kind"], approval["message"]) == ("release", message)
        number = str(approval["id"])
        assert "another person" in refused(ee, "approve", number)
        assert pt.messages("in") == []

        done = command(ee, "approve", number, token=saar)
        assert done["decided_by"] == "saar"
        until(lambda: ee.state(message) == "delivered", "it leaves")
        until(lambda: pt.messages("in", "received") != [], "it is there")

        out = str(tmp_path / "out")
        refused_for_intelligence(pt, message, out)
        assert pt.state(message) == "received"

        command(ee, "recall", message, "--reason", "sent to the wrong authority")
        until(lambda: "msg.restricted" in kinds(ee, message), "the other side tells it")
        told = run_unchecked("--home", str(ee.node.home), "timeline", message).stdout
        assert "not-opened" in told
        own = ("--purpose", "execution of the request", "--out", out)
        assert "approval" in refused(pt, "open", message, *own)
        redacted_and_shown(ee, pt, saar, tmp_path)
        assert verify_inside(ee)
        assert verify_inside(pt)


def redacted_and_shown(
    ee: RunningNode, pt: RunningNode, saar: str, folder: Path
) -> None:
    """Send a redacted copy, and let our node show what it was made of."""
    original, copy = folder / "original.txt", folder / "copy.txt"
    original.write_text("Miller paid Smith.\n")
    copy.write_text("[...] paid Smith.\n")
    record, form = str(folder / "record.json"), folder / "answer.json"
    form.write_text(json.dumps(request_with("copy.txt")))
    made = ("--reason", "SOURCE", "--rule", "names", "--by", "A. Tamm")
    files = (str(original), str(copy))
    told = command(ee, "redact", "record", *files, *made, "--out", record)
    sent = command(
        ee,
        *("send", "--to", pt.id, "--message", str(form), "--attach", str(copy)),
        *("--original", str(original), record),
    )
    message = str(sent["id"])
    command(ee, "approve", str(sent["approval"]), token=saar)
    until(lambda: ee.state(message) == "delivered", "the copy is there")
    until(lambda: pt.state(message) == "received", "it was looked at")

    came = str(folder / "came")
    why = ("--purpose", "execution of the request", "--out", came)
    opened = command(pt, "open", message, *why)
    assert [path.name for path in Path(came).glob("*.txt")] == ["copy.txt"]
    reference = told["redaction_ref"]
    assert isinstance(reference, dict)
    assert str(reference["commitment"]) in json.dumps(opened)
    assert "no sealed original" in refused(pt, "redact", "original", message, *why)
    shown_to_a_court(ee, pt, message, saar, folder)


def shown_to_a_court(
    ee: RunningNode, pt: RunningNode, message: str, saar: str, folder: Path
) -> None:
    """Fetch the original with a second person; it and the copy prove themselves."""
    shown, came = folder / "shown", folder / "came"
    why = ("--purpose", "order of the court", "--out", str(shown))
    assert "approval" in refused(ee, "redact", "original", message, *why)
    items = command(ee, "approval", "list", "--state", "waiting")["items"]
    assert isinstance(items, list)
    command(ee, "approve", str(items[0]["id"]), token=saar)
    home = ("--home", str(ee.node.home))
    done = run_unchecked(*home, "redact", "original", message, *why)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("VERIFIED: copy.txt (item ")
    # Whoever is given the three files needs no node.
    proof = str(shown / "original.txt.redaction.json")
    both = ("--original", str(shown / "original.txt"), "--copy", str(came / "copy.txt"))
    document = ("--message", str(came / "message.json"))
    assert command(pt, "redact", "verify", proof, *both, *document)["verified"]


def kinds(running: RunningNode, message: str) -> set[str]:
    return {entry.kind for entry in running.send(timeline(message)).steps}
