"""People sign in: links, passwords, sessions, and what a browser may not do."""

import asyncio
import statistics
import time

from gateway.core.operators import Role
from gateway.core.sessions import csrf_token
from tests.support.admin_api import AdminNode
from tests.support.signed_in import PASSWORD, Browser, invite, welcomed

OTHER = "a wholly different sentence"
_MINUTE_S = 60


async def test_a_one_time_link_leads_to_a_password_and_a_session(
    node: AdminNode,
) -> None:
    invited = await invite(node, "observer")
    url = str(invited["url"])
    assert url.startswith(f"http://localhost:{node.server.port}/console/welcome?link=")
    link = url.partition("link=")[2]
    browser = Browser(node)
    for _ in range(2):  # looking does not use it up: mail programs look, too
        shown = await browser.ask("POST", "invitation", {"link": link})
        assert (shown.status, shown.body["name"]) == (200, "observer")
    weak = {"link": link, "password": "observer"}
    assert (await browser.ask("POST", "invitation/accept", weak)).code == "usage"
    good = {
        "link": link,
        "password": PASSWORD,
        "display_name": "Anna Tamm",
        "language": "fr",
    }
    accepted = await browser.ask("POST", "invitation/accept", good)
    assert accepted.status == 201
    account = (await browser.ask("GET", "account")).body
    assert account["display_name"] == "Anna Tamm"
    assert (account["language"], account["password"]) == ("fr", True)
    assert account["roles"] == ["observer"]
    for body in (good, good | {"password": OTHER}):
        again = await Browser(node).ask("POST", "invitation/accept", body)
        assert (again.status, again.code) == (401, "not-authenticated")
    assert (await Browser(node).sign_in("observer")).status == 201
    kinds = [leaf.fields["res"] for leaf in await node.trust.logged("admin.sign-in")]
    assert kinds == ["link", "password"]
    text = (node.trust.layout.folder / "operators/observer.toml").read_text()
    assert "$argon2id$" in text
    assert link not in text


async def test_of_two_who_use_a_link_at_once_one_gets_in(node: AdminNode) -> None:
    link = str((await invite(node, "auditor"))["url"]).partition("link=")[2]
    body = {"link": link, "password": PASSWORD}
    answers = await asyncio.gather(
        *(Browser(node).ask("POST", "invitation/accept", body) for _ in range(3))
    )
    assert sorted(one.status for one in answers) == [201, 401, 401]


async def test_a_link_is_worth_nothing_after_a_day_and_once_another_is_made(
    node: AdminNode,
) -> None:
    first = str((await invite(node, "auditor"))["url"]).partition("link=")[2]
    second = str((await invite(node, "auditor"))["url"]).partition("link=")[2]
    browser = Browser(node)
    assert (await browser.ask("POST", "invitation", {"link": first})).status == 401
    assert (await browser.ask("POST", "invitation", {"link": second})).status == 200
    node.trust.clock.advance(24 * 3600)
    assert (await browser.ask("POST", "invitation", {"link": second})).status == 401
    assert (await browser.ask("POST", "invitation", {"link": "x"})).status == 401


async def test_a_lost_password_is_reset_at_once_and_its_sessions_end(
    node: AdminNode,
) -> None:
    browser = await welcomed(node, "auditor")
    await invite(node, "auditor")
    assert (await browser.ask("GET", "session")).status == 200
    await invite(node, "auditor", {"reset": True})
    assert (await browser.ask("GET", "session")).status == 401
    assert (await Browser(node).sign_in("auditor")).status == 401


