"""The console in a real browser, on a real node with a real peer.

Nothing the browser complains of is let pass: see `tests.support.browser.window`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from gateway.client import calls
from tests.support.browser import Scheme, Window, chromium, chromium_path, window
from tests.support.composed import BASICS, FURTHER, ITEM
from tests.support.processes import RunningNode, running_pair, until
from tests.support.proxy import Network

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not chromium_path(), reason="Chromium is not installed: apt install chromium"
    ),
]

PASSWORD = "seven green bicycles in the rain"  # noqa: S105 - of a test
ROLES = {
    "anna-tamm": ("caseworker",),
    "ants-saar": ("approver", "auditor"),
    "kadri-mets": ("operator", "observer"),
}


@dataclass(frozen=True, slots=True)
class Office:
    """A node with people who can sign in, its peer, and a browser."""

    ours: RunningNode
    theirs: RunningNode
    browser: Browser
    contexts: dict[str, BrowserContext]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.ours.node.admin_port}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("console")
    with running_pair(folder) as (ours, theirs), chromium() as browser:
        made = Office(ours, theirs, browser, {})
        for name, roles in ROLES.items():
            _come_in(made, name, roles)
        yield made


def _come_in(office: Office, name: str, roles: tuple[str, ...]) -> None:
    """Have somebody invited, and set a password by the one-time address."""
    words = [word for role in roles for word in ("--role", role)]
    invited = office.ours.node.ask("operator", "invite", name, *words)
    context = office.browser.new_context(viewport={"width": 1280, "height": 900})
    office.contexts[name] = context
    with window(office.browser, office.url, keep=context) as shown:
        page = shown.page
        page.goto(str(invited["url"]))
        assert shown.violations() == []
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Set and sign in").click()
        expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()
        again = context.request.get(str(invited["url"]))
        assert "This address was used" in again.text()


@pytest.fixture
def anna(office: Office) -> Iterator[Window]:
    with window(office.browser, office.url, keep=office.contexts["anna-tamm"]) as shown:
        yield shown


@pytest.fixture
def ants(office: Office) -> Iterator[Window]:
    with window(office.browser, office.url, keep=office.contexts["ants-saar"]) as shown:
        yield shown


@pytest.fixture
def kadri(office: Office) -> Iterator[Window]:
    with window(
        office.browser, office.url, keep=office.contexts["kadri-mets"]
    ) as shown:
        yield shown


def test_somebody_signs_in_and_out_by_keyboard_alone(office: Office) -> None:
    with window(office.browser, office.url) as shown:
        page = shown.page
        shown.go("messages")
        assert "/console/sign-in" in page.url
        keys = page.keyboard
        page.get_by_label("Name of your account").focus()
        keys.type("kadri-mets")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
        page.get_by_role("button", name="Sign out").focus()
        keys.press("Enter")
        page.wait_for_url("**/console/sign-in*")
        shown.go("messages")
        assert "/console/sign-in" in page.url


def test_keys_lead_through_the_console(kadri: Window) -> None:
    page, keys = kadri.page, kadri.page.keyboard
    kadri.go("messages")
    keys.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    page.locator("#main").focus()
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert kadri.violations() == []
    keys.press("Escape")
    page.locator("#main").focus()
    keys.press("g")
    keys.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_a_failed_message_is_found_and_tried_again(
    office: Office, kadri: Window
) -> None:
    ours, theirs = office.ours, office.theirs
    theirs.proxy.become(Network.CUT)
    message_id = ours.submit(theirs.id, "to-be-found")
    until(
        lambda: ours.send(calls.show_message(message_id)).last_code == "unreachable",
        "the attempt fails",
    )
    page = kadri.page
    kadri.go("overview")
    page.get_by_role("region", name="What goes wrong, by cause").or_(
        page.get_by_role("table", name="What goes wrong, by cause")
    ).get_by_role("link").first.click()
    page.locator(f'a[href*="{message_id}"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert kadri.violations() == []
    theirs.proxy.become(Network.WHOLE)
    page.get_by_role("button", name="Try again now").click()
    until(lambda: ours.state(message_id) == "delivered", "it is delivered")
    kadri.go(f"messages/{message_id}")
    expect(page.get_by_text("delivered").first).to_be_visible()


def test_a_message_is_opened_for_a_purpose_and_that_is_logged(
    office: Office, anna: Window
) -> None:
    message_id = office.theirs.submit(office.ours.id, "to-be-opened")
    until(
        lambda: (
            office.ours.messages("in") != []
            and office.ours.state(message_id) == "received"
        ),
        "it arrives",
    )
    page = anna.page
    anna.go(f"messages/{message_id}")
    page.get_by_label("Why you open it").fill("to decide on the request")
    page.get_by_role("button", name="Open and log it").click()
    expect(page.get_by_text("purpose: to decide on the request")).to_be_visible()
    # The form is shown in words, with what the sender wrote.
    expect(page.locator("article.sheet")).to_contain_text("Nestan Arkvadze")
    assert anna.violations() == []
    until(lambda: office.ours.state(message_id) == "opened", "it counts as opened")


def test_a_request_with_a_file_is_composed_and_let_go_by_a_second_person(
    office: Office, anna: Window, ants: Window, tmp_path: Path
) -> None:
    ours = office.ours
    file = tmp_path / "order.txt"
    file.write_text("Order of the court of first instance.\n" * 2000)
    before = {one.id for one in ours.messages("out")}
    _compose(anna, office.theirs.id, file)
    (message_id,) = {one.id for one in ours.messages("out")} - before
    assert ours.state(message_id) == "held"
    page = ants.page
    ants.go("approvals")
    assert ants.violations() == []
    page.locator("#live a.row").first.click()
    assert ants.violations() == []
    page.get_by_role("button", name="Approve").click()
    until(lambda: ours.state(message_id) == "delivered", "it is sent", within_s=60)
    shown = ours.send(calls.show_message(message_id))
    assert shown.attachments == 1


def _compose(anna: Window, to: str, file: Path) -> None:
    """Write a request, attach a file, look it through and hand it over."""
    page = anna.page
    anna.go("compose")
    assert anna.violations() == []
    page.get_by_label("To which authority").select_option(to)
    page.locator('input[name="type"][value="MLA_REQ"]').check()
    page.get_by_role("button", name="Go on").click()
    for marking in page.locator('[name="handling"]:checked').all():
        marking.uncheck()
    _write(anna, BASICS | {"handling": "TLP:RED"})
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.locator('input[name="_upload"]')).to_have_count(1)
    page.get_by_role("button", name="Show what is missing").click()
    expect(page.locator('[name="payload.facts.summary.0.text"]')).to_be_attached()
    _write(anna, FURTHER)
    page.locator('button[value="add:payload.persons"]').click()
    expect(page.locator('[name="payload.persons.0.kind"]')).to_be_attached()
    _write(
        anna,
        {
            "payload.persons.0.kind": "natural",
            "payload.persons.0.role": "SUSPECT",
            "payload.persons.0.surname": "Tamm",
        },
    )
    _write(anna, ITEM)
    assert anna.violations() == []
    page.get_by_role("button", name="Look through").click()
    page.wait_for_selector("#review, #findings li")
    assert "; ".join(page.locator("#findings li").all_inner_texts()) == ""
    expect(page.get_by_role("heading", level=1)).to_have_text("Look through and send")
    assert anna.violations() == []
    page.get_by_role("button", name="Hand over for approval").click()
    page.wait_for_url("**/console/messages/*")


def _write(shown: Window, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        field = shown.page.locator(f'[name="{name}"]:not([type="hidden"])').first
        kind = field.evaluate("one => one.type || one.tagName.toLowerCase()")
        if kind in {"checkbox", "radio"}:
            shown.page.locator(f'[name="{name}"][value="{text}"]').check()
        elif kind.startswith("select"):
            field.select_option(text)
        else:
            field.fill(text)


def test_the_log_is_verified_while_somebody_watches(ants: Window) -> None:
    page = ants.page
    ants.go("log")
    page.get_by_role("button", name="Verify the whole log").click()
    expect(page.get_by_text("Everything agrees with what was signed")).to_be_visible()
    assert ants.violations() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_menu_is_for_everybody_to_use(
    office: Office, scheme: Scheme
) -> None:
    language = "en" if scheme == "light" else "fr"
    admin = office.ours.node.ask("operator", "invite", "admin", "--reset")
    context = office.browser.new_context(color_scheme=scheme, locale=language)
    with window(office.browser, office.url, keep=context) as shown:
        page = shown.page
        page.goto(str(admin["url"]))
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=again]").fill(PASSWORD)
        page.locator("main form button.first").first.click()
        page.wait_for_selector("nav.menu")
        paths = page.eval_on_selector_all(
            "nav.menu a", "links => links.map(one => one.getAttribute('href'))"
        )
        found = {}
        for path in paths:
            shown.go(path.removeprefix("/console/"))
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            found[path] = shown.violations()
        assert len(found) > 12
        assert {path: one for path, one in found.items() if one} == {}
    context.close()
