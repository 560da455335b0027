"""Every page over the real listener: who sees it, and what it is made of."""

import asyncio

import pytest

from gateway.admin.contract import BY_NAME
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.console.page import Page
from gateway.console.pages import PAGES
from gateway.core.operators import Role
from tests.support.admin_api import AdminNode, request_form
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEGMENTS = {
    "{id}": "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a",
    "{aid}": "00" * 16,
    "{name}": "nothing",
    "{view}": "17",
    "{index}": "0",
    "{job}": "99",
    "{approval}": "99",
    "{unit}": "nothing",
    "{operator}": "nobody",
    "{session}": "99",
    "{label}": "nothing",
    "{peer}": "pgr.pt",
    "{alarm}": "99",
    "{alert}": "99",
}
NO_SUCH_PAGE = "there is no such page"


def _path(page: Page) -> str:
    path = page.path
    for placeholder, value in SEGMENTS.items():
        path = path.replace(placeholder, value)
    return path


async def test_who_may_not_use_what_a_page_needs_finds_no_such_page(
    node: AdminNode,
) -> None:
    for page in PAGES:
        if page.is_open:
            continue
        form: dict[str, str] | None = {} if page.method == "POST" else None
        for role in Role:
            is_there = all(role in BY_NAME[name].roles for name in page.needs)
            seen = await look(node, _path(page), role.value, form=form)
            is_hidden = seen.status == 404 and NO_SUCH_PAGE in seen.text
            assert is_hidden is not is_there, (page.name, role, seen.text)


async def test_the_menu_shows_the_pages_that_are_there(node: AdminNode) -> None:
    for role in Role:
        seen = await look(node, "/console/overview", role.value)
        for page in PAGES:
            if page.menu is not None:
                is_there = all(role in BY_NAME[name].roles for name in page.needs)
                is_linked = ("a", page.path) in [
                    (tag, found.get("href"))
                    for tag, found in seen.tags
                    if "data-key" in found or "aria-current" in found or tag == "a"
                ]
                assert is_linked is is_there, (page.name, role)


async def test_who_is_not_signed_in_is_sent_to_sign_in(node: AdminNode) -> None:
    seen = await look(node, "/console/messages?state=queued", "")
    assert seen.status == 303
    assert seen.headers["location"] == (
        "/console/sign-in?next=%2Fconsole%2Fmessages%3Fstate%3Dqueued"
    )
    script = await look(node, "/console/messages", "", headers={"HX-Request": "true"})
    assert script.status == 204
    assert script.headers["hx-redirect"].startswith("/console/sign-in")
    api = await look(node, "/api/v1/messages", "")
    assert api.status == 401


async def test_the_bare_address_leads_to_the_overview(node: AdminNode) -> None:
    for path in ("/", "/console"):
        seen = await look(node, path)
        assert (seen.status, seen.headers["location"]) == (303, "/console/overview")


async def test_nothing_is_inline_and_every_page_says_so_to_the_browser(
    node: AdminNode,
) -> None:
    message_id = await node.receive()
    for path in ("overview", "messages", f"messages/{message_id}", "search", "nowhere"):
        seen = await look(node, f"/console/{path}")
        policy = seen.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert seen.headers["cache-control"] == "no-store"
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["referrer-policy"] == "same-origin"
        for tag, found in seen.tags:
            assert tag != "style", path
            assert tag != "script" or found.get("src"), path
            assert not [name for name in found if name == "style"], path
            assert not [name for name in found if name.startswith(("on", "hx-on"))]


async def test_each_page_has_one_heading_a_language_and_landmarks(
    node: AdminNode,
) -> None:
    message_id = await node.receive()
    for path in ("overview", "messages", f"messages/{message_id}", "search", "nowhere"):
        seen = await look(node, f"/console/{path}", headers={"Accept-Language": "fr"})
        assert seen.count("h1") == 1, path
        assert (seen.count("main"), seen.count("header")) == (1, 1), path
        assert ("html", {"lang": "fr"}) in seen.tags, path
        ids = [found["id"] for _, found in seen.tags if "id" in found]
        assert len(ids) == len(set(ids)), path
        labelled = {found.get("for") for tag, found in seen.tags if tag == "label"}
        for tag, found in seen.tags:
            is_field = tag in {"input", "select", "textarea"}
            if is_field and found.get("type") not in {"hidden", "checkbox", "radio"}:
                assert found.get("id") in labelled, (path, found)


