"""What an operator with root can do to a log, and what the verifier says to each.

One row a deed; the log is signed anew wherever the deed is done with the log's keys.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.core.translog.merkle import root_of
from gateway.core.translog.note import Note, NoteSignature
from gateway.verifier.export import ExportEntry, encode_disclosures
from gateway.verifier.options import VerifyOptions
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import (
    Case,
    ListSource,
    leaves,
    next_leaf,
    problems,
)
from tests.support.spoiling import (
    WITNESSES,
    cosigned,
    drop,
    held,
    policy_of,
    proof_of,
    pruned_source,
    put,
    put_entries,
    put_head,
)

ENTRIES = leaves(300)
SOURCE = ListSource(ENTRIES, earlier_sizes=(200, 256))
FORK = ListSource(leaves(300, label="b"))
WITNESSED = cosigned(
    SOURCE.checkpoint(),
    *(line for witness in WITNESSES[:2] for line in witness.lines(SOURCE.checkpoint())),
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Case:
    case = Case.make(tmp_path_factory.mktemp("good"), SOURCE)
    put(case, "checkpoint", WITNESSED)
    put(case, "seen/moj.de-witness-256", SOURCE.note(256))
    put(case, "proofs/42.tlog-proof", proof_of(SOURCE, 42))
    return case


@dataclass
class Ask:
    """How the spoiled log is checked."""

    seen: list[Path] = field(default_factory=list)
    policy: bytes = b""
    min_size: int | None = None


Deed = Callable[[Case, Ask], None]


def changed(index: int, entries: Sequence[ExportEntry] = ENTRIES) -> list[ExportEntry]:
    """Return the log with one entry's content changed, and nothing else."""
    items = list(entries)
    data = items[index].data
    items[index] = ExportEntry(data.replace(b'"count":1', b'"count":2'))
    assert items[index].data != data
    return items


def again(case: Case, entries: Sequence[ExportEntry]) -> None:
    """Export a log that its owner signed like that, in the place of the good one."""
    drop(case, *(path.name for path in case.folder.iterdir() if path.is_dir()))
    for path in case.folder.iterdir():
        path.unlink()
    case.folder.rmdir()
    Case.make(case.place, ListSource([ExportEntry(entry.data) for entry in entries]))


def edit_entry(case: Case, _: Ask) -> None:
    put_entries(case, changed(42), tile=False)


def edit_entry_and_tile(case: Case, _: Ask) -> None:
    put_entries(case, changed(42), tile=True)


def edit_last_of_bundle_and_tile(case: Case, _: Ask) -> None:
    put_entries(case, changed(255), tile=True)


def edit_and_sign(case: Case, _: Ask) -> None:
    again(case, changed(42))


def delete_and_sign(case: Case, _: Ask) -> None:
    again(case, [*ENTRIES[:42], *ENTRIES[43:]])


def reorder(case: Case, _: Ask) -> None:
    items = list(ENTRIES)
    items[7], items[8] = items[8], items[7]
    put_entries(case, items, tile=True)


def reorder_and_sign(case: Case, _: Ask) -> None:
    again(case, [*ENTRIES[:7], ENTRIES[8], ENTRIES[7], *ENTRIES[9:]])


def wrong_prev_and_sign(case: Case, _: Ask) -> None:
    before = [*ENTRIES[:41], ExportEntry(b"never logged")]
    again(case, [*ENTRIES[:42], next_leaf(before), *ENTRIES[43:]])


def other_log_and_sign(case: Case, _: Ask) -> None:
    other = leaves(50, origin="pgr.pt/audit/1")
    again(case, [*ENTRIES[:42], other[42], *ENTRIES[43:]])


def unknown_kind_and_sign(case: Case, _: Ask) -> None:
    data = ENTRIES[42].data.replace(b"auth.fail", b"auth.good")
    again(case, [*ENTRIES[:42], ExportEntry(data), *ENTRIES[43:]])


def change_tile(case: Case, _: Ask) -> None:
    raw = bytearray((case.folder / "tile/0/000").read_bytes())
    raw[32 * 42] ^= 1
    put(case, "tile/0/000", bytes(raw))


def change_upper_tile(case: Case, _: Ask) -> None:
    put(case, "tile/1/000.p/1", root_of([b"x" * 32]))


def exchange_all_entries(case: Case, _: Ask) -> None:
    head = (case.folder / "checkpoint").read_bytes()
    again(case, FORK.items)
    put(case, "checkpoint", head)


