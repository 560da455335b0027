"""The pages of peers: the list, one peer, and what is done with it."""

from typing import Final

from gateway.console.handlers import peers
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

_PEERS: Final = f"{PREFIX}/peers"
_PEER: Final = f"{_PEERS}/{{peer}}"

PEER_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="peers",
        path=_PEERS,
        needs=("list_peers",),
        answer=peers.peers,
        menu=Entry(label=mark("Peers"), group="network", place=10, key="p"),
    ),
    Page(name="peer", path=_PEER, needs=("show_peer",), answer=peers.peer),
    Page(
        name="peer-test",
        method="POST",
        path=f"{_PEER}/test",
        needs=("show_peer", "ping_peer"),
        answer=peers.test,
    ),
    Page(
        name="peer-pause",
        method="POST",
        path=f"{_PEER}/pause",
        needs=("pause_peer",),
        answer=peers.pause,
    ),
    Page(
        name="peer-resume",
        method="POST",
        path=f"{_PEER}/resume",
        needs=("resume_peer",),
        answer=peers.resume,
    ),
    Page(
        name="peer-limits",
        method="POST",
        path=f"{_PEER}/limits",
        needs=("limit_peer",),
        answer=peers.limit,
    ),
    Page(
        name="peer-incident",
        method="POST",
        path=f"{_PEER}/incident",
        needs=("begin_incident",),
        answer=peers.incident,
    ),
    Page(
        name="peer-exchanged",
        path=f"{_PEER}/exchanged",
        needs=("show_exchanged",),
        answer=peers.exchanged,
    ),
)
