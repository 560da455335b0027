"""The table of pages: what has to hold before a node starts."""

import pytest

from gateway.console.page import Page
from gateway.console.pages import PAGES, check_pages


def test_a_page_that_needs_what_there_is_not_stops_the_start() -> None:
    good = PAGES[0]
    with pytest.raises(AssertionError, match="no operation"):
        check_pages(
            [Page(name="x", path="/console/x", needs=("nothing",), answer=good.answer)]
        )
    with pytest.raises(AssertionError, match="two pages"):
        check_pages([good, good])
    with pytest.raises(AssertionError, match="outside"):
        check_pages([Page(name="x", path="/api/x", needs=(), answer=good.answer)])
