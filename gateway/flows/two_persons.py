"""What one person may not change alone: whom we trust, and who may do what here.

It binds as soon as somebody else holds `security` and can log in. What is asked for is
kept as an order; approving it runs it, once, in the transaction that settles the
approval, also after a restart. Taking away is never held up: one person may remove a
peer, an account, a role or a token at once (specification, section 13.8).
"""

import base64
import hashlib
from dataclasses import replace

import msgspec

from gateway.core import canonical
from gateway.core.canonical import Wire, parse_base64
from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError
from gateway.core.operators import IssuedToken, Operator, Role
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.approvals import Approvals, needs
from gateway.flows.enrolment import Comparison
from gateway.flows.exchange import Exchange
from gateway.flows.operators import Operators, TokenRequest
from gateway.flows.peers import PeerCare
from gateway.ports.approvals import (
    Approval,
    ApprovalKind,
    ApprovalState,
    NewApproval,
)
from gateway.ports.peers import PeerPolicy
from gateway.ports.people import (
    MAX_ORDER_BYTES,
    NOTHING_BESIDE,
    Beside,
    Settling,
    Using,
)
from gateway.ports.trust import EnrolledPeer

_DECIDING = frozenset({Role.APPROVER, Role.SECURITY})


class _Order(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """What is done when somebody has approved it.

    Attributes:
        do: `add-peer`, `update-card`, `add-operator` or `set-roles`.
        card: Of a peer, in base64.
        on_behalf_of: Of who asked, as in `Act`.
    """

    do: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    card: str = ""
    fingerprint: str = ""
    how: str = ""
    purpose: str = ""
    on_behalf_of: str = ""


class TwoPersons:
    """Makes changes that need a second person, or asks for one."""

    def __init__(
        self,
        exchange: Exchange,
        approvals: Approvals,
        peers: PeerCare,
        operators: Operators,
    ) -> None:
        self._exchange = exchange
        self._approvals = approvals
        self._peers = peers
        self._operators = operators
        approvals.runs(ApprovalKind.TRUST, self._run)
        approvals.runs(ApprovalKind.ROLES, self._run)

    async def add_peer(
        self, card: bytes, comparison: Comparison, act: Act
    ) -> EnrolledPeer:
        """Trust a peer whose fingerprint two people have compared.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
            GatewayError: As `PeerCare.add`.
        """
        checked = self._peers.check_add(card, comparison)
        order = _Order(
            do="add-peer",
            card=base64.b64encode(card).decode(),
            fingerprint=comparison.fingerprint,
            how=comparison.how,
        )
        authority = checked.authority
        detail = f"{authority} fingerprint {checked.fingerprint}"
        await self._hold_up(ApprovalKind.TRUST, order, detail, act, authority)
        return await self._peers.add(card, comparison, PeerPolicy(), act)

    async def update_card(self, card: bytes, act: Act) -> EnrolledPeer:
        """Take a newer card of a peer that a person brings; an equal one does nothing.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
            GatewayError: As `PeerCare.update`.
        """
        held, checked = self._peers.check_update(card)
        if checked.line != held.peer.card.line:
            text = base64.b64encode(card).decode()
            order = _Order(do="update-card", card=text)
            authority = checked.authority
            detail = f"{authority} card {checked.number}"
            await self._hold_up(ApprovalKind.TRUST, order, detail, act, authority)
        return await self._peers.update(card, act)

    async def add_operator(
        self, name: str, roles: frozenset[Role], act: Act
    ) -> Operator:
        """Add an account with its roles.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
            GatewayError: As `Operators.add`.
        """
        self._operators.check_new(name, roles)
        order = _Order(do="add-operator", name=name, roles=tuple(sorted(roles)))
        detail = f"{name} {' '.join(sorted(roles))}"
        await self._hold_up(ApprovalKind.ROLES, order, detail, act)
        return await self._operators.add(name, roles, act)

    async def set_roles(self, name: str, roles: frozenset[Role], act: Act) -> Operator:
        """Give an account other roles; taking some away needs nobody else.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
            GatewayError: As `Operators.set_roles`.
        """
        held = self._operators.find(name).roles
        if roles - held:
            replace(self._operators.find(name), roles=roles)
            order = _Order(do="set-roles", name=name, roles=tuple(sorted(roles)))
            detail = f"{name} {' '.join(sorted(roles))}"
            await self._hold_up(ApprovalKind.ROLES, order, detail, act)
        return await self._operators.set_roles(name, roles, act)

    async def create_token(
        self, name: str, request: TokenRequest, act: Act
    ) -> IssuedToken:
        """Make a token for an account.

        One for somebody else who decides with others would let one person be two:
        that takes an approval, and is asked again once it is there.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
            GatewayError: As `Operators.create_token`.
        """
        return await self._operators.create_token(
            name, request, act, await self.way_in(name, act, f"token {request.label}")
        )

    async def way_in(self, name: str, act: Act, what: str) -> Beside:
        """Return what goes with making a way to log in to an account.

        Args:
            name: The account.
            act: Who makes it.
            what: A token, a link.

        Raises:
            NeedsApprovalError: A second person has to approve it; that is asked for.
        """
        held = self._operators.find(name).roles
        kind = ApprovalKind.LOGIN
        if (
            name == act.actor
            or held.isdisjoint(_DECIDING)
            or not self._approvals.is_binding(kind, act.actor)
        ):
            return NOTHING_BESIDE
        subject = f"{what} for {name}"
        if not await self._is_granted(kind, subject, act):
            new = NewApproval(kind=kind, subject=subject)
            raise needs(await self._approvals.ask(new, act))
        return Beside(uses=Using(kind, subject, act))

    async def _is_granted(self, kind: ApprovalKind, subject: str, act: Act) -> bool:
        return await self._exchange.store.is_permitted(
            kind, subject, act, self._exchange.clock.now()
        )

    async def _hold_up(
        self,
        kind: ApprovalKind,
        order: _Order,
        detail: str,
        act: Act,
        peer: AuthorityId | None = None,
    ) -> None:
        """Ask for a second person where there is one.

        Raises:
            NeedsApprovalError: That is asked for.
            MalformedError: The order is too long to be kept.
        """
        if not self._approvals.is_binding(kind, act.actor):
            return
        order = msgspec.structs.replace(
            order, purpose=act.purpose, on_behalf_of=act.on_behalf_of
        )
        raw = msgspec.json.encode(order)
        if len(raw) > MAX_ORDER_BYTES:
            raise MalformedError(f"order: at most {MAX_ORDER_BYTES} bytes")
        digest = hashlib.sha256(raw).hexdigest()[:16]
        new = NewApproval(
            kind=kind,
            subject=f"{order.do} {digest}",
            detail=detail,
            peer=peer or "",
        )
        raise needs(await self._approvals.ask(new, act, raw))

    async def _run(
        self, approval: Approval, act: Act, now: UnixMs, *, is_override: bool
    ) -> Approval:
        """Do what was asked for, in the name of who asked, and settle it with that."""
        number, store = approval.number, self._exchange.store
        raw = await store.order_of(number)
        order = canonical.convert(msgspec.json.decode(raw), _Order)
        asker = Act(
            actor=approval.asked_by,
            role=Role.SECURITY.value,
            purpose=order.purpose,
            on_behalf_of=order.on_behalf_of,
        )
        settling = Settling(number=number, act=act, is_override=is_override)
        await self._do(order, asker, Beside(settles=settling))
        done = await store.approval(number)
        if done.state is not ApprovalState.WAITING:
            return done
        # It was so already, and nothing had to be changed.
        return await store.settle_approval(number, act, now, is_override=is_override)

    async def _do(self, order: _Order, act: Act, beside: Beside) -> None:
        roles, card = frozenset(order.roles), parse_base64(order.card)
        match order.do:
            case "add-peer":
                comparison = Comparison(order.fingerprint, order.how)
                await self._peers.add(card, comparison, PeerPolicy(), act, beside)
            case "update-card":
                await self._peers.update(card, act, beside)
            case "add-operator":
                await self._operators.add(order.name, roles, act, beside)
            case "set-roles":
                await self._operators.set_roles(order.name, roles, act, beside)
            case _:
                raise MalformedError(f"order: {order.do[:40]!r} is none")
