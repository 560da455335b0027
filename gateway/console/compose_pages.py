"""The pages on which messages are composed."""

from typing import Final

from gateway.console.handlers import compose
from gateway.console.language import mark
from gateway.console.page import Entry, Page

_FORM: Final = f"{compose.COMPOSE}/new"
_NEEDS: Final = (
    *("submit", "check_message", "list_peers", "show_peer", "list_schemas"),
    *("show_treaties", "show_profile", "show_upload", "drop_upload"),
)

COMPOSE_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="compose",
        path=compose.COMPOSE,
        needs=_NEEDS,
        answer=compose.choose,
        menu=Entry(label=mark("New message"), group="work", place=40, key="n"),
    ),
    Page(name="compose-form", path=_FORM, needs=_NEEDS, answer=compose.fresh),
    Page(
        name="compose-post",
        method="POST",
        path=_FORM,
        needs=_NEEDS,
        answer=compose.posted,
    ),
)
