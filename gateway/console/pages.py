"""All pages of the console as one table, and what has to hold of it."""

from collections.abc import Sequence
from typing import Final

from gateway.admin.contract import BY_NAME
from gateway.console.account_pages import ACCOUNT_PAGES
from gateway.console.case_pages import CASE_PAGES
from gateway.console.compose_pages import COMPOSE_PAGES
from gateway.console.link_pages import LINK_PAGES
from gateway.console.log_pages import LOG_PAGES
from gateway.console.message_pages import MESSAGE_PAGES
from gateway.console.overview_pages import OVERVIEW_PAGES
from gateway.console.page import PREFIX, Page
from gateway.console.peer_pages import PEER_PAGES
from gateway.console.people_pages import PEOPLE_PAGES
from gateway.console.watch_pages import WATCH_PAGES
from gateway.console.work_pages import WORK_PAGES

HOME: Final = f"{PREFIX}/overview"

PAGES: Final[tuple[Page, ...]] = (
    *OVERVIEW_PAGES,
    *MESSAGE_PAGES,
    *CASE_PAGES,
    *COMPOSE_PAGES,
    *LOG_PAGES,
    *WATCH_PAGES,
    *LINK_PAGES,
    *PEOPLE_PAGES,
    *ACCOUNT_PAGES,
    *PEER_PAGES,
    *WORK_PAGES,
)


def check_pages(pages: Sequence[Page]) -> None:
    """Refuse to start with a page that can't be what it says.

    Raises:
        AssertionError: Names the page.
    """
    names = [page.name for page in pages]
    for page in pages:
        unknown = [name for name in page.needs if name not in BY_NAME]
        if unknown:
            raise AssertionError(f"internal: page {page.name}: no operation {unknown}")
        if names.count(page.name) > 1:
            raise AssertionError(f"internal: two pages {page.name}")
        if not page.path.startswith(f"{PREFIX}/"):
            raise AssertionError(f"internal: page {page.name}: outside {PREFIX}")
        if page.menu and ("{" in page.path or page.method != "GET"):
            raise AssertionError(f"internal: page {page.name}: can't be in the menu")
