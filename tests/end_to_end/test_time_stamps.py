"""A real node, a real time-stamping authority, and what another program says."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.assembly.time_stamps import time_stamping
from gateway.config.reading import load_settings
from gateway.core.errors import ConfigError
from gateway.core.translog import stamps
from gateway.demo.stage import Authority as Ministry
from gateway.demo.stage import Node, free_ports, run_unchecked
from tests.support.tsa import (
    Authority,
    TsaServer,
    needs_openssl,
    openssl_verifies,
    tsa_server,
)

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(120),
    needs_openssl,
]

EE = Ministry("moj.ee", "EE", "Ministry of Justice")
WITHIN_S = 45.0


@contextmanager
def served(authority: Authority) -> Iterator[TsaServer]:
    """Serve an authority on a thread of its own, beside the processes of a test."""
    running: list[TsaServer] = []
    is_up, is_over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with tsa_server(authority) as server:
            running.append(server)
            is_up.set()
            await asyncio.to_thread(is_over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert is_up.wait(WITHIN_S)
        yield running[0]
    finally:
        is_over.set()
        thread.join()


def configure(node: Node, url: str) -> None:
    file = node.home / "gateway.toml"
    text = file.read_text()
    assert text.count("[log]\n") == 1
    lines = f'[log]\ntsa = "{url}"\ntsa_ca = "tsa-ca.pem"\n'
    file.write_text(text.replace("[log]\n", lines))


def entries_of(node: Node, kind: str) -> list[str]:
    lines = node.run("audit", "tail", "-n", "50").splitlines()
    return [line for line in lines if line.split()[2] == kind]


@pytest.mark.long
def test_a_node_stamps_its_log_and_openssl_agrees(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa").make()
    authority.enclose_chain()
    peer_port, admin_port = free_ports(2)
    node = Node(EE, tmp_path / "home", peer_port, admin_port)
    node.init()
    with served(authority) as server:
        configure(node, server.url)
        refused = run_unchecked("--home", str(node.home), "serve")
        assert refused.returncode != 0
        assert "log.tsa_ca" in refused.stderr
        (node.home / "tsa-ca.pem").write_bytes(authority.ca_file.read_bytes())
        node.start()
        try:
            _shows_stamps(node, authority, tmp_path)
        finally:
            node.stop()


def _shows_stamps(node: Node, authority: Authority, folder: Path) -> None:
    # Unasked: the first one is due at once, over the checkpoint of the first round.
    end = time.monotonic() + WITHIN_S
    while not (items := node.ask("audit", "stamps")["items"]):
        assert time.monotonic() < end, node.log_file.read_text()
        time.sleep(0.2)
    assert len(entries_of(node, "tsa.stamp")) == 1
    # Looking at the log is an entry; so there is something new to stamp.
    made = node.ask("audit", "stamp")
    assert made["authority"] == "CN=Test TSA"
    assert node.ask("audit", "stamp") == made
    assert isinstance(items, list)
    assert made != items[0]

    node.run("audit", "stamps", "--out", str(folder / "out"))

    for size in (made["size"], items[0]["size"]):
        body = folder / "out" / f"{size}.body"
        response = folder / "out" / f"{size}.tsr"
        assert body.read_text().splitlines()[:2] == ["moj.ee/audit/1", str(size)]
        assert openssl_verifies(body, response, authority.ca_file)
    _exports_them(node, authority, folder, size=str(made["size"]))
    told = str(node.ask("doctor")["checks"])
    assert "entries stamped by CN=Test TSA" in told


def _exports_them(node: Node, authority: Authority, folder: Path, *, size: str) -> None:
    """Export the log with its stamps, and check it as a court would."""
    node.run("audit", "round")
    log, card = folder / "log", folder / "our.card"
    node.run("audit", "export", "--out", str(log))
    node.run("peer", "card", "--out", str(card))
    stamped = (log / "tsa" / f"{size}.body", log / "tsa" / f"{size}.tsr")
    assert openssl_verifies(*stamped, authority.ca_file)
    keys = ("verify", str(log), "--keys", str(card))
    believed = run_unchecked(*keys, "--tsa-ca", str(authority.ca_file))
    assert believed.returncode == 0, believed.stdout
    assert believed.stdout.count('TSA "CN=Test TSA"') == 2
    assert f"over checkpoint {size}," in believed.stdout
    # Nobody believes a certificate of whom he does not know.
    other = Authority(folder / "stranger").make().ca_file
    assert run_unchecked(*keys, "--tsa-ca", str(other)).returncode == 7


def test_tsa_without_the_extra_is_refused_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer_port, admin_port = free_ports(2)
    node = Node(EE, tmp_path / "home", peer_port, admin_port)
    node.init()
    assert time_stamping(load_settings(node.home, {}).settings) is None
    configure(node, "http://127.0.0.1:1/tsr")
    settings = load_settings(node.home, {}).settings
    monkeypatch.setattr(stamps, "find_spec", lambda _name: None)
    with pytest.raises(
        ConfigError, match=r"log\.tsa: .* pip install 'mla-gateway\[tsa"
    ):
        time_stamping(settings)
    monkeypatch.undo()
    for content, why in ((b"", "no PEM"), (b"x" * 2**19, "over 262144 bytes")):
        (node.home / "tsa-ca.pem").write_bytes(content)
        with pytest.raises(ConfigError, match=why):
            time_stamping(settings)
