"""An operator with root rewrites his own log, keys in hand: who says so?

For each thing he might want: his own node says so at its next start, the other side's
node refuses what he shows and keeps the proof, and a court's verifier that is given one
note from the other side says so too.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from gateway.admin.witness_shapes import LogPolicy
from gateway.client import calls
from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError
from gateway.core.values import parse_authority_id
from gateway.demo.stage import run_unchecked
from gateway.flows.submission import Submission
from gateway.mla.envelope_fields import Form
from gateway.ports.log import SignedCheckpoint
from tests.support.forms import in_form, sample
from tests.support.impostor import lying_delivery, taken_over
from tests.support.processes import RunningNode, running_pair, until
from tests.support.root_operator import Entries, Forgery, forge

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Scene:
    """What happened before: PT received, opened and cosigned; EE holds its notes.

    Attributes:
        honest: PT's home as it was.
        cards: Of PT, as EE compared it.
        seen: A note of PT's log that EE keeps: the receipt of a message.
    """

    ee: RunningNode
    pt: RunningNode
    honest: Path
    card: Path
    seen: Path

    def restore(self) -> None:
        """Let nothing have happened."""
        if self.pt.node.process is not None:
            self.pt.node.stop()
        shutil.rmtree(self.pt.node.home)
        shutil.copytree(self.honest, self.pt.node.home)


def last(entries: Entries, kind: str) -> int:
    """Return where the last entry of a kind stands."""
    return max(at for at, entry in enumerate(entries) if entry["k"] == kind)


def backdate_an_access(entries: Entries) -> Entries:
    at = last(entries, "msg.access")
    before = str(entries[at]["t"])
    return [
        *entries[:at],
        entries[at] | {"t": "2026-01" + before[7:]},
        *entries[at + 1 :],
    ]


def change_a_send(entries: Entries) -> Entries:
    at = last(entries, "msg.send")
    changed = entries[at] | {"dig": "0" * 64, "man": "1" * 64}
    return [*entries[:at], changed, *entries[at + 1 :]]


def drop_a_receive(entries: Entries) -> Entries:
    at = last(entries, "msg.receive")
    return [*entries[:at], *entries[at + 1 :]]


def put_something_else_in_its_place(entries: Entries) -> Entries:
    at = last(entries, "msg.receive")
    common = ("v", "log", "t", "r", "i", "prev")
    harmless = {name: entries[at][name] for name in common}
    harmless = harmless | {"k": "admin.retry", "count": 1}
    return [*entries[:at], harmless, *entries[at + 1 :]]


def cut_off_what_came_last(entries: Entries) -> Entries:
    return entries[: last(entries, "msg.receive")]


CASES: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "backdated": (backdate_an_access, "SPLIT VIEW|ROLLBACK"),
    "changed": (change_a_send, "SPLIT VIEW|ROLLBACK"),
    "dropped": (drop_a_receive, "SPLIT VIEW|ROLLBACK"),
    "replaced": (put_something_else_in_its_place, "SPLIT VIEW|ROLLBACK"),
    "cut": (cut_off_what_came_last, "ROLLBACK"),
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("root")
    with running_pair(folder) as (ee, pt):
        back = pt.submit(ee.id, "from-his-side")
        until(lambda: pt.state(back) == "delivered", "delivery")
        sent = ee.submit(pt.id, "opened")
        until(lambda: ee.state(sent) == "delivered", "delivery")
        purpose = opening_shapes.OpenRequest(purpose="test of the log")
        pt.send(calls.open_message(sent, purpose))
        until(lambda: ee.state(sent) == "opened", "the opening is told")
        pt.send(calls.begin_round())
        until(
            lambda: pt.send(calls.witnesses()).items[0].lag_entries <= 1,
            "the other side has cosigned",
        )
        # So that one case does not end the exchange for the others.
        ee.send(
            calls.set_log_policy(pt.id, LogPolicy(exchanges_despite_conflict=True)),
        )
        last_sent = ee.submit(pt.id, "after-the-round")
        until(lambda: ee.state(last_sent) == "delivered", "delivery")
        proofs = folder / "proofs"
        ee.node.run("receipt", last_sent, "--out", str(proofs))
        card = folder / "pt.card"
        pt.node.run("peer", "card", "--out", str(card))
        pt.node.stop()
        honest = folder / "honest"
        shutil.copytree(pt.node.home, honest)
        (receipt,) = proofs.glob("receipt-*.tlog-proof")
        yield Scene(ee, pt, honest, card, receipt)


@pytest.fixture(params=CASES)
def forged(
    scene: Scene,
    request: pytest.FixtureRequest,
) -> tuple[Forgery, str]:
    change, said = CASES[str(request.param)]
    scene.restore()
    return forge(scene.pt.node.home, change), said


def test_his_own_node_says_so_at_its_next_start(
    scene: Scene,
    forged: tuple[Forgery, str],
) -> None:
    assert forged[0].leaves
    sent = scene.ee.submit(scene.pt.id, hashlib.sha256(forged[0].note).hexdigest())
    scene.pt.start()
    until(lambda: scene.pt.send(calls.readyz()).status == "recovery", "recovery")

    def is_put_off() -> bool:
        scene.ee.send(calls.retry_messages(shapes.RetryRequest(peer=scene.pt.id)))
        return scene.ee.send(calls.show_message(sent)).last_code == "maintenance"

    until(is_put_off, "it gives no receipt")
    assert scene.ee.state(sent) == "queued"


async def test_with_his_own_program_the_other_side_refuses_and_keeps_the_proof(
    scene: Scene,
    forged: tuple[Forgery, str],
) -> None:
    forgery, _ = forged
    other = parse_authority_id(scene.ee.id)
    async with taken_over(scene.pt.node.home) as node:
        exchange = node.exchange
        # He has changed the program: nothing here asks peers or stops by itself.
        exchange.agreement._agreed.add(other)
        head = await exchange.store.log_head()
        await exchange.store.record_checkpoint(
            SignedCheckpoint(head.size, head.root, forgery.note, 0),
        )
        before = len(scene.ee.send(calls.conflicts()).items)
        form = in_form(sample("MLA_REQ"), Form.AUTHOR)
        form.pop("case_id", None)
        act = Act("ann", "caseworker", "test")
        await node.submit.submit(Submission(other, form, act))
        (peer,) = node.base.directory.peers()
        delivery = lying_delivery(node, lambda body: body)
        with pytest.raises(GatewayError) as refused:
            await delivery.deliver_due(peer)
    assert refused.value.code in {"log-out-of-step", "log-proof-invalid", "maintenance"}
    kept = scene.ee.send(calls.conflicts()).items
    assert {one.authority for one in kept} == {scene.pt.id}
    assert len(kept) > before


def test_a_court_with_one_note_of_the_other_side_is_told(
    scene: Scene,
    forged: tuple[Forgery, str],
    tmp_path: Path,
) -> None:
    forgery, said = forged
    folder = forgery.export(tmp_path / "log")
    words = ("verify", str(folder), "--keys", str(scene.card), "--json")

    alone = run_unchecked(*words)
    assert json.loads(alone.stdout)["result"] != "failed", "it is consistent in itself"
    compared = run_unchecked(*words, "--seen", str(scene.seen))

    assert compared.returncode == 7
    texts = [line["text"] for line in json.loads(compared.stdout)["lines"]]
    assert any(word in text for text in texts for word in said.split("|"))
