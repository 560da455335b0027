"""The list of messages: filters in the address, columns of one's choice."""

from dataclasses import dataclass
from typing import Final

from gateway.admin.node_shapes import PeerList
from gateway.admin.shapes import MessagePage
from gateway.console.language import mark
from gateway.console.page import Outcome, View
from gateway.console.visit import Visit
from gateway.core.delivery import InboundState, OutboundState
from gateway.mla.types import all_types

FILTERS: Final = ("box", "state", "peer", "type", "case", "since", "sender_ref")
"""What the address of a list can say."""

STATES: Final = tuple(
    dict.fromkeys(state.value for state in (*OutboundState, *InboundState))
)


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


async def messages(visit: Visit) -> Outcome:
    """Show a page of messages that some filters let through."""
    filters = visit.query.given(*FILTERS)
    asked = filters | visit.query.given("cursor") | {"limit": "50"}
    if since := filters.get("since"):
        asked["since"] = _whole_moment(since)
    page = await visit.ask(MessagePage, "list_messages", query=asked)
    peers = await visit.ask(PeerList, "list_peers") if visit.may("list_peers") else None
    chosen = visit.query.all("column") or _USUAL
    return View(
        template="messages/list.html",
        values={
            "page": page,
            "filters": filters,
            "peers": peers.items if peers else (),
            "states": STATES,
            "types": tuple(sorted(one.name for one in all_types())),
            "columns": [one for one in COLUMNS if one.name in chosen],
            "all_columns": COLUMNS,
            "next_url": page.next
            and visit.query.url_with(visit.path, cursor=page.next),
            "first_url": visit.query.text("cursor")
            and visit.query.url_with(visit.path, cursor=""),
        },
    )


def _whole_moment(day: str) -> str:
    """Return a day of a form as the moment that it begins at."""
    return f"{day}T00:00:00.000Z" if len(day) == len("2026-11-28") else day
