"""A thief with every online key of a peer, but not its root, can't put keys of his own.

Log, witness, TLS-CA and sealing keys are all his: he signs the peer's log, and so its
cards. New keys he can't bring in, and the root's next statement locks him out.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import (
    ConfigError,
    LogProofError,
    TooLargeError,
    UntrustedCardError,
)
from gateway.core.identity import (
    Statement,
    append_statement,
    audit_origin,
    encode_request,
    parse_request,
    prove_statement,
    root_origin,
    witness_name,
)
from gateway.core.protocol import Consistency
from gateway.core.translog.checkpoint import (
    Ed25519Cosigner,
    LogSigner,
    MlDsaCosigner,
)
from gateway.core.translog.proof import encode_log_proof, parse_log_proof
from gateway.core.values import AuthorityId, Stage
from gateway.flows.enrolment import Comparison
from gateway.flows.numbers import NumberWatch
from gateway.flows.peers import PeerCare
from gateway.ports.peers import PeerPolicy
from gateway.trust.peers import encode_history, encode_policy, history_path, parse_peer
from tests.support.cards import NOW, CardMaker, ca_certificate, log_signer, seed
from tests.support.trusting import ACT, TrustingNode, trusting_node

PGR = AuthorityId("pgr.pt")
ORIGIN = audit_origin(PGR)

Forge = Callable[[CardMaker, Statement], bytes]


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
        wake=node.woken.append,
        numbers=NumberWatch(node.exchange),
    )


@pytest.fixture
async def peer(care: PeerCare) -> CardMaker:
    """Give an enrolled peer; whoever holds this holds its online keys."""
    maker = CardMaker(PGR)
    comparison = Comparison(maker.root.fingerprint, "by phone")
    await care.add(maker.make(), comparison, PeerPolicy(), ACT)
    return maker


# --- what the thief wants stated ---


def with_log_keys(statement: Statement) -> Statement:
    return replace(statement, log_keys=log_signer(ORIGIN, "thief").keys)


def with_witness_keys(statement: Statement) -> Statement:
    name = witness_name(PGR)
    keys = (
        Ed25519Cosigner(name, seed("thief ed25519")).key,
        MlDsaCosigner(name, seed("thief ml-dsa")).key,
    )
    return replace(statement, witness_keys=keys)


def with_tls_ca(statement: Statement) -> Statement:
    return replace(statement, tls_cas=(ca_certificate("thief"),))


# --- how he tries ---


def entries_with(peer: CardMaker, wanted: Statement) -> list[bytes]:
    """Return the root log, which is public, with the statement that he wants."""
    request = parse_request(encode_request(wanted))
    leaf = append_statement(request, peer.root_entries, NOW)
    return [*peer.root_entries, leaf]


def logged(peer: CardMaker, wanted: Statement, proof: bytes) -> bytes:
    """Return a card under a statement, logged with the keys that it names."""
    is_his = wanted.log_keys != peer.audit_signer.keys
    log = replace(peer, log_label="thief" if is_his else peer.log_label)
    return log.publish(peer.card(proof, number=2))


def by_a_root_of_his_own(peer: CardMaker, wanted: Statement) -> bytes:
    root = log_signer(root_origin(PGR), "thief")
    proof = prove_statement(entries_with(peer, wanted), root)
    thief = replace(peer, root_label="thief")
    return logged(thief, wanted, proof)


def by_his_root_under_the_real_ones_keys(peer: CardMaker, wanted: Statement) -> bytes:
    root = log_signer(root_origin(PGR), "thief")
    return logged(peer, wanted, prove_statement(entries_with(peer, wanted), root))


def by_the_stolen_log_keys(peer: CardMaker, wanted: Statement) -> bytes:
    signer = LogSigner(
        root_origin(PGR),
        ed25519_seed=seed(f"{ORIGIN} {peer.log_label} ed25519"),
        ml_dsa_seed=seed(f"{ORIGIN} {peer.log_label} ml-dsa"),
    )
    return logged(peer, wanted, prove_statement(entries_with(peer, wanted), signer))


def in_the_real_proof(peer: CardMaker, wanted: Statement) -> bytes:
    real = prove_statement(peer.root_entries, peer.root_signer)
    leaf = entries_with(peer, wanted)[-1]
    proof = encode_log_proof(replace(parse_log_proof(real), extra=leaf))
    return logged(peer, wanted, proof)


def proven_in_the_audit_log(peer: CardMaker, wanted: Statement) -> bytes:
    proof = replace(peer.prove(), extra=entries_with(peer, wanted)[-1])
    return logged(peer, wanted, encode_log_proof(proof))


FORGERIES = [
    by_a_root_of_his_own,
    by_his_root_under_the_real_ones_keys,
    by_the_stolen_log_keys,
    in_the_real_proof,
    proven_in_the_audit_log,
]


@pytest.mark.parametrize("want", [with_log_keys, with_witness_keys, with_tls_ca])
@pytest.mark.parametrize("forge", FORGERIES)
async def test_new_keys_are_believed_from_the_root_alone(
    node: TrustingNode,
    care: PeerCare,
    peer: CardMaker,
    want: Callable[[Statement], Statement],
    forge: Forge,
) -> None:
    card = forge(peer, want(peer.statement()))
    held, log = care.find(PGR), await node.logged()

    for attempt in (care.accept_pushed(PGR, card), care.update(card, ACT)):
        with pytest.raises(UntrustedCardError) as refused:
            await attempt
        assert refused.value.code == "untrusted-card"

    assert care.find(PGR) == held
    assert await node.logged() == log


async def test_a_card_in_a_log_with_his_keys_is_refused(
    care: PeerCare,
    peer: CardMaker,
) -> None:
    """The statement is the real one; it does not name the keys that signed."""
    real = prove_statement(peer.root_entries, peer.root_signer)
    card = replace(peer, log_label="thief").publish(peer.card(real, number=2))

    with pytest.raises(UntrustedCardError, match="card: not proven") as refused:
        await care.accept_pushed(PGR, card)

    assert refused.value.code == "untrusted-card"


def recovered(peer: CardMaker) -> bytes:
    """Return a card under the root's next statement, about new online keys."""
    peer.log_label = "after the theft"
    peer.state()
    return peer.make(number=2)