async def test_every_link_of_every_page_leads_somewhere(node: AdminNode) -> None:
    request = SubmitRequest(to="pgr.pt", message=dict(request_form()))
    async with node.client() as client:
        await client.send(calls.submit(request))
    await node.receive()
    seen_paths: set[str] = set()
    to_see = ["/console/overview"]
    while to_see:
        path = to_see.pop()
        key = path.partition("?")[0] if "?v=" in path else path
        if key in seen_paths or not path.startswith("/") or "#" in path:
            continue
        seen_paths.add(key)
        page = await look(node, path)
        assert page.status in {200, 303}, (path, page.text)
        to_see += page.links
    assert len(seen_paths) > 20


async def test_nobody_is_led_from_the_overview_to_what_is_not_there(
    node: AdminNode,
) -> None:
    for role in Role:
        page = await look(node, "/console/overview", role.value)
        places = {
            one
            for one in page.links
            if one.startswith("/console/") and "?v=" not in one
        }
        for place in places:
            seen = await look(node, place, role.value)
            assert seen.status in {200, 303}, (role, place)


async def test_what_comes_from_outside_is_escaped(node: AdminNode) -> None:
    wanted = '"><script>alert(1)</script>'
    for path in ("/console/search", "/console/messages"):
        name = "q" if path.endswith("search") else "case"
        query = f"{path}?{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
        seen = await look(node, query)
        assert seen.status == 200
        assert "<script>alert" not in seen.text
        assert (
            wanted.replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")
            in seen.text
        )


async def test_a_form_of_another_site_is_refused(node: AdminNode) -> None:
    message_id = await node.receive()
    seen = await look(
        node,
        f"/console/messages/{message_id}/open",
        form={"purpose": "curiosity"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert seen.status == 403
    assert "not-allowed" in seen.text
    assert await node.entries("msg.access") == []


async def test_a_problem_is_a_page_or_a_part_of_one(node: AdminNode) -> None:
    path = "/console/messages/01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"
    page = await look(node, path)
    assert (page.status, page.count("html")) == (404, 1)
    assert "not-found" in page.text
    part = await look(node, path, headers={"HX-Request": "true"})
    assert (part.status, part.count("html")) == (404, 0)
    assert part.headers["hx-retarget"] == "#problems"


@pytest.mark.parametrize(
    "path",
    [
        "/console/messages/",
        "/console//messages",
        "/console/../api/v1/session",
        "/console/%6dessages",
        "/console/static/../site.py",
        "/console/static/%2e%2e/site.py",
        "/console/static/..%2fsite.py",
        "/console/static/",
        "/console/static/base.css/",
        "/console/static/vendor",
        "/console/static/vendor/htmx/LICENSE",
        "/console/templates/base.html",
    ],
)
async def test_path_tricks_lead_nowhere(node: AdminNode, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    token = node.tokens["admin"]
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    head = await reader.read(64)
    writer.close()
    await writer.wait_closed()
    assert head.split()[1] == b"404", path


async def test_files_are_kept_by_browsers_until_they_change(node: AdminNode) -> None:
    page = await look(node, "/console/overview")
    (address,) = [link for link in page.links if "/base.css?" in link]
    first = await look(node, address, "")
    assert first.status == 200
    assert "immutable" in first.headers["cache-control"]
    again = await look(
        node, address, "", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status, again.text) == (304, "")
    other = await look(node, "/console/static/base.css?v=other", "")
    assert other.headers["cache-control"] == "no-cache"


async def test_a_host_that_is_not_ours_gets_no_page(node: AdminNode) -> None:
    seen = await look(node, "/console/overview", headers={"Host": "evil.example"})
    assert seen.status == 400
