"""Running nodes find what was changed in their files, and say so."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from sqlite3 import Connection as Engine

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.client import calls, watch_calls
from gateway.config.reading import load_settings
from gateway.keystore.keyring import open_keyring
from gateway.storage.sqlite.connection import Role, connect
from tests.support.processes import RunningNode, request_form, running_pair, until


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, ...]]:
    with running_pair(tmp_path_factory.mktemp("monitors")) as nodes:
        yield nodes


def change_file(one: RunningNode, change: Callable[[Engine], object]) -> None:
    """Change a running node's database file as its administrator could."""
    settings = load_settings(one.node.home, {}).settings
    key = open_keyring(settings, {}).database_key.raw

    async def work() -> None:
        connection = await connect(settings.storage.path, key, Role.WRITER)
        try:
            await connection.run(change)
        finally:
            await connection.close()

    asyncio.run(work())


def command(one: RunningNode, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway", "--home", str(one.node.home), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def says(one: RunningNode, figure: str) -> bool:
    return figure.encode() in one.send(calls.metrics())


def submit(one: RunningNode, to: RunningNode) -> str:
    request = shapes.SubmitRequest(to=to.id, message=request_form())
    return one.send(calls.submit(request)).id


def test_a_running_node_names_what_was_changed_in_its_file(
    pair: tuple[RunningNode, ...],
) -> None:
    ee, pt = pair
    message_id = submit(ee, pt)
    until(lambda: ee.state(message_id) == "delivered", "delivery")
    until(lambda: ee.send(watch_calls.log_check()).whole_at != "", "a whole walk")
    sound = command(ee, "audit", "check")
    assert (sound.returncode, "SOUND" in sound.stdout) == (0, True)

    change_file(ee, lambda engine: engine.execute("UPDATE message SET seq = 99"))

    verified = command(ee, "audit", "verify", "--json")
    assert verified.returncode == 7
    (finding,) = json.loads(verified.stdout)["findings"]
    place = f"message {message_id}"
    assert (finding["code"], finding["place"]) == ("message-changed", place)
    # Whatever is logged about the message makes the monitor look at it, long before
    # it walks over everything again.
    request = opening_shapes.OpenRequest(purpose="answering the request")
    pt.send(calls.open_message(message_id, request))
    until(lambda: not ee.send(watch_calls.log_check()).sound, "the monitor's finding")
    found = command(ee, "audit", "check")
    assert (found.returncode, "message-changed" in found.stdout) == (7, True)
    assert b"mla_log_check_findings 1.0" in ee.send(calls.metrics())
    assert "log_check_failed" in ee.node.log_file.read_text()
    diagnosed = command(ee, "doctor")
    assert "message-changed" in diagnosed.stdout


def test_both_nodes_say_that_numbers_are_whole_and_nothing_is_owed(
    pair: tuple[RunningNode, ...],
) -> None:
    ee, pt = pair
    for one, peer in ((ee, pt), (pt, ee)):
        figure = f'mla_seq_holes{{peer="{peer.id}",side="sent"}} 0.0'
        until(partial(says, one, figure), "the peer's answer about numbers")
        listed = command(one, "audit", "owed", "--peer", peer.id, "--json")
        assert json.loads(listed.stdout) == {"items": []}
    assert command(ee, "audit", "owed", "--peer", "nobody.example").returncode == 3
