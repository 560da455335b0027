"""The list of messages: filters in the address, columns of one's choice, exports."""

from dataclasses import dataclass
from typing import Final

from gateway.admin.node_shapes import PeerList
from gateway.admin.shapes import MessagePage
from gateway.admin.view_shapes import SavedViewList
from gateway.console.fields import Fields, parse
from gateway.console.language import mark
from gateway.console.page import PREFIX, Download, Outcome, Redirect, SetCookie, View
from gateway.console.visit import Visit
from gateway.core.delivery import InboundState, OutboundState
from gateway.mla.codelists import code_list
from gateway.mla.types import all_types

MESSAGES: Final = f"{PREFIX}/messages"

COMMON: Final = ("box", "state", "peer", "type", "case", "sender_ref", "since")
FURTHER: Final = ("id", "urgency", "code", "until")
"""Filters that few look for; they are folded away until one is used."""

STATES: Final = tuple(
    dict.fromkeys(state.value for state in (*OutboundState, *InboundState))
)
_MOMENTS: Final = frozenset({"since", "until"})
_DAY_CHARS: Final = len("2026-11-28")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a list can have; `label` is marked for translation."""

    name: str
    label: str


COLUMNS: Final = (
    Column("id", mark("Message")),
    Column("box", mark("Direction")),
    Column("peer", mark("Peer")),
    Column("type", mark("Type")),
    Column("state", mark("State")),
    Column("case", mark("Case")),
    Column("urgency", mark("Urgency")),
    Column("accepted_at", mark("Accepted")),
    Column("updated_at", mark("Changed")),
    Column("expires_at", mark("Expires")),
    Column("attempts", mark("Attempts")),
    Column("last_code", mark("Last answer")),
    Column("size", mark("Size")),
    Column("attachments", mark("Files")),
    Column("sender_ref", mark("Sender's reference")),
    Column("index", mark("Log entry")),
)
_USUAL: Final = ("id", "box", "peer", "type", "state", "case", "accepted_at")
_COLUMNS_COOKIE: Final = "mla-columns"
_YEAR_S: Final = 31_536_000


async def messages(visit: Visit) -> Outcome:
    """Show a page of messages that some filters let through."""
    filters = visit.query.given(*COMMON, *FURTHER)
    asked = wanted(visit.query) | visit.query.given("cursor") | {"limit": "50"}
    page = await visit.ask(MessagePage, "list_messages", query=asked)
    peers = await visit.ask(PeerList, "list_peers") if visit.may("list_peers") else None
    views = None
    if visit.may("list_views"):
        views = await visit.ask(SavedViewList, "list_views")
    chosen = _chosen(visit)
    is_later = bool(visit.query.text("cursor"))
    return View(
        template="messages/list.html",
        values={
            "page": page,
            "filters": filters,
            "query": Fields({name: (text,) for name, text in filters.items()}),
            "further": set(filters) & set(FURTHER),
            "views": views,
            "peers": peers.items if peers else (),
            "states": STATES,
            "types": tuple(sorted(one.name for one in all_types())),
            "urgencies": tuple(code_list("URGENCY").rows),
            "columns": [one for one in COLUMNS if one.name in chosen],
            "all_columns": COLUMNS,
            "next_url": page.next and visit.query.url_with(MESSAGES, cursor=page.next),
            "first_url": is_later and visit.query.url_with(MESSAGES, cursor=""),
        },
        cookies=_kept_columns(visit),
    )


def wanted(query: Fields) -> dict[str, str]:
    """Return the filters of an address as operations take them.

    A day stands for the moment it begins at, in UTC.
    """
    found = query.given(*COMMON, *FURTHER)
    return {name: _whole(name, text) for name, text in found.items()}


async def export_csv(visit: Visit) -> Outcome:
    """Give the metadata of all messages that some filters let through, as CSV."""
    content = await visit.file("export_messages_csv", query=wanted(visit.query))
    return Download(content=content, media_type="text/csv", name="messages.csv")


async def export_json(visit: Visit) -> Outcome:
    """Give the same as JSON."""
    content = await visit.file("export_messages_json", query=wanted(visit.query))
    return Download(
        content=content, media_type="application/json", name="messages.json"
    )


async def save_view(visit: Visit) -> Outcome:
    """Keep the filters of a list under a name."""
    query = visit.form.text("query")
    await visit.do(
        "save_view",
        body={"name": visit.form.text("name"), "query": query}
        | visit.form.given("shared_with"),
    )
    return Redirect(to=_list_of(query), notice=visit.say("The view was saved."))


async def drop_view(visit: Visit) -> Outcome:
    """Forget a view."""
    await visit.do("drop_view")
    return Redirect(to=MESSAGES, notice=visit.say("The view was removed."))


def _list_of(query: str) -> str:
    # Spelled again: what comes from a form goes into no address as it stands.
    return parse(query, "query").url_with(MESSAGES)


def _whole(name: str, text: str) -> str:
    is_day = name in _MOMENTS and len(text) == _DAY_CHARS
    return f"{text}T00:00:00.000Z" if is_day else text


def _chosen(visit: Visit) -> tuple[str, ...]:
    """Return the columns of the address, else those chosen last, else the usual."""
    kept = visit.request.cookies.get(_COLUMNS_COOKIE, "").split("-")
    known = {one.name for one in COLUMNS}
    for names in (visit.query.all("column"), kept, _USUAL):
        found = tuple(name for name in names if name in known)
        if found:
            return found
    return _USUAL


def _kept_columns(visit: Visit) -> tuple[SetCookie, ...]:
    if "column" not in visit.query:
        return ()
    text = "-".join(_chosen(visit))
    return (
        SetCookie(
            name=_COLUMNS_COOKIE, value=text, max_age_s=_YEAR_S, path=f"{PREFIX}"
        ),
    )
