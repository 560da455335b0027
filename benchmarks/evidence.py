"""What sending evidence costs: speed, memory, cuts, and the messages beside it.

Two node processes on this machine, connected through a proxy that can be cut. The file
is sparse, so only its ciphertext takes room: twice its size, once for each node.

    python -m benchmarks.evidence --size-mib 256
    python -m benchmarks.evidence --size-mib 40960 --cuts 5
    python -m benchmarks.evidence --size-mib 16384 --messages 500

Prints one JSON object a line as figures come to be. Take more of `--size-mib` than goes
through while the messages are sent, else some of them had nothing beside them.
"""

import argparse
import hashlib
import json
import re
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.admin import opening_shapes, shapes
from gateway.client import calls
from gateway.client.transfers import send_file
from gateway.core.errors import UnreachableError
from tests.support.evidence import request_with
from tests.support.processes import RunningNode, request_form, running_pair, until
from tests.support.proxy import Network

MIB = 1024 * 1024
_WITHIN_S = 24 * 3600.0
_WARM_UP_MESSAGES = 20
_BETWEEN_MESSAGES_S = 0.05


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--size-mib", type=int, default=256, help="of the file")
    parser.add_argument(
        "--cuts", type=int, default=0, help="kills and network failures"
    )
    parser.add_argument("--messages", type=int, default=0, help="before and beside it")
    parser.add_argument("--folder", type=Path, help="for the nodes' homes")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        file = Path(folder) / "image.bin"
        with file.open("wb") as sparse:
            sparse.truncate(asked.size_mib * MIB)
        with running_pair(Path(folder)) as (sender, receiver):
            _measure(sender, receiver, file, asked.cuts, asked.messages)


def _measure(
    sender: RunningNode,
    receiver: RunningNode,
    file: Path,
    cuts: int,
    messages: int,
) -> None:
    nodes = (sender, receiver)
    size = file.stat().st_size
    _tell("idle", rss_mib=_memory_mib(nodes, "VmRSS"))
    began = time.monotonic()
    upload = send_file(sender.client, file, idempotency_key="image")
    _tell_speed("sent in", size, began, nodes)
    alone = _latencies_ms(sender, receiver, messages)
    before = receiver.proxy.carried_in
    began = time.monotonic()
    request = shapes.SubmitRequest(
        to=receiver.id,
        message=dict(request_with(file.name)),
        attachments=(upload.id,),
    )
    message_id = sender.send(calls.submit(request)).id
    if messages:
        _tell_latencies(alone, _latencies_ms(sender, receiver, messages))
        _tell("beside", transferred=_share(sender, message_id))
    _cut(sender, receiver, message_id, cuts)
    until(lambda: sender.state(message_id) == "delivered", "delivery", _WITHIN_S)
    _tell_speed("transferred", size, began, nodes)
    carried = receiver.proxy.carried_in - before
    _tell("carried", cuts=cuts, more_than_the_file_mib=round((carried - size) / MIB, 1))
    until(lambda: _is_verified(receiver, message_id), "verification", _WITHIN_S)
    _tell_speed("verified since offered", size, began, nodes)
    _fetch(receiver, message_id, size)
    _tell("end", peak_rss_mib=_memory_mib(nodes, "VmHWM"))


def _cut(
    sender: RunningNode, receiver: RunningNode, message_id: str, cuts: int
) -> None:
    """Kill either side, or cut the network, at even distances of the way."""
    for number in range(cuts):
        share = (number + 1) / (cuts + 1)
        _until_share(sender, message_id, share)
        what = ("receiver", "sender", "network")[number % 3]
        _tell("cut", of=what, at=round(share, 2))
        if what == "network":
            receiver.proxy.become(Network.CUT)
            receiver.proxy.become(Network.WHOLE)
        else:
            one = receiver if what == "receiver" else sender
            one.kill()
            one.start()


def _until_share(sender: RunningNode, message_id: str, share: float) -> None:
    until(lambda: _share(sender, message_id) >= share, "progress", _WITHIN_S)


def _share(sender: RunningNode, message_id: str) -> float:
    files = sender.send(calls.show_message(message_id)).evidence
    return sum(one.there for one in files) / sum(one.length for one in files)


def _is_verified(receiver: RunningNode, message_id: str) -> bool:
    files = receiver.send(calls.show_message(message_id)).evidence
    return all(one.state == "verified" for one in files)


def _fetch(receiver: RunningNode, message_id: str, size: int) -> None:
    """Fetch the file as who opened the message would, without keeping it."""
    request = opening_shapes.OpenRequest(purpose="measuring")
    opened = receiver.send(calls.open_message(message_id, request))
    (file,) = opened.attachments
    began = time.monotonic()
    digest = hashlib.sha256()
    for block in receiver.client.download(calls.fetch_attachment(message_id, file.aid)):
        digest.update(block)
    if digest.hexdigest() != file.sha256:
        raise SystemExit("what was fetched is another file")
    _tell_speed("fetched", size, began, (receiver,))


def _latencies_ms(
    sender: RunningNode, receiver: RunningNode, count: int
) -> list[float]:
    """Return from acceptance to stored receipt, by the sender's own record."""
    found = []
    request = shapes.SubmitRequest(to=receiver.id, message=request_form())
    for _ in range(count + _WARM_UP_MESSAGES if count else 0):
        sent = sender.send(calls.submit(request, wait_s=20))
        shown = sender.send(calls.show_message(sent.id))
        took = _moment(shown.updated_at) - _moment(shown.accepted_at)
        found.append(took * 1000)
        time.sleep(_BETWEEN_MESSAGES_S)
    return sorted(found[_WARM_UP_MESSAGES:])


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _tell_latencies(alone: Sequence[float], beside: Sequence[float]) -> None:
    for name, series in (("messages alone", alone), ("messages beside it", beside)):
        _tell(name, p50_ms=_quantile(series, 0.5), p99_ms=_quantile(series, 0.99))
    ratio = _quantile(beside, 0.99) / _quantile(alone, 0.99)
    _tell("messages", p99_ratio=round(ratio, 2))


def _quantile(series: Sequence[float], share: float) -> float:
    return round(series[min(len(series) - 1, int(len(series) * share))], 1)


def _tell_speed(
    what: str,
    size: int,
    began: float,
    nodes: Sequence[RunningNode],
) -> None:
    took = time.monotonic() - began
    _tell(
        what,
        seconds=round(took, 1),
        mib_per_s=round(size / MIB / took),
        rss_mib=_memory_mib(nodes, "VmRSS"),
    )


def _memory_mib(nodes: Sequence[RunningNode], field: str) -> list[int]:
    found = []
    for one in nodes:
        if one.node.process is None:
            raise UnreachableError("the node does not run")
        status = Path(f"/proc/{one.node.process.pid}/status").read_text()
        match = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        found.append(int(match[1]) // 1024 if match else 0)
    return found


def _tell(what: str, **figures: object) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


if __name__ == "__main__":
    main()
