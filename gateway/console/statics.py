"""Style sheets, scripts and pictures: read once, known by what is in them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp.web import BaseRequest, Response

from gateway.console.page import PREFIX
from gateway.core.errors import NotFoundError

STATIC_PREFIX: Final = f"{PREFIX}/static/"

_HASH_CHARS = 16
_FOREVER = "public, max-age=31536000, immutable"
_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes = field(repr=False)
    media_type: str
    version: str


class Statics:
    """All files there are, by name: no path of a request ever reaches a disk."""

    def __init__(self) -> None:
        root = resources.files(__package__).joinpath("static")
        self._files = dict(_walk(root, ""))

    def url(self, name: str) -> str:
        """Return the address of a file; another content has another address.

        Raises:
            KeyError: There is none; a defect of ours.
        """
        return f"{STATIC_PREFIX}{name}?v={self._files[name].version}"

    def answer(self, request: BaseRequest, name: str) -> Response:
        """Give a file, or say that the browser has it.

        Raises:
            NotFoundError: There is none of that name.
        """
        found = self._files.get(name)
        if found is None:
            raise NotFoundError("path: there is no such file")
        tag = f'"{found.version}"'
        is_exact = request.query_string == f"v={found.version}"
        headers = {
            "Cache-Control": _FOREVER if is_exact else "no-cache",
            "ETag": tag,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Security-Policy": "default-src 'none'",
            "Server": "mla-gateway",
        }
        if tag in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers=headers)
        return Response(
            body=found.content,
            content_type=found.media_type,
            charset="utf-8" if found.media_type.startswith("text/") else None,
            headers=headers,
        )


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, _File]]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
            continue
        media_type = _TYPES.get(entry.name.rpartition(".")[2])
        if media_type is not None:
            content = entry.read_bytes()
            version = hashlib.sha256(content).hexdigest()[:_HASH_CHARS]
            yield name, _File(content, media_type, version)
