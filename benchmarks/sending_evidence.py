"""A file on its whole way between two real nodes, and when it was where."""

import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exchanging import StuckError
from benchmarks.neighbours import api, cpu_s, processes_of
from gateway.admin import shapes
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.client.transfers import send_file
from gateway.core.limits import KIB, MIB
from gateway.demo.stage import Node
from tests.support.evidence import request_with

_LOOK_EVERY_S = 0.02
_WITHIN_S = 3600.0
# Makes the kernel forget the highest memory so far (proc(5), clear_refs).
_FORGET_PEAK = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a file went.

    Attributes:
        size: Of the file, in bytes.
        sent_in_s: From the first byte that the client reads of the file, which it
            reads twice, until the sender's node has sealed it durably.
        transferred_s: From there, with the message that names it, until the sender
            holds a verified receipt: everything is durably at the receiver.
        checked_s: From there until the receiver has read it back, opened it and
            compared it with what the sealed message says of it.
        cpu_s: Processor time of the client and of either node.
    """

    size: int
    sent_in_s: float
    transferred_s: float
    checked_s: float
    cpu_s: tuple[float, float, float]

    @property
    def whole_s(self) -> float:
        """From the first byte read until it is verified on the peer's disk."""
        return self.sent_in_s + self.between_nodes_s

    @property
    def between_nodes_s(self) -> float:
        """The same without sending it in."""
        return self.transferred_s + self.checked_s

    def mb_per_s(self, seconds: float) -> float:
        """Return the speed if the file took so long, in millions of bytes a second."""
        return self.size / seconds / 1e6


def sparse_file(folder: Path, size: int) -> Path:
    """Make a file that is read like any other but takes no room."""
    path = folder / f"image-{size}.bin"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def send_evidence(nodes: Sequence[Node], file: Path, key: str) -> Sent:
    """Send a file from the first node to the second, until it is verified there.

    Args:
        nodes: Sender and receiver.
        file: What is sent.
        key: Tells this sending from an earlier one of the same file.

    Raises:
        StuckError: It did not arrive.
    """
    sender, receiver = (api(node) for node in nodes)
    before = _cpu_of_all(nodes)
    began = time.perf_counter()
    upload = send_file(sender, file, idempotency_key=key)
    sent_in = time.perf_counter()
    request = shapes.SubmitRequest(
        to=nodes[1].authority.id,
        message=dict(request_with(file.name)),
        attachments=(upload.id,),
    )
    message_id = sender.send(calls.submit(request, idempotency_key=key)).id
    _until(lambda: _state(sender, message_id) == "delivered", "delivered")
    transferred = time.perf_counter()
    _until(lambda: _is_verified(receiver, message_id), "verified")
    checked = time.perf_counter()
    client, one, other = (
        after - early for after, early in zip(_cpu_of_all(nodes), before, strict=True)
    )
    return Sent(
        size=file.stat().st_size,
        sent_in_s=sent_in - began,
        transferred_s=transferred - sent_in,
        checked_s=checked - transferred,
        cpu_s=(client, one, other),
    )


def forget_peaks(nodes: Sequence[Node]) -> list[int]:
    """Let the peaks of memory begin anew; return what each node holds now, in bytes."""
    for node in nodes:
        for pid in processes_of(node):
            Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK)
    return [_memory(node, "VmRSS") for node in nodes]


def peaks(nodes: Sequence[Node]) -> list[int]:
    """Return the most that each node has held since then, in bytes."""
    return [_memory(node, "VmHWM") for node in nodes]


def _memory(node: Node, field: str) -> int:
    total = 0
    for pid in processes_of(node):
        status = Path(f"/proc/{pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        total += int(found[1]) * KIB if found else 0
    return total


def _cpu_of_all(nodes: Sequence[Node]) -> tuple[float, float, float]:
    own = os.times()
    sender, receiver = (cpu_s(processes_of(node)) for node in nodes)
    return own.user + own.system, sender, receiver


def _state(client: BlockingClient, message_id: str) -> str:
    return client.send(calls.show_message(message_id)).state


def _is_verified(client: BlockingClient, message_id: str) -> bool:
    files = client.send(calls.show_message(message_id)).evidence
    return all(file.state == "verified" for file in files)


def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _WITHIN_S
    while not holds():
        if time.monotonic() > end:
            raise StuckError(f"evidence: not {what} after {_WITHIN_S:g} s")
        time.sleep(_LOOK_EVERY_S)


def mib(length: float) -> float:
    """Return a number of bytes in MiB."""
    return length / MIB
