"""A stand-alone witness that other people wrote: aics-witness, as a process."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.demo.stage import free_ports
from tests.support.interop import python_tools, run

NAME = "witness.example.org/w1"
_READY_WITHIN_S = 15.0
_ANSWER_S = 10.0


@dataclass(frozen=True)
class Answer:
    """What it answered."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True)
class OtherWitness:
    """Where it answers, and with which key it cosigns (Ed25519, type 0x04)."""

    url: str
    key: VerifierKey

    def add_checkpoint(self, body: bytes) -> Answer:
        """Ask it to cosign."""
        return self._ask(urllib.request.Request(f"{self.url}/add-checkpoint", body))  # noqa: S310 - loopback

    def fetch(self, path: str) -> Answer:
        """Ask for something it publishes."""
        return self._ask(urllib.request.Request(f"{self.url}/{path}"))  # noqa: S310 - loopback

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:  # noqa: S310 - see above
                headers = answer.headers
                return Answer(
                    answer.status, answer.read(), headers.get("Content-Type", "")
                )
        except urllib.error.HTTPError as error:
            with error:
                kind = error.headers.get("Content-Type", "")
                return Answer(error.code, error.read(), kind)


@contextmanager
def other_witness(
    folder: Path, logs: Sequence[tuple[str, VerifierKey]]
) -> Iterator[OtherWitness]:
    """Run a witness that watches some logs, by their Ed25519 keys."""
    env = python_tools()
    (port,) = free_ports(1)
    program = (sys.executable, "-m", "aics_witness")
    config = ("--config", str(folder / "witness.json"))
    listen = ("--listen", f"127.0.0.1:{port}")
    made = run(*program, "init", *config, "--name", NAME, *listen, env=env)
    assert made.returncode == 0, made.stderr.decode()
    found = re.search(rf"{re.escape(NAME)}\+\S+", made.stdout.decode())
    assert found, made.stdout.decode()
    for origin, key in logs:
        of_log = ("--origin", origin, "--vkey", key.to_text())
        added = run(*program, "add-log", *config, *of_log, env=env)
        assert added.returncode == 0, added.stderr.decode()
    with (folder / "witness.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the program installed for this
            [*program, "serve", *config],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
        )
    witness = OtherWitness(f"http://127.0.0.1:{port}", parse_vkey(found[0]))
    try:
        _until_healthy(witness, process)
        yield witness
    finally:
        process.terminate()
        process.wait(_ANSWER_S)


def _until_healthy(witness: OtherWitness, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while True:
        assert process.poll() is None, "the witness ended"
        try:
            if witness.fetch("healthz").status == 200:
                return
        except OSError:
            assert time.monotonic() < end, "the witness does not answer"
        time.sleep(0.1)