async def test_a_wrong_name_and_a_wrong_password_look_alike(node: AdminNode) -> None:
    await welcomed(node, "auditor")
    wrong = [
        await Browser(node).sign_in(*given)
        for given in (
            ("auditor", OTHER),
            ("nobody", PASSWORD),
            ("observer", PASSWORD),  # has no password
            ("auditor", ""),
            ("", ""),
        )
    ]
    assert {one.status for one in wrong} == {401}
    assert {str(one.body["detail"]) for one in wrong} == {
        "sign-in: name or password is wrong"
    }
    node.trust.clock.advance(61)
    await Browser(node).sign_in("auditor", OTHER)
    entries = await node.entries("auth.fail")
    told = {(one.get("detail", ""), one["source"]) for one in entries}
    # What is no account may be a password in the wrong field.
    assert told == {
        ("account auditor", "127.0.0.1"),
        ("account observer", "127.0.0.1"),
        ("", "127.0.0.1"),
    }


async def test_an_unknown_name_takes_as_long_as_a_known_one(node: AdminNode) -> None:
    await welcomed(node, "auditor")
    check = node.services.people.signing_in._checks._passwords

    async def median_s(hashed: str) -> float:
        took = []
        for _ in range(9):
            began = time.perf_counter()
            await check.matches(hashed, OTHER)
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    hashed = node.services.people.accounts.find("auditor").password
    known, unknown = await median_s(hashed), await median_s("")
    assert 0.2 < known / unknown < 5


