"""What a newcomer and an operator type, with real processes: journeys and mistakes."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from gateway.demo.stage import (
    PROGRAM,
    Authority,
    Node,
    child_environment,
    free_ports,
    run_unchecked,
)
from gateway.keystore.example_keys import copy_example_keys
from gateway.keystore.home import HomeLayout

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "config" / "sample-request.json"
EE = Authority("moj.ee", "EE", "Ministry of Justice")
PT = Authority("pgr.pt", "PT", "Procuradoria")
WITHIN_S = 15.0

Spoil = Callable[[HomeLayout], None]


def command(node: Node, *words: str) -> CompletedProcess[str]:
    return run_unchecked("--home", str(node.home), *words)


def sentence(done: CompletedProcess[str], exit_code: int) -> str:
    """Return what a command that failed as it should told about it."""
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr
    assert "\nError: " in "\n" + done.stderr
    return done.stderr.removeprefix("Error: ").rstrip()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.1)


def logged(node: Node, event: str) -> int:
    return node.log_file.read_text().count(f'"event":"{event}"')


def kill(node: Node, number: signal.Signals) -> int:
    """Send a signal that ends the node; return the exit code."""
    process = node.process
    assert process is not None
    process.send_signal(number)
    code = process.wait(WITHIN_S)
    node.settle()
    return code


def enrol(node: Node, peer: Node) -> None:
    card = node.home / f"{peer.authority.id}.card"
    if not card.exists():
        peer.run("peer", "card", "--out", str(card))
    fingerprint = peer.run("peer", "fingerprint")
    node.run("peer", "add", str(card), "--fingerprint", fingerprint)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """Two running nodes that have enrolled each other."""
    folder = tmp_path_factory.mktemp("command-line")
    ports = free_ports(4)
    ee, pt = nodes = (
        Node(EE, folder / "ee", ports[0], ports[1]),
        Node(PT, folder / "pt", ports[2], ports[3]),
    )
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Node.init, nodes))
            list(pool.map(Node.start, nodes))
        enrol(ee, pt)
        enrol(pt, ee)
        yield nodes
    finally:
        for node in nodes:
            node.stop()


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was made and never started."""
    peer_port, admin_port = free_ports(2)
    folder = tmp_path_factory.mktemp("made") / "home"
    node = Node(EE, folder, peer_port, admin_port)
    node.init()
    return node.home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> HomeLayout:
    """A copy of it to be spoilt; its settings say where the copy lies."""
    layout = HomeLayout(Path(shutil.copytree(made_home, tmp_path / "home")))
    text = layout.config.read_text()
    layout.config.write_text(text.replace(str(made_home), str(layout.folder)))
    return layout


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _readable_key(home: HomeLayout) -> None:
    (home.keys.folder / "log-ed25519.key").chmod(0o644)


def _writable_settings(home: HomeLayout) -> None:
    home.config.chmod(0o666)


def _unknown_key(home: HomeLayout) -> None:
    _edit(home.config, "[peer]", "[peer]\ncolour = 1")


def _repeated_key(home: HomeLayout) -> None:
    _edit(home.config, 'stage = "test"', 'stage = "test"\nstage = "test"')


def _wrong_type(home: HomeLayout) -> None:
    _edit(home.config, 'country = "EE"', "country = 3")


def _edited_operator(home: HomeLayout) -> None:
    _edit(home.operators / "admin.toml", '"auditor", ', "")


def _added_peer(home: HomeLayout) -> None:
    path = home.peers / "moj.fr.toml"
    path.write_text("is_paused = false\n")
    path.chmod(0o600)


def _wrong_passphrase(home: HomeLayout) -> None:
    home.keys.passphrase.write_text("wrong\n")


def _missing_statement(home: HomeLayout) -> None:
    home.keys.statement.unlink()


