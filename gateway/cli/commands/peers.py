"""`peer list`, `show`, `ping`, `pause`, `resume`, `limit`: how exchange goes."""

import re
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_line, print_table, say
from gateway.cli.profiles import profile_fields
from gateway.cli.units import size_text
from gateway.core.errors import UsageError
from gateway.core.limits import KIB, MAX_EVIDENCE_GIB, MAX_UPLOAD_KIB_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


@command(
    "limit",
    example="mla-gateway peer limit moj.fr --upload-rate 2048 "
    "--upload-hours 20:00-06:00",
)
@click.argument("peer")
@click.option(
    "--upload-rate",
    type=click.IntRange(0, MAX_UPLOAD_KIB_S),
    metavar="KIB_S",
    help="KiB a second that evidence is sent with at most; 0 for no limit.",
)
@click.option(
    "--upload-hours",
    metavar="HOURS",
    help='When evidence is sent, in UTC, like 20:00-06:00; "" for always.',
)
@click.option(
    "--max-evidence",
    type=click.IntRange(0, MAX_EVIDENCE_GIB),
    metavar="GIB",
    help="GiB of its evidence that may lie here unopened; 0 for no limit.",
)
@pass_invocation
def limit(
    invocation: Invocation,
    peer: str,
    *,
    upload_rate: int | None,
    upload_hours: str | None,
    max_evidence: int | None,
) -> None:
    """Limit how evidence travels to and from a peer.

    What is left out stays as it is. Messages themselves are never held back.
    """
    from gateway.admin.node_shapes import PeerLimits
    from gateway.client.calls import limit_peer
    from gateway.core.hours import HOURS_PATTERN

    if upload_rate is None and upload_hours is None and max_evidence is None:
        raise UsageError("peer limit: nothing to change")
    if not re.match(HOURS_PATTERN, upload_hours or ""):
        raise UsageError("--upload-hours: expected like 20:00-06:00, in UTC")
    limits = PeerLimits(
        upload_kib_s=upload_rate,
        upload_hours=upload_hours,
        max_evidence_gib=max_evidence,
    )
    answer = invocation.send(limit_peer(peer, limits))
    if invocation.as_json:
        print_json(answer)
        return
    for name, text in _limits(answer).items():
        say(f"{name}: {text}")


@command("proxy", example="mla-gateway peer proxy moj.fr http://proxy.moj.ee:3128")
@click.argument("peer")
@click.argument("way", metavar="URL|direct|default")
@pass_invocation
def proxy(invocation: Invocation, peer: str, way: str) -> None:
    """Say through which proxy a peer is called.

    `direct` is without one; `default` what [peer] proxy says of all peers. Mutual TLS
    goes through a proxy from end to end.
    """
    from gateway.client.calls import set_peer_proxy

    answer = invocation.send(set_peer_proxy(peer, "" if way == "default" else way))
    if invocation.as_json:
        print_json(answer)
    else:
        say(f"{answer.id} is called {_way(answer)}")


def _way(peer: "Peer") -> str:
    return f"through {peer.through}" if peer.through else "directly"


def _limits(peer: "Peer") -> dict[str, str]:
    """Return how evidence may travel, for people."""
    rate, most = peer.upload_kib_s, peer.max_evidence_gib
    return {
        "upload rate": f"{size_text(rate * KIB)}/s at most" if rate else "no limit",
        "upload hours": f"{peer.upload_hours} UTC" if peer.upload_hours else "always",
        "its evidence here": size_text(peer.evidence_bytes)
        + (f" of at most {most} GiB" if most else ""),
    }


def _state(peer: "Peer") -> str:
    if peer.disagreement:
        return "DISAGREES"
    if peer.log_standing == "quarantined":
        return "LOG FORKED"
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
            "its log": peer.log_standing,
            "highest number": peer.highest_seq,
            "missing numbers": _ranges(peer.missing),
            "holes among them": _ranges(peer.holes),
            "missing over there": _ranges(peer.missing_there),
            **_limits(peer),
            "called": _way(peer),
            **_service(peer),
        },
    )


def _service(peer: "Peer") -> "Mapping[str, object]":
    """Return what a peer publishes of its service, for people."""
    published = peer.service
    if published is None or published.profile is None:
        return {"service profile": "none published"}
    return {**profile_fields(published.profile), "CONFLICT": published.conflicts}


def _ranges(ranges: "Iterable[tuple[int, int]]") -> list[str]:
    return [f"{first}-{last}" for first, last in ranges]
