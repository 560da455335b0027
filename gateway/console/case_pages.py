"""The pages of cases."""

from typing import Final

from gateway.console.handlers import cases
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

CASES: Final = f"{PREFIX}/cases"

CASE_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="cases",
        path=CASES,
        needs=("list_cases", "list_peers"),
        answer=cases.cases,
        menu=Entry(label=mark("Cases"), group="work", place=30, key="c"),
    ),
    Page(
        name="case",
        path=f"{CASES}/{{id}}",
        needs=("show_case",),
        answer=cases.case,
    ),
)
