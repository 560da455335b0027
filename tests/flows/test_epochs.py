"""A peer that begins a new log: followed for its root, asked about the old one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.errors import LogProofError
from gateway.core.identity import format_fingerprint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import leaf_hash, root_of
from gateway.core.translog.proof import encode_log_proof
from gateway.core.values import AuthorityId, Stage
from gateway.flows.enrolment import Comparison
from gateway.flows.numbers import NumberWatch
from gateway.flows.peers import PeerCare
from gateway.ports.peers import PeerPolicy
from tests.support.cards import CardMaker
from tests.support.trusting import ACT, TrustingNode, trusting_node

PGR = AuthorityId("pgr.pt")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


@pytest.fixture
async def care(node: TrustingNode, old: CardMaker) -> PeerCare:
    """A node that has enrolled the peer under its first log, of three entries."""
    made = PeerCare(
        node.exchange,
        node.changes,
        stage=Stage.TEST,
        wake=node.woken.append,
        numbers=NumberWatch(node.exchange),
    )
    for _ in range(2):
        old.log("admin.test", {})
    compared = Comparison(format_fingerprint(old.root.fingerprint), "by phone")
    await made.add(old.make(), compared, PeerPolicy(), ACT)
    return made


@pytest.fixture
def old() -> CardMaker:
    return CardMaker(PGR)


def prior_of(old: CardMaker, size: int | None = None) -> JsonObject:
    """Return what a new log says of the old one."""
    hashes = [leaf_hash(leaf) for leaf in old.log_entries][:size]
    return {
        "o": old.audit_signer.origin,
        "n": len(hashes),
        "r": encode_base64(root_of(hashes)),
        "dig": "ab" * 32,
    }


def succeed(node: TrustingNode, old: CardMaker, prior: JsonObject | None) -> CardMaker:
    """Return the peer with its next log, whose first entry can be asked for."""
    new = replace(old, log_label="next", epoch=2, log_entries=[])
    fields: JsonObject = {"vkeys": ["key"], "pol": "cd" * 32}
    new.log("log.init", fields if prior is None else fields | {"prior": prior})
    new.state()
    node.peers.cards[PGR] = b"reachable"
    node.peers.first = encode_log_proof(new.prove(0))
    return new


async def followed(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
    prior: JsonObject | None,
) -> CardMaker:
    """Return the peer with its next log, whose card was taken."""
    new = succeed(node, old, prior)
    assert await care.accept_pushed(PGR, new.make(number=2)) == 2
    return new


async def test_a_new_log_is_followed_and_the_old_one_kept(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    held = await node.store.peer_log(PGR)
    await followed(node, care, old, prior_of(old))
    state = await node.store.peer_log(PGR)
    assert held
    assert state
    assert state.origin == "pgr.pt/audit/2"
    assert await node.store.peer_log_of("pgr.pt/audit/1") == held
    peer = node.directory.peer(PGR)
    assert peer
    assert peer.card.log_origin == "pgr.pt/audit/2"
    assert await node.exchange.peer_logs.seen_size(PGR) == state.size
    assert (await care.standing(PGR)).epoch_problem == ""


async def test_a_peer_that_denies_what_it_had_proven_is_an_alarm(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    await followed(node, care, old, prior_of(old, 2))
    told = (await care.standing(PGR)).epoch_problem
    assert told == (
        "says that pgr.pt/audit/1 came to size 2, we hold its signature on 3"
    )


async def test_another_root_for_a_size_that_it_signed_is_an_alarm(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    prior = prior_of(old) | {"r": encode_base64(bytes(32))}
    await followed(node, care, old, prior)
    told = (await care.standing(PGR)).epoch_problem
    assert told.startswith("names another root for size 3 of pgr.pt/audit/1")
    # It is asked again at each start and day, so the alarm outlives the process.
    await care.check_epoch(PGR)
    assert (await care.standing(PGR)).epoch_problem == told


async def test_a_beginning_that_cannot_be_had_stops_nothing(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    new = await followed(node, care, old, None)
    assert (await care.standing(PGR)).epoch_problem == ""
    for first in (b"", b"garbage", encode_log_proof(new.prove(1))):
        node.peers.first = first
        await care.check_epoch(PGR)
        assert (await care.standing(PGR)).epoch_problem == ""


async def test_a_beginning_that_another_key_signed_says_nothing(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    new = await followed(node, care, old, prior_of(old))
    forged = replace(new, log_label="thief", log_entries=[])
    fields: JsonObject = {"vkeys": ["key"], "pol": "cd" * 32}
    forged.log("log.init", fields | {"prior": prior_of(old, 1)})
    node.peers.first = encode_log_proof(forged.prove(0))
    await care.check_epoch(PGR)
    assert (await care.standing(PGR)).epoch_problem == ""


async def test_no_card_leads_back_to_a_closed_log(
    node: TrustingNode,
    care: PeerCare,
    old: CardMaker,
) -> None:
    new = await followed(node, care, old, prior_of(old))
    back = replace(new, log_label="log", epoch=1, log_entries=old.log_entries)
    back.state()
    node.clock.advance(61)
    with pytest.raises(LogProofError, match="closed"):
        await care.accept_pushed(PGR, back.make(number=3))
    peer = node.directory.peer(PGR)
    assert peer
    assert peer.card.log_origin == "pgr.pt/audit/2"
