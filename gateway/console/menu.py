"""The menu: the pages that name themselves in it and that a reader may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.admin.calling import Calls
from gateway.console.language import mark
from gateway.console.page import Group, Page
from gateway.core.operators import Caller

_GROUPS: Final[Sequence[tuple[Group, str]]] = (
    ("work", mark("Work")),
    ("network", mark("Network")),
    ("records", mark("Records")),
    ("administration", mark("Administration")),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link of the menu; `label` is translated where it is shown."""

    name: str
    label: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Links under one heading."""

    label: str
    items: tuple[MenuItem, ...]


def is_there(page: Page, calls: Calls, caller: Caller) -> bool:
    """Tell whether a page exists for somebody."""
    return page.is_open or all(calls.may(name, caller) for name in page.needs)


def menu_of(
    pages: Iterable[Page], calls: Calls, caller: Caller
) -> tuple[MenuGroup, ...]:
    """Return the menu of somebody; groups without a page are left out."""
    there = [page for page in pages if page.menu and is_there(page, calls, caller)]
    groups = []
    for group, label in _GROUPS:
        placed = sorted(
            (page.menu.place, page.name, page)
            for page in there
            if page.menu and page.menu.group == group
        )
        items = tuple(
            MenuItem(page.name, page.menu.label, page.path, page.menu.key)
            for _, _, page in placed
            if page.menu
        )
        if items:
            groups.append(MenuGroup(label, items))
    return tuple(groups)