def sign_with_another_key(case: Case, _: Ask) -> None:
    put(
        case,
        "checkpoint",
        ListSource(ENTRIES, signer=CardMaker().audit_signer).checkpoint(),
    )


def sign_with_one_algorithm(case: Case, _: Ask) -> None:
    put_head(case, lambda note: Note(note.text, note.signatures[:1]))


def sign_with_the_other_algorithm(case: Case, _: Ask) -> None:
    put_head(case, lambda note: Note(note.text, note.signatures[1:2]))


def truncate(case: Case, ask: Ask) -> None:
    again(case, ENTRIES[:200])
    ask.seen = held(case, "theirs", SOURCE.checkpoint())


def truncate_after_a_receipt(case: Case, ask: Ask) -> None:
    again(case, ENTRIES[:200])
    ask.seen = held(case, "receipt.tlog-proof", proof_of(SOURCE, 250))


def truncate_below_what_is_known(case: Case, ask: Ask) -> None:
    again(case, ENTRIES[:200])
    ask.min_size = 300


def rewrite_the_tail(case: Case, ask: Ask) -> None:
    tail = list(ENTRIES[:250])
    while len(tail) < 300:
        tail.append(next_leaf(tail))
    again(case, tail)
    ask.seen = held(case, "theirs", SOURCE.note(280))


def show_two_histories(case: Case, ask: Ask) -> None:
    ask.seen = held(case, "theirs", FORK.checkpoint())


def show_two_histories_in_the_folder(case: Case, _: Ask) -> None:
    put(case, "seen/moj.it-witness-256", FORK.note(256))


def show_two_histories_earlier(case: Case, _: Ask) -> None:
    put(case, "checkpoints/200", FORK.note(200))


def hold_a_larger_head_in_the_folder(case: Case, _: Ask) -> None:
    longer = ListSource([*ENTRIES, next_leaf(ENTRIES)])
    put(case, "seen/moj.it-witness-301", longer.checkpoint())


def prove_from_another_history(case: Case, _: Ask) -> None:
    put(case, "proofs/42.tlog-proof", proof_of(FORK, 42))


def too_few_witnesses(case: Case, ask: Ask) -> None:
    put(
        case,
        "checkpoint",
        cosigned(SOURCE.checkpoint(), *WITNESSES[0].lines(SOURCE.checkpoint())),
    )
    ask.policy = policy_of(2)


def no_witness(case: Case, ask: Ask) -> None:
    put(case, "checkpoint", SOURCE.checkpoint())
    ask.policy = policy_of(2)


def unknown_witnesses(_: Case, ask: Ask) -> None:
    ask.policy = policy_of(1, WITNESSES[2:])


def forge_a_cosignature(case: Case, ask: Ask) -> None:
    def forge(note: Note) -> Note:
        return Note(note.text, (*note.signatures[:-1], forged(note.signatures[-1])))

    put_head(case, forge)
    ask.policy = policy_of(2)


def forge_a_cosignature_on_an_earlier_head(case: Case, ask: Ask) -> None:
    note = SOURCE.note(256)
    lines = WITNESSES[2].lines(note)
    put(case, "checkpoints/256", cosigned(note, forged(lines[0])))
    ask.policy = policy_of(2)


def move_a_cosignature(case: Case, ask: Ask) -> None:
    put(
        case,
        "checkpoint",
        cosigned(SOURCE.checkpoint(), *WITNESSES[0].lines(SOURCE.note(256))),
    )
    ask.policy = policy_of(1)


def forged(line: NoteSignature) -> NoteSignature:
    return replace(line, signature=bytes(8) + line.signature[8:-1] + b"\0")


def disclose_something_else(case: Case, _: Ask) -> None:
    name = "disclosures/0.jsonl"
    put(case, name, encode_disclosures(FORK.items[0].disclosures))


def disclose_for_another_entry(case: Case, _: Ask) -> None:
    name = "disclosures/1.jsonl"
    put(case, name, encode_disclosures(ENTRIES[0].disclosures))


def lose_a_bundle(case: Case, _: Ask) -> None:
    drop(case, "tile/entries/001.p")


def lose_the_first_bundle(case: Case, _: Ask) -> None:
    drop(case, "tile/entries/000")


def lose_a_tile(case: Case, _: Ask) -> None:
    drop(case, "tile/0/000")


