"""A browser's side of the admin API: a cookie, an origin, a token of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import aiohttp

from gateway.core.canonical import JsonObject
from tests.support.admin_api import AdminNode

PASSWORD = "correct horse battery staple"  # noqa: S105 - of tests


@dataclass
class Answered:
    """What came back."""

    status: int
    body: JsonObject
    cookie: str

    @property
    def code(self) -> object:
        return self.body.get("code")

    @property
    def passkeys(self) -> list[JsonObject]:
        """Return the passkeys of an account."""
        found = self.body["passkeys"]
        assert isinstance(found, list)
        return [one for one in found if isinstance(one, dict)]

    @property
    def items(self) -> list[JsonObject]:
        """Return what a list holds."""
        items = self.body["items"]
        assert isinstance(items, list)
        return [one for one in items if isinstance(one, dict)]


@dataclass
class Browser:
    """Somebody at the console, as far as the API sees it."""

    node: AdminNode
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        """Ask as a page of ours would; `headers` replace what it sends, or empty it."""
        url = self.node.url
        sent = {"Origin": url, "X-CSRF-Token": self.csrf} | (headers or {})
        sent = {name: value for name, value in sent.items() if value}
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(cookie_jar=jar) as session,
            session.request(
                method,
                f"{url}/api/v1/{path}",
                json=body,
                headers=sent,
                cookies=self.cookies,
            ) as response,
        ):
            raw = await response.read()
            cookie = response.headers.get("Set-Cookie", "")
            self._keep(cookie)
            answer = await response.json() if raw else {}
            if "csrf" in answer:
                self.csrf = answer["csrf"]
            return Answered(response.status, answer, cookie)

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answered:
        return await self.ask("POST", "sign-in", {"name": name, "password": password})

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            self.cookies[name] = morsel.value
            if not morsel.value:
                del self.cookies[name]


async def welcomed(node: AdminNode, account: str) -> Browser:
    """Return a browser of an account that has set its password by a one-time link."""
    browser = Browser(node)
    invited = await invite(node, account)
    link = str(invited["url"]).partition("link=")[2]
    accepted = await browser.ask(
        "POST", "invitation/accept", {"link": link, "password": PASSWORD}
    )
    assert accepted.status == 201, accepted.body
    return browser


async def invite(
    node: AdminNode, account: str, body: JsonObject | None = None
) -> JsonObject:
    """Return what an invitation of an account answers."""
    async with node.session.post(
        f"{node.url}/api/v1/operators/{account}/invitation",
        json=body or {},
        headers=node.headers(),
    ) as response:
        answer: JsonObject = await response.json()
        assert response.status == 201, answer
        return answer