def _example_keys_in_production(home: HomeLayout) -> None:
    shutil.rmtree(home.keys.folder)
    copy_example_keys(ROOT / "keys.example" / "alfa.example", home.keys)
    _edit(home.config, 'id = "moj.ee"', 'id = "alfa.example"')
    _edit(home.config, 'stage = "test"', 'stage = "production"')


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_readable_key, r"log-ed25519\.key: .*run: chmod go="),
        (_writable_settings, r"gateway\.toml: .*run: chmod go-w"),
        (_unknown_key, r"gateway\.toml:\d+: peer\.colour: no such key"),
        (_repeated_key, r"gateway\.toml:\d+: .*overwrite"),
        (_wrong_type, r"gateway\.toml:\d+: authority\.country: .*expected text"),
        (_edited_operator, r"operators/admin\.toml: .*mla-gateway operator"),
        (_added_peer, r"peers/moj\.fr\.toml: .*mla-gateway peer"),
        (_wrong_passphrase, r"passphrase is wrong"),
        (_missing_statement, r"statement\.tlog-proof: "),
        (_example_keys_in_production, r"example"),
    ],
)
def test_a_start_that_is_not_safe_is_refused_with_the_remedy(
    home: HomeLayout,
    spoil: Spoil,
    told: str,
) -> None:
    spoil(home)

    done = run_unchecked("--home", str(home.folder), "serve")

    assert re.search(told, sentence(done, 1))
    assert not done.stdout


def test_a_taken_port_is_named(home: HomeLayout) -> None:
    listen = re.search(r'listen = "127\.0\.0\.1:(\d+)"', home.config.read_text())
    assert listen
    with socket.create_server(("127.0.0.1", int(listen[1]))):
        done = run_unchecked("--home", str(home.folder), "serve")

    assert f"port {listen[1]}" in sentence(done, 1)


def test_init_touches_no_folder_that_has_something_in_it(home: HomeLayout) -> None:
    words = ("--authority", "moj.ee", "--country", "EE", "--name", "Ministry")
    url = ("--url", "https://127.0.0.1:8443")
    before = sorted(home.folder.rglob("*"))

    done = run_unchecked("init", str(home.folder), *words, *url)

    assert "not empty" in sentence(done, 1)
    assert sorted(home.folder.rglob("*")) == before


def test_a_node_that_is_not_running_is_told_with_the_way_to_start_it(
    home: HomeLayout,
) -> None:
    words = ("send", "--to", "pgr.pt", "--message", str(SAMPLE))

    done = run_unchecked("--home", str(home.folder), *words)

    told = sentence(done, 6)
    assert f"`mla-gateway --home {home.folder} serve`" in told
    assert "--idempotency-key" in told


def test_mistakes_at_a_running_node_have_their_exit_codes(
    pair: tuple[Node, Node],
    tmp_path: Path,
) -> None:
    ee, pt = pair
    form = tmp_path / "form.json"
    document = json.loads(SAMPLE.read_text())
    document["payload"]["needed_by"] = "2026-13-01"
    form.write_text(json.dumps(document))
    unknown = "019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"
    token = str(pt.home / "operators" / "admin.token")
    send = ("send", "--message", str(form), "--to")

    assert "--token-file" in sentence(command(ee, "--token-file", token, "list"), 4)
    assert unknown in sentence(command(ee, "show", unknown), 3)
    assert "peer add" in sentence(command(ee, *send, "moj.fr"), 3)
    assert sentence(command(ee, *send, "pgr.pt"), 2).splitlines()[1] == (
        "  /payload/needed_by: not of the form, expected a date like 2026-11-21 "
        "[E_SCHEMA]"
    )
    assert "stop that one" in sentence(command(ee, "serve"), 1)


def test_a_peer_is_not_added_with_another_fingerprint(pair: tuple[Node, Node]) -> None:
    ee, pt = pair
    card = str(ee.home / "pgr.pt.card")
    ee.run("peer", "remove", "pgr.pt")

    wrong = command(ee, "peer", "add", card, "--fingerprint", "ab" * 32)
    none = command(ee, "peer", "add", card)
    enrol(ee, pt)

    assert "not the card" in sentence(wrong, 7)
    assert "--fingerprint" in sentence(none, 2)
    assert ee.ask("peer", "ping", "pgr.pt")["peer"] == "pgr.pt"


