"""Checking a log folder: what is changed, missing, added or forged is found."""

import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.entries.disclosures import Disclosure, seal_disclosure
from gateway.core.errors import UsageError
from gateway.core.translog.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    parse_checkpoint,
)
from gateway.core.translog.merkle import inclusion_path, leaf_hash, root_of
from gateway.core.translog.note import Note, parse_note
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.tiles import encode_bundle
from gateway.verifier.export import ExportEntry, encode_disclosures, export_log
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker, seed
from tests.support.exports import (
    ORIGIN,
    Case,
    ListSource,
    leaves,
    next_leaf,
    problems,
    relist,
    signer_of,
    write_keys,
)

ENTRIES = leaves(300)
SOURCE = ListSource(ENTRIES, earlier_sizes=(200, 256))
NOT_EVIDENCE = {"README.txt", "keys.txt", "policy", "MANIFEST.sha256"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case.make(tmp_path_factory.mktemp("good"), SOURCE)


@pytest.fixture
def case(good: Case, tmp_path: Path) -> Case:
    return good.copy(tmp_path)


def test_an_exported_log_verifies(good: Case) -> None:
    report = good.verify(min_size=300)
    assert report.outcome is Outcome.OK
    assert report.exit_code == 0
    rendered = report.render()
    assert f"LOG          {ORIGIN}  key" in rendered
    assert "CHECKPOINT   size 300  root " in rendered
    assert (
        "ENTRIES      300 present, 0 pruned; leaf hashes, chain prev 0→299, tiles and "
        "root recomputed" in rendered
    )
    assert "APPEND-ONLY  200→300, 256→300 (2 earlier checkpoints)" in rendered
    assert 'DISCLOSED    290: actor="a"; digests match' in rendered
    assert (
        "RESULT       VERIFIED. Not shown by this check: that nothing was" in rendered
    )


@pytest.mark.parametrize("size", [1, 255, 256, 257])
def test_logs_at_the_edges_of_tiles_verify(tmp_path: Path, size: int) -> None:
    earlier = sorted({1, size})
    case = Case.make(tmp_path, ListSource(ENTRIES[:size], earlier_sizes=earlier))
    assert case.verify().exit_code == 0


# --- damage ---


def names_of(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )


def flip(path: Path, at: int, bit: int) -> bytes:
    """Change one bit of a file and return what it held before."""
    before = path.read_bytes()
    raw = bytearray(before)
    raw[at % len(raw)] ^= 1 << bit
    path.write_bytes(raw)
    return before


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_changed_bit_of_any_file_is_found(case: Case, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names_of(case.folder)))
    path = case.folder / name
    at = data.draw(st.integers(0, path.stat().st_size - 1))
    before = flip(path, at, data.draw(st.integers(0, 7)))
    try:
        assert case.verify().exit_code == 7
    finally:
        path.write_bytes(before)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_evidence_does_not_need_the_manifest_to_show_a_changed_bit(
    case: Case,
    data: st.DataObject,
) -> None:
    evidence = [name for name in names_of(case.folder) if name not in NOT_EVIDENCE]
    path = case.folder / data.draw(st.sampled_from(evidence))
    at = data.draw(st.integers(0, path.stat().st_size - 1))
    before = flip(path, at, data.draw(st.integers(0, 7)))
    try:
        relist(case.folder)
        assert case.verify().exit_code == 7
    finally:
        path.write_bytes(before)


def test_every_file_that_is_missing_is_found(case: Case) -> None:
    for name in names_of(case.folder):
        path = case.folder / name
        before = path.read_bytes()
        path.unlink()
        report = case.verify()
        assert report.exit_code == (8 if name == "MANIFEST.sha256" else 7), name
        path.write_bytes(before)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("checkpoint", "not-found"),
        ("tile/0/000", "not-found"),
        ("tile/0/001.p/44", "not-found"),
        ("tile/1/000.p/1", "not-found"),
        ("tile/entries/001.p/44", "not-found"),
    ],
)
def test_a_missing_part_of_the_log_is_found_without_the_manifest(
    case: Case,
    name: str,
    code: str,
) -> None:
    (case.folder / name).unlink()
    relist(case.folder)
    found = problems(case.verify())
    assert found[code].endswith(f"{name}: missing")


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "tile/0/001",
        "tile/0/001.p/43",
        "tile/0/002.p/1",
        "tile/2/000.p/1",
        "tile/entries/002.p/1",
        "tile/entries/000.p/200",
        "checkpoints/0200",
        "checkpoints/x",
        "disclosures/1",
        "checkpoint.old",
        "tile/0/000.bak",
    ],
)
def test_a_file_that_the_log_does_not_have_is_refused(case: Case, name: str) -> None:
    path = case.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    relist(case.folder)
    assert "FILES" in problems(case.verify())["malformed"]


