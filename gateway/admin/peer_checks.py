"""How things are with a peer, and on the way to it, as checks."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from gateway.admin.node_shapes import Check
from gateway.core.errors import GatewayError
from gateway.core.values import UnixMs, format_time
from gateway.flows.conflicts import LogStanding
from gateway.flows.numbers import HOLE_ALARM_MS
from gateway.flows.peer_standing import PeerStanding

_CONNECT_TIMEOUT_S = 5.0
_OLD_QUEUE_MS = 5 * 60_000
_VERY_OLD_QUEUE_MS = 4 * 3_600_000
_KEY_WARNING_MS = 3 * 86_400_000
_DEFAULT_TLS_PORT = 443

# What an error on the way to a peer means, and who has to do what.
REMEDIES: Mapping[str, str] = {
    "stranger": "give them our card: mla-gateway peer card; they run peer add",
    "not-allowed": "ask them whether they have added us, and whether we are paused",
    "untrusted-card": "something between us answers in their name: look for a TLS "
    "inspecting proxy, or ask them for their newest card and run peer update",
    "stage": "one of the two is a test node: compare [authority] stage on both sides",
    "version": "the older of the two nodes has to be updated",
    "clock": "set the clock that is wrong; both nodes should use a time service",
    "maintenance": "their node is starting, stopping or being maintained: wait",
    "quota": "wait; we are asked to call less often",
    "unreachable": "ask their operators whether their node runs, its address holds, "
    "and it has our newest card: `mla-gateway doctor` there shows whom it refused",
    "proxy": "ask who runs that proxy; mla-gateway peer proxy says another way",
    "inspected": "have the proxy leave this address alone: nothing that reads along is "
    "believed",
    "log-out-of-step": "call them before doing anything: the logs contradict",
}


def remedy_of(error: GatewayError) -> str:
    """Return what an error on the way to a peer wants to be done.

    Behind "unreachable" are causes that different people have to mend.
    """
    text = str(error)
    if error.code == "unreachable" and text.startswith("proxy: "):
        return "proxy"
    if error.code == "unreachable" and "inspects TLS" in text:
        return "inspected"
    return error.code


def call_failed(code: str, text: str, remedy: str = "") -> Check:
    """Return that calling a peer failed."""
    return Check(
        name="call",
        level="fail",
        text=f"{code}: {text}",
        remedy=REMEDIES.get(remedy or code, "look at the log of both nodes"),
    )


def exchange_with(standing: PeerStanding, now: UnixMs) -> list[Check]:
    """Return how exchange with a peer goes, by what is stored."""
    name = f"peer {standing.enrolled.authority}"
    traffic = standing.traffic
    checks: list[Check] = []
    if standing.problem:
        checks.append(
            Check(
                name=name,
                level="fail",
                text=standing.problem,
                remedy="was an old backup restored here? call them; restore a newer",
                alert="log-conflict",
                subject=standing.enrolled.authority,
            ),
        )
    if standing.log_standing is not LogStanding.GOOD:
        checks.append(
            Check(
                name=name,
                level="fail",
                text=f"its log is {standing.log_standing}: it contradicts itself",
                remedy="mla-gateway audit conflicts --out DIR; call them, and whoever "
                "oversees them",
                alert="log-conflict",
                subject=standing.enrolled.authority,
            ),
        )
    if standing.epoch_problem:
        checks.append(
            Check(
                name=name,
                level="fail",
                text=standing.epoch_problem,
                remedy="ask them what their log has lost; keep their old receipts",
                alert="log-conflict",
                subject=standing.enrolled.authority,
            ),
        )
    oldest = traffic.oldest_queued_at
    if oldest is not None and now - oldest > _OLD_QUEUE_MS:
        waited_min = (now - oldest) // 60_000
        checks.append(
            Check(
                name=name,
                level="fail" if now - oldest > _VERY_OLD_QUEUE_MS else "warn",
                text=f"{traffic.queued} queued, the oldest for {waited_min} minutes; "
                f"last error: {traffic.last_error or 'none'}",
                remedy=f"mla-gateway doctor {standing.enrolled.authority}",
                alert="peer-unreachable",
                subject=standing.enrolled.authority,
            ),
        )
    checks += _holes(name, standing, now)
    checks += _keys_of(name, standing, now)
    if standing.enrolled.peer.policy.is_paused:
        checks.append(
            Check(
                name=name,
                level="warn",
                text="paused: nothing is sent to it",
                remedy=f"mla-gateway peer resume {standing.enrolled.authority}",
            ),
        )
    return checks or [Check(name=name, level="ok", text=_in_short(standing))]


def _holes(name: str, standing: PeerStanding, now: UnixMs) -> list[Check]:
    """Return what is missing in the numbers of either side."""
    found = [
        Check(
            name=name,
            level="fail" if now - one.since >= HOLE_ALARM_MS else "warn",
            text=f"its messages {one.first} to {one.last} did not come, and it does "
            f"not say that they will; missed since {format_time(one.since)}",
            remedy="call them: they look for these numbers with `mla-gateway doctor`",
            alert="numbers-missing",
            subject=standing.enrolled.authority,
        )
        for one in standing.traffic.holes
    ]
    return found + [
        Check(
            name=name,
            level="fail",
            text=f"says that our messages {first} to {last} never came",
            remedy="look for them in `mla-gateway audit tail`, and call them",
            alert="numbers-missing",
            subject=standing.enrolled.authority,
        )
        for first, last in standing.missing_there
    ]


def _keys_of(name: str, standing: PeerStanding, now: UnixMs) -> list[Check]:
    """Return whether there will be keys of a peer to seal to."""
    last = max((key.send_until for key in standing.enrolled.peer.card.keys), default="")
    if last > format_time(UnixMs(now + _KEY_WARNING_MS)):
        return []
    return [
        Check(
            name=name,
            level="warn" if last > format_time(now) else "fail",
            text=f"the last key to seal to it ends at {last or '-'}",
            remedy="it should have sent a newer card: call them; theirs comes from "
            "`mla-gateway peer card`, and is taken with `mla-gateway peer update`",
            alert="peer-key-ending",
            subject=standing.enrolled.authority,
        )
    ]


def _in_short(standing: PeerStanding) -> str:
    at = standing.traffic.last_contact_at
    contact = f"last contact at {format_time(at)}" if at else "no contact yet"
    return f"{standing.traffic.queued} queued, {contact}"


async def route_to(url: str) -> Sequence[Check]:
    """Look up the name in an address and knock at its door."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or _DEFAULT_TLS_PORT
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        unknown = Check(
            name="name",
            level="fail",
            text=f"{host} can't be resolved",
            remedy="look at the name service of this machine, and the card's address",
        )
        return [unknown]
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        closed = Check(
            name="route",
            level="fail",
            text=f"{host}:{port}: {str(error) or 'no answer in time'}",
            remedy="look at firewalls on both sides, and whether their node runs",
        )
        return [closed]
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return [Check(name="route", level="ok", text=f"{host}:{port} takes connections")]
