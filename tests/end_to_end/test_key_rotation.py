"""Two real processes while one of them gets new keys; the root is somewhere else."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from gateway.client import calls
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import GatewayError
from gateway.core.identity import (
    CardRoot,
    append_statement,
    assemble_card,
    card_digest,
    encode_card_line,
    encode_request,
    parse_request,
    prove_statement,
    root_origin,
)
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.values import AuthorityId
from gateway.demo.stage import run_command
from gateway.keystore.own_card import CardDetails, compose_card
from gateway.keystore.rotation import begin_rotation
from gateway.keystore.succession import KeyUse
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path
from tests.support.cards import log_signer
from tests.support.impostor import taken_over
from tests.support.processes import (
    RunningNode,
    running_pair,
    until,
    verify_inside,
    verify_log,
)

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

Pair = tuple[RunningNode, RunningNode]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with running_pair(tmp_path) as nodes:
        yield nodes


@pytest.fixture
def safe(pair: Pair, tmp_path: Path) -> Path:
    """Take the root keys of the first node away; give where they are."""
    target = tmp_path / "safe"
    shutil.move(pair[0].node.home / "keys" / "root", target)
    return target


def stated(one: RunningNode, safe: Path, *words: str) -> None:
    """Rotate keys, sign offline, put the statement into force, start again."""
    count = len(list(safe.parent.glob("request-*")))
    request = str(safe.parent / f"request-{count}")
    statement = str(safe.parent / f"statement-{count}.tlog-proof")
    one.node.run("keys", "rotate", *words, "--out", request)
    run_command("root", "sign", request, "--keys", str(safe), "--out", statement)
    one.node.run("keys", "statement", statement)
    one.node.stop()
    one.start()


def delivered(one: RunningNode, other: RunningNode, key: str) -> str:
    message_id = one.submit(other.id, "-".join(key.split()))
    until(lambda: one.state(message_id) == "delivered", f"delivery of {key}")
    return message_id


def card_held(holder: RunningNode, of: RunningNode) -> bytes:
    """Return the card of a peer as its holder has it on disk."""
    return (holder.node.home / "peers" / f"{of.id}.card").read_bytes()


def bundle(one: RunningNode, message_id: str, name: Path) -> Path:
    one.node.run("evidence", message_id, "--out", str(name))
    return name


def checked(
    evidence: Path,
    cards: tuple[Path, ...],
    history: tuple[Path, ...],
) -> Report:
    return verify_path(evidence, VerifyOptions(keys=cards, history=history))


def test_all_keys_are_rotated_while_messages_go_both_ways(
    pair: Pair,
    safe: Path,
    tmp_path: Path,
) -> None:
    ee, pt = pair
    old = delivered(ee, pt, "before")
    old_bundle = bundle(ee, old, tmp_path / "old.zip")
    uses = ("log", "witness", "tls-ca")

    stated(ee, safe, *uses)
    delivered(ee, pt, "overlap there")
    delivered(pt, ee, "overlap back")
    stated(ee, safe, *uses, "--finish", "--early")
    new = delivered(ee, pt, "after there")
    delivered(pt, ee, "after back")

    cards = []
    for one in pair:
        cards.append(tmp_path / f"{one.id}.after.card")
        one.node.run("peer", "card", "--out", str(cards[-1]))
    new_bundle = bundle(ee, new, tmp_path / "new.zip")
    assert checked(new_bundle, tuple(cards), ()).outcome is Outcome.OK
    history = _history(ee, old, tmp_path)
    assert [path.name for path in history] == [f"{n}.tlog-proof" for n in (1, 2, 3)]
    report = checked(old_bundle, tuple(cards), tuple(history))
    assert report.outcome is Outcome.OK
    assert "moj.ee/audit/1: retired by statement 3" in report.render()
    assert verify_log(ee, tmp_path)["result"] == "ok"
    assert verify_inside(ee)
    until(lambda: (_peer_history(pt, ee)).exists(), "the peer keeps the statement")
    assert not (ee.node.home / "keys" / "log-ed25519.key").exists()


def _history(one: RunningNode, message_id: str, folder: Path) -> list[Path]:
    """Write the statements that the node gives with a message; ours only."""
    found = []
    for copy in one.send(calls.evidence(message_id)).history:
        if copy.authority == one.id:
            found.append(folder / f"{copy.number}.tlog-proof")
            found[-1].write_text(copy.proof)
    return found


def _peer_history(holder: RunningNode, of: RunningNode) -> Path:
    return holder.node.home / "peers" / f"{of.id}.history"


@pytest.mark.long
def test_a_peer_that_was_away_for_the_whole_overlap_goes_on_by_itself(
    pair: Pair,
    safe: Path,
) -> None:
    """It holds the old card, and knows none of the keys that sign now."""
    ee, pt = pair
    delivered(ee, pt, "before")
    held = card_held(pt, ee)
    pt.node.stop()
    stated(ee, safe, "log", "witness")
    stated(ee, safe, "log", "witness", "--finish", "--early")
    pt.start()
    assert card_held(pt, ee) == held

    delivered(pt, ee, "from the one that was away")

    assert card_held(pt, ee) != held
    delivered(ee, pt, "to the one that was away")


@pytest.mark.long
def test_a_thief_of_the_whole_node_can_not_put_keys_of_his_own(
    pair: Pair,
    safe: Path,
) -> None:
    """Over the node's real connection, with all its keys; only the root is not his."""
    ee, pt = pair
    assert safe.exists()
    held = card_held(pt, ee)
    ee.node.stop()

    code = asyncio.run(_push_forged_card(ee.node.home, AuthorityId(pt.id)))

    assert code == "untrusted-card"
    assert card_held(pt, ee) == held
    ee.start()
    delivered(ee, pt, "after the theft")


async def _push_forged_card(home: Path, peer: AuthorityId) -> str:
    """Return how a peer answers to a card with new keys that no root has signed."""
    async with taken_over(home) as node:
        keyring = node.base.keys.keyring
        now = node.base.clock.now()
        begun = keyring
        for use in KeyUse:
            begun = begin_rotation(begun, use, now)
        asked = parse_request(begun.statement_request()).statement(number=1)
        own = log_signer(root_origin(keyring.authority), "thief")
        leaf = append_statement(parse_request(encode_request(asked)), [], now)
        proof = prove_statement([leaf], own)
        card = compose_card(
            keyring,
            CardDetails.of(node.base.settings, node.our_card.verified().card.versions),
            number=99,
            now=now,
        )
        root = CardRoot(proof=proof.decode(), vkeys=card.root.vkeys)
        line = encode_card_line(structs.replace(card, root=root))
        entry = EntryDraft("key.card", now, {"dig": card_digest(line), "count": 99})
        (index,) = await node.exchange.store.append([entry])
        checkpoint = await node.exchange.checkpoints.covering(index + 1)
        (inclusion,) = await node.exchange.store.prove([index], checkpoint.size)
        logged = LogProof(
            index=index,
            path=inclusion.path,
            checkpoint_note=checkpoint.note,
            extra=inclusion.data,
        )
        raw = assemble_card(line, encode_log_proof(logged))
        try:
            await node.base.client.push_card(peer, raw)
        except GatewayError as error:
            return error.code
    return ""