def test_an_unlisted_file_is_refused(case: Case) -> None:
    (case.folder / "checkpoints" / "100").write_bytes(SOURCE.note(100))
    text = problems(case.verify())["malformed"]
    assert "checkpoints/100: not listed in MANIFEST.sha256" in text


@pytest.mark.parametrize(
    "name",
    [".hidden", "two words", "tile/0/\u202etxt.exe", "back\\slash", "line\nfeed"],
)
def test_odd_names_are_refused(case: Case, name: str) -> None:
    (case.folder / name).write_bytes(b"x")
    report = case.verify()
    assert "not the name of an evidence file" in problems(report)["malformed"]
    assert "\u202e" not in report.render()


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/1"])
def test_links_are_refused_even_to_the_right_content(case: Case, name: str) -> None:
    inside, outside = case.folder / name, case.place / "outside"
    inside.rename(outside)
    inside.symlink_to(outside)
    assert f"{name}: a link, expected a file" in problems(case.verify())["malformed"]


def test_special_files_are_refused_and_never_opened(case: Case) -> None:
    os.mkfifo(case.folder / "checkpoints" / "100")
    assert "a special file" in problems(case.verify())["malformed"]


@pytest.mark.parametrize(
    "name",
    [
        "checkpoint",
        "checkpoints/200",
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/entries/000",
    ],
)
def test_a_huge_file_is_refused_before_it_is_read(case: Case, name: str) -> None:
    (case.folder / "MANIFEST.sha256").unlink()
    os.truncate(case.folder / name, 2**40)  # a hole: takes no room, can't be read whole
    found = problems(case.verify())
    assert f"{name}: {2**40} bytes, at most" in found["too-large"]


def test_an_empty_folder_is_not_a_log(case: Case) -> None:
    empty = case.place / "empty"
    empty.mkdir()
    report = verify_path(empty, VerifyOptions(keys=(case.keys,)))
    assert report.exit_code == 7
    assert "empty: nothing to check" in problems(report)["empty"]


# --- forgery: changed entries, with as much made to fit as the forger can ---


def entry_file(case: Case, entries: list[ExportEntry]) -> None:
    raw = encode_bundle([entry.data for entry in entries[:256]])
    (case.folder / "tile/entries/000").write_bytes(raw)
    relist(case.folder)


def test_a_changed_entry_is_named(case: Case) -> None:
    changed = list(ENTRIES)
    changed[42] = ExportEntry(ENTRIES[42].data.replace(b'"count":1', b'"count":2'))
    entry_file(case, changed)
    assert problems(case.verify())["entry-hash"] == (
        "ENTRY 42 hash differs from tile/0/000[42]"
    )


def test_a_changed_entry_with_its_tile_breaks_the_chain(case: Case) -> None:
    changed = list(ENTRIES)
    changed[42] = ExportEntry(ENTRIES[42].data.replace(b'"count":1', b'"count":2'))
    tile = b"".join(leaf_hash(entry.data) for entry in changed[:256])
    (case.folder / "tile/0/000").write_bytes(tile)
    entry_file(case, changed)
    assert "CHAIN BROKEN at 43" in problems(case.verify())["chain-broken"]


def test_a_changed_entry_at_the_edge_of_a_tile_breaks_the_chain(case: Case) -> None:
    changed = list(ENTRIES)
    changed[255] = ExportEntry(ENTRIES[255].data.replace(b'"count":1', b'"count":2'))
    tile = b"".join(leaf_hash(entry.data) for entry in changed[:256])
    (case.folder / "tile/0/000").write_bytes(tile)
    (case.folder / "tile/1/000.p/1").write_bytes(
        root_of(leaf_hash(entry.data) for entry in changed[:256]),
    )
    entry_file(case, changed)
    assert "CHAIN BROKEN at 256" in problems(case.verify())["chain-broken"]


