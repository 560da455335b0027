"""A real Chromium on a real console: a person's window, and what it must never say."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

_AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe.min.js"
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WITHIN_MS = 40_000

Scheme = Literal["light", "dark"]


def chromium_path() -> str:
    """Return where Chromium lies; empty if this machine has none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), "")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    # As root it does not start inside its own sandbox.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """One person's browser window.

    Attributes:
        complaints: What the browser's console has said, and requests that failed.
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the console."""
        answer = self.page.goto(f"{self.url}/console/{path}")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def violations(self) -> list[str]:
        """Return what axe finds on the page as it stands, all of it in view.

        What a bar that stays in view happens to cover would count as too small.
        """
        before = self.page.viewport_size
        height = self.page.evaluate("document.documentElement.scrollHeight")
        if before is not None:
            self.page.set_viewport_size(
                {"width": before["width"], "height": max(height + 200, 900)}
            )
        try:
            return self._found()
        finally:
            if before is not None:
                self.page.set_viewport_size(before)

    def _found(self) -> list[str]:
        # From inside the page it would be against the page's own policy.
        self.page.evaluate(_AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})",
            _AXE_TAGS,
        )["violations"]
        return [
            f"{one['id']}: {one['help']}: "
            + json.dumps([node["html"][:160] for node in one["nodes"][:3]])
            for one in found
        ]


@contextmanager
def window(
    browser: Browser,
    url: str,
    *,
    scheme: Scheme = "light",
    language: str = "en",
    keep: BrowserContext | None = None,
) -> Iterator[Window]:
    """Give a window; fail at its end if the browser had anything to complain of."""
    context = keep or browser.new_context(
        color_scheme=scheme,
        locale=language,
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    expect.set_options(timeout=WITHIN_MS)
    shown = Window(page, url)

    def note(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            shown.complaints.append(said.text)

    page.on("console", note)
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    try:
        yield shown
    finally:
        page.close()
        if keep is None:
            context.close()
    assert shown.complaints == [], shown.complaints
