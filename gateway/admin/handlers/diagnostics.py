"""What is well, what is not, and the remedy: of the node, and on the way to a peer."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from gateway.admin.asked import Asked
from gateway.admin.node_shapes import Check, Diagnostics, DiagnosticsQuery
from gateway.admin.services import AdminServices
from gateway.admin.shapes import CheckLevel
from gateway.core.errors import GatewayError, MalformedError, NotFoundError
from gateway.core.operators import Operator, Role, can_act_as
from gateway.core.values import AuthorityId, UnixMs, format_time, parse_authority_id
from gateway.flows.conflicts import LogStanding
from gateway.flows.numbers import HOLE_ALARM_MS
from gateway.flows.peer_standing import PeerStanding

_CONNECT_TIMEOUT_S = 5.0
_CALL_TIMEOUT_S = 20.0
_TOKEN_WARNING_MS = 14 * 86_400_000
_OLD_QUEUE_MS = 5 * 60_000
_VERY_OLD_QUEUE_MS = 4 * 3_600_000
_EXPIRY_WARNING_MS = 48 * 3_600_000
_EXPIRY_ALARM_MS = 12 * 3_600_000
_KEY_WARNING_MS = 3 * 86_400_000
_OLD_CHECK_S = 86_400
_TWO_PERSONS = 2
_CLOCK_WARNING_MS = 30_000
_DEFAULT_TLS_PORT = 443

# What an error on the way to a peer means, and who has to do what.
_REMEDIES: Mapping[str, str] = {
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
_ORDER: tuple[CheckLevel, ...] = ("ok", "warn", "fail")


class DiagnosticHandlers:
    """Looks at everything an operator could mend."""

    def __init__(self, services: AdminServices) -> None:
        self._services = services
        self._clock = services.exchange.clock

    async def diagnose(self, asked: Asked) -> Diagnostics:
        """Look at one peer, or at the node and all peers in short."""
        name = asked.filters(DiagnosticsQuery).peer
        checks = await (self._peer(_peer_id(name)) if name else self.node())
        worst = max((_ORDER.index(check.level) for check in checks), default=0)
        return Diagnostics(level=_ORDER[worst], checks=tuple(checks))

    async def node(self) -> list[Check]:
        """Look at the node, and at all peers in short."""
        now = self._clock.now()
        checks = [await self._storage(), await self._log(), self._monitor()]
        checks += await self._cosigning()
        checks += self._people(now)
        checks += await self._services.further_checks()
        for enrolled in self._services.peers.all():
            standing = await self._services.peers.standing(enrolled.authority)
            checks += _exchange_with(standing, now)
            checks += self._card_at(standing)
            checks += self._service_of(standing)
        return [*checks, *await self._expiring(now), *await self._channels()]

    async def _storage(self) -> Check:
        try:
            await self._services.exchange.store.probe()
        except GatewayError as error:
            return Check(
                name="storage",
                level="fail",
                text=str(error),
                remedy="look at disk space and the log, then restart the node",
                alert="storage-failing",
            )
        return Check(name="storage", level="ok", text="a durable write just worked")

    async def _log(self) -> Check:
        if reason := self._services.exchange.recovery.reason:
            return Check(
                name="log",
                level="fail",
                text=reason,
                remedy="stop the node and run: mla-gateway recover --status",
                alert="log-recovery",
            )
        try:
            newest = await self._services.exchange.checkpoints.newest()
        except GatewayError as error:
            return Check(
                name="log",
                level="fail",
                text=str(error),
                remedy="look at the keys of the log",
                alert="log-recovery",
            )
        return Check(name="log", level="ok", text=f"signed at size {newest.size}")

    async def _cosigning(self) -> list[Check]:
        """Look at who vouches for our log; nothing of it stops a message."""
        standing = await self._services.rounds.standing()
        checks = [
            Check(
                name="cosigning",
                level="warn",
                text=f"{one.witness.name} has not cosigned the last {one.lag_entries} "
                f"entries: {one.problem}",
                remedy="mla-gateway audit witnesses; ask who runs that witness",
                alert="cosign-lag",
                subject=one.witness.name,
            )
            for one in standing.witnesses
            if one.problem and one.lag_entries
        ]
        if standing.quorum > len(standing.witnesses):
            text = f"{standing.quorum} witnesses are demanded, there are fewer"
            remedy = "[log] quorum and witnesses, or enrol more peers"
            checks.append(
                Check(
                    name="cosigning",
                    level="fail",
                    text=text,
                    remedy=remedy,
                    alert="quorum-missing",
                ),
            )
        return checks or [
            Check(
                name="cosigning",
                level="ok",
                text=f"covered up to {standing.covered_size}, "
                f"{standing.uncovered} entries since",
            ),
        ]

    async def _expiring(self, now: UnixMs) -> list[Check]:
        """Look at messages that nobody has taken and that will soon expire."""
        before = UnixMs(now + _EXPIRY_WARNING_MS)
        return [
            Check(
                name=f"expiry at {one.peer}",
                level="fail" if one.first_at - now < _EXPIRY_ALARM_MS else "warn",
                text=f"{one.count} not taken yet, the first expires at "
                f"{format_time(one.first_at)}",
                remedy=f"mla-gateway doctor {one.peer}; what can't wait goes another "
                "way, and is then cancelled here",
                alert="message-near-expiry",
                subject=one.peer,
            )
            for one in await self._services.exchange.store.expiring(before)
        ]

    async def _channels(self) -> list[Check]:
        """Look whether people are reached."""
        return [
            Check(
                name=f"alerts by {state.name}",
                level="fail",
                text=f"{state.failures} attempts failed, last: {state.error}",
                remedy="section [alerts], then try with: mla-gateway alert test",
                alert="alerts-not-told",
                subject=state.name,
            )
            for state in await self._services.alerts.failing_channels()
        ]

    def _monitor(self) -> Check:
        """Return what the node found while checking its own store."""
        state = self._services.monitor.state()
        if state.findings:
            return Check(
                name="log check",
                level="fail",
                text=f"{len(state.findings)} findings, first: {state.findings[0]}",
                remedy="mla-gateway audit check; keep the files, and call an auditor",
                alert="log-damaged",
            )
        if state.age_s > _OLD_CHECK_S:
            return Check(
                name="log check",
                level="warn",
                text=f"the last whole check began {state.age_s / 3600:.0f} hours ago",
                remedy="look for log_check_failed in the log, and at the disk's speed",
                alert="log-unchecked",
            )
        text = f"nothing found, followed up to size {state.followed}"
        return Check(name="log check", level="ok", text=text)

    def _people(self, now: UnixMs) -> list[Check]:
        operators = self._services.operators.all()
        holders = [one for one in operators if can_act_as(one, Role.SECURITY, now)]
        checks = [_ending_tokens(operator, now) for operator in operators]
        if len(holders) < _TWO_PERSONS:
            only_one = Check(
                name="two-persons",
                level="warn",
                text="fewer than two people in role security can log in: one alone may "
                "change trust and people",
                remedy="give a second person the role security: operator add",
            )
            return [only_one, *filter(None, checks)]
        return [*filter(None, checks)]

    async def _peer(self, authority: AuthorityId) -> list[Check]:
        """Look at the way to a peer, from names to what it says itself."""
        standing = await self._services.peers.standing(authority)
        checks: list[Check] = []
        through = self._services.proxy_of(standing.enrolled.peer.policy.proxy)
        # What is behind a proxy is for the proxy to find.
        for url in [through] if through else standing.enrolled.peer.card.urls:
            checks += await _route_to(url)
        checks.append(await self._call(authority))
        checks += _exchange_with(standing, self._clock.now())
        return [*checks, *self._card_at(standing), *self._service_of(standing)]

    def _service_of(self, standing: PeerStanding) -> list[Check]:
        """Look whether what a peer publishes and our treaty table agree."""
        return [
            Check(
                name=f"treaty table and {standing.enrolled.authority}",
                level="warn",
                text=sentence,
                remedy="ask them which is right; then change treaties.toml",
            )
            for sentence in self._services.legal.conflicts(standing.enrolled.peer)
        ]

    def _card_at(self, standing: PeerStanding) -> list[Check]:
        """Look whether a peer knows our newest keys."""
        ours = self._services.our_card.verified().number
        held = standing.traffic.card_number_acknowledged
        if held >= ours or standing.enrolled.peer.policy.is_paused:
            return []
        return [
            Check(
                name=f"our card at {standing.enrolled.authority}",
                level="warn",
                text=f"number {ours} was not taken yet, the last was {held}",
                remedy="it is offered again by itself; look at the way to the peer "
                f"with: mla-gateway peer ping {standing.enrolled.authority}",
                alert="card-not-acknowledged",
                subject=standing.enrolled.authority,
            ),
        ]

    async def _call(self, authority: AuthorityId) -> Check:
        try:
            async with asyncio.timeout(_CALL_TIMEOUT_S):
                result = await self._services.peers.ping(authority)
        except TimeoutError:
            return _call_failed("unreachable", "no answer in time")
        except GatewayError as error:
            return _call_failed(error.code, str(error), _remedy_of(error))
        if result.problem:
            return _call_failed("log-out-of-step", result.problem)
        offset_ms = result.clock_offset_ms
        if abs(offset_ms) > _CLOCK_WARNING_MS:
            return Check(
                name="clock",
                level="warn",
                text=f"the clocks differ by {offset_ms / 1000:.0f} s",
                remedy=_REMEDIES["clock"],
            )
        return Check(
            name="call", level="ok", text=f"answers in {result.duration_ms} ms"
        )


def _peer_id(text: str) -> AuthorityId:
    try:
        return parse_authority_id(text)
    except MalformedError as error:
        raise NotFoundError(f"peer: {error}") from error


def _remedy_of(error: GatewayError) -> str:
    """Return what an error on the way to a peer wants to be done.

    Behind "unreachable" are causes that different people have to mend.
    """
    text = str(error)
    if error.code == "unreachable" and text.startswith("proxy: "):
        return "proxy"
    if error.code == "unreachable" and "inspects TLS" in text:
        return "inspected"
    return error.code


def _call_failed(code: str, text: str, remedy: str = "") -> Check:
    return Check(
        name="call",
        level="fail",
        text=f"{code}: {text}",
        remedy=_REMEDIES.get(remedy or code, "look at the log of both nodes"),
    )


def _ending_tokens(operator: Operator, now: UnixMs) -> Check | None:
    """Return a warning if an account is about to lose its last token."""
    last = max((token.expires_at for token in operator.tokens), default=None)
    if last is None or last - now > _TOKEN_WARNING_MS:
        return None
    return Check(
        name="token",
        level="warn",
        text=f"the last token of {operator.name} ends at {format_time(last)}",
        remedy=f"mla-gateway operator token {operator.name}",
        alert="token-ending",
        subject=operator.name,
    )


def _exchange_with(standing: PeerStanding, now: UnixMs) -> list[Check]:
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


async def _route_to(url: str) -> Sequence[Check]:
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