def test_exchanged_entries_are_found(case: Case) -> None:
    changed = list(ENTRIES)
    changed[7], changed[8] = changed[8], changed[7]
    entry_file(case, changed)
    assert "ENTRY 7 hash differs" in problems(case.verify())["entry-hash"]


def test_a_wholly_rewritten_log_is_not_the_one_that_was_signed(case: Case) -> None:
    other = ListSource(leaves(300, label="b"))
    export_log(other, case.place / "other")
    for name in ("checkpoint", "checkpoints/200", "checkpoints/256"):
        target = case.place / "other" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((case.folder / name).read_bytes())
    relist(case.place / "other")
    report = replace(case, folder=case.place / "other").verify()
    found = problems(report)
    assert "not to the one signed" in found["root"]
    # Nothing may be said about other heads from entries that are not the log's.
    assert "split-view" not in found
    assert "not compared" in found["not-compared"]


def test_a_tile_that_is_not_of_its_entries_is_found(case: Case) -> None:
    (case.folder / "tile/1/000.p/1").write_bytes(root_of([b"x" * 32]))
    relist(case.folder)
    assert "tile/1/000.p/1 is not what its entries" in problems(case.verify())["tile"]


def test_exchanged_tiles_are_found(tmp_path: Path) -> None:
    case = Case.make(tmp_path, ListSource(leaves(512)))
    one, two = case.folder / "tile/0/000", case.folder / "tile/0/001"
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    relist(case.folder)
    assert "ENTRY 0 hash differs" in problems(case.verify())["entry-hash"]


Spoil = Callable[[list[ExportEntry]], None]


def swap(entries: list[ExportEntry]) -> None:
    entries[3], entries[4] = entries[4], entries[3]


def cut_out(entries: list[ExportEntry]) -> None:
    del entries[5]


def repeat(entries: list[ExportEntry]) -> None:
    entries.insert(5, entries[4])


def relink(entries: list[ExportEntry]) -> None:
    entries[6] = next_leaf([*entries[:5], ExportEntry(b"never logged")])


def unknown_kind(entries: list[ExportEntry]) -> None:
    data = entries[6].data.replace(b"auth.fail", b"auth.good")
    entries[6] = ExportEntry(data)


def other_spelling(entries: list[ExportEntry]) -> None:
    entries[6] = ExportEntry(entries[6].data.replace(b":", b": ", 1))


def other_log(entries: list[ExportEntry]) -> None:
    entries[:] = leaves(20, origin="pgr.pt/audit/1")


@pytest.mark.parametrize(
    ("spoil", "code", "text"),
    [
        (swap, "entry-index", "ENTRY 3 says it is entry 4"),
        (cut_out, "entry-index", "ENTRY 5 says it is entry 6"),
        (repeat, "entry-index", "ENTRY 5 says it is entry 4"),
        (relink, "chain-broken", "CHAIN BROKEN at 6"),
        (unknown_kind, "entry-malformed", "ENTRY 6"),
        (other_spelling, "entry-malformed", "ENTRY 6"),
        (other_log, "entry-malformed", "ENTRY 0"),
    ],
)
def test_a_log_that_was_signed_like_that_is_refused_all_the_same(
    tmp_path: Path,
    spoil: Spoil,
    code: str,
    text: str,
) -> None:
    entries = list(ENTRIES[:20])
    spoil(entries)
    plain = [ExportEntry(entry.data) for entry in entries]
    case = Case.make(tmp_path, ListSource(plain))
    found = problems(case.verify())
    assert text in found[code]


def test_a_signed_log_without_entries_shows_nothing(case: Case) -> None:
    (case.folder / "checkpoint").write_bytes(ListSource([]).checkpoint())
    found = problems(case.verify())
    assert "the log is empty" in found["empty"]


# --- signatures and keys ---


def test_without_keys_nothing_is_checked(good: Case) -> None:
    with pytest.raises(UsageError, match="--keys"):
        verify_path(good.folder, VerifyOptions())


