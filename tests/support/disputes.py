"""A bundle of several messages with everything that can be in one, to be spoiled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.leaf import EntryDraft, build_leaf, chain_hash
from gateway.core.identity import prove_statement, witness_name
from gateway.core.translog.checkpoint import Checkpoint, Ed25519Cosigner
from gateway.core.translog.merkle import (
    consistency_proof,
    inclusion_path,
    leaf_hash,
    root_of,
)
from gateway.core.translog.note import Note
from gateway.core.translog.proof import LogProof, encode_log_proof, proof_file_name
from gateway.core.translog.readers import MemoryTree
from gateway.core.values import MessageId
from gateway.verifier.bundle_writer import BundleWriter, MessageParts, SharedParts
from gateway.verifier.files import NewFolder
from tests.support.bundles import PT, Dispute, Proofs, further, make_dispute
from tests.support.cards import NOW, CardMaker, seed

SECOND_ID = MessageId("01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75c")
FIRST_ROUND_S = NOW // 1000 + 60
LATER_ROUND_S = NOW // 1000 + 3660
PEOPLE = {"actor": "Rui", "role": "caseworker", "purpose": "to answer", "case": "K-7"}


def log_act(
    maker: CardMaker,
    kind: str,
    fields: JsonObject,
    people: Mapping[str, str] = PEOPLE,
) -> tuple[int, tuple[str, ...]]:
    """Log what somebody did; return its place and what it discloses."""
    index = len(maker.log_entries)
    leaf, sealed = build_leaf(
        EntryDraft(
            kind,
            NOW,
            fields,
            tuple(Disclosure(name, value) for name, value in people.items()),
        ),
        log=maker.audit_signer.origin,
        index=index,
        prev=chain_hash(maker.log_entries[-1]),
        previous_at=NOW,
    )
    maker.log_entries.append(leaf)
    return index, tuple(item.encoded for item in sealed)


def head_note(maker: CardMaker, size: int, *, cosigned_s: int = 0) -> bytes:
    """Return the head of a log at a size, cosigned by `moj.ee` if a time is given."""
    hashes = [leaf_hash(leaf) for leaf in maker.log_entries[:size]]
    checkpoint = Checkpoint(maker.audit_signer.origin, size, root_of(hashes))
    lines = maker.audit_signer.sign_lines(checkpoint)
    if cosigned_s:
        name = witness_name(CardMaker.authority)
        cosigner = Ed25519Cosigner(name, seed(f"{name} ed25519"))
        lines = (*lines, cosigner.cosign(checkpoint, time_s=cosigned_s))
    return Note(checkpoint.text, lines).to_bytes()


def prove_under(maker: CardMaker, role: str, index: int, note: bytes) -> Proofs:
    """Return the proof of an entry under a head of its log."""
    size = int(note.split(b"\n")[1])
    tree = MemoryTree([leaf_hash(leaf) for leaf in maker.log_entries[:size]])
    proof = LogProof(
        index=index,
        path=inclusion_path(index, size, tree),
        checkpoint_note=note,
        extra=maker.log_entries[index],
    )
    name = proof_file_name(role, maker.audit_signer.origin, index)
    return {name: encode_log_proof(proof)}


def link(maker: CardMaker, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that a log grew from one size to another."""
    hashes = [leaf_hash(leaf) for leaf in maker.log_entries[:new_size]]
    return consistency_proof(old_size, new_size, MemoryTree(hashes))


@dataclass
class Case:
    """Two messages that `pgr.pt` received, read and proves; the second was erased.

    Attributes:
        messages: As they go into the bundle.
        shared: What goes in once.
    """

    dispute: Dispute
    messages: list[MessageParts] = field(default_factory=list)
    shared: SharedParts = field(init=False)

    def write(self, folder: Path) -> Path:
        """Write the bundle into a new folder."""
        writer = BundleWriter(NewFolder.create(folder))
        for parts in self.messages:
            writer.add_message(parts)
        writer.finish(self.shared)
        return folder


@lru_cache
def make_case() -> Case:
    """Return the case; what it is made of is not to be changed."""
    first = make_dispute()
    second = further(first, SECOND_ID)
    pt = first.pt
    sent = [
        one.log(one.ee, "msg.send", seq=seq) for seq, one in ((1, first), (2, second))
    ]
    received = [one.log(one.pt, "msg.receive") for one in (first, second)]
    about = [{"m": one.message_id, "peer": "moj.ee"} for one in (first, second)]
    opened, told = log_act(pt, "msg.access", {**about[0], "ref": received[0]})
    early = len(pt.log_entries)
    opened_too, told_too = log_act(pt, "msg.access", {**about[1], "ref": received[1]})
    again, told_again = log_act(pt, "msg.access", {**about[1], "ref": received[1]})
    erased, _ = log_act(
        pt,
        "msg.erase",
        {"m": SECOND_ID, "basis": "retention", "count": 1, "until": "2026-12-31"},
        {},
    )
    late = len(pt.log_entries)
    round_note = head_note(pt, early, cosigned_s=FIRST_ROUND_S)
    newest = head_note(pt, late, cosigned_s=LATER_ROUND_S)
    sent_note = head_note(first.ee, len(first.ee.log_entries))
    case = Case(first)
    case.messages = [
        first.message(
            prove_under(first.ee, "origin", sent[0], sent_note),
            prove_under(pt, "receipt", received[0], round_note),
            prove_under(pt, "opening", opened, round_note),
            content=first.content,
            disclosures={opened: told},
        ),
        second.message(
            prove_under(first.ee, "origin", sent[1], sent_note),
            prove_under(pt, "receipt", received[1], round_note),
            prove_under(pt, "opening", opened_too, newest),
            prove_under(pt, "access", again, newest),
            prove_under(pt, "erase", erased, newest),
            envelope=b"",
            # The case number was erased; who, as what and why is still there.
            disclosures={opened_too: told_too[:3], again: told_again[:3]},
        ),
    ]
    case.shared = SharedParts(
        cards=first.cards,
        enrolment=first.enrolment,
        head=newest,
        held=sent_note,
        links={(early, late): link(pt, early, late)},
        history={(PT, 1): prove_statement(pt.root_entries, pt.root_signer)},
    )
    return case


def trusted(place: Path, cards: Sequence[bytes]) -> tuple[Path, ...]:
    """Write cards that were compared and return where they are."""
    paths = []
    for name, card in zip(("moj.ee", "pgr.pt"), cards, strict=True):
        paths.append(place / f"{name}.compared")
        paths[-1].write_bytes(card)
    return tuple(paths)