async def test_the_next_statement_locks_him_out(
    care: PeerCare,
    peer: CardMaker,
) -> None:
    stolen = replace(
        peer,
        log_entries=list(peer.log_entries),
        root_entries=list(peer.root_entries),
    )
    await care.accept_pushed(PGR, recovered(peer))
    held = care.find(PGR)

    for forged in (stolen.make(number=99), stolen.make(number=2)):
        with pytest.raises(UntrustedCardError, match="number 1, expected 2 or more"):
            await care.update(forged, ACT)

    assert care.find(PGR) == held


async def test_what_he_signs_afterwards_links_no_more(
    node: TrustingNode,
    care: PeerCare,
    peer: CardMaker,
) -> None:
    stolen = replace(peer, log_entries=list(peer.log_entries))
    await care.accept_pushed(PGR, recovered(peer))
    stolen.log("auth.fail", {"count": 1})
    note = stolen.prove().checkpoint_note.decode()

    with pytest.raises(LogProofError, match="no configured key") as refused:
        await node.exchange.peer_logs.link(
            care.find(PGR).peer,
            note,
            Consistency(from_size=0, proof=[]),
            [],
        )

    assert refused.value.code == "log-proof-invalid"


# --- the statements that were believed are kept ---


async def test_a_statement_that_was_believed_is_kept(
    node: TrustingNode,
    care: PeerCare,
    peer: CardMaker,
) -> None:
    first = care.find(PGR)
    assert first.earlier == ()
    assert not (node.layout.folder / history_path(PGR)).exists()

    await care.accept_pushed(PGR, recovered(peer))

    taken = care.find(PGR)
    assert taken.earlier == first.statements
    assert len(taken.statements) == 2
    await node.changes.load()
    assert care.find(PGR) == taken
    listing = (node.layout.folder / "trust.sha256").read_text()
    assert f"  {history_path(PGR)}\n" in listing


async def test_a_card_under_the_same_statement_adds_nothing(
    care: PeerCare,
    peer: CardMaker,
) -> None:
    taken = await care.update(peer.make(number=2), ACT)

    assert taken.peer.card.number == 2
    assert taken.earlier == ()


async def test_a_history_that_was_changed_by_hand_is_not_loaded(
    node: TrustingNode,
    care: PeerCare,
    peer: CardMaker,
) -> None:
    await care.accept_pushed(PGR, recovered(peer))
    held = care.find(PGR)
    (node.layout.folder / history_path(PGR)).write_bytes(b"[]\n")

    with pytest.raises(ConfigError, match=r"pgr\.pt\.history"):
        await node.changes.load()

    assert care.find(PGR) == held


async def test_the_history_goes_with_the_peer(
    node: TrustingNode,
    care: PeerCare,
    peer: CardMaker,
) -> None:
    await care.accept_pushed(PGR, recovered(peer))

    await care.remove(PGR, ACT)

    assert not (node.layout.folder / history_path(PGR)).exists()


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize("spoil", ["another root", "no list", "no proof"])
async def test_a_history_that_the_root_did_not_sign_is_refused(
    care: PeerCare,
    spoil: str,
) -> None:
    held = care.find(PGR)
    content = {
        "another root": encode_history([CardMaker(PGR, root_label="thief").state()]),
        "no list": b"{}\n",
        "no proof": b'["proof"]\n',
    }[spoil]

    with pytest.raises(ConfigError, match=r"peers/pgr\.pt\.history"):
        parse_peer(
            PGR,
            card=held.peer.card.raw,
            policy=encode_policy(held),
            history=content,
            stage=Stage.TEST,
        )


async def test_a_peer_can_not_make_statements_without_end(
    care: PeerCare,
    peer: CardMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.flows.peer_cards.MAX_KEPT_STATEMENTS", 2)
    await care.update(recovered(peer), ACT)
    held = care.find(PGR)
    peer.state()

    with pytest.raises(TooLargeError, match="has made 2 already"):
        await care.update(peer.make(number=3), ACT)

    assert care.find(PGR) == held