def test_keys_inside_the_folder_are_not_believed(good: Case) -> None:
    inside = good.folder / "keys.txt"
    with pytest.raises(UsageError, match="part of what is checked"):
        verify_path(good.folder, VerifyOptions(keys=(inside,)))
    with pytest.raises(UsageError, match="part of what is checked"):
        good.verify(policy=good.folder / "policy")
    with pytest.raises(UsageError, match="part of what is checked"):
        good.verify(seen=[good.folder / "checkpoints" / "200"])


def test_keys_of_somebody_else_sign_nothing(case: Case) -> None:
    write_keys(case.keys, signer_of("pgr.pt/audit/1").keys)
    found = problems(case.verify())
    assert "NO CONFIGURED KEY SIGNED THIS CHECKPOINT" in found["no-configured-key"]


def test_other_keys_of_the_same_name_sign_nothing(case: Case) -> None:
    write_keys(case.keys, CardMaker().audit_signer.keys)
    found = problems(case.verify())
    assert "NO CONFIGURED KEY SIGNED THIS CHECKPOINT" in found["no-configured-key"]


@pytest.mark.parametrize("kept", [0, 1])
def test_both_algorithms_are_demanded_of_the_keys(case: Case, kept: int) -> None:
    write_keys(case.keys, [signer_of().keys[kept]])
    found = problems(case.verify())
    assert "has not signed with both algorithms" in found["log-proof-invalid"]


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize("name", ["checkpoint", "checkpoints/256"])
def test_both_algorithms_are_demanded_of_every_checkpoint(
    case: Case,
    name: str,
    kept: int,
) -> None:
    path = case.folder / name
    note = parse_note(path.read_bytes())
    path.write_bytes(Note(note.text, (note.signatures[kept],)).to_bytes())
    relist(case.folder)
    found = problems(case.verify())
    assert "has not signed with both algorithms" in found["log-proof-invalid"]


def test_a_card_given_as_keys_is_enough(tmp_path: Path) -> None:
    maker = CardMaker()
    card = maker.make()
    source = ListSource(
        [ExportEntry(data) for data in maker.log_entries],
        signer=maker.audit_signer,
    )
    case = Case.make(tmp_path, source)
    case.keys.write_bytes(card)
    report = case.verify()
    assert report.exit_code == 0
    assert f"moj.ee fingerprint {maker.root.fingerprint[:4]}" in report.render()


# --- other heads of the same log ---


def test_an_earlier_checkpoint_of_another_history_is_a_split_view(case: Case) -> None:
    fork = ListSource(leaves(200, label="b"))
    (case.folder / "checkpoints/200").write_bytes(fork.checkpoint())
    relist(case.folder)
    text = problems(case.verify())["split-view"]
    assert "APPEND-ONLY SPLIT VIEW: checkpoints/200" in text
    assert "size 200" in text


def test_two_signed_roots_for_the_same_size_are_a_split_view(case: Case) -> None:
    fork = ListSource(leaves(300, label="b"))
    seen = case.file("seen", fork.checkpoint())
    text = problems(case.verify(seen=[seen]))["split-view"]
    assert text.startswith("SEEN SPLIT VIEW")
    assert "size 300" in text


def test_a_log_that_lost_its_end_is_a_rollback(tmp_path: Path) -> None:
    case = Case.make(tmp_path, ListSource(ENTRIES[:200]))
    seen = case.file("seen", SOURCE.checkpoint())
    report = case.verify(seen=[seen])
    assert report.exit_code == 7
    text = problems(report)["rollback"]
    assert "ROLLBACK" in text
    assert "holds size 300, checkpoint ends at 200" in text


def test_a_checkpoint_larger_than_the_head_is_a_rollback(case: Case) -> None:
    (case.folder / "checkpoints/301").write_bytes(
        ListSource([*ENTRIES, next_leaf(ENTRIES)]).checkpoint(),
    )
    relist(case.folder)
    assert "checkpoints/301 holds size 301" in problems(case.verify())["rollback"]


