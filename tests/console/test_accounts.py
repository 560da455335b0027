"""Coming in by the pages, without a script: link, password, own account, tokens."""

import re
from html import unescape

import aiohttp
import pytest

from tests.support.admin_api import AdminNode
from tests.support.signed_in import PASSWORD, invite, welcomed

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRONG = "short"
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')
_COPY = re.compile(r'data-copy="([^"]*)"')


class Person:
    """A browser with a cookie jar that follows nothing by itself."""

    def __init__(self, node: AdminNode, session: aiohttp.ClientSession) -> None:
        self._node = node
        self._session = session
        self.csrf = ""
        self.place = ""

    async def see(self, path: str, language: str = "en") -> tuple[int, str]:
        return await self._ask("GET", path, None, {"Accept-Language": language})

    async def send(self, path: str, **fields: str) -> tuple[int, str]:
        form = {"csrf": self.csrf, **fields}
        return await self._ask("POST", path, form, {"Origin": self._node.url})

    async def _ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None,
        headers: dict[str, str],
    ) -> tuple[int, str]:
        async with self._session.request(
            method,
            f"{self._node.url}{path}",
            data=form,
            headers=headers,
            allow_redirects=False,
        ) as response:
            text = unescape(await response.text())
            found = _CSRF.search(text)
            self.csrf = found[1] if found else self.csrf
            self.place = response.headers.get("Location", "")
            return response.status, text


def jar() -> aiohttp.CookieJar:
    return aiohttp.CookieJar(unsafe=True)


async def test_a_one_time_link_leads_into_the_console_and_back(
    node: AdminNode,
) -> None:
    url = str((await invite(node, "observer"))["url"])
    path = url.partition(f":{node.server.port}")[2]
    link = url.partition("link=")[2]
    async with aiohttp.ClientSession(cookie_jar=jar()) as session:
        person = Person(node, session)
        status, text = await person.see(path)
        assert (status, "observer" in text) == (200, True)
        good = {"link": link, "password": PASSWORD, "again": PASSWORD}
        status, text = await person.send("/console/welcome", **good | {"again": "x"})
        assert (status, "differ" in text) == (400, True)
        status, text = await person.send(
            "/console/welcome", link=link, password=WRONG, again=WRONG
        )
        assert (status, "expected 12" in text) == (400, True)
        status, _ = await person.send("/console/welcome", **good, language="fr")
        assert (status, person.place) == (303, "/console/overview")
        status, text = await person.see("/console/account")
        assert (status, "Se déconnecter" in text) == (200, True)
        assert (await person.send("/console/sign-out"))[0] == 303
        assert person.place == "/console/sign-in"
        status, _ = await person.see("/console/account")
        assert (status, person.place) == (
            303,
            "/console/sign-in?next=%2Fconsole%2Faccount",
        )
        status, text = await person.see(path)
        assert (status, "was used" in text) == (401, True)


async def test_signing_in_leads_where_one_wanted_to_go_and_never_elsewhere(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    for wanted, place in (
        ("/console/account", "/console/account"),
        ("https://evil.example/", "/console/overview"),
        ("//evil.example/", "/console/overview"),
        ("/console/\\evil.example", "/console/overview"),
        ("/console/\nSet-Cookie: a=b", "/console/overview"),
        ("", "/console/overview"),
    ):
        async with aiohttp.ClientSession(cookie_jar=jar()) as session:
            person = Person(node, session)
            assert (await person.see("/console/sign-in"))[0] == 200
            sent = {"name": "auditor", "password": PASSWORD, "next": wanted}
            status, _ = await person.send("/console/sign-in", **sent)
            assert (status, person.place) == (303, place)


async def test_a_wrong_password_is_said_and_slowed(node: AdminNode) -> None:
    async with aiohttp.ClientSession(cookie_jar=jar()) as session:
        person = Person(node, session)
        await person.see("/console/sign-in")
        texts = [
            await person.send("/console/sign-in", name="caseworker", password=WRONG)
            for _ in range(6)
        ]
        assert {status for status, _ in texts} == {401}
        assert "Name or password is wrong." in texts[0][1]
        assert "Too many wrong passwords." in texts[-1][1]


async def test_people_change_their_account_and_end_sessions(node: AdminNode) -> None:
    there = await welcomed(node, "auditor")
    async with aiohttp.ClientSession(cookie_jar=jar()) as session:
        person = Person(node, session)
        await person.see("/console/sign-in")
        await person.send("/console/sign-in", name="auditor", password=PASSWORD)
        await person.see("/console/account")
        status, _ = await person.send(
            "/console/account", display_name="Ann Auditor", language=""
        )
        assert status == 303
        status, text = await person.see("/console/account")
        assert "Ann Auditor" in text
        forged = person.csrf
        person.csrf = "wrong"
        assert (await person.send("/console/account", display_name="X"))[0] == 403
        person.csrf = forged
        new = "a wholly different sentence"
        wrong = {"old_password": "x", "new_password": new}
        assert (await person.send("/console/account/password", **wrong))[0] != 204
        await person.see("/console/account")
        right = {"old_password": PASSWORD, "new_password": new}
        assert (await person.send("/console/account/password", **right))[0] == 303
        assert (await there.ask("GET", "session")).status == 401
        assert (await person.see("/console/account"))[0] == 200
        assert (await person.send("/console/account/end-others"))[0] == 303


async def test_a_token_is_shown_once_and_sessions_are_listed(node: AdminNode) -> None:
    await welcomed(node, "admin")
    other = await welcomed(node, "observer")
    async with aiohttp.ClientSession(cookie_jar=jar()) as session:
        person = Person(node, session)
        await person.see("/console/sign-in")
        await person.send("/console/sign-in", name="admin", password=PASSWORD)
        assert (await person.see("/console/tokens"))[0] == 200
        sent = {"operator": "observer", "label": "script", "days": "3"}
        status, text = await person.send("/console/tokens", **sent)
        (token,) = [one for one in _COPY.findall(text) if one.startswith("mlagw_")]
        assert status == 200
        _, text = await person.see("/console/tokens")
        assert "script" in text
        assert token not in text
        bearer = {"Authorization": f"Bearer {token}"}
        url = f"{node.url}/api/v1/session"
        async with node.session.get(url, headers=bearer) as response:
            assert (await response.json())["name"] == "observer"
        revoked = await person.send("/console/tokens/observer/script/revoke")
        assert revoked[0] == 303
        async with node.session.get(url, headers=bearer) as response:
            assert response.status == 401
        await person.see("/console/sessions")
        listed = (await other.ask("GET", "account")).body["session"]
        assert (await person.send(f"/console/sessions/{listed}/end"))[0] == 303
        assert (await other.ask("GET", "session")).status == 401
        status, text = await person.send("/console/sessions/invite", name="auditor")
        assert (status, "/console/welcome?link=mlalink_" in text) == (200, True)


async def test_who_may_not_change_accounts_finds_no_such_pages(
    node: AdminNode,
) -> None:
    await welcomed(node, "observer")
    async with aiohttp.ClientSession(cookie_jar=jar()) as session:
        person = Person(node, session)
        await person.see("/console/sign-in")
        await person.send("/console/sign-in", name="observer", password=PASSWORD)
        for path in ("/console/tokens", "/console/sessions"):
            assert (await person.see(path))[0] == 404
