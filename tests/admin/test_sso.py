"""Single sign-on with a provider that is really asked, and that lies."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import aiohttp
import pytest
from joserfc.jwk import ECKey

from gateway.core.operators import Role
from gateway.signin.sso import OpenIdConnect, SsoPlan
from tests.support.admin_api import AdminNode, admin_node
from tests.support.provider import Provider, provider
from tests.support.signed_in import Answered, Browser

_PLACE = re.compile(r'http-equiv="refresh" content="0; url=([^"]*)"')


@pytest.fixture
async def known() -> AsyncIterator[Provider]:
    async with provider() as made:
        yield made


@pytest.fixture
async def node(tmp_path: Path, known: Provider) -> AsyncIterator[AdminNode]:
    plan = SsoPlan(
        issuer=known.url,
        name="Ministry login",
        client_id=known.client_id,
        secret=known.secret,
        roles_claim="groups",
        roles={"mla": Role.AUDITOR, "mla-admin": Role.SECURITY},
    )
    async with admin_node(
        tmp_path, sso=lambda clock: OpenIdConnect(plan, clock)
    ) as one:
        known.now_s = one.trust.clock.now() // 1000
        known.claims["groups"] = ["mla", "other", "mla-admin"]
        url = f"{one.url}/api/v1/operators/observer/subject"
        body = {"subject": "somebody else"}
        async with one.session.put(url, json=body, headers=one.headers()) as response:
            assert response.status == 204
        url = f"{one.url}/api/v1/operators/auditor/subject"
        body = {"subject": "7f3a"}
        async with one.session.put(url, json=body, headers=one.headers()) as response:
            assert response.status == 204
        yield one


async def sign_in(browser: Browser, known: Provider, **other: str) -> Answered:
    begun = await browser.ask("POST", "sign-in/sso")
    assert begun.status == 200, begun.body
    code, state = known.authorize(str(begun.body["url"]))
    back = {"pending": begun.body["pending"], "state": state, "code": code, **other}
    return await browser.ask("POST", "sign-in/sso/finish", back)


async def test_a_person_of_the_provider_signs_in_with_the_roles_of_both(
    node: AdminNode, known: Provider
) -> None:
    browser = Browser(node)
    assert (await browser.ask("GET", "sign-in")).body["sso"] == "Ministry login"
    signed = await sign_in(browser, known)
    assert (signed.status, signed.body.get("name")) == (201, "auditor"), signed.body
    session = (await browser.ask("GET", "session")).body
    assert session["roles"] == ["auditor"]  # never what the account has not
    assert [one["res"] for one in await node.entries("admin.sign-in")] == ["sso"]


async def test_what_proves_nobody_signs_nobody_in(
    node: AdminNode, known: Provider
) -> None:
    now_s, right = known.now_s, dict(known.claims)
    lies: tuple[dict[str, object], ...] = (
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["mla-gateway", "another"]},
        {"azp": "another"},
        {"exp": now_s - 61},
        {"exp": None},
        {"iat": now_s + 600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "nobody here"},
        {"groups": []},
        {"groups": ["other"]},
        {"groups": "mla-admin"},
    )
    for lie in lies:
        known.claims = right | lie
        refused = await sign_in(Browser(node), known)
        assert (refused.status, refused.code) == (401, "not-authenticated"), lie
    known.claims = right
    known.signing = ECKey.generate_key("P-256")
    assert (await sign_in(Browser(node), known)).status == 401
    known.signing = None
    for other in ({"state": "x"}, {"code": "x"}, {"pending": "x"}):
        assert (await sign_in(Browser(node), known, **other)).status == 401, other
    begun = await Browser(node).ask("POST", "sign-in/sso")
    code, state = known.authorize(str(begun.body["url"]))
    node.trust.clock.advance(601)
    late = {"pending": begun.body["pending"], "state": state, "code": code}
    assert (await Browser(node).ask("POST", "sign-in/sso/finish", late)).status == 401


async def test_a_provider_that_is_none_is_said(
    node: AdminNode, known: Provider
) -> None:
    known.issuer = "https://evil.example"
    refused = await Browser(node).ask("POST", "sign-in/sso")
    assert refused.code == "unreachable"
    known.issuer, known.padding = "", 300_000
    refused = await Browser(node).ask("POST", "sign-in/sso")
    assert refused.code == "unreachable"
    known.padding = 0
    assert (await sign_in(Browser(node), known)).status == 201


async def test_the_pages_lead_there_and_back(node: AdminNode, known: Provider) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        url = f"{node.url}/console/sign-in"
        async with session.get(url) as response:
            assert "Sign in with Ministry login" in await response.text()
        async with session.get(f"{url}/sso") as response:
            found = _PLACE.search(unescape(await response.text()))
            assert "SameSite=Lax" in response.headers["Set-Cookie"]
        assert found
        code, state = known.authorize(found[1])
        query = {"code": code, "state": state}
        async with session.get(f"{url}/sso/callback", params=query) as response:
            assert response.status == 200
        async with session.get(f"{node.url}/console/account") as response:
            assert "auditor" in await response.text()
        async with session.get(f"{url}/sso/callback", params=query) as response:
            assert response.status == 401


async def test_without_a_provider_there_is_none(tmp_path: Path) -> None:
    async with admin_node(tmp_path) as node:
        browser = Browser(node)
        assert (await browser.ask("GET", "sign-in")).body == {}
        assert (await browser.ask("POST", "sign-in/sso")).status == 404
        back = {"pending": "", "state": "", "code": ""}
        assert (await browser.ask("POST", "sign-in/sso/finish", back)).status == 404
