"""One caller of the admin API that keeps its connection, and how long answers take."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import msgspec

from benchmarks.neighbours import token
from gateway.demo.stage import Node

_TIMEOUT_S = 30.0


class RefusedError(Exception):
    """The node did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        first_byte_ms: From the request's first byte to the head of the answer.
        whole_ms: To the end of the answer.
    """

    document: Mapping[str, object]
    first_byte_ms: float
    whole_ms: float


class Caller:
    """The first operator of a node, asking one thing after the other."""

    def __init__(self, node: Node) -> None:
        self._token = token(node)
        self._connection = http.client.HTTPConnection(
            "127.0.0.1",
            node.admin_port,
            timeout=_TIMEOUT_S,
        )

    def __enter__(self) -> Self:
        """Connect, so that no figure has that in it."""
        self._connection.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Ask for something.

        Raises:
            RefusedError: It was not given.
        """
        return self._ask("GET", path, None, {})

    def post(
        self,
        path: str,
        document: object,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Have something done.

        Raises:
            RefusedError: It was not done.
        """
        body = msgspec.json.encode(document)
        typed = {"Content-Type": "application/json", **(headers or {})}
        return self._ask("POST", path, body, typed)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        given = {"Authorization": f"Bearer {self._token}", **headers}
        began_s = time.perf_counter()
        self._connection.request(method, path, body, given)
        response = self._connection.getresponse()
        first_s = time.perf_counter() - began_s
        raw = response.read()
        whole_s = time.perf_counter() - began_s
        if response.status >= http.client.BAD_REQUEST:
            raise RefusedError(raw.decode(errors="replace"))
        document = msgspec.json.decode(raw, type=dict[str, object])
        return Answer(document, first_s * 1000, whole_s * 1000)
