"""Peers: enrolled once by people, then only what follows from that is believed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import (
    ConflictError,
    GatewayError,
    LogOutOfStepError,
    MalformedError,
    NotFoundError,
    QuotaError,
    StageMismatchError,
    UnreachableError,
    UntrustedCardError,
    UsageError,
)
from gateway.core.identity import Card, format_fingerprint
from gateway.core.values import AuthorityId, Stage
from gateway.flows.enrolment import Comparison
from gateway.flows.numbers import NumberWatch
from gateway.flows.peers import PeerCare
from gateway.ports.peers import PeerPolicy
from gateway.ports.traffic import PeerTraffic
from gateway.ports.trust import EnrolledPeer
from tests.support.cards import NOW, CardMaker
from tests.support.homes import MOJ
from tests.support.trusting import ACT, TrustingNode, trusting_node

PGR = AuthorityId("pgr.pt")
POLICY = PeerPolicy(max_unopened=1000)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


@pytest.fixture
def care(node: TrustingNode) -> PeerCare:
    return PeerCare(
        node.exchange,
        node.changes,
        stage=Stage.TEST,
        numbers=NumberWatch(node.exchange),
        wake=node.woken.append,
    )


@pytest.fixture
def maker() -> CardMaker:
    return CardMaker(PGR)


def compared(maker: CardMaker) -> Comparison:
    return Comparison(format_fingerprint(maker.root.fingerprint), "by phone")


async def enrol(care: PeerCare, maker: CardMaker) -> EnrolledPeer:
    return await care.add(maker.make(), compared(maker), POLICY, ACT)


def with_other_url(card: Card) -> Card:
    fields = {name: getattr(card, name) for name in card.__struct_fields__}
    return Card(**{**fields, "urls": ["https://other.pgr.pt:8443"]})


async def results(node: TrustingNode) -> list[object]:
    return [entry.fields["res"] for entry in await node.logged()]


async def test_a_peer_is_enrolled_with_who_compared_what_and_how(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    enrolled = await enrol(care, maker)
    assert care.find(PGR) == enrolled
    assert care.all() == [enrolled]
    assert node.directory.peer(PGR) == enrolled.peer
    assert enrolled.peer.policy == POLICY
    record = enrolled.enrolment
    assert record.fingerprint == maker.root.fingerprint
    assert (record.compared_by, record.compared_how) == ("alice", "by phone")
    assert record.compared_at == NOW
    entry = (await node.logged())[-1]
    assert entry.fields == {
        "dig": node.listing_digest(),
        "peer": PGR,
        "res": "peer-added",
    }
    assert len(entry.disclosure_digests) == 4
    assert node.woken == [PGR]


async def test_the_peers_first_word_must_extend_what_its_card_showed(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    enrolled = await enrol(care, maker)
    linked = await node.store.peer_log(PGR)
    assert linked is not None
    checkpoint = enrolled.peer.card.checkpoint
    assert (linked.origin, linked.size) == (checkpoint.origin, checkpoint.size)
    assert linked.root == checkpoint.root


async def refused(
    node: TrustingNode,
    care: PeerCare,
    card: bytes,
    comparison: Comparison,
    error: type[GatewayError],
) -> None:
    before = await results(node)
    peers = care.all()
    with pytest.raises(error):
        await care.add(card, comparison, POLICY, ACT)
    assert care.all() == peers
    assert await results(node) == before


async def test_a_card_with_another_fingerprint_than_the_compared_one_is_refused(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    thief = CardMaker(PGR, root_label="thief")
    await refused(node, care, thief.make(), compared(maker), UntrustedCardError)


@pytest.mark.parametrize("text", ["", "00", "x" * 64])
async def test_enrolling_needs_a_fingerprint(
    node: TrustingNode, care: PeerCare, maker: CardMaker, text: str
) -> None:
    await refused(node, care, maker.make(), Comparison(text, "by phone"), UsageError)


@pytest.mark.parametrize("how", ["", "a\nb", "x" * 501])
async def test_enrolling_needs_the_way_of_comparing(
    node: TrustingNode, care: PeerCare, maker: CardMaker, how: str
) -> None:
    comparison = Comparison(maker.root.fingerprint, how)
    await refused(node, care, maker.make(), comparison, UsageError)


async def test_a_node_of_the_other_stage_is_refused(
    node: TrustingNode, care: PeerCare
) -> None:
    maker = CardMaker(PGR, stage=Stage.PRODUCTION)
    await refused(node, care, maker.make(), compared(maker), StageMismatchError)


async def test_our_own_id_is_no_peer(node: TrustingNode, care: PeerCare) -> None:
    maker = CardMaker(MOJ)
    await refused(node, care, maker.make(), compared(maker), ConflictError)


async def test_what_is_no_card_is_refused(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await refused(node, care, b"card", compared(maker), MalformedError)


async def test_an_enrolled_peer_is_not_enrolled_again(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    await refused(node, care, maker.make(number=2), compared(maker), ConflictError)


async def test_another_root_for_an_enrolled_peer_is_refused(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    other = CardMaker(PGR, root_label="new root")
    await refused(node, care, other.make(), compared(other), UntrustedCardError)


def test_a_card_can_be_looked_at_before_anybody_trusts_it(
    care: PeerCare, maker: CardMaker
) -> None:
    assert care.inspect(maker.make()).fingerprint == maker.root.fingerprint


async def test_a_newer_card_brought_by_a_person_is_taken(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    taken = await care.update(maker.make(number=2, change=with_other_url), ACT)
    assert care.find(PGR) == taken
    assert taken.peer.card.urls == ("https://other.pgr.pt:8443",)
    assert taken.peer.policy == POLICY
    assert (await results(node))[-1] == "peer-updated"


async def test_the_card_that_is_held_changes_nothing(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    raw = maker.make()
    enrolled = await care.add(raw, compared(maker), POLICY, ACT)
    assert await care.update(raw, ACT) == enrolled
    assert await results(node) == ["initial", "peer-added"]


async def test_an_older_card_or_another_root_is_refused(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    first = maker.make()
    await enrol_with(care, maker, maker.make(number=2, change=with_other_url))
    with pytest.raises(UntrustedCardError, match="number 1"):
        await care.update(first, ACT)
    with pytest.raises(UntrustedCardError):
        await care.update(CardMaker(PGR, root_label="x").make(number=3), ACT)
    assert await results(node) == ["initial", "peer-added"]


async def enrol_with(care: PeerCare, maker: CardMaker, card: bytes) -> None:
    await care.add(card, compared(maker), POLICY, ACT)


async def test_a_card_from_a_forked_log_is_refused(
    care: PeerCare, maker: CardMaker
) -> None:
    maker.make()
    fork = CardMaker(
        PGR,
        root_entries=list(maker.root_entries),
        log_entries=list(maker.log_entries),
    )
    await enrol_with(care, maker, maker.make(number=2))
    with pytest.raises(LogOutOfStepError, match="two roots"):
        await care.update(fork.make(number=3, change=with_other_url), ACT)


async def test_a_card_of_nobody_we_know_is_not_an_update(
    care: PeerCare, maker: CardMaker
) -> None:
    with pytest.raises(NotFoundError):
        await care.update(maker.make(), ACT)


async def test_a_pushed_card_is_taken_and_its_number_acknowledged(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    assert await care.accept_pushed(PGR, maker.make(number=2)) == 2
    assert care.find(PGR).peer.card.number == 2
    assert (await results(node))[-1] == "peer-updated"


async def test_a_pushed_card_of_somebody_else_is_refused(
    care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    with pytest.raises(UntrustedCardError):
        await care.accept_pushed(PGR, CardMaker(AuthorityId("mj.fr")).make(number=2))


async def test_a_peer_that_changes_its_card_without_end_is_told_to_wait(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    await care.accept_pushed(PGR, maker.make(number=2))
    third = maker.make(number=3)
    with pytest.raises(QuotaError) as caught:
        await care.accept_pushed(PGR, third)
    assert 0 < caught.value.retry_after_s <= 61
    assert await results(node) == ["initial", "peer-added", "peer-updated"]
    node.clock.advance(seconds=60)
    assert await care.accept_pushed(PGR, third) == 3


async def test_a_card_is_fetched_where_the_peer_is(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    with pytest.raises(UnreachableError):
        await care.refresh_card(PGR)
    node.peers.cards[PGR] = maker.make(number=2)
    assert await care.refresh_card(PGR)
    assert not await care.refresh_card(PGR)
    assert care.find(PGR).peer.card.number == 2


async def test_pausing_and_resuming_are_logged_once_each(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    for _ in range(2):
        assert (await care.pause(PGR, ACT)).peer.policy.is_paused
    for _ in range(2):
        assert not (await care.resume(PGR, ACT)).peer.policy.is_paused
    assert (await results(node))[2:] == ["peer-paused", "peer-resumed"]


async def test_a_policy_can_be_changed(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    wanted = replace(POLICY, may_monitor=True)
    await care.set_policy(PGR, wanted, ACT)
    await care.set_policy(PGR, wanted, ACT)
    peer = node.directory.peer(PGR)
    assert peer is not None
    assert peer.policy == wanted
    assert (await results(node))[2:] == ["peer-updated"]


async def test_a_removed_peer_is_forgotten_but_its_log_is_not(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    await care.remove(PGR, ACT)
    assert node.directory.peer(PGR) is None
    assert await node.store.peer_log(PGR) is not None
    assert (await results(node))[-1] == "peer-removed"
    with pytest.raises(NotFoundError):
        await care.remove(PGR, ACT)


async def test_a_peer_that_comes_back_must_not_contradict_its_own_log(
    care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    await care.remove(PGR, ACT)
    with pytest.raises(LogOutOfStepError):
        await enrol(care, CardMaker(PGR))
    assert await enrol(care, maker) is not None


async def test_a_peer_that_messages_wait_for_is_removed_only_by_force(
    node: TrustingNode,
    care: PeerCare,
    maker: CardMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await enrol(care, maker)
    traffic = await node.store.traffic(PGR, NOW)

    async def waiting(*_: object) -> PeerTraffic:
        return replace(traffic, queued=1, held=1)

    monkeypatch.setattr(node.store, "traffic", waiting)
    with pytest.raises(ConflictError, match="2 messages"):
        await care.remove(PGR, ACT)
    await care.remove(PGR, ACT, is_forced=True)
    assert care.all() == []


async def test_a_ping_compares_what_the_peer_has_seen_of_our_log(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    node.peers.cards[PGR] = b"reachable"
    head = await node.store.log_head()
    node.peers.seen = (head.size, head.root)
    result = await care.ping(PGR)
    assert (result.problem, result.clock_offset_ms) == ("", 0)
    assert result.reply.seen.size == head.size
    assert (await care.standing(PGR)).traffic.last_contact_at == NOW
    assert node.woken[-1] == PGR


async def test_a_ping_tells_that_the_peer_holds_another_history_of_ours(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    node.peers.cards[PGR] = b"reachable"
    node.peers.seen = (1000, bytes(32))
    result = await care.ping(PGR)
    assert "has seen size 1000" in result.problem
    standing = await care.standing(PGR)
    assert "has seen size 1000" in standing.problem
    assert standing.traffic.last_contact_at == 0
    assert standing.log is not None


async def test_a_ping_answered_by_somebody_else_is_refused(
    node: TrustingNode, care: PeerCare, maker: CardMaker
) -> None:
    await enrol(care, maker)
    node.peers.cards[PGR] = b"reachable"
    node.peers.stage = "production"
    with pytest.raises(StageMismatchError):
        await care.ping(PGR)
    node.peers.name = "mj.fr"
    with pytest.raises(UntrustedCardError):
        await care.ping(PGR)


async def test_nobody_is_asked_who_is_not_a_peer(care: PeerCare) -> None:
    with pytest.raises(NotFoundError):
        await care.ping(PGR)
    with pytest.raises(NotFoundError):
        await care.standing(PGR)
    with pytest.raises(NotFoundError):
        await care.pause(PGR, ACT)
