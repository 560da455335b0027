"""Definitions: exported, applied with a difference shown, and then there is none."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.admin import node_shapes, people_shapes, unit_shapes, view_shapes
from gateway.admin.webhook_shapes import Webhook, WebhookList
from gateway.cli.definitions import Change, changes, current, not_named
from gateway.cli.definitions_file import read, render
from gateway.cli.exits import ExitCode
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.core.operators import Role
from tests.support.admin_api import PT, AdminNode, admin_node
from tests.support.command_line import AT, PEER, run_at
from tests.support.scripted_api import Refused, ScriptedApi

T = TypeVar("T")

WANTED = f"""
[operators.caseworker]
roles = ["caseworker"]

[units.north]
name = "North"
members = ["caseworker"]
head = "caseworker"
[[units.north.substitutes]]
name = "approver"
stands_for = "caseworker"
first = "2026-11-01"
last = "2026-11-30"

[routing]
rules = [ {{ unit = "north", peers = ["{PT}"], urgencies = ["URGENT"] }} ]
default_unit = "north"

[peers."{PT}"]
paused = true
upload_hours = "20:00-06:00"
max_evidence_gib = 7
may_gossip = true

[views.held]
query = "state=held"
shared_with = "operator"
"""


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[AdminNode]:
    async with admin_node(tmp_path / "home") as made:
        yield made


async def at(node: AdminNode, act: Callable[[BlockingClient], T]) -> T:
    """Run something that blocks against a node of this loop."""
    client = BlockingClient(Endpoint(node.url, token=node.tokens["admin"]))
    return await asyncio.to_thread(act, client)


async def apply(node: AdminNode, file: Path) -> list[Change]:
    """Apply a file to a node; return what was to be changed."""
    wanted, problems = read(file)
    assert problems == []
    found = changes(wanted, await at(node, current))
    for change in found:
        for act in change.acts:
            await at(node, act)
    return found


async def test_what_was_exported_is_so_already(node: AdminNode, tmp_path: Path) -> None:
    have = await at(node, current)
    file = tmp_path / "all.toml"
    file.write_text(render(have))

    assert await apply(node, file) == []
    wanted, _ = read(file)
    assert wanted == {kind: there for kind, there in have.items() if there}
    assert not_named(wanted, have) == []
    for token in node.tokens.values():
        assert token not in file.read_text()


async def test_what_was_applied_is_so_and_the_rest_is_left(
    node: AdminNode, tmp_path: Path
) -> None:
    before = await at(node, current)
    file = tmp_path / "wanted.toml"
    file.write_text(WANTED)

    found = await apply(node, file)
    assert [change.path for change in found] == [
        *("units.north", "routing", f"peers.{PT}", "views.held"),
    ]
    lines = [line for change in found for line in change.lines()]
    assert "+ units.north" in lines
    assert f"~ peers.{PT}.paused: false -> true" in lines
    assert await apply(node, file) == []
    after = await at(node, current)
    assert after["operators"] == before["operators"]
    assert "operators.observer" in not_named(read(file)[0], after)

    # A unit keeps what the file does not name.
    file.write_text('[units.north]\nname = "Far north"\n')
    (change,) = await apply(node, file)
    assert list(change.lines()) == ['~ units.north.name: "North" -> "Far north"']
    unit = (await at(node, current))["units"]["north"]
    assert (unit["head"], unit["name"]) == ("caseworker", "Far north")


def test_a_file_is_read_strictly_with_places(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        "[operator.kask]\nroles = []\n[operators.saar]\nrole = 1\n"
        '[peers."moj.fr"]\npaused = "yes"\n[webhooks]\ncms = 1\n'
    )
    definitions, problems = read(file)
    assert definitions == {}
    told = [str(problem).removeprefix(str(file)) for problem in problems]
    assert told[0].startswith(":1: operator: no such kind")
    assert told[1].startswith(":3: operators.saar: ")
    assert told[2].startswith(":5: peers.moj.fr: ")
    assert told[3].startswith(":8: webhooks.cms: ") or ":7:" in told[3]
    file.write_text("[")
    assert "TOML" in str(read(file)[1][0])
    file.write_text("routing = 1\n")
    assert "expected a section" in str(read(file)[1][0])


@pytest.fixture
def scripted(api: ScriptedApi) -> ScriptedApi:
    kask = people_shapes.Operator(name="kask", roles=(Role.CASEWORKER,))
    api.answers |= {
        "list_operators": people_shapes.OperatorList(items=(kask,)),
        "list_units": unit_shapes.UnitList(),
        "list_peers": node_shapes.PeerList(items=(PEER,)),
        "list_views": view_shapes.SavedViewList(items=()),
        "list_webhooks": WebhookList(
            items=(
                Webhook(
                    name="cms",
                    url="https://cms.example.org",
                    state="active",
                    cursor=0,
                    waiting=0,
                    created_at=AT,
                ),
            )
        ),
        "set_roles": kask,
    }
    return api


def test_export_writes_toml_and_json(scripted: ScriptedApi, tmp_path: Path) -> None:
    printed = run_at(scripted, "definitions", "export")
    out = tmp_path / "definitions.toml"
    written = run_at(scripted, "definitions", "export", "--out", str(out))
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert out.read_text() == printed.stdout
    parsed = tomllib.loads(printed.stdout)
    assert parsed["operators"] == {"kask": {"roles": ["caseworker"]}}
    assert parsed["webhooks"]["cms"]["url"] == "https://cms.example.org"
    document = run_at(scripted, "definitions", "export", "--json").document()
    assert document["peers"] == parsed["peers"]


def test_apply_shows_and_does_and_says_what_is_left(
    scripted: ScriptedApi, tmp_path: Path
) -> None:
    file = tmp_path / "wanted.toml"
    file.write_text(
        '[operators.kask]\nroles = ["approver"]\n[peers."moj.pt"]\npaused = true\n'
        '[webhooks.cms]\nurl = "https://other.example.org"\n'
        '[webhooks.new]\nurl = "https://new.example.org"\n'
    )
    dry = run_at(scripted, "definitions", "apply", str(file), "--dry-run")
    assert dry.exit_code == ExitCode.DONE
    assert "set_roles" not in scripted.names()
    assert '~ operators.kask.roles: ["caseworker"] -> ["approver"]' in dry.stdout
    assert "by hand: trust it first: mla-gateway peer add" in dry.stdout
    assert "mla-gateway webhook add new https://new.example.org" in dry.stdout
    assert "left as it is: peers.moj.fr" in dry.stderr

    done = run_at(scripted, "definitions", "apply", str(file), "--json")
    assert done.exit_code == ExitCode.IN_PART
    assert scripted.names()[-1] == "set_roles"
    items = done.document()["changes"]
    assert isinstance(items, list)
    assert [one["outcome"] for one in items] == ["done", *["by-hand"] * 3]

    scripted.answers["set_roles"] = Refused("needs-approval", 403, "asked for")
    waits = run_at(scripted, "definitions", "apply", str(file))
    assert waits.exit_code == ExitCode.IN_PART
    assert "operators.kask: waits for a second person" in waits.stderr
    scripted.answers["set_roles"] = Refused("not-allowed", 403, "not you")
    refused = run_at(scripted, "definitions", "apply", str(file))
    assert "operators.kask: not-allowed: not you" in refused.stderr


def test_nothing_is_asked_for_what_is_so(scripted: ScriptedApi, tmp_path: Path) -> None:
    file = tmp_path / "wanted.toml"
    file.write_text('[operators.kask]\nroles = ["caseworker"]\n')
    done = run_at(scripted, "definitions", "apply", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "all is as the file says" in done.stderr
    file.write_text("[nothing]\n")
    bad = run_at(scripted, "definitions", "apply", str(file))
    assert bad.exit_code == ExitCode.FAILED
    assert "no such kind" in bad.stdout
