"""What is well, what is not, and the remedy: of the node, and on the way to a peer."""

import asyncio

from gateway.admin.asked import Asked
from gateway.admin.node_shapes import Check, Diagnostics, DiagnosticsQuery
from gateway.admin.peer_checks import (
    REMEDIES,
    call_failed,
    exchange_with,
    remedy_of,
    route_to,
)
from gateway.admin.services import AdminServices
from gateway.admin.shapes import CheckLevel
from gateway.core.errors import GatewayError, MalformedError, NotFoundError
from gateway.core.operators import Operator, Role, can_act_as
from gateway.core.values import AuthorityId, UnixMs, format_time, parse_authority_id
from gateway.flows.peer_standing import PeerStanding

_CALL_TIMEOUT_S = 20.0
_TOKEN_WARNING_MS = 14 * 86_400_000
_EXPIRY_WARNING_MS = 48 * 3_600_000
_EXPIRY_ALARM_MS = 12 * 3_600_000
_OLD_CHECK_S = 86_400
_TWO_PERSONS = 2
_CLOCK_WARNING_MS = 30_000

# What a peer answers, or does not, that has not added us or has an old card of ours.
_WHO_ARE_YOU = frozenset({"stranger", "not-allowed", "unreachable"})
_ORDER: tuple[CheckLevel, ...] = ("ok", "warn", "fail")


class DiagnosticHandlers:
    """Looks at everything an operator could mend."""

    def __init__(self, services: AdminServices) -> None:
        self._services = services
        self._clock = services.exchange.clock

    async def diagnose(self, asked: Asked) -> Diagnostics:
        """Look at one peer, or at the node and all peers in short."""
        name = asked.filters(DiagnosticsQuery).peer
        checks = await (self.way_to(_peer_id(name)) if name else self.node())
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
            checks += exchange_with(standing, now)
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

    async def way_to(self, authority: AuthorityId) -> list[Check]:
        """Look at the way to a peer, from names to what it says itself."""
        standing = await self._services.peers.standing(authority)
        checks: list[Check] = []
        through = self._services.proxy_of(standing.enrolled.peer.policy.proxy)
        # What is behind a proxy is for the proxy to find.
        for url in [through] if through else standing.enrolled.peer.card.urls:
            checks += await route_to(url)
        checks.append(await self._call(authority))
        checks += exchange_with(standing, self._clock.now())
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
            return call_failed("unreachable", "no answer in time")
        except GatewayError as error:
            return call_failed(
                error.code, f"{error}{self._shown_to(error)}", remedy_of(error)
            )
        if result.problem:
            return call_failed("log-out-of-step", result.problem)
        offset_ms = result.clock_offset_ms
        if abs(offset_ms) > _CLOCK_WARNING_MS:
            return Check(
                name="clock",
                level="warn",
                text=f"the clocks differ by {offset_ms / 1000:.0f} s",
                remedy=REMEDIES["clock"],
            )
        text = f"answers in {result.duration_ms} ms; has added us; same stage, a "
        return Check(name="call", level="ok", text=f"{text}version that both speak")

    def _shown_to(self, error: GatewayError) -> str:
        """Return what a peer that does not know us has seen of us."""
        seen = self._services.certificate_seen()
        if error.code not in _WHO_ARE_YOU or not seen:
            return ""
        return f"; they saw a certificate with SHA-256 {seen}"


def _peer_id(text: str) -> AuthorityId:
    try:
        return parse_authority_id(text)
    except MalformedError as error:
        raise NotFoundError(f"peer: {error}") from error


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
