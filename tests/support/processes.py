"""Two real node processes, enrolled with each other, with a network that can be cut."""

import contextlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gateway.admin import shapes
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.call import Call
from gateway.core.errors import GatewayError, UnreachableError
from gateway.demo.stage import Node, run_command
from gateway.mla.envelope_fields import Form
from tests.support.enrolled import enrolled_homes
from tests.support.forms import in_form, sample
from tests.support.proxy import Proxy

T = TypeVar("T")

WITHIN_S = 30.0


@dataclass
class RunningNode:
    """A node process, its admin API, and the network in front of its peer side.

    Attributes:
        proxy: Carries the peers' connections to it.
    """

    node: Node
    proxy: Proxy
    killed: int = field(default=0)

    @property
    def id(self) -> str:
        """Id of its authority."""
        return self.node.authority.id

    @property
    def client(self) -> BlockingClient:
        """The admin API, as the first operator."""
        token = (self.node.home / "operators" / "admin.token").read_text().strip()
        url = f"http://127.0.0.1:{self.node.admin_port}"
        return BlockingClient(Endpoint(url=url, token=token))

    def send(self, call: Call[T]) -> T:
        """Make a call, waiting as often as the rate limit asks."""
        while True:
            try:
                return self.client.send(call)
            except GatewayError as error:
                if error.code != "quota":
                    raise
                time.sleep(0.2)

    def start(self) -> None:
        """Start the process."""
        self.node.start()

    def kill(self) -> None:
        """End the process in the middle of whatever it does."""
        process = self.node.process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        self.node.settle()
        self.killed += 1

    def submit(self, to: str, key: str, form: shapes.Document | None = None) -> str:
        """Submit a sample request and return its id."""
        request = shapes.SubmitRequest(to=to, message=form or request_form())
        return self.send(calls.submit(request, idempotency_key=key)).id

    def messages(self, box: shapes.BoxName, state: str = "") -> list[shapes.Message]:
        """Return all messages of a box."""
        found: list[shapes.Message] = []
        cursor = ""
        while True:
            page = self.send(
                calls.list_messages(
                    shapes.MessageQuery(
                        box=box,
                        state=state,
                        cursor=cursor,
                        limit=500,
                    ),
                ),
            )
            found.extend(page.items)
            if not page.next:
                return found
            cursor = page.next

    def state(self, message_id: str) -> str:
        """Return the state of a message."""
        return self.send(calls.show_message(message_id)).state


def request_form() -> shapes.Document:
    """Return the author's form of a sample request that opens a case of its own."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    return dict(form)


@contextmanager
def running_pair(folder: Path) -> Iterator[tuple[RunningNode, RunningNode]]:
    """Give two nodes that have enrolled each other and are running."""
    with enrolled_homes(folder) as homes:
        first, second = (
            RunningNode(node, Proxy(home.listen_port, home.peer_port))
            for home in homes
            for node in [
                Node(home.authority, home.path, home.peer_port, home.admin_port)
            ]
        )
        try:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(RunningNode.start, (first, second)))
            yield first, second
        finally:
            for one in (first, second):
                one.node.stop()
                one.proxy.close()


def until(condition: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Wait for something that has to happen."""
    end = time.monotonic() + within_s
    while not _holds(condition):
        assert time.monotonic() < end, f"did not happen within {within_s} s: {what}"
        time.sleep(0.05)


def _holds(condition: Callable[[], bool]) -> bool:
    # A node that is down answers nothing; whoever waits for it looks again.
    with contextlib.suppress(UnreachableError):
        return condition()
    return False


def verify_log(one: RunningNode, folder: Path) -> dict[str, object]:
    """Export a node's log and verify it offline; return the report."""
    card = folder / f"{one.id}.now.card"
    one.node.run("peer", "card", "--out", str(card))
    exported = folder / f"log-{one.id}"
    one.node.run("audit", "export", "--out", str(exported))
    report = json.loads(
        run_command("--json", "verify", str(exported), "--keys", str(card)),
    )
    assert isinstance(report, dict)
    return report


def verify_inside(one: RunningNode) -> bool:
    """Have a node re-hash its own log and cross-check it with its messages."""
    return one.send(calls.verify_log()).verified


class Background:
    """Runs something beside the test, and hands on its failure."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised in `join`
            self._error = error

    def join(self) -> None:
        """Wait until it is done."""
        self._thread.join()
        if self._error is not None:
            raise self._error


@contextmanager
def plain_pair(folder: Path) -> Iterator[tuple[Node, Node]]:
    """Give two such nodes to which only the command line talks."""
    with running_pair(folder) as (first, second):
        yield first.node, second.node
