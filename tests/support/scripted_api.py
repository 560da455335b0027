"""An admin API that answers what a test says, over real connections.

It takes only what the contract declares: a request with another path, body or query
is recorded as a failure, which the test sees.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from gateway.admin.contract import ROUTES
from gateway.admin.evidence_routes import EVIDENCE_ROUTES
from gateway.admin.route import Media, Route
from gateway.config.rendering import render_config
from gateway.config.settings import ListenAddress
from tests.support.evidence_node import EvidenceNode

_EVIDENCE = frozenset(route.name for route in EVIDENCE_ROUTES)

TOKEN = "mlagw_" + "t" * 43

Content: TypeAlias = msgspec.Struct | bytes | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal by the node."""

    code: str
    status: int
    detail: str
    problems: tuple[Mapping[str, object], ...] = ()
    retry_after_s: int = 0


Answer: TypeAlias = Content | Refused
Answering: TypeAlias = Answer | Callable[[int], Answer]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    name: str
    segments: Mapping[str, str]
    body: msgspec.Struct | None
    query: msgspec.Struct | None
    headers: Mapping[str, str]


@dataclass(slots=True)
class ScriptedApi:
    """What is answered, by name of the route, and what was asked.

    Attributes:
        evidence: Answers the routes of evidence files, which are recorded as well.
    """

    home: Path
    port: int = 0
    evidence: EvidenceNode = field(default_factory=EvidenceNode)
    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def last(self) -> Asked:
        """The newest request."""
        return self.asked[-1]

    def names(self) -> list[str]:
        """Return the names of all operations asked for, in order."""
        return [one.name for one in self.asked]

    def answer_to(self, asked: Asked) -> Answer:
        """Record a request and return its answer."""
        count = self.names().count(asked.name)
        self.asked.append(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Refused("not-authenticated", 401, "token: not one of this node")
        found = self.answers[asked.name]
        return found(count) if callable(found) else found


@contextmanager
def scripted_api(home: Path) -> Iterator[ScriptedApi]:
    """Run an API on a free port, and make the home that points to it."""
    api = ScriptedApi(home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    api.port = server.server_address[1]
    write_home(home, ListenAddress("127.0.0.1", api.port))
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_home(home: Path, listen: ListenAddress) -> None:
    """Make what the command line needs of a home: settings and a token."""
    (home / "operators").mkdir(parents=True)
    settings = {
        "authority.id": "moj.ee",
        "authority.country": "EE",
        "authority.names": {"en": "Ministry of Justice"},
        "authority.stage": "test",
        "peer.listen": ListenAddress("127.0.0.1", 0),
        "peer.url": "https://127.0.0.1:8443",
        "admin.listen": listen,
        "keys.unlock": "file:keys/passphrase",
    }
    _write_private(home / "gateway.toml", render_config(settings))
    _write_private(home / "operators" / "admin.token", f"{TOKEN}\n")


def _write_private(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def _handler(api: ScriptedApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            route, segments = _route(self.command, urlsplit(self.path).path)
            if route.name in _EVIDENCE:
                query = dict(parse_qsl(urlsplit(self.path).query))
                api.evidence.respond(self, route.name, segments, query)
                return
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(
                name=route.name,
                segments=segments,
                body=_body(route, raw),
                query=_query(route, urlsplit(self.path).query),
                headers={name.lower(): text for name, text in self.headers.items()},
            )
            answer = api.answer_to(asked)
            status, media, content = _spell(route, answer)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def __getattr__(self, name: str) -> Callable[[], None]:
            # The base class looks for a method by the verb.
            if name.startswith("do_"):
                return self._respond
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    # Longest first: `/messages/retry` is no id of a message.
    for route in sorted(ROUTES, key=lambda one: one.path.count("{")):
        pattern = re.sub(r"\{(\w+)\.\.\.\}", r"(?P<\1>.+)", route.path)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        match = re.fullmatch(pattern, path)
        if route.method == method and match:
            segments = {name: unquote(text) for name, text in match.groupdict().items()}
            return route, segments
    raise AssertionError(f"{method} {path}: not in the contract")


def _body(route: Route, raw: bytes) -> msgspec.Struct | None:
    if route.body is None:
        assert not raw
        return None
    return msgspec.json.decode(raw, type=route.body)


def _query(route: Route, text: str) -> msgspec.Struct | None:
    if route.query is None:
        assert not text
        return None
    return msgspec.convert(dict(parse_qsl(text)), route.query, strict=False)


def _spell(route: Route, answer: Answer) -> tuple[int, str, bytes]:
    if isinstance(answer, Refused):
        problem = {
            "type": f"urn:mla-gateway:{answer.code}",
            "title": answer.code,
            "status": answer.status,
            "code": answer.code,
            "detail": answer.detail,
            "problems": list(answer.problems),
            "retry_after_s": answer.retry_after_s,
        }
        return answer.status, "application/problem+json", json.dumps(problem).encode()
    if answer is None:
        return route.status, "text/plain", b""
    if isinstance(answer, bytes):
        return route.status, str(route.media), answer
    return route.status, str(Media.JSON), msgspec.json.encode(answer)
