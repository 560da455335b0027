"""A type that one file declares travels between two real nodes that both have it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.admin import opening_shapes
from gateway.client import calls, form_calls
from gateway.demo.stage import run_unchecked
from tests.support.national import NAME, TEXT, notary_form
from tests.support.processes import RunningNode, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[RunningNode, RunningNode]]:
    with running_pair(tmp_path / "pair") as nodes:
        yield nodes


def declare(one: RunningNode) -> None:
    """Put the declaration into a home and start its node again."""
    folder = one.node.home / "forms"
    folder.mkdir(mode=0o700)
    (folder / f"{NAME}.toml").write_text(TEXT, encoding="utf-8")
    one.node.stop()
    one.start()


def accepted(one: RunningNode) -> int:
    return one.send(calls.stats()).accepted


def test_one_file_makes_a_type_that_both_understand(
    pair: tuple[RunningNode, RunningNode], tmp_path: Path
) -> None:
    ee, pt = pair
    path = tmp_path / "extract.json"
    path.write_text(json.dumps(notary_form()), encoding="utf-8")
    send = ("--home", str(ee.node.home), "send", "--to", pt.id, "--message", str(path))

    # Nobody has it: the form is of no type.
    assert "not a type of this version" in run_unchecked(*send).stderr

    # The sender alone has it: refused before anything is logged.
    declare(ee)
    types = [one.type for one in ee.send(form_calls.list_schemas()).items]
    assert "X_EE_NOTARY" in types
    before = accepted(ee)
    refused = run_unchecked(*send, "--json")
    assert refused.returncode == 2
    (problem,) = json.loads(refused.stdout)["problems"]
    assert problem["pointer"] == "/msg_type"
    assert problem["code"] == "E_SCHEMA"
    assert accepted(ee) == before

    # Both have it, as soon as the sender holds the new card of the addressee.
    declare(pt)
    until(lambda: run_unchecked(*send).returncode == 0, "the type is understood")
    (sent,) = ee.messages("out")
    until(lambda: ee.state(sent.id) == "delivered", "delivery")
    request = opening_shapes.OpenRequest(purpose="test of a national type")
    opened = pt.send(calls.open_message(sent.id, request))
    assert opened.message["msg_type"] == "X_EE_NOTARY"
    assert opened.message["schema_version"] == "1.1"
    assert [one["name"] for one in opened.message["national"]] == [NAME]  # type: ignore[attr-defined]
    (arrived,) = pt.messages("in")
    until(lambda: pt.send(calls.show_message(arrived.id)).type != "", "the check")
    assert pt.send(calls.show_message(arrived.id)).problems == 0
