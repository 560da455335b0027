"""Looking at pages as a browser does, without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from aiohttp import FormData

from tests.support.admin_api import AdminNode


@dataclass
class Seen:
    """A page that was asked for.

    Attributes:
        links: Addresses of what it links to, and of what it loads.
        actions: Addresses that its forms post to.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    links: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def count(self, tag: str) -> int:
        """Return how many elements of a kind there are."""
        return sum(1 for name, _ in self.tags if name == tag)


class _Reader(HTMLParser):
    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._seen.tags.append((tag, found))
        if tag == "form" and found.get("method") == "post":
            self._seen.actions.append(found.get("action") or "")
        for name in ("href", "src"):
            if value := found.get(name):
                self._seen.links.append(value)


async def look(
    node: AdminNode,
    path: str,
    account: str = "admin",
    *,
    form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Seen:
    """Ask for a page, or post a form to it; follows nothing."""
    own = node.headers(account) if account else {}
    async with node.session.request(
        "GET" if form is None else "POST",
        node.url + path,
        data=None if form is None else FormData(form),
        headers={**own, **(headers or {})},
        allow_redirects=False,
    ) as response:
        raw = await response.read()
        is_text = response.content_type.startswith("text/")
        seen = Seen(
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            raw.decode() if is_text else "",
        )
    if response.content_type == "text/html":
        _Reader(seen).feed(seen.text)
    return seen