@pytest.mark.parametrize(("name", "size"), [("199", 200), ("200", 100)])
def test_a_checkpoint_stands_under_its_own_size(
    case: Case,
    name: str,
    size: int,
) -> None:
    (case.folder / "checkpoints" / name).write_bytes(SOURCE.note(size))
    relist(case.folder)
    assert f"at size {size}" in problems(case.verify())["checkpoint-name"]


def test_a_checkpoint_of_another_believed_log_is_refused(case: Case) -> None:
    other = "pgr.pt/audit/1"
    source = ListSource(leaves(200, origin=other), signer=signer_of(other))
    write_keys(case.keys, (*signer_of().keys, *source.keys()))
    (case.folder / "checkpoints/200").write_bytes(source.checkpoint())
    relist(case.folder)
    assert f"is of {other}" in problems(case.verify())["checkpoint-name"]
    seen = case.file("seen", source.checkpoint())
    with pytest.raises(UsageError, match=f"of {other}, expected {ORIGIN}"):
        case.verify(seen=[seen])


def test_heads_that_others_hold_are_found_consistent(case: Case) -> None:
    tree = MemoryTree([leaf_hash(entry.data) for entry in ENTRIES[:77]])
    proof = LogProof(5, inclusion_path(5, 77, tree), SOURCE.note(77), ENTRIES[5].data)
    seen = [
        case.file("a", SOURCE.note(300)),
        case.file("b", SOURCE.note(1)),
        case.file("c", encode_log_proof(proof)),
        case.file("d", ListSource([]).checkpoint()),
    ]
    report = case.verify(seen=seen)
    assert report.exit_code == 0
    text = "SEEN         4 checkpoints held by others, largest 300: all consistent"
    assert text in report.render()
    assert "--seen" not in report.render()


def test_a_head_from_a_card_is_compared_too(tmp_path: Path) -> None:
    maker = CardMaker()
    card = maker.make()
    longer = ListSource(
        [ExportEntry(data) for data in maker.log_entries],
        signer=maker.audit_signer,
    )
    case = Case.make(tmp_path, longer)
    case.keys.write_bytes(card)
    seen = case.file("their.card", card)
    assert case.verify(seen=[seen]).exit_code == 0


def test_a_seen_head_without_a_believed_signature_is_no_help(case: Case) -> None:
    signer = CardMaker().audit_signer
    seen = case.file("seen", ListSource(ENTRIES[:9], signer=signer).checkpoint())
    report = case.verify(seen=[seen])
    assert "SEEN" in problems(report)["no-configured-key"]
    assert "300 present" in report.render()  # and the log is checked all the same


@pytest.mark.parametrize("raw", [b"{}", b"c2sp.org/tlog-proof@v1\n"])
def test_a_seen_file_that_can_not_be_read_is_named(case: Case, raw: bytes) -> None:
    with pytest.raises(UsageError, match="--seen"):
        case.verify(seen=[case.file("seen", raw)])
    with pytest.raises(UsageError, match="No such file"):
        case.verify(seen=[case.place / "none"])


# --- demands ---


def test_fewer_entries_than_demanded_are_incomplete(good: Case) -> None:
    report = good.verify(min_size=301)
    assert report.exit_code == 8
    assert "300 entries, at least 301 demanded" in problems(report)["below-min-size"]
    assert "RESULT       INCOMPLETE" in report.render()


WITNESSES = [
    Ed25519Cosigner(f"{name}/witness", seed(name)) for name in ("a.de", "b.it", "c.nl")
]


def policy_file(case: Case, quorum: int, origin: str = ORIGIN) -> Path:
    lines = [f"log {key.to_text()}" for key in signer_of(origin).keys]
    lines += [
        f"witness w{number} {witness.key.to_text()}"
        for number, witness in enumerate(WITNESSES)
    ]
    lines += [f"group q {quorum} w0 w1 w2", "quorum q"]
    return case.file("policy", "".join(f"{line}\n" for line in lines).encode())


def cosign(case: Case, *witnesses: Ed25519Cosigner) -> None:
    note = parse_note((case.folder / "checkpoint").read_bytes())
    head: Checkpoint = parse_checkpoint(note.text)
    lines = [item.cosign(head, time_s=1_790_000_000) for item in witnesses]
    cosigned = Note(note.text, (*note.signatures, *lines))
    (case.folder / "checkpoint").write_bytes(cosigned.to_bytes())
    relist(case.folder)