def test_nothing_accepted_is_lost_when_both_nodes_are_killed(
    pair: tuple[Node, Node],
) -> None:
    ee, pt = pair
    kill(pt, signal.SIGKILL)
    try:
        words = ("send", "--to", "pgr.pt", "--message", str(SAMPLE), "--wait", "1")
        sent = command(ee, *words)
        kill(ee, signal.SIGKILL)
        ee.start()
    finally:
        pt.start()
    message_id = sent.stdout.strip()
    command(ee, "retry", message_id)

    assert sent.returncode == 8, sent.stderr
    until(
        lambda: ee.ask("show", message_id)["state"] == "delivered",
        "the delivery of what was accepted before the kill",
    )
    assert pt.ask("show", message_id)["state"] == "received"


def test_trust_changed_by_hand_is_refused_while_running_and_at_the_next_start(
    pair: tuple[Node, Node],
) -> None:
    ee, _ = pair
    policy = ee.home / "peers" / "pgr.pt.toml"
    before = policy.read_text()
    refused, reloaded = logged(ee, "reload_refused"), logged(ee, "trust_reloaded")
    process = ee.process
    assert process is not None
    try:
        _edit(policy, "is_paused = false", "is_paused = true")
        process.send_signal(signal.SIGHUP)
        until(lambda: logged(ee, "reload_refused") > refused, "the refusal")
        assert not ee.ask("peer", "show", "pgr.pt")["paused"]
        assert kill(ee, signal.SIGTERM) == 0
        told = sentence(command(ee, "serve"), 1)
    finally:
        policy.write_text(before)
        if ee.process is None:
            ee.start()

    assert str(policy) in told
    assert "mla-gateway peer" in told
    assert ee.process is not None
    ee.process.send_signal(signal.SIGHUP)
    until(lambda: logged(ee, "trust_reloaded") > reloaded, "the reload")


def test_a_statement_signed_offline_reaches_the_peer(
    pair: tuple[Node, Node],
    tmp_path: Path,
) -> None:
    ee, pt = pair
    safe = Path(shutil.move(HomeLayout(ee.home).keys.root.folder, tmp_path / "safe"))
    request, statement = tmp_path / "request", tmp_path / "statement"
    before = int(str(pt.ask("peer", "show", EE.id)["card_number"]))

    ee.run("keys", "request", "--out", str(request))
    sign = ("root", "sign", str(request), "--keys", str(safe))
    assert run_unchecked(*sign, "--out", str(statement)).returncode == 0
    stranger = sentence(command(pt, "keys", "statement", str(statement)), 1)
    assert ee.ask("keys", "statement", str(statement)) == {"number": 2}
    again = sentence(command(ee, "keys", "statement", str(statement)), 1)
    ee.stop()
    ee.start()

    until(
        lambda: pt.ask("peer", "show", EE.id)["card_number"] == before + 1,
        "the peer takes the new card",
    )
    assert "root" in stranger
    assert "expected more than 2" in again
    assert "vouches for the rest: statement 2" in ee.run("keys", "list")


def test_the_five_minutes_of_the_readme_work_as_written(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    by_hand = readme.partition("## Five minutes by hand")[2].partition("\n## ")[0]
    _, *blocks = re.findall(r"```console\n(.*?)```", by_hand, re.DOTALL)
    ready = "until mla-gateway --home $home stats; do sleep 0.2; done"
    wait = f"for home in ee pt; do {ready}; done >/dev/null 2>&1"
    script = "\n".join(["set -euo pipefail", blocks[0], wait, *blocks[1:]])
    for port, free in zip((8443, 8444, 9443, 9444), free_ports(4), strict=True):
        script = script.replace(f":{port}", f":{free}")
    folder, programs = tmp_path / "work", tmp_path / "programs"
    shutil.copytree(ROOT / "config", folder / "config")
    programs.mkdir()
    program = programs / "mla-gateway"
    program.write_text(f'#!/bin/sh\nexec "{PROGRAM[0]}" {" ".join(PROGRAM[1:])} "$@"\n')
    program.chmod(0o700)
    environment = child_environment() | {"PYTHONPATH": str(ROOT)}
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    process = subprocess.Popen(  # noqa: S603 - the commands of our own page
        ["/bin/bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=90)
    finally:
        # Also the nodes, should a command before the one that stops them fail.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    assert process.returncode == 0, stderr
    assert stdout.count("RESULT       VERIFIED") == 5
    assert "Traceback" not in stderr
    assert sorted(path.name for path in folder.iterdir()) == ["config"]
