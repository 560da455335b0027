"""What a page of the console declares, and what its handler may come to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from gateway.admin.asked import SessionAnswer, Stream

if TYPE_CHECKING:
    from gateway.console.visit import Visit

PREFIX = "/console"

Group: TypeAlias = Literal["work", "network", "records", "administration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a page stands in the menu.

    Attributes:
        label: Marked for translation.
        place: Pages of a group stand in this order.
        key: Pressed after `g` it leads there; empty for none.
    """

    label: str
    group: Group
    place: int
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """A cookie to set, for this site only; an empty value takes it away.

    Attributes:
        max_age_s: How long it is kept; 0 until the browser is closed.
        is_lax: Sent when another site leads back to us, too.
    """

    name: str
    value: str = field(repr=False)
    max_age_s: int = 0
    path: str = "/"
    is_lax: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page to show.

    Attributes:
        template: Its file.
        values: What it shows; never kept, often personal.
        session: One that begins or ends with it.
    """

    template: str
    values: Mapping[str, object] = field(repr=False, default_factory=dict)
    status: int = 200
    cookies: tuple[SetCookie, ...] = ()
    session: SessionAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Where to go on after something was done.

    Attributes:
        to: A path of this listener, with its query.
        notice: A sentence to show there, in the reader's language.
        session: One that begins or ends with it.
    """

    to: str
    notice: str = ""
    cookies: tuple[SetCookie, ...] = ()
    session: SessionAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to give.

    Attributes:
        name: What it is to be called; any text.
    """

    content: bytes | Stream = field(repr=False)
    media_type: str
    name: str


Outcome: TypeAlias = View | Redirect | Download
PageHandler: TypeAlias = Callable[["Visit"], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, or one thing that a form of a page does.

    Attributes:
        name: For the log and for links to it.
        path: Template below `PREFIX`; `{name}` takes one segment.
        needs: Operations it can't do without. Who may not use one of them finds no
            such page. Empty only of pages for everybody who is signed in.
        menu: Left out of pages that the menu does not name.
        is_open: For those who are not signed in, too.
    """

    name: str
    path: str
    needs: tuple[str, ...]
    answer: PageHandler
    method: Literal["GET", "POST"] = "GET"
    menu: Entry | None = None
    is_open: bool = False