def test_a_quorum_of_witnesses_is_shown(case: Case) -> None:
    cosign(case, *WITNESSES[:2])
    report = case.verify(policy=policy_file(case, 2))
    assert report.exit_code == 0
    assert (
        "2 of 3 required 2: a.de/witness 2026-09-21T14:13:20Z, b.it/witness"
        in report.render()
    )
    assert "--policy" not in report.render()


def test_too_few_witnesses_are_incomplete(case: Case) -> None:
    cosign(case, WITNESSES[0])
    report = case.verify(policy=policy_file(case, 2))
    assert report.exit_code == 8
    assert "BELOW QUORUM" in problems(report)["below-quorum"]


def test_a_cosignature_that_does_not_hold_is_a_failure(case: Case) -> None:
    cosign(case, WITNESSES[0])
    note = parse_note((case.folder / "checkpoint").read_bytes())
    forged = replace(note.signatures[-1], signature=bytes(72))
    lines = (*note.signatures[:-1], forged)
    (case.folder / "checkpoint").write_bytes(Note(note.text, lines).to_bytes())
    relist(case.folder)
    report = case.verify(policy=policy_file(case, 2))
    assert "WITNESSES" in problems(report)["log-proof-invalid"]


def test_a_policy_that_does_not_believe_the_log_decides(case: Case) -> None:
    policy = policy_file(case, 2, "pgr.pt/audit/1")
    found = problems(case.verify(policy=policy))
    assert "NO CONFIGURED KEY" in found["no-configured-key"]


@pytest.mark.parametrize("raw", [b"", b"log x\n", b"quorum none"])
def test_a_policy_that_can_not_be_read_is_named(case: Case, raw: bytes) -> None:
    with pytest.raises(UsageError, match="--policy"):
        case.verify(policy=case.file("policy", raw))


@pytest.mark.parametrize("raw", [b"", b"# nothing\n", b"{}", b"\xff", b"a+b+c\n"])
def test_keys_that_can_not_be_read_are_named(case: Case, raw: bytes) -> None:
    case.keys.write_bytes(raw)
    with pytest.raises(UsageError, match="--keys"):
        case.verify()


# --- disclosures ---


@pytest.mark.parametrize(
    ("index", "raw"),
    [
        (0, encode_disclosures(ENTRIES[10].disclosures)),
        (1, encode_disclosures(ENTRIES[10].disclosures)),
        (300, encode_disclosures(ENTRIES[10].disclosures)),
        (0, encode_disclosures([seal_disclosure(Disclosure("actor", "a")).encoded])),
        (0, b""),
        (0, b"\n"),
        (0, encode_disclosures(ENTRIES[0].disclosures)[:-1]),
        (0, b"[]\n"),
        (0, encode_disclosures(["é"])),
    ],
    ids=[
        "of another entry",
        "of entry 10 at 1",
        "of entry 10 at 300",
        "made up",
        "nothing",
        "empty line",
        "no line end",
        "list",
        "not ASCII",
    ],
)
def test_a_disclosure_that_the_entry_does_not_commit_to_is_found(
    case: Case,
    index: int,
    raw: bytes,
) -> None:
    (case.folder / "disclosures" / f"{index}.jsonl").write_bytes(raw)
    relist(case.folder)
    assert f"DISCLOSED {index}: " in problems(case.verify())["disclosure"]


def test_many_disclosures_are_counted(tmp_path: Path) -> None:
    items: list[ExportEntry] = []
    for _ in range(103):
        items.append(next_leaf(items, disclosures=(Disclosure("role", "x"),)))
    report = Case.make(tmp_path, ListSource(items)).verify()
    assert report.exit_code == 0
    assert "3 more entries; digests match" in report.render()


def test_every_file_that_was_cut_is_found(case: Case) -> None:
    chooser = random.Random(1)  # noqa: S311 - repeatable, no secret
    for name in names_of(case.folder):
        if name in NOT_EVIDENCE:
            continue
        path = case.folder / name
        before = path.read_bytes()
        start = chooser.randrange(len(before))
        path.write_bytes(before[:start])
        relist(case.folder)
        assert case.verify().exit_code == 7, name
        path.write_bytes(before)
