"""The overview, and searching for what somebody has an id of."""

from contextlib import suppress

import msgspec

from gateway.admin.case_shapes import Case
from gateway.admin.figure_shapes import Figures
from gateway.admin.node_shapes import Diagnostics, Peer, PeerList, Stats
from gateway.admin.shapes import Message, MessagePage
from gateway.admin.view_shapes import FailureList
from gateway.admin.witness_shapes import Witnesses
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import NotFoundError
from gateway.core.values import is_uuid

_MAX_FOUND = 20


async def overview(visit: Visit) -> Outcome:
    """Show how exchange goes, what goes wrong, and what to look at."""
    stats = await visit.ask(Stats, "stats")
    peers = await visit.ask(PeerList, "list_peers")
    diagnostics = None
    if visit.may("diagnostics"):
        diagnostics = await visit.ask(Diagnostics, "diagnostics")
    witnesses = None
    if visit.may("witnesses"):
        witnesses = await visit.ask(Witnesses, "witnesses")
    failures = None
    if visit.may("list_failures"):
        failures = await visit.ask(FailureList, "list_failures")
    figures = await visit.ask(Figures, "figures", query={"minutes": "60"})
    values = {
        "stats": stats,
        "figures": figures,
        "plot": _plot(visit, figures),
        "peers": sorted(peers.items, key=_most_troubled),
        "oldest": min(
            (one.oldest_queued_at for one in peers.items if one.oldest_queued_at),
            default="",
        ),
        "failures": failures,
        "diagnostics": diagnostics,
        "witnesses": witnesses,
    }
    return View(template="overview/overview.html", values=values)


def _plot(visit: Visit, figures: Figures) -> str:
    """Return the series of the plot as JSON, for the script that draws them."""
    series = (
        ("delivered", visit.say("delivered"), "good", ()),
        ("received", visit.say("received"), "accent", ()),
        ("queued", visit.say("queued"), "wait", (6, 4)),
        ("failed", visit.say("failed"), "bad", (2, 3)),
    )
    return msgspec.json.encode(
        {
            "since": figures.since,
            "step": 60,
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "dash": dash,
                    "values": getattr(figures, name),
                }
                for name, label, tone, dash in series
            ],
        },
    ).decode()


async def search(visit: Visit) -> Outcome:
    """Go to the message of an id, or show what has a case, reference or peer."""
    wanted = visit.query.text("q")
    if is_uuid(wanted.lower()) and (place := await _place_of(visit, wanted.lower())):
        return Redirect(to=place)
    found: list[tuple[str, str, tuple[Message, ...]]] = []
    for name in ("case", "sender_ref", "peer"):
        if not wanted:
            break
        page = await visit.ask(
            MessagePage,
            "list_messages",
            query={name: wanted, "limit": str(_MAX_FOUND)},
        )
        if page.items:
            address = visit.query.url_with(f"{PREFIX}/messages", q="", **{name: wanted})
            found.append((name, address, page.items))
    return View(
        template="overview/search.html", values={"wanted": wanted, "found": found}
    )


async def _place_of(visit: Visit, found_id: str) -> str:
    """Return the page of the message or case with an id, or empty."""
    named = {"id": found_id}
    for operation, shape, folder in (
        ("show_message", Message, "messages"),
        ("show_case", Case, "cases"),
    ):
        if visit.may(operation):
            with suppress(NotFoundError):
                await visit.ask(shape, operation, segments=named)
                return f"{PREFIX}/{folder}/{found_id}"
    return ""


def _most_troubled(peer: Peer) -> tuple[int, int, str]:
    return (-peer.failures, -peer.queued, peer.id)
