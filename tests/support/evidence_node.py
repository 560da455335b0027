"""The part of a node that takes and gives evidence files, with faults on demand.

It keeps what it got in memory and follows the contract of uploads and attachments;
what a test puts on its lists goes wrong, one item a request.
"""

import contextlib
import hashlib
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal

import msgspec

from gateway.admin.upload_shapes import Upload, UploadRequest
from gateway.core.limits import KIB

_BLOCK = 64 * KIB


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks after so many bytes of the body."""

    after: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem instead of an answer."""

    code: str
    status: int
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that no node would give."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Fault = Cut | Refusal | Raw


@dataclass(slots=True)
class Kept:
    """What is here of one upload."""

    request: UploadRequest
    content: bytearray = field(default_factory=bytearray)
    state: Literal["open", "recovering", "complete", "used"] = "open"
    recovered: int = 0


@dataclass(slots=True)
class EvidenceNode:
    """Uploads by id, evidence files by (message, aid), and what is to go wrong.

    Attributes:
        faults: By name of the route; the first is taken by the next request.
        answered: Name of the route and where it began, in order.
        loses_unsynced: Bytes at the end that a broken connection costs.
        lingers: Reads on after a refusal, so that it surely arrives.
    """

    uploads: dict[str, Kept] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    answered: list[tuple[str, int]] = field(default_factory=list)
    told_sha256: str = ""
    loses_unsynced: int = 0
    lingers: bool = True

    def starts(self, name: str) -> list[int]:
        """Return where the requests of a route began."""
        return [start for told, start in self.answered if told == name]

    def respond(
        self,
        request: BaseHTTPRequestHandler,
        name: str,
        segments: Mapping[str, str],
        query: Mapping[str, str],
    ) -> None:
        """Answer a request of one of the routes of evidence."""
        faults = self.faults.get(name, [])
        fault = faults.pop(0) if faults else None
        if isinstance(fault, Refusal):
            refuse(request, fault)
            if self.lingers and name == "append_upload":
                _body(request)
        elif isinstance(fault, Raw):
            reply(request, fault.status, fault.body, fault.headers)
        elif name == "create_upload":
            self._create(request)
        elif name == "append_upload":
            self._append(request, segments["id"], int(query["offset"]), fault)
        elif name == "show_upload":
            self._show(request, segments["id"])
        elif name == "drop_upload":
            del self.uploads[segments["id"]]
            reply(request, 204, b"")
        else:
            self._give(request, self.files[segments["id"], segments["aid"]], fault)

    def upload(self, upload_id: str) -> Upload:
        """Return an upload as the node tells it."""
        kept = self.uploads[upload_id]
        digest = hashlib.sha256(kept.content).hexdigest()
        is_whole = kept.state in {"complete", "used"}
        return Upload(
            id=upload_id,
            size=kept.request.size,
            offset=len(kept.content),
            state=kept.state,
            name=kept.request.name,
            sha256=(self.told_sha256 or digest) if is_whole else "",
            recovered=kept.recovered,
        )

    def _create(self, request: BaseHTTPRequestHandler) -> None:
        self.answered.append(("create_upload", 0))
        asked = msgspec.json.decode(_body(request), type=UploadRequest)
        key = request.headers["Idempotency-Key"]
        upload_id = self.keys.setdefault(key, f"u{len(self.keys)}")
        kept = self.uploads.setdefault(upload_id, Kept(asked))
        if asked not in {kept.request, self._measured(kept)}:
            refuse(request, Refusal("conflict", 409))
            return
        reply(request, 201, msgspec.json.encode(self.upload(upload_id)))

    def _measured(self, kept: Kept) -> UploadRequest:
        """Return an announcement of a whole file that knows its digest."""
        if kept.state not in {"complete", "used"}:
            return kept.request
        digest = hashlib.sha256(kept.content).hexdigest()
        return msgspec.structs.replace(kept.request, sha256=digest)

    def _show(self, request: BaseHTTPRequestHandler, upload_id: str) -> None:
        if upload_id not in self.uploads:
            refuse(request, Refusal("not-found", 404))
            return
        shown = msgspec.json.encode(self.upload(upload_id))
        # Before the answer: who has it may ask again at once.
        kept = self.uploads[upload_id]
        if kept.state == "recovering":
            kept.recovered = min(kept.recovered + _BLOCK, len(kept.content))
            if kept.recovered == len(kept.content):
                kept.state, kept.recovered = "open", 0
        reply(request, 200, shown)

    def _append(
        self,
        request: BaseHTTPRequestHandler,
        upload_id: str,
        offset: int,
        fault: Fault | None,
    ) -> None:
        self.answered.append(("append_upload", offset))
        kept = self.uploads[upload_id]
        if offset != len(kept.content) or kept.state != "open":
            refuse(request, Refusal("conflict", 409))
            return
        length = int(request.headers["Content-Length"])
        assert request.headers["Content-Type"] == "application/octet-stream"
        taken = min(length, fault.after) if isinstance(fault, Cut) else length
        while taken:
            block = request.rfile.read(min(_BLOCK, taken))
            if not block:
                return
            kept.content += block
            taken -= len(block)
        if isinstance(fault, Cut):
            del kept.content[max(len(kept.content) - self.loses_unsynced, offset) :]
            hang_up(request)
            return
        if len(kept.content) == kept.request.size:
            kept.state = "complete"
            digest = hashlib.sha256(kept.content).hexdigest()
            if kept.request.sha256 not in {"", digest}:
                del self.uploads[upload_id]
                refuse(request, Refusal("source-changed", 409))
                return
        reply(request, 200, msgspec.json.encode(self.upload(upload_id)))

    def _give(
        self,
        request: BaseHTTPRequestHandler,
        content: bytes,
        fault: Fault | None,
    ) -> None:
        wanted = request.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.answered.append(("fetch_attachment", start))
        request.send_response(206 if wanted else 200)
        request.send_header("Content-Length", str(len(content) - start))
        if wanted:
            told = f"bytes {start}-{len(content) - 1}/{len(content)}"
            request.send_header("Content-Range", told)
        request.end_headers()
        rest = content[start:]
        with contextlib.suppress(ConnectionError):
            request.wfile.write(rest[: fault.after] if isinstance(fault, Cut) else rest)


def refuse(request: BaseHTTPRequestHandler, refusal: Refusal) -> None:
    """Answer with a problem."""
    problem = {
        "type": f"urn:mla-gateway:{refusal.code}",
        "title": refusal.code,
        "status": refusal.status,
        "code": refusal.code,
        "detail": f"said by the node: {refusal.code}",
        "retry_after_s": refusal.retry_after_s,
    }
    reply(request, refusal.status, json.dumps(problem).encode())


def reply(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer with a body."""
    request.send_response(status)
    for name, text in {"Content-Length": str(len(body)), **(headers or {})}.items():
        request.send_header(name, text)
    request.end_headers()
    request.wfile.write(body)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """Break the connection."""
    request.connection.shutdown(socket.SHUT_RDWR)


def _body(request: BaseHTTPRequestHandler) -> bytes:
    return request.rfile.read(int(request.headers["Content-Length"]))
