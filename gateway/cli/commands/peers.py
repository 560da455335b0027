"""`peer list`, `show`, `ping`, `pause` and `resume`: how exchange with peers goes."""

from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from gateway.admin.node_shapes import Peer


@command("list", example="mla-gateway peer list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All peers."""
    from gateway.client.calls import list_peers

    peers = invocation.send(list_peers())
    if invocation.as_json:
        print_json(peers)
        return
    print_table(
        ("ID", "COUNTRY", "STATE", "QUEUED", "HELD", "LAST CONTACT", "LAST ERROR"),
        [
            (
                peer.id,
                peer.country,
                _state(peer),
                peer.queued,
                peer.held,
                peer.last_contact_at or "never",
                peer.last_error,
            )
            for peer in peers.items
        ],
    )


@command("show", example="mla-gateway peer show moj.fr")
@click.argument("peer")
@pass_invocation
def show(invocation: Invocation, peer: str) -> None:
    """A peer, and how exchange with it goes."""
    from gateway.client.calls import show_peer

    _print_peer(invocation, invocation.send(show_peer(peer)))


@command("ping", example="mla-gateway peer ping moj.fr")
@click.argument("peer")
@pass_invocation
def ping(invocation: Invocation, peer: str) -> None:
    """Call the node of a peer.

    Shows how long it took, how far the clocks differ, and whether anything stands in
    the way of exchange.
    """
    from gateway.client.calls import ping_peer

    answer = invocation.send(ping_peer(peer))
    if invocation.as_json:
        print_json(answer)
        return
    print_line(
        f"{answer.peer} answered in {answer.duration_ms} ms, clock "
        f"{answer.clock_offset_ms:+d} ms, has seen {answer.seen} entries of our log",
    )
    if answer.problem:
        say(f"nothing is released to it: {answer.problem}")


@command("pause", example="mla-gateway peer pause moj.fr")
@click.argument("peer")
@pass_invocation
def pause(invocation: Invocation, peer: str) -> None:
    """Send nothing to a peer; hold what is submitted."""
    from gateway.client.calls import pause_peer

    answer = invocation.send(pause_peer(peer))
    if invocation.as_json:
        print_json(answer)
    else:
        say(f"{answer.id} is paused; `mla-gateway peer resume {answer.id}` ends it")


@command("resume", example="mla-gateway peer resume moj.fr")
@click.argument("peer")
@pass_invocation
def resume(invocation: Invocation, peer: str) -> None:
    """Send to a peer again."""
    from gateway.client.calls import resume_peer

    answer = invocation.send(resume_peer(peer))
    if invocation.as_json:
        print_json(answer)
    else:
        say(f"{answer.id} is sent to again")


def _state(peer: "Peer") -> str:
    if peer.disagreement:
        return "DISAGREES"
    if peer.paused:
        return "paused"
    return "failing" if peer.failures else "active"


def _print_peer(invocation: Invocation, peer: "Peer") -> None:
    if invocation.as_json:
        print_json(peer)
        return
    print_fields(
        {
            "id": peer.id,
            "names": peer.names,
            "country": peer.country,
            "stage": peer.stage,
            "state": _state(peer),
            "disagreement": peer.disagreement,
            "fingerprint": peer.fingerprint,
            "compared by": peer.compared_by,
            "card": f"{peer.card_number} of {peer.card_issued_at}",
            "urls": peer.urls,
            "last contact": peer.last_contact_at or "never",
            "last error": peer.last_error,
            "failures": peer.failures,
            "tried again": peer.retry_at,
            "queued": peer.queued,
            "oldest queued": peer.oldest_queued_at,
            "held": peer.held,
            "has seen of our log": peer.known_seen_size,
            "seen of its log": peer.peer_log_size,
            "highest number": peer.highest_seq,
            "missing numbers": [f"{first}-{last}" for first, last in peer.missing],
        },
    )
