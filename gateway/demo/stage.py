"""Setting two nodes up and running them, through the command line only."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 40.0


class DemoError(Exception):
    """A command of the demonstration did not do what it should."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One of the two authorities of the sample cases."""

    id: str
    country: str
    name: str


@dataclass(slots=True, eq=False)
class Node:
    """A node in a folder of its own, with ports that were free a moment ago."""

    authority: Authority
    home: Path
    peer_port: int
    admin_port: int
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def run(self, *words: str, text: str | None = None) -> str:
        """Run a command against this node and return what it printed.

        Raises:
            DemoError: It ended with another exit code than 0.
        """
        return run_command("--home", str(self.home), *words, text=text)

    def ask(
        self,
        *words: str,
        text: str | None = None,
        shows: bool = False,
    ) -> dict[str, object]:
        """Run a command with `--json` and return the document it printed.

        Args:
            words: The command.
            text: Its input, if it reads any.
            shows: Let it talk to the audience: progress of long work.

        Raises:
            DemoError: It ended with another exit code than 0.
        """
        home = ("--home", str(self.home), "--json")
        answer = json.loads(run_command(*home, *words, text=text, shows=shows))
        if not isinstance(answer, dict):
            raise DemoError(f"{' '.join(words)}: expected an object")
        return answer

    def init(self, *, peer_listen_port: int | None = None) -> None:
        """Create keys, database, configuration and the first operator.

        Args:
            peer_listen_port: Where the node listens, if something else carries the
                peers' connections from `peer_port` to it.
        """
        run_command(
            "init",
            str(self.home),
            "--authority",
            self.authority.id,
            "--country",
            self.authority.country,
            "--name",
            self.authority.name,
            "--url",
            f"https://127.0.0.1:{self.peer_port}",
            "--peer-listen",
            f"127.0.0.1:{peer_listen_port or self.peer_port}",
            "--admin-listen",
            f"127.0.0.1:{self.admin_port}",
            "--stage",
            "test",
        )

    def start(self) -> float:
        """Start the node; return how many seconds it took to be ready.

        Raises:
            DemoError: It ended, or was not ready in time.
        """
        began = time.monotonic()
        with (self.home / "demo.log").open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [*PROGRAM, "--home", str(self.home), "serve"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=child_environment(),
            )
        line = self.process.stdout.readline() if self.process.stdout else ""
        if line.strip() != "ready":
            raise DemoError(f"{self.authority.id}: did not start, see {self.log_file}")
        return time.monotonic() - began

    @property
    def log_file(self) -> Path:
        """Where the node's log goes."""
        return self.home / "demo.log"

    def stop(self) -> None:
        """Ask the node to finish what it is doing, and wait for it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.settle()

    def settle(self) -> None:
        """Wait for the process to end, and let go of it."""
        if self.process is None:
            return
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None


PROGRAM = (sys.executable, "-m", "gateway")


def run_command(
    *words: str,
    text: str | None = None,
    shows: bool = False,
) -> str:
    """Run a command of the gateway and return what it printed.

    Args:
        words: The command.
        text: Its input, if it reads any.
        shows: Let its talk, like progress, go to where ours goes.

    Raises:
        DemoError: It ended with another exit code than 0.
    """
    done = run_unchecked(*words, text=text, shows=shows)
    if done.returncode != 0:
        raise DemoError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def run_unchecked(
    *words: str,
    text: str | None = None,
    shows: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a command of the gateway that may well fail."""
    return subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *words],
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        stdout=subprocess.PIPE,
        stderr=None if shows else subprocess.PIPE,
        text=True,
        check=False,
        env=child_environment(),
    )


def child_environment() -> dict[str, str]:
    """Return an environment in which no other node is meant."""
    return {k: v for k, v in os.environ.items() if not k.startswith("MLA_GATEWAY")}


def free_ports(count: int) -> list[int]:
    """Return loopback ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
