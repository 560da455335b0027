"""Messages queued in a node while its peer is away, then let go: how long it takes."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.forms import small_request
from benchmarks.neighbours import api, post, token
from benchmarks.node_metrics import value_of
from benchmarks.post_load import Load
from gateway.admin import shapes
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.demo.stage import Node

_CLIENTS = 16
_CHUNK = 1_000
_LOOK_EVERY_S = 0.05
_WITHIN_S = 600.0
_PAGE = 500
_LEAST_SHARE = 0.9
_COMMITS = "mla_store_commit_seconds"


class StuckError(Exception):
    """What had to happen did not."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How it went, from the moment at which the messages were let go.

    Attributes:
        messages: How many were queued at that moment.
        delivered_s: Until the sender held a verified receipt of every message.
        validated_s: Until the receiver had validated and indexed every one, too.
        commits: Durable commits of both nodes until all were delivered.
        commit_ms: What one of them took on average.
    """

    messages: int
    delivered_s: float
    validated_s: float
    commits: int
    commit_ms: float

    @property
    def per_s(self) -> float:
        """Messages delivered a second."""
        return self.messages / self.delivered_s

    @property
    def validated_per_s(self) -> float:
        """Messages delivered, validated and indexed a second."""
        return self.messages / self.validated_s


def exchange(
    nodes: Sequence[Node],
    messages: int,
    tell: Callable[[str], None],
    *,
    first_key: int = 0,
) -> Exchanged:
    """Queue messages while the second node is away, start it, and let them go.

    Args:
        nodes: Two running neighbours; the first one sends.
        messages: How many.
        tell: Shows progress.
        first_key: Number of the first idempotency key; none may be used twice.

    Raises:
        StuckError: Not all arrived in time, or not all were validated.
    """
    sender, receiver = nodes
    receiver.stop()
    _queue(sender, receiver, messages, first_key, tell)
    receiver.start()
    return _let_go(sender, receiver, messages)


def _queue(
    sender: Node,
    receiver: Node,
    messages: int,
    first_key: int,
    tell: Callable[[str], None],
) -> None:
    request = {"to": receiver.authority.id, "message": small_request()}
    began = time.monotonic()
    for start in range(0, messages, _CHUNK):
        load = Load(
            port=sender.admin_port,
            path="/api/v1/messages",
            body=json.dumps(request),
            clients=_CLIENTS,
            requests=min(_CHUNK, messages - start),
            token=token(sender),
            first_key=first_key + start,
            status=202,
        )
        post(load)
        done = start + load.requests
        rate = done / (time.monotonic() - began)
        tell(f"queued {done:,} of {messages:,}, {rate:,.0f}/s")


def _let_go(sender: Node, receiver: Node, messages: int) -> Exchanged:
    ours, theirs = api(sender), api(receiver)
    before = _commits(ours, theirs)
    # The receiver may have told the sender that it is back: some have gone already.
    waiting = _queued(ours)
    if waiting < _LEAST_SHARE * messages:
        raise StuckError(f"{waiting} messages are queued, expected {messages}")
    began = time.monotonic()
    ours.send(
        calls.retry_messages(shapes.RetryRequest(peer=receiver.authority.id)),
    )
    _until(lambda: not _queued(ours), "delivery")
    delivered_s = time.monotonic() - began
    after = _commits(ours, theirs)
    _until(lambda: _is_newest_validated(theirs), "validation")
    validated_s = time.monotonic() - began
    _check_all_validated(theirs)
    commits = after[0] - before[0]
    return Exchanged(
        messages=waiting,
        delivered_s=delivered_s,
        validated_s=validated_s,
        commits=round(commits),
        commit_ms=1000 * (after[1] - before[1]) / commits,
    )


def _queued(client: BlockingClient) -> int:
    return client.send(calls.stats()).states.get("queued", 0)


def _commits(*clients: BlockingClient) -> tuple[float, float]:
    """Return how many commits there were, and how many seconds they took."""
    count = sum(value_of(one, f"{_COMMITS}_count") for one in clients)
    return count, sum(value_of(one, f"{_COMMITS}_sum") for one in clients)


def _is_newest_validated(client: BlockingClient) -> bool:
    # Validated in the order of arrival: if the newest one is, then all are. A long page
    # asked for time and again would be in the way of what it waits for.
    return _is_validated(_page(client, limit=1))


def _check_all_validated(client: BlockingClient) -> None:
    """Look at every message, now that no clock runs."""
    page = _page(client)
    while _is_validated(page) and page.next:
        page = _page(client, page.next)
    if not _is_validated(page):
        raise StuckError("validation: newer messages were validated before older ones")


def _page(
    client: BlockingClient, cursor: str = "", *, limit: int = _PAGE
) -> shapes.MessagePage:
    query = shapes.MessageQuery(box="in", limit=limit, cursor=cursor)
    return client.send(calls.list_messages(query))


def _is_validated(page: shapes.MessagePage) -> bool:
    """Tell whether all are: what is found inside is not known before."""
    return all(one.type for one in page.items)


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _WITHIN_S
    while not condition():
        if time.monotonic() > end:
            raise StuckError(f"{what}: not done within {_WITHIN_S:g} s")
        time.sleep(_LOOK_EVERY_S)