async def test_guessing_is_slowed_and_the_owner_still_gets_in(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    statuses = [
        (await Browser(node).sign_in("auditor", OTHER)).status for _ in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2
    refused = await Browser(node).sign_in("auditor")
    assert (refused.status, refused.code) == (429, "quota")
    node.trust.clock.advance(int(str(refused.body["retry_after_s"])))
    assert (await Browser(node).sign_in("auditor")).status == 201


# --- the cookie and the page ---


async def test_the_cookie_is_kept_from_scripts_and_other_sites(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    browser = Browser(node)
    cookie = (await browser.sign_in("auditor")).cookie
    name, *attributes = cookie.split("; ")
    assert name.startswith("mla-session=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} == set(attributes)
    known = await browser.ask("GET", "account")
    assert known.status == 200
    assert browser.cookies["mla-session"] not in str(known.body)


async def test_a_session_that_somebody_planted_is_not_taken_over(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    attacker = await welcomed(node, "observer")
    planted = dict(attacker.cookies)
    victim = Browser(node, cookies=dict(planted))
    assert (await victim.sign_in("auditor")).status == 201
    assert victim.cookies != planted
    # And what was planted is worth nothing any more, to anybody.
    assert (await attacker.ask("GET", "session")).status == 401
    odd = Browser(node, cookies={"mla-session": "A" * 43})
    assert (await odd.sign_in("auditor")).status == 201
    assert odd.cookies["mla-session"] != "A" * 43


async def test_after_signing_out_the_cookie_is_worth_nothing(node: AdminNode) -> None:
    browser = await welcomed(node, "auditor")
    copied = Browser(node, cookies=dict(browser.cookies), csrf=browser.csrf)
    gone = await browser.ask("DELETE", "session")
    assert gone.status == 204
    assert "Max-Age=0" in gone.cookie
    assert browser.cookies == {}
    again = await copied.ask("GET", "session")
    assert (again.status, again.code) == (401, "not-authenticated")
    assert (await copied.ask("DELETE", "session")).status == 401
    ((leaf),) = await node.entries("admin.sign-out")
    assert leaf["res"] == "signed-out"


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:1"},
    {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "same-site"},
    {"Origin": "", "Sec-Fetch-Site": "none"},
    {"Origin": ""},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": "wrong"},
    {"X-CSRF-Token": csrf_token("A" * 43)},
)


async def test_what_no_page_of_ours_asks_for_is_not_done(node: AdminNode) -> None:
    browser = await welcomed(node, "auditor")
    body = {"display_name": "Mallory"}
    for headers in FOREIGN:
        refused = await browser.ask("PUT", "account", body, headers=headers)
        assert (refused.status, refused.code) == (403, "not-allowed"), headers
        refused = await browser.ask("DELETE", "session", headers=headers)
        assert refused.status == 403, headers
    assert (await browser.ask("GET", "account")).body.get("display_name") is None
    assert (await browser.ask("PUT", "account", body)).status == 200


async def test_another_site_signs_nobody_in(node: AdminNode) -> None:
    await welcomed(node, "auditor")
    browser = Browser(node)
    body = {"name": "auditor", "password": PASSWORD}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    ):
        refused = await browser.ask("POST", "sign-in", body, headers=headers)
        assert (refused.status, browser.cookies) == (403, {})
    host = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert (await browser.ask("POST", "sign-in", body, headers=host)).status == 400
    same = {"Origin": "", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.ask("POST", "sign-in", body, headers=same)).status == 201
    # A program has no cookie that another site could use.
    program = await Browser(node).ask("POST", "sign-in", body, headers={"Origin": ""})
    assert program.status == 201


async def test_a_token_beside_a_cookie_is_what_counts(node: AdminNode) -> None:
    browser = await welcomed(node, "auditor")
    token = {"Origin": "", "X-CSRF-Token": "", **node.headers("observer")}
    assert (await browser.ask("GET", "session", headers=token)).body["name"] == (
        "observer"
    )
    wrong = {"Authorization": "Bearer mlagw_" + "x" * 43}
    assert (await browser.ask("GET", "session", headers=wrong)).status == 401
    ended = await browser.ask("DELETE", "session", headers=token)
    assert ended.status == 404  # a token has no session to end


async def test_an_odd_cookie_is_none(node: AdminNode) -> None:
    for cookie in ("", "x" * 5000, "mla-session=short", 'mla-session="', "a=b; c"):
        headers = {"Cookie": cookie} if cookie else {}
        url = f"{node.url}/api/v1/session"
        async with node.session.get(url, headers=headers) as response:
            assert response.status == 401, cookie


# --- how long it lasts ---


async def test_a_session_ends_when_nothing_is_asked_and_after_half_a_day(
    node: AdminNode,
) -> None:
    clock = node.trust.clock
    idle, busy = await welcomed(node, "auditor"), await welcomed(node, "observer")
    for _ in range(35):
        clock.advance(20 * _MINUTE_S)
        assert (await busy.ask("GET", "session")).status == 200
    assert (await idle.ask("GET", "session")).status == 401
    clock.advance(20 * _MINUTE_S)
    assert (await busy.ask("GET", "session")).status == 401
    await node.services.people.sessions.tidy()
    assert await node.trust.store.sessions() == []


async def test_being_in_use_is_written_down_once_a_minute(node: AdminNode) -> None:
    browser = await welcomed(node, "auditor")
    store, clock = node.trust.store, node.trust.clock

    async def used_at() -> int:
        (session,) = await store.sessions("auditor")
        return session.used_at

    began = await used_at()
    for _ in range(5):
        clock.advance(10)
        await browser.ask("GET", "session")
    assert await used_at() == began
    clock.advance(10)
    await browser.ask("GET", "session")
    assert await used_at() == began + 60_000


async def test_other_roles_or_no_account_end_its_sessions_at_once(
    node: AdminNode,
) -> None:
    officer, observer = (
        await welcomed(node, "admin"),
        await welcomed(node, "observer"),
    )
    admin = node.headers()
    url = f"{node.url}/api/v1/operators"
    roles = {"roles": [Role.OBSERVER.value, Role.SECURITY.value]}
    async with node.session.put(f"{url}/admin/roles", json=roles, headers=admin) as r:
        assert r.status == 200
    assert (await officer.ask("GET", "session")).status == 401
    async with node.session.delete(f"{url}/observer", headers=admin) as response:
        assert response.status == 200
    assert (await observer.ask("GET", "session")).status == 401


async def test_people_see_and_end_their_sessions_and_nobody_elses(
    node: AdminNode,
) -> None:
    first = await welcomed(node, "auditor")
    other = await welcomed(node, "observer")
    second = Browser(node)
    await second.sign_in("auditor")
    items = (await second.ask("GET", "account/sessions")).items
    told = [(one["method"], one.get("current", False)) for one in items]
    assert sorted(told) == [("link", False), ("password", True)]
    assert all(one["account"] == "auditor" for one in items)
    theirs = (await other.ask("GET", "account")).body["session"]
    assert (await second.ask("DELETE", f"account/sessions/{theirs}")).status == 404
    ended = await second.ask("DELETE", "account/sessions")
    assert ended.body["ended"] == 1
    assert (await first.ask("GET", "session")).status == 401
    assert (await second.ask("GET", "session")).status == 200
    mine = (await second.ask("GET", "account")).body["session"]
    assert (await second.ask("DELETE", f"account/sessions/{mine}")).status == 204
    assert (await second.ask("GET", "session")).status == 401


async def test_security_sees_and_ends_any_session(node: AdminNode) -> None:
    auditor = await welcomed(node, "auditor")
    observer = await welcomed(node, "observer")
    officer = await welcomed(node, "admin")
    listed = (await officer.ask("GET", "sessions")).items
    assert {one["account"] for one in listed} == {"auditor", "observer", "admin"}
    (one,) = (await officer.ask("GET", "sessions?account=observer")).items
    assert (await officer.ask("DELETE", f"sessions/{one['id']}")).status == 204
    assert (await observer.ask("GET", "session")).status == 401
    ended = await officer.ask("DELETE", "operators/auditor/sessions")
    assert ended.body["ended"] == 1
    assert (await auditor.ask("GET", "session")).status == 401
    assert (await officer.ask("DELETE", "operators/nobody/sessions")).status == 404
    revoked = [one["res"] for one in await node.entries("admin.sign-out")]
    assert revoked == ["revoked", "revoked"]


async def test_who_decides_with_others_is_not_invited_by_one_person(
    node: AdminNode,
) -> None:
    for name, body in (
        ("security", {}),
        ("approver", {}),
        ("anna", {"roles": ["caseworker"]}),
    ):
        async with node.session.post(
            f"{node.url}/api/v1/operators/{name}/invitation",
            json=body,
            headers=node.headers(),
        ) as response:
            answer = await response.json()
            assert (response.status, answer["code"]) == (403, "needs-approval"), name


# --- one's own password ---


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    here, there = Browser(node), Browser(node)
    for browser in (here, there):
        await browser.sign_in("auditor")
    for old in ("", OTHER):
        refused = await here.ask("PUT", "account/password", {"new": OTHER, "old": old})
        assert refused.status in {401, 403}
    weak = {"new": "auditor", "old": PASSWORD}
    assert (await here.ask("PUT", "account/password", weak)).status == 400
    good = {"new": OTHER, "old": PASSWORD}
    assert (await here.ask("PUT", "account/password", good)).status == 200
    assert (await here.ask("GET", "session")).status == 200
    assert (await there.ask("GET", "session")).status == 401
    assert (await Browser(node).sign_in("auditor")).status == 401
    assert (await Browser(node).sign_in("auditor", OTHER)).status == 201


async def test_a_session_of_a_link_sets_a_password_for_a_while(
    node: AdminNode,
) -> None:
    browser = await welcomed(node, "auditor")
    body = {"new": OTHER}
    assert (await browser.ask("PUT", "account/password", body)).status == 200
    node.trust.clock.advance(11 * _MINUTE_S)
    late = await browser.ask("PUT", "account/password", {"new": PASSWORD})
    assert (late.status, late.code) == (403, "not-allowed")


async def test_a_token_does_not_change_how_its_account_signs_in(
    node: AdminNode,
) -> None:
    await welcomed(node, "auditor")
    body = {"new": OTHER, "old": PASSWORD}
    token = {"Origin": "", **node.headers("auditor")}
    refused = await Browser(node).ask("PUT", "account/password", body, headers=token)
    assert (refused.status, refused.code) == (403, "not-allowed")
