"""Passkeys with real keys: made, used, refused, removed."""

from gateway.core.canonical import JsonObject
from tests.support.admin_api import AdminNode
from tests.support.authenticator import Authenticator
from tests.support.signed_in import PASSWORD, Answered, Browser, invite, welcomed


def site(node: AdminNode) -> str:
    return f"http://localhost:{node.server.port}"


def options_of(answer: Answered) -> JsonObject:
    options = answer.body["options"]
    assert isinstance(options, dict)
    return options


async def add(browser: Browser, device: Authenticator, **more: object) -> Answered:
    asked = await browser.ask("POST", "account/passkeys/challenge")
    body = {"credential": device.make(options_of(asked)), "label": "phone", **more}
    return await browser.ask("POST", "account/passkeys", body)


async def use(browser: Browser, device: Authenticator) -> Answered:
    asked = await browser.ask("POST", "sign-in/passkey/challenge")
    body = {"credential": device.sign(options_of(asked))}
    return await browser.ask("POST", "sign-in/passkey", body)


async def test_a_passkey_is_made_by_a_link_and_signs_in_without_a_name(
    node: AdminNode,
) -> None:
    link = str((await invite(node, "auditor"))["url"]).partition("link=")[2]
    browser, device = Browser(node), Authenticator(site(node))
    asked = await browser.ask("POST", "invitation/passkey", {"link": link})
    body = {
        "link": link,
        "credential": device.make(options_of(asked)),
        "label": "my phone",
    }
    made = await browser.ask("POST", "invitation/accept", body)
    assert made.status == 201, made.body
    (passkey,) = (await browser.ask("GET", "account")).passkeys
    assert passkey["label"] == "my phone"
    other = Browser(node)
    signed = await use(other, device)
    assert (signed.status, signed.body.get("name")) == (201, "auditor"), signed.body
    assert (await other.ask("GET", "session")).status == 200
    assert [one["res"] for one in await node.entries("admin.sign-in")] == [
        "link",
        "passkey",
    ]


async def test_only_right_and_fresh_answers_sign_in(node: AdminNode) -> None:
    browser, device = await welcomed(node, "auditor"), Authenticator(site(node))
    assert (await add(browser, device)).status == 201

    asked = await browser.ask("POST", "sign-in/passkey/challenge")
    body = {"credential": device.sign(options_of(asked))}
    assert (await Browser(node).ask("POST", "sign-in/passkey", body)).status == 201
    again = await Browser(node).ask("POST", "sign-in/passkey", body)
    assert again.status == 401  # the same answer a second time

    phished = Authenticator("https://evil.example")
    phished.credential, phished._key = device.credential, device._key
    phished.count = 10
    assert (await use(Browser(node), phished)).status == 401
    stranger = Authenticator(site(node))
    assert (await use(Browser(node), stranger)).status == 401
    stranger.credential = device.credential
    assert (await use(Browser(node), stranger)).status == 401  # another key
    device.flags = 0x01  # somebody pressed the button, but who?
    assert (await use(Browser(node), device)).status == 401
    device.flags = 0x05
    device.count = 0  # a copy that stayed behind
    assert (await use(Browser(node), device)).status == 401
    device.count = 20
    assert (await use(Browser(node), device)).status == 201


async def test_an_odd_or_late_answer_signs_nobody_in(node: AdminNode) -> None:
    browser, device = await welcomed(node, "auditor"), Authenticator(site(node))
    assert (await add(browser, device)).status == 201
    asked = await browser.ask("POST", "sign-in/passkey/challenge")
    late = {"credential": device.sign(options_of(asked))}
    node.trust.clock.advance(601)
    assert (await Browser(node).ask("POST", "sign-in/passkey", late)).status == 401
    odd_ones: tuple[JsonObject, ...] = (
        {},
        {"rawId": 1},
        {"rawId": "é", "response": []},
    )
    for odd in odd_ones:
        body = {"credential": odd}
        assert (await Browser(node).ask("POST", "sign-in/passkey", body)).status == 401
    counts = [int(one["count"]) for one in await node.entries("auth.fail")]
    assert sum(counts) >= 1


async def test_a_passkey_is_added_and_removed_by_its_owner_alone(
    node: AdminNode,
) -> None:
    browser, other = await welcomed(node, "auditor"), await welcomed(node, "observer")
    device = Authenticator(site(node))
    node.trust.clock.advance(660)
    assert (await add(browser, device)).status == 403  # signed in too long ago
    assert (await add(browser, device, password=PASSWORD[:-1])).status == 401
    assert (await add(browser, device, password=PASSWORD)).status == 201
    assert (await add(other, device, password=PASSWORD)).code == "conflict"

    # A challenge of somebody else's account is none of ours.
    asked = await other.ask("POST", "account/passkeys/challenge")
    second = Authenticator(site(node))
    body = {
        "credential": second.make(options_of(asked)),
        "label": "x",
        "password": PASSWORD,
    }
    assert (await browser.ask("POST", "account/passkeys", body)).status == 401

    (passkey,) = (await browser.ask("GET", "account")).passkeys
    remove = f"account/passkeys/{passkey['id']}/remove"
    assert (await other.ask("POST", remove, {"password": PASSWORD})).status == 404
    assert (await browser.ask("POST", remove, {})).status == 403
    signed = Browser(node)
    assert (await use(signed, device)).status == 201
    assert (await browser.ask("POST", remove, {"password": PASSWORD})).status == 200
    assert (await signed.ask("GET", "session")).status == 401
    assert (await use(Browser(node), device)).status == 401
    assert (await browser.ask("POST", remove, {"password": PASSWORD})).status == 404