def lose_a_listed_file(case: Case, _: Ask) -> None:
    (case.folder / "proofs/42.tlog-proof").unlink()


def add_a_file(case: Case, _: Ask) -> None:
    put(case, "statement.txt", b"I confess")


def add_a_tile(case: Case, _: Ask) -> None:
    put(case, "tile/0/001", bytes(8192))


def change_the_list(case: Case, _: Ask) -> None:
    path = case.folder / "MANIFEST.sha256"
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))


def cut_the_list_off(case: Case, _: Ask) -> None:
    (case.folder / "MANIFEST.sha256").unlink()


def link_out_of_the_folder(case: Case, _: Ask) -> None:
    path = case.folder / "tile/0/000"
    path.rename(case.place / "outside")
    path.symlink_to(case.place / "outside")


def make_a_listed_file_huge(case: Case, _: Ask) -> None:
    os.truncate(case.folder / "checkpoints/200", 2**40)


def make_a_file_huge(case: Case, _: Ask) -> None:
    os.truncate(case.folder / "tile/entries/000", 2**40)


def empty_the_log(case: Case, _: Ask) -> None:
    put(case, "checkpoint", ListSource([]).checkpoint())


def empty_the_folder(case: Case, _: Ask) -> None:
    for path in [*case.folder.rglob("*")]:
        if path.is_file():
            path.unlink()


def prune_more_than_was_logged(case: Case, _: Ask) -> None:
    again(case, pruned_source(600, 256).items)
    drop(case, "tile/entries/000", "tile/entries/001")


def rename_a_proof(case: Case, _: Ask) -> None:
    put(case, "proofs/43.tlog-proof", proof_of(SOURCE, 42))


def cheat_with_the_time_of_a_head(case: Case, _: Ask) -> None:
    put(case, "checkpoints/199", SOURCE.note(200))


@dataclass(frozen=True)
class Row:
    deed: Deed
    code: str
    text: str
    exit_code: int = 7


