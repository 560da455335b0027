"""What one person may not change alone: asked for, kept, done once by the second."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    NeedsApprovalError,
    NotAllowedError,
    UntrustedCardError,
)
from gateway.core.operators import Operator, Role, issue_token
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.approvals import Approvals
from gateway.flows.enrolment import Comparison
from gateway.flows.numbers import NumberWatch
from gateway.flows.operators import Operators, TokenRequest
from gateway.flows.peers import PeerCare
from gateway.flows.trust import TrustNote
from gateway.flows.two_persons import TwoPersons
from gateway.ports.approvals import ApprovalFilter, ApprovalState
from gateway.ports.trust import TrustChange, TrustEdit
from tests.support.cards import NOW, CardMaker
from tests.support.trusting import ACT, DETAILS, TrustingNode, trusting_node

ANNA = Act("anna", "security")
BERT = Act("bert", "security", "seen")
SECURITY = frozenset({Role.SECURITY})
BMJ = AuthorityId("bmj.de")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


class Side:
    """The flows of a node, as they are after each start."""

    def __init__(self, node: TrustingNode) -> None:
        self.node = node
        self.approvals = Approvals(node.exchange, node.directory.operators)
        self.peers = PeerCare(
            node.exchange,
            node.changes,
            stage=DETAILS.stage,
            numbers=NumberWatch(node.exchange),
            wake=node.woken.append,
        )
        self.operators = Operators(node.changes, node.clock)
        self.two = TwoPersons(node.exchange, self.approvals, self.peers, self.operators)

    async def people(self, *names: str) -> None:
        """Give accounts in role security, each with a token."""
        made = [
            Operator(
                name,
                SECURITY,
                (issue_token("desk", now=NOW, lifetime_ms=10**9).token,),
            )
            for name in names
        ]
        async with self.node.changes.turn:
            await self.node.changes.commit(
                TrustEdit(put_operators=tuple(made)),
                TrustNote(TrustChange.OPERATOR_ADDED, ACT),
            )

    async def waiting(self) -> list[int]:
        wanted = ApprovalFilter(state="waiting")
        found = await self.approvals.find(wanted, before=None, limit=9)
        return [one.number for one in found]

    async def approve(self, number: int, act: Act = BERT) -> ApprovalState:
        done = await self.approvals.approve(number, act, SECURITY)
        return done.state


async def test_alone_one_may_act_and_with_a_second_one_waits(
    node: TrustingNode,
) -> None:
    side = Side(node)
    # `admin` alone holds security.
    act = Act("admin", "security")
    await side.two.add_operator("anna", SECURITY, act)
    await side.two.create_token("anna", TokenRequest(label="desk"), act)
    with pytest.raises(NeedsApprovalError, match="mla-gateway approve 1"):
        await side.two.add_operator("carl", frozenset({Role.OBSERVER}), act)
    assert node.directory.operator("carl") is None


async def test_a_peer_is_added_once_a_second_person_agrees_also_after_a_restart(
    node: TrustingNode,
) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    maker = CardMaker(BMJ)
    card = maker.make()
    compared = Comparison(maker.root.fingerprint, "by phone with Ms Weber")
    with pytest.raises(UntrustedCardError):
        await side.two.add_peer(card, Comparison("0" * 64, "by phone"), ANNA)
    with pytest.raises(NeedsApprovalError):
        await side.two.add_peer(card, compared, ANNA)
    with pytest.raises(NeedsApprovalError, match="approve 1"):
        await side.two.add_peer(card, compared, ANNA)
    assert node.directory.peer(BMJ) is None
    again = Side(node)
    with pytest.raises(NotAllowedError, match="anna asked for it"):
        await again.approve(1, ANNA)
    assert node.directory.peer(BMJ) is None
    assert await again.approve(1) is ApprovalState.DONE
    enrolled = node.directory.enrolled(BMJ)
    assert enrolled is not None
    # Who compared is who asked, not who agreed.
    assert enrolled.enrolment.compared_by == "anna"
    assert await node.store.order_of(1) == b""
    with pytest.raises(ConflictError):
        await again.approve(1)
    assert await again.waiting() == []


async def test_what_is_out_of_date_when_it_is_approved_is_not_done(
    node: TrustingNode,
) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    roles = frozenset({Role.OBSERVER})
    with pytest.raises(NeedsApprovalError):
        await side.two.add_operator("carl", roles, ANNA)
    await side.operators.add("carl", roles, ACT)
    with pytest.raises(ConflictError, match="carl is there already"):
        await side.approve(1)
    assert await side.waiting() == [1]
    await side.approvals.reject(1, BERT, SECURITY)
    assert await node.store.order_of(1) == b""


async def test_taking_roles_away_is_not_held_up_and_giving_them_is(
    node: TrustingNode,
) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    both = frozenset({Role.OBSERVER, Role.AUDITOR})
    await side.operators.add("carl", both, ACT)
    await side.two.set_roles("carl", frozenset({Role.OBSERVER}), ANNA)
    with pytest.raises(NeedsApprovalError):
        await side.two.set_roles("carl", both, ANNA)
    assert await side.approve(1) is ApprovalState.DONE
    assert side.operators.find("carl").roles == both


async def test_an_older_card_is_refused_at_once_and_a_newer_one_waits(
    node: TrustingNode,
) -> None:
    side = Side(node)
    maker = CardMaker(BMJ)
    compared = Comparison(maker.root.fingerprint, "by phone")
    held = await side.two.add_peer(
        maker.make(number=2), compared, Act("admin", "security")
    )
    await side.people("anna", "bert")
    assert await side.two.update_card(held.peer.card.raw, ANNA) == held
    with pytest.raises(UntrustedCardError):
        await side.two.update_card(maker.make(number=1), ANNA)
    newer = maker.make(number=3)
    with pytest.raises(NeedsApprovalError):
        await side.two.update_card(newer, ANNA)
    # Meanwhile the peer's node brings it itself: there is nothing left to do.
    await side.peers.accept_pushed(BMJ, newer)
    assert await side.approve(1) is ApprovalState.DONE


async def test_nobody_makes_themselves_a_second_person(node: TrustingNode) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    request = TokenRequest(label="mine")
    with pytest.raises(NeedsApprovalError):
        await side.two.create_token("bert", request, ANNA)
    # For oneself, and for who decides on nothing, there is no need.
    await side.two.create_token("anna", request, ANNA)
    await side.operators.add("carl", frozenset({Role.OBSERVER}), ACT)
    await side.two.create_token("carl", request, ANNA)
    assert await side.approve(1) is ApprovalState.APPROVED
    issued = await side.two.create_token("bert", request, ANNA)
    assert issued.token.made_by == "anna"
    assert await side.waiting() == []
    await side.operators.revoke_token("bert", "mine", ACT)
    with pytest.raises(NeedsApprovalError):
        await side.two.create_token("bert", request, ANNA)


async def test_an_approval_that_runs_out_meanwhile_makes_no_token(
    node: TrustingNode,
) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    request = TokenRequest(label="mine")
    with pytest.raises(NeedsApprovalError):
        await side.two.create_token("bert", request, ANNA)
    await side.approve(1)
    beside = await side.two.way_in("bert", ANNA, "token mine")
    node.clock.advance(2 * 86_400)
    with pytest.raises(NeedsApprovalError):
        await side.operators.create_token("bert", request, ANNA, beside)
    assert len(side.operators.find("bert").tokens) == 1


async def test_an_order_that_is_none_is_refused(node: TrustingNode) -> None:
    side = Side(node)
    await side.people("anna", "bert")
    with pytest.raises(NeedsApprovalError):
        await side.two.add_operator("carl", frozenset({Role.OBSERVER}), ANNA)
    raw = await node.store.order_of(1)
    assert msgspec.json.decode(raw)["do"] == "add-operator"
    assert await node.store.order_of(2) == b""
    assert UnixMs(NOW) <= node.clock.now()
