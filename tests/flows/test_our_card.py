"""Our own card: in our log, under numbers that only grow, and told to every peer."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import MaintenanceError
from gateway.core.identity import ProfileRecord, verify_card
from gateway.core.values import AuthorityId, Stage, UnixMs
from gateway.flows.enrolment import Comparison
from gateway.flows.numbers import NumberWatch
from gateway.flows.our_card import CARD_KIND, OurCard
from gateway.flows.peers import PeerCare
from gateway.keystore.own_card import CardDetails
from gateway.ports.peers import PeerPolicy
from gateway.trust.own_card import KeptCard
from tests.support.cards import CardMaker
from tests.support.legal import profile_record
from tests.support.trusting import ACT, DETAILS, TrustingNode, trusting_node

PGR = AuthorityId("pgr.pt")
MJ = AuthorityId("mj.fr")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


def our_card(node: TrustingNode, details: CardDetails = DETAILS) -> OurCard:
    return OurCard(node.exchange, KeptCard(lambda: node.keyring, details))


async def numbers(node: TrustingNode) -> list[object]:
    return [entry.fields["count"] for entry in await node.logged(CARD_KIND)]


async def test_the_first_card_verifies_under_our_fingerprint(
    node: TrustingNode,
) -> None:
    own = our_card(node)
    with pytest.raises(MaintenanceError):
        own.current()
    assert await own.renew_if_due()
    card = verify_card(
        own.current(), stage=Stage.TEST, fingerprint=node.keyring.fingerprint
    )
    assert card == own.verified()
    assert (card.number, card.urls) == (1, DETAILS.urls)
    (entry,) = await node.logged(CARD_KIND)
    assert entry.fields["res"] == "first"


async def test_a_card_that_still_holds_is_not_issued_again(node: TrustingNode) -> None:
    own = our_card(node)
    await own.renew_if_due()
    node.clock.advance(seconds=3600)
    assert not await own.renew_if_due()
    restarted = our_card(node)
    assert not await restarted.renew_if_due()
    assert restarted.current() == own.current()
    assert await numbers(node) == [1]


async def test_what_the_card_says_has_changed_so_a_new_one_is_issued(
    node: TrustingNode,
) -> None:
    own = our_card(node)
    await own.renew_if_due()
    first = own.verified()
    moved = our_card(node, replace(DETAILS, urls=("https://127.0.0.1:9443",)))
    assert await moved.renew_if_due()
    verify_card(moved.current(), stage=Stage.TEST, previous=first)
    assert moved.verified().number == 2


async def test_a_new_key_makes_a_new_card(node: TrustingNode) -> None:
    own = our_card(node)
    await own.renew_if_due()
    node.clock.advance(seconds=20 * 86_400)
    record = node.keyring.opening.rotate(node.clock.now())
    assert await own.renew_if_due()
    assert own.verified().keys == (record,)


async def test_a_card_can_be_issued_though_nothing_changed(node: TrustingNode) -> None:
    own = our_card(node)
    await own.renew_if_due()
    card = await own.issue("asked-for", ACT)
    assert card.number == 2
    assert own.verified() == card
    assert (await node.logged(CARD_KIND))[-1].fields["res"] == "asked-for"


async def test_numbers_grow_even_if_the_file_was_lost(node: TrustingNode) -> None:
    await our_card(node).renew_if_due()
    await our_card(node).issue("asked-for", ACT)
    node.layout.keys.card.unlink()
    own = our_card(node)
    await own.renew_if_due()
    assert await numbers(node) == [1, 2, 3]
    assert own.verified().number == 3


async def enrol(node: TrustingNode, authority: AuthorityId, *, paused: bool) -> None:
    maker = CardMaker(authority)
    care = PeerCare(
        node.exchange,
        node.changes,
        stage=Stage.TEST,
        numbers=NumberWatch(node.exchange),
        wake=node.woken.append,
    )
    comparison = Comparison(maker.root.fingerprint, "by phone")
    await care.add(maker.make(), comparison, PeerPolicy(is_paused=paused), ACT)


async def test_a_peer_is_told_of_each_card_once(node: TrustingNode) -> None:
    await enrol(node, PGR, paused=False)
    node.peers.cards[PGR] = b"reachable"
    own = our_card(node)
    assert await own.push_where_due() == 0  # there is no card yet
    await own.renew_if_due()
    node.peers.numbers[PGR] = 1
    assert await own.push_where_due() == 1
    assert await own.push_where_due() == 0
    assert node.peers.pushed == [(PGR, own.current())]
    await own.issue("asked-for", ACT)
    node.peers.numbers[PGR] = 2
    assert await own.push_where_due() == 1


async def test_a_peer_that_is_away_does_not_keep_others_from_being_told(
    node: TrustingNode,
) -> None:
    await enrol(node, MJ, paused=False)
    await enrol(node, PGR, paused=False)
    node.peers.cards[PGR] = b"reachable"
    node.peers.numbers[PGR] = 1
    own = our_card(node)
    await own.renew_if_due()
    assert await own.push_where_due() == 1
    node.peers.cards[MJ] = b"reachable again"
    node.peers.numbers[MJ] = 1
    assert await own.push_where_due() == 1


async def test_a_paused_peer_or_one_in_back_off_is_left_alone(
    node: TrustingNode,
) -> None:
    await enrol(node, MJ, paused=True)
    await enrol(node, PGR, paused=False)
    for peer in (MJ, PGR):
        node.peers.cards[peer] = b"reachable"
        node.peers.numbers[peer] = 1
    later = UnixMs(node.clock.now() + 1000)
    await node.store.record_failure(PGR, error="away", retry_at=later)
    own = our_card(node)
    await own.renew_if_due()
    assert await own.push_where_due() == 0
    assert node.peers.pushed == []


@pytest.mark.parametrize("number", [0, 7])
async def test_an_acknowledgement_of_another_number_is_none(
    node: TrustingNode, number: int
) -> None:
    await enrol(node, PGR, paused=False)
    node.peers.cards[PGR] = b"reachable"
    node.peers.numbers[PGR] = number
    own = our_card(node)
    await own.renew_if_due()
    assert await own.push_where_due() == 0
    traffic = await node.store.traffic(PGR, node.clock.now())
    assert traffic.card_number_acknowledged == 0


async def test_no_card_is_pushed_to_a_peer_that_holds_another_history_of_ours(
    node: TrustingNode,
) -> None:
    await enrol(node, PGR, paused=False)
    node.peers.cards[PGR] = b"reachable"
    node.peers.numbers[PGR] = 1
    node.peers.seen = (1000, bytes(32))
    own = our_card(node)
    await own.renew_if_due()
    assert await own.push_where_due() == 0
    assert node.peers.pushed == []


async def test_another_service_profile_makes_another_card(node: TrustingNode) -> None:
    said: list[ProfileRecord | None] = [None]
    own = OurCard(
        node.exchange, KeptCard(lambda: node.keyring, DETAILS, lambda: said[0])
    )
    await own.renew_if_due()
    assert own.verified().profile is None

    said[0] = profile_record("et", "en")
    assert await own.renew_if_due()
    assert not await own.renew_if_due()
    assert own.verified().profile == said[0]

    said[0] = None
    assert await own.renew_if_due()
    assert own.verified().profile is None
    assert await numbers(node) == [1, 2, 3]