FAILED, INCOMPLETE = 7, 8
TABLE = [
    Row(edit_entry, "entry-hash", "ENTRY 42 hash differs from tile/0/000[42]"),
    Row(edit_entry_and_tile, "chain-broken", "ENTRY 43 CHAIN BROKEN at 43"),
    Row(edit_last_of_bundle_and_tile, "chain-broken", "CHAIN BROKEN at 256"),
    Row(edit_and_sign, "chain-broken", "ENTRY 43 CHAIN BROKEN at 43"),
    Row(delete_and_sign, "entry-index", "ENTRY 42 says it is entry 43"),
    Row(reorder, "entry-index", "ENTRY 7 says it is entry 8"),
    Row(reorder_and_sign, "entry-index", "ENTRY 7 says it is entry 8"),
    Row(wrong_prev_and_sign, "chain-broken", "ENTRY 42 CHAIN BROKEN at 42"),
    Row(other_log_and_sign, "entry-malformed", "ENTRY 42 leaf: belongs to another log"),
    Row(unknown_kind_and_sign, "entry-malformed", "ENTRY 42 leaf: unknown kind"),
    Row(change_tile, "entry-hash", "ENTRY 42 hash differs from tile/0/000[42]"),
    Row(change_upper_tile, "tile", "tile/1/000.p/1 is not what its entries hash to"),
    Row(exchange_all_entries, "root", "ENTRIES hash to root"),
    Row(
        sign_with_another_key,
        "no-configured-key",
        "NO CONFIGURED KEY SIGNED THIS CHECKPOINT of moj.ee/audit/1",
    ),
    Row(sign_with_one_algorithm, "log-proof-invalid", "not signed with both"),
    Row(sign_with_the_other_algorithm, "log-proof-invalid", "not signed with both"),
    Row(truncate, "rollback", "ROLLBACK: {place}/theirs holds size 300, checkpoint "),
    Row(truncate_after_a_receipt, "rollback", "holds size 300, checkpoint ends at 200"),
    Row(
        truncate_below_what_is_known,
        "below-min-size",
        "200 entries, at least 300 demanded",
        INCOMPLETE,
    ),
    Row(
        rewrite_the_tail,
        "split-view",
        "SPLIT VIEW: {place}/theirs is signed with another root for size 280 than",
    ),
    Row(
        show_two_histories,
        "split-view",
        "SPLIT VIEW: two signed roots for size 300: checkpoint and {place}/theirs",
    ),
    Row(
        show_two_histories_in_the_folder,
        "split-view",
        "two signed roots for size 256: seen/moj.de-witness-256 and seen/moj.it-w",
    ),
    Row(
        show_two_histories_earlier,
        "split-view",
        "SPLIT VIEW: checkpoints/200 is signed with another root for size 200 than",
    ),
    Row(
        hold_a_larger_head_in_the_folder,
        "rollback",
        "ROLLBACK: seen/moj.it-witness-301 holds size 301, checkpoint ends at 300",
    ),
    Row(
        prove_from_another_history,
        "split-view",
        "two signed roots for size 300: checkpoint and proofs/42.tlog-proof",
    ),
    Row(
        too_few_witnesses,
        "below-quorum",
        "BELOW QUORUM 1/2: moj.de/witness 2026-09-21T14:13:20Z",
        INCOMPLETE,
    ),
    Row(no_witness, "below-quorum", "BELOW QUORUM 0/2: none", INCOMPLETE),
    Row(unknown_witnesses, "below-quorum", "BELOW QUORUM 0/1: none", INCOMPLETE),
    Row(
        forge_a_cosignature,
        "log-proof-invalid",
        "WITNESSES checkpoint: note: signature of moj.it/witness",
    ),
    Row(
        forge_a_cosignature_on_an_earlier_head,
        "log-proof-invalid",
        "WITNESSES checkpoints/256: note: signature of moj.nl/witness",
    ),
    Row(
        move_a_cosignature, "log-proof-invalid", "WITNESSES checkpoint: note: signature"
    ),
    Row(disclose_something_else, "disclosure", "0: the entry commits to no such"),
    Row(disclose_for_another_entry, "disclosure", "1: the entry commits to no such"),
    Row(lose_a_bundle, "not-found", "tile/entries/001.p/44: missing"),
    Row(
        lose_the_first_bundle,
        "not-found",
        "256 before entry 256 are missing, and no log.prune entry",
    ),
    Row(lose_a_tile, "not-found", "ENTRIES tile/0/000: missing"),
    Row(lose_a_listed_file, "malformed", "missing, but listed in MANIFEST.sha256"),
    Row(add_a_file, "malformed", "statement.txt: not a file of a log folder"),
    Row(add_a_tile, "malformed", "tile/0/001: not a file of a log of 300 entries"),
    Row(change_the_list, "malformed", "FILES "),
    Row(cut_the_list_off, "no-manifest", "MANIFEST.sha256 missing", INCOMPLETE),
    Row(link_out_of_the_folder, "malformed", "tile/0/000: a link, expected a file"),
    Row(make_a_file_huge, "too-large", f"tile/entries/000: {2**40} bytes, at most"),
    Row(make_a_listed_file_huge, "too-large", f"checkpoints/200: {2**40} bytes, at"),
    Row(empty_the_log, "empty", "CHECKPOINT the log is empty: nothing to check"),
    Row(empty_the_folder, "empty", "the folder is empty: nothing to check"),
    Row(
        prune_more_than_was_logged,
        "not-found",
        "512 before entry 512 are missing, and no log.prune entry lets go of more "
        "than 256",
    ),
    Row(rename_a_proof, "proof-name", "proofs/43.tlog-proof: proves entry 42"),
    Row(
        cheat_with_the_time_of_a_head,
        "checkpoint-name",
        "checkpoints/199: is of moj.ee/audit/1 at size 200",
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.deed.__name__)
def test_the_verifier_says_so(good: Case, tmp_path: Path, row: Row) -> None:
    case, ask = good.copy(tmp_path), Ask()
    row.deed(case, ask)
    report = verify_path(
        case.folder,
        VerifyOptions(
            keys=(case.keys,),
            seen=tuple(ask.seen),
            policy=case.file("policy", ask.policy) if ask.policy else None,
            min_size=ask.min_size,
        ),
    )
    found = problems(report)
    assert row.text.format(place=case.place) in found.get(row.code, str(found))
    assert report.exit_code == row.exit_code


def test_untouched_it_verifies(good: Case) -> None:
    report = good.verify(policy=good.file("policy", policy_of(2)))
    assert report.exit_code == 0
    text = report.render()
    assert (
        "WITNESSES    2 of 3 required 2: moj.de/witness 2026-09-21T14:13:20Z, "
        "moj.it/witness 2026-09-21T14:13:20Z" in text
    )
    assert (
        "; covered by 2 witnesses; existed before 2026-09-21T14:13:20Z (moj.de" in text
    )
