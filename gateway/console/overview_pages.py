"""The pages one begins with: overview and search."""

from typing import Final

from gateway.console.handlers import overview
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

OVERVIEW_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="overview",
        path=f"{PREFIX}/overview",
        needs=("stats", "list_peers", "figures"),
        answer=overview.overview,
        menu=Entry(label=mark("Overview"), group="work", place=10, key="o"),
    ),
    Page(
        name="search",
        path=f"{PREFIX}/search",
        needs=("list_messages",),
        answer=overview.search,
    ),
)
