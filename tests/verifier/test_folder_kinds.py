"""Log folders of every kind: pruned, selective, zipped; and all that lies in them."""

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    conflict_name,
    encode_conflict,
)
from gateway.core.errors import UsageError
from gateway.core.translog.stamps import new_query
from gateway.core.values import AuthorityId
from gateway.verifier.export import ExportEntry, encode_disclosures
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.options import VerifyOptions
from gateway.verifier.progress import progress_on
from gateway.verifier.report import Report
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import (
    ORIGIN,
    Case,
    ListSource,
    leaves,
    problems,
    relist,
    signer_of,
    write_keys,
)
from tests.support.logs import NOW
from tests.support.spoiling import (
    COSIGNED_S,
    WITNESSES,
    consistency_of,
    cosigned,
    drop,
    held,
    policy_of,
    proof_of,
    pruned_source,
    put,
)
from tests.support.tsa import Authority, needs_openssl

ENTRIES = leaves(300)
SOURCE = ListSource(ENTRIES, earlier_sizes=(200, 256))
PRUNED = pruned_source(700, 512)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case.make(tmp_path_factory.mktemp("good"), SOURCE)


@pytest.fixture
def case(good: Case, tmp_path: Path) -> Case:
    return good.copy(tmp_path)


def line_of(report: Report, code: str) -> str:
    """Return the one line with a code."""
    (line,) = [line for line in report.lines if line.code == code]
    return f"{line.subject} {line.text}"


# --- pruned ---


@pytest.mark.parametrize("left", [0, 1])
def test_what_pruning_let_go_of_may_be_missing(tmp_path: Path, left: int) -> None:
    case = Case.make(tmp_path, PRUNED)
    drop(case, "disclosures", *(f"tile/entries/00{n}" for n in range(2 - left)))
    report = case.verify()
    assert report.exit_code == 0
    pruned = 512 - 256 * left
    assert line_of(report, "entries") == (
        f"ENTRIES {700 - pruned} present, {pruned} pruned; leaf hashes, chain prev "
        f"{pruned - 1}→699, tiles and root recomputed"
    )
    assert f"what the {pruned} pruned entries said" in report.not_shown


def test_a_pruned_log_still_shows_its_own_past(tmp_path: Path) -> None:
    case = Case.make(tmp_path, PRUNED)
    drop(case, "tile/entries/000", "tile/entries/001", "disclosures")
    put(case, "checkpoints/100", PRUNED.note(100))
    put(case, "proofs/42.tlog-proof", proof_of(PRUNED, 42))
    disclosed = encode_disclosures(PRUNED.items[40].disclosures)
    put(case, "proofs/40.tlog-proof", proof_of(PRUNED, 40, size=100))
    put(case, "disclosures/40.jsonl", disclosed)
    report = case.verify()
    assert report.exit_code == 0
    assert "100→700" in line_of(report, "append-only")
    assert 'DISCLOSED 40: actor="a"' in line_of(report, "disclosure")
    put(case, "disclosures/50.jsonl", encode_disclosures(PRUNED.items[50].disclosures))
    assert "50: no such entry here" in problems(case.verify())["disclosure"]


def test_a_changed_hash_of_a_pruned_entry_is_found(tmp_path: Path) -> None:
    case = Case.make(tmp_path, PRUNED)
    drop(case, "tile/entries/000", "tile/entries/001")
    put(case, "tile/0/000", bytes(8192))
    assert "tile/1/000.p/2 is not what" in problems(case.verify())["tile"]
    put(case, "tile/0/001", bytes(100))
    assert "tile: 100 bytes" in problems(case.verify())["malformed"]


def test_the_chain_starts_at_the_last_pruned_entry(tmp_path: Path) -> None:
    case = Case.make(tmp_path, PRUNED)
    drop(case, "tile/entries/000", "tile/entries/001")
    tile = (case.folder / "tile/0/001").read_bytes()
    put(case, "tile/0/001", tile[:-32] + bytes(32))
    assert "CHAIN BROKEN at 512" in problems(case.verify())["chain-broken"]


# --- selective ---


def selective(case: Case) -> None:
    """Leave nothing but what has proofs of its own."""
    drop(case, "tile", "disclosures", "checkpoints", "consistency")
    put(case, "proofs/0.tlog-proof", proof_of(SOURCE, 0))
    put(case, "proofs/origin-moj.ee-audit-1-42.tlog-proof", proof_of(SOURCE, 42))
    put(case, "disclosures/0.jsonl", encode_disclosures(ENTRIES[0].disclosures))


def test_proofs_and_disclosures_alone_verify(case: Case) -> None:
    selective(case)
    report = case.verify()
    assert report.exit_code == 0
    text = report.render()
    assert "ENTRIES      none in the folder, nor tiles; each proof stands for" in text
    assert (
        "ENTRY 42     auth.fail 2026-09-21T14:13:20.000Z  included, leaf hash" in text
    )
    assert 'DISCLOSED    0: actor="a"; digests match' in text
    assert "entries without a proof here" in text


def test_without_entries_and_proofs_nothing_is_shown(case: Case) -> None:
    drop(case, "tile", "disclosures", "checkpoints", "consistency")
    report = case.verify()
    assert report.exit_code == 8
    assert "neither entries nor proofs" in problems(report)["no-entries"]


def test_hash_tiles_alone_give_the_root(good: Case, case: Case) -> None:
    selective(case)
    for tile in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"):
        put(case, tile, (good.folder / tile).read_bytes())
    report = case.verify()
    assert report.exit_code == 0
    assert line_of(report, "no-entries") == (
        "ENTRIES none in the folder; root recomputed from 300 leaf hashes"
    )
    put(case, "tile/0/000", bytes(8192))
    assert "not what its entries hash to" in problems(case.verify())["tile"]


def test_a_disclosure_without_its_entry_shows_nothing(case: Case) -> None:
    selective(case)
    put(case, "disclosures/10.jsonl", encode_disclosures(ENTRIES[10].disclosures))
    assert "10: no such entry here" in problems(case.verify())["disclosure"]


def test_a_disclosure_that_its_proven_entry_does_not_hold_is_found(case: Case) -> None:
    selective(case)
    put(case, "disclosures/0.jsonl", encode_disclosures(ENTRIES[10].disclosures))
    assert "0: the entry commits to no such" in problems(case.verify())["disclosure"]


# --- links between heads ---


def test_consistency_proofs_link_heads_without_entries(case: Case) -> None:
    selective(case)
    put(case, "checkpoints/200", SOURCE.note(200))
    put(case, "checkpoints/256", SOURCE.note(256))
    put(case, "proofs/7.tlog-proof", proof_of(SOURCE, 7, size=200))
    report = case.verify()
    assert report.exit_code == 8
    assert "checkpoints/200, checkpoints/256: not compared" in report.render()
    assert "ENTRY 7      proofs/7.tlog-proof: stands under a" in report.render()
    put(case, "consistency/256-300.txt", consistency_of(SOURCE, 256, 300))
    put(case, "consistency/200-256.txt", consistency_of(SOURCE, 200, 256))
    report = case.verify()
    assert report.exit_code == 0
    assert "2 proofs between checkpoints hold" in line_of(report, "consistency")
    assert "200→300, 256→300" in line_of(report, "append-only")
    assert "ENTRY 7      auth.fail" in report.render()


def test_of_two_signed_heads_the_linked_one_counts(case: Case) -> None:
    selective(case)
    put(case, "checkpoints/200", SOURCE.note(200))
    put(case, "consistency/200-300.txt", consistency_of(SOURCE, 200, 300))
    fork = ListSource(leaves(200, label="b")).checkpoint()
    found = problems(case.verify(seen=held(case, "theirs", fork)))
    assert set(found) == {"split-view"}
    assert f"{case.place}/theirs" in found["split-view"]


def test_a_fork_has_no_consistency_proof(case: Case) -> None:
    selective(case)
    fork = ListSource(leaves(200, label="b"))
    put(case, "checkpoints/200", fork.checkpoint())
    put(case, "consistency/200-300.txt", consistency_of(SOURCE, 200, 300))
    found = problems(case.verify())
    assert (
        "consistency/200-300.txt: consistency 200 to 300: does not hold"
        in found["log-proof-invalid"]
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("200-256.txt", b"", "log-proof-invalid"),
        ("200-256.txt", b"AA==\n", "malformed"),
        ("200-256.txt", consistency_of(SOURCE, 200, 256)[:-1], "malformed"),
        ("200-256.txt", consistency_of(SOURCE, 200, 300), "log-proof-invalid"),
        ("200-256.txt", bytes(4096), "too-large"),
        ("200-301.txt", b"", "log-proof-invalid"),
    ],
)
def test_every_consistency_file_is_checked(
    case: Case,
    name: str,
    content: bytes,
    code: str,
) -> None:
    put(case, f"consistency/{name}", content)
    assert f"CONSISTENCY consistency/{name}: " in problems(case.verify())[code]


def test_consistency_files_of_a_whole_log_hold_too(case: Case) -> None:
    put(case, "consistency/1-299.txt", consistency_of(SOURCE, 1, 299))
    assert case.verify().exit_code == 0


# --- proofs, receipts, history, cards ---


def test_proofs_under_other_heads_are_linked_by_the_entries(case: Case) -> None:
    put(case, "proofs/42.tlog-proof", proof_of(SOURCE, 42, size=77))
    report = case.verify()
    assert report.exit_code == 0
    assert line_of(report, "included").startswith("ENTRY 42 auth.fail")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"x", "malformed"),
        (proof_of(SOURCE, 42)[:-1], "malformed"),
        (proof_of(SOURCE, 42).replace(b"index 42", b"index 41"), "proof-name"),
        (
            proof_of(ListSource(leaves(300), signer=CardMaker().audit_signer), 42),
            "no-configured-key",
        ),
    ],
)
def test_a_proof_that_does_not_hold_is_found(
    case: Case,
    raw: bytes,
    code: str,
) -> None:
    put(case, "proofs/42.tlog-proof", raw)
    assert "proofs/42.tlog-proof" in problems(case.verify())[code]


def test_a_proof_of_another_path_is_found(case: Case) -> None:
    raw = proof_of(SOURCE, 42).replace(b"index 42", b"index 40")
    put(case, "proofs/40.tlog-proof", raw)
    assert "ENTRY 40 inclusion" in problems(case.verify())["log-proof-invalid"]


def test_a_proof_in_another_log_is_a_receipt(case: Case) -> None:
    other = "pgr.pt/audit/1"
    theirs = ListSource(leaves(20, origin=other), signer=signer_of(other))
    raw = proof_of(theirs, 3)
    put(case, "receipts/receipt-pgr.pt-audit-1-3.tlog-proof", raw)
    report = case.verify()
    assert report.exit_code == 8
    assert "no keys of pgr.pt/audit/1 were given" in problems(report)["no-keys"]
    write_keys(case.keys, (*signer_of(ORIGIN).keys, *theirs.keys()))
    report = case.verify()
    assert report.exit_code == 0
    assert "RECEIPT pgr.pt/audit/1 entry 3 auth.fail" in line_of(report, "receipt")
    put(case, "proofs/3.tlog-proof", raw)
    assert "of pgr.pt/audit/1, expected" in problems(case.verify())["other-log"]
    drop(case, "proofs")
    put(
        case,
        "receipts/receipt-pgr.pt-audit-1-3.tlog-proof",
        raw[:-9] + b"AAAA" + raw[-5:],
    )
    assert case.verify().exit_code == 7
    put(case, "receipts/receipt-pgr.pt-audit-1-3.tlog-proof", b"x")
    assert "receipts/receipt-" in problems(case.verify())["malformed"]


def test_cards_in_a_folder_are_compared_and_not_believed(tmp_path: Path) -> None:
    maker = CardMaker()
    card = maker.make()
    source = ListSource(
        _entries_of(maker),
        signer=maker.audit_signer,
    )
    case = Case.make(tmp_path, source)
    case.keys.write_bytes(card)
    put(case, "cards/moj.ee.card", card)
    assert "as known" in line_of(case.verify(), "card")
    vkeys = write_keys(case.place / "plain", maker.audit_signer.keys)
    report = verify_path(case.folder, VerifyOptions(keys=(vkeys,)))
    assert "not believed" in line_of(report, "card-not-compared")
    put(case, "cards/pgr.pt.card", card)
    assert "is of moj.ee" in problems(case.verify())["other-card"]
    put(case, "cards/pgr.pt.card", b"{}")
    assert "cards/pgr.pt.card" in problems(case.verify())["malformed"]


def _entries_of(maker: CardMaker) -> list[ExportEntry]:
    return [ExportEntry(data) for data in maker.log_entries]


# --- witnesses ---


def test_a_cosignature_counts_wherever_it_lies(case: Case) -> None:
    de, it, nl = WITNESSES
    note = SOURCE.checkpoint()
    put(case, "checkpoint", cosigned(note, *de.lines(note, COSIGNED_S + 60)))
    put(
        case,
        "seen/moj.it-witness-300",
        cosigned(note, *it.lines(note, COSIGNED_S + 30)),
    )
    early = SOURCE.note(256)
    put(case, "checkpoints/256", cosigned(early, *nl.lines(early)))
    put(case, "proofs/255.tlog-proof", proof_of(SOURCE, 255))
    put(case, "proofs/256.tlog-proof", proof_of(SOURCE, 256))
    report = case.verify(policy=case.file("policy", policy_of(2)))
    assert report.exit_code == 0
    assert line_of(report, "witnesses") == (
        "WITNESSES 2 of 3 required 2: moj.it/witness 2026-09-21T14:13:50Z, "
        "moj.de/witness 2026-09-21T14:14:20Z"
    )
    texts = [line.text for line in report.lines if line.code == "included"]
    assert texts[0].endswith(
        "covered by 3 witnesses; existed before 2026-09-21T14:13:20Z (moj.nl/witness)",
    )
    assert texts[1].endswith(
        "covered by 2 witnesses; existed before 2026-09-21T14:13:50Z (moj.it/witness)",
    )


def test_below_quorum_it_is_said_how_far_it_reaches(case: Case) -> None:
    note = SOURCE.note(256)
    lines = [line for witness in WITNESSES[:2] for line in witness.lines(note)]
    put(case, "checkpoints/256", cosigned(note, *lines))
    report = case.verify(policy=case.file("policy", policy_of(2)))
    assert report.exit_code == 8
    assert (
        "BELOW QUORUM 0/2: none; reached up to size 256"
        in problems(report)["below-quorum"]
    )
    put(case, "proofs/299.tlog-proof", proof_of(SOURCE, 299))
    report = case.verify(policy=case.place / "policy")
    assert "covered by no witness" in line_of(report, "included")


def test_a_head_that_others_hold_brings_its_cosignatures(case: Case) -> None:
    note = SOURCE.checkpoint()
    seen = held(case, "theirs", cosigned(note, *WITNESSES[0].lines(note)))
    policy = case.file("policy", policy_of(1))
    report = case.verify(policy=policy, seen=seen)
    assert report.exit_code == 0
    assert "1 of 3 required 1: moj.de/witness" in line_of(report, "witnesses")


def test_two_keys_of_one_witness_count_once(case: Case) -> None:
    note = SOURCE.checkpoint()
    put(case, "checkpoint", cosigned(note, *WITNESSES[0].lines(note)))
    report = case.verify(policy=case.file("policy", policy_of(2)))
    assert "BELOW QUORUM 1/2: moj.de/witness" in problems(report)["below-quorum"]
    lines = policy_of(2).decode().splitlines()
    lines = [line for line in lines if not line.startswith(("group", "quorum"))]
    lines += ["group q 2 moj.de-ed moj.de-pq moj.it-ed", "quorum q", ""]
    policy = case.file("policy", "\n".join(lines).encode())
    with pytest.raises(UsageError, match="would count twice"):
        case.verify(policy=policy)


def test_a_single_witness_can_be_the_quorum(case: Case) -> None:
    note = SOURCE.checkpoint()
    put(case, "checkpoint", cosigned(note, *WITNESSES[0].lines(note)))
    text = policy_of(1).replace(b"quorum q", b"quorum moj.de-ed")
    report = case.verify(policy=case.file("policy", text))
    assert "1 of 1 required 1: moj.de/witness" in line_of(report, "witnesses")
    text = policy_of(1).replace(b"quorum q", b"quorum none")
    report = case.verify(policy=case.file("policy", text))
    assert "none demanded (quorum none)" in line_of(report, "witnesses")


# --- what others hold ---


def test_contradictions_are_written_out_when_asked(case: Case) -> None:
    fork = ListSource(leaves(300, label="b"))
    out = case.place / "conflicts"
    options = VerifyOptions(
        keys=(case.keys,),
        seen=tuple(held(case, "theirs", fork.checkpoint())),
        conflicts_out=out,
    )
    assert verify_path(case.folder, options).exit_code == 7
    kept = {path.read_bytes() for path in out.iterdir()}
    assert kept == {SOURCE.checkpoint(), fork.checkpoint()}
    names = {path.name.rpartition("-")[0] for path in out.iterdir()}
    assert {name.rpartition("-")[2] for name in names} == {"300"}
    assert verify_path(case.folder, options).exit_code == 7
    assert len(list(out.iterdir())) == 2


def test_heads_in_the_folder_that_others_hold_are_told(case: Case) -> None:
    put(case, "seen/moj.de-witness-100", SOURCE.note(100))
    put(case, "seen/moj.it-witness-256", SOURCE.note(256))
    report = case.verify()
    (text,) = [line.text for line in report.lines if line.subject == "SEEN"]
    assert text == "2 checkpoints held by others, largest 256: all consistent"
    put(case, "seen/moj.it-witness-255", SOURCE.note(256))
    assert "at size 256" in problems(case.verify())["checkpoint-name"]


def conflict_file(
    source: ListSource,
    other: ListSource,
    kind: ConflictKind = ConflictKind.SPLIT_VIEW,
) -> tuple[str, bytes]:
    """Return name and content of what a peer keeps of a log."""
    found = LogConflict(
        origin=source.signer.origin,
        authority=AuthorityId(source.signer.origin.partition("/")[0]),
        kind=kind,
        held=source.checkpoint(),
        offered=other.checkpoint(),
        source=AuthorityId("pgr.pt"),
        at=NOW,
    )
    return f"conflicts/{conflict_name(found)}", encode_conflict(found)


def test_a_kept_split_view_of_the_log_itself_is_a_failure(case: Case) -> None:
    name, raw = conflict_file(SOURCE, ListSource(leaves(300, label="b")))
    put(case, name, raw)
    assert "CONFLICT SPLIT VIEW: conflicts/" in problems(case.verify())["split-view"]
    drop(case, "conflicts")
    put(case, f"{name}x", raw)
    assert "after another conflict" in problems(case.verify())["malformed"]


def test_conflicts_of_other_logs_are_told(case: Case) -> None:
    origin = "pgr.pt/audit/1"
    one, two = (
        ListSource(leaves(9, label=label, origin=origin), signer=signer_of(origin))
        for label in "ab"
    )
    short = ListSource(one.items[:5], signer=one.signer)
    for other, kind in ((two, ConflictKind.SPLIT_VIEW), (short, ConflictKind.ROLLBACK)):
        put(case, *conflict_file(one, other, kind))
    report = case.verify()
    assert report.exit_code == 8
    assert "no keys of it were given" in problems(report)["no-keys"]
    write_keys(case.keys, (*signer_of(ORIGIN).keys, *one.keys()))
    report = case.verify()
    assert report.exit_code == 0
    assert "both signed, so that log was forked" in report.render()
    assert "it signed both, which proves nothing by itself" in report.render()
    put(case, *conflict_file(one, one))
    assert "are no split-view" in problems(case.verify())["log-proof-invalid"]


# --- time stamps ---


@needs_openssl
def test_stamps_in_a_folder_are_checked(case: Case) -> None:
    authority = Authority(case.place / "tsa").make()
    text = SOURCE.note(200).partition(b"\n\n")[0] + b"\n"
    put(case, "tsa/200.body", text)
    put(case, "tsa/200.tsr", authority.reply(new_query(text).body))
    put(case, "tsa/ca.pem", authority.ca_file.read_bytes())
    assert "give the authority's certificate" in line_of(case.verify(), "no-tsa-ca")
    put(case, "tsa/200.body", text.replace(b"200", b"201"))
    assert "another text than" in problems(case.verify())["stamped-text-differs"]


def test_certificates_beside_the_stamps_are_not_believed(case: Case) -> None:
    put(case, "tsa/ca.pem", b"")
    options = VerifyOptions(keys=(case.keys,), tsa_ca=case.folder / "tsa/ca.pem")
    with pytest.raises(UsageError, match="part of what is checked"):
        verify_path(case.folder, options)


# --- ZIP files ---


def zipped(case: Case, *, within: str = "", method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Pack the folder as any program would."""
    path = case.place / "log.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for file in sorted(case.folder.rglob("*")):
            archive.write(file, within + file.relative_to(case.folder).as_posix())
    return path


def verified(case: Case, path: Path) -> Report:
    return verify_path(path, VerifyOptions(keys=(case.keys,)))


@pytest.mark.parametrize("within", ["", "log-2026/"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_zip_file_verifies_like_its_folder(
    case: Case,
    within: str,
    method: int,
) -> None:
    path = zipped(case, within=within, method=method)
    assert verified(case, path).to_json() == case.verify().to_json()


def add(path: Path, name: str, content: bytes = b"x", **fields: int) -> None:
    member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    for field, value in fields.items():
        setattr(member, field, value)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)


SpoilZip = Callable[[Path], None]


def _edited(found: bytes, instead: bytes) -> SpoilZip:
    def spoil(path: Path) -> None:
        raw = path.read_bytes()
        at = raw.rindex(found)
        path.write_bytes(raw[:at] + instead + raw[at + len(found) :])

    return spoil


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda path: add(path, "../out"), "not the name of an evidence"),
        (
            lambda path: add(path, "notes.txt"),
            "not a file of a log folder",
        ),
        (lambda path: add(path, ".hidden/"), "name of an evidence file"),
        (
            lambda path: add(path, "checkpoints/9", external_attr=0o120777 << 16),
            "a link or special file",
        ),
        (
            lambda path: add(path, "checkpoints/9", compress_type=zipfile.ZIP_BZIP2),
            "compressed in a way",
        ),
    ],
)
def test_odd_zip_files_are_refused(
    case: Case,
    spoil: SpoilZip,
    text: str,
) -> None:
    path = zipped(case)
    spoil(path)
    report = verified(case, path)
    assert report.exit_code == 7
    assert text in str(problems(report))


def test_a_name_that_stands_twice_is_refused(case: Case) -> None:
    path = zipped(case)
    with pytest.warns(UserWarning, match="Duplicate name"):
        add(path, "checkpoint", b"other")
    report = verified(case, path)
    assert report.exit_code == 7


def test_damage_within_a_zip_file_is_found(case: Case) -> None:
    path = zipped(case, method=zipfile.ZIP_STORED)
    _edited(b'"k":"auth.fail"', b'"k":"auth.fall"')(path)
    report = verified(case, path)
    assert report.exit_code == 7
    assert "damaged in the ZIP file" in str(problems(report))


def test_a_file_that_unpacks_to_more_than_its_limit_is_not_read(case: Case) -> None:
    (case.folder / "MANIFEST.sha256").unlink()
    os.truncate(case.folder / "tile/0/000", 2**28)
    path = zipped(case)
    assert path.stat().st_size < 2**20
    found = problems(verified(case, path))
    assert f"tile/0/000: {2**28} bytes, at most" in found["too-large"]


def test_a_cut_or_foreign_zip_file_is_refused(case: Case) -> None:
    path = zipped(case)
    raw = path.read_bytes()
    for content in (raw[:-1], raw + b"x", raw[:4], raw[:-2] + b"\1\0x"):
        path.write_bytes(content)
        assert verified(case, path).exit_code == 7
    path.write_bytes(raw.replace(b"PK\5\6", b"PK\6\7" + bytes(16) + b"PK\5\6"))
    assert verified(case, path).exit_code == 7


# --- long logs ---


def test_processes_and_one_say_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = Case.make(tmp_path, ListSource(leaves(1500)))
    told: list[tuple[int, int]] = []
    options = VerifyOptions(
        keys=(case.keys,),
        progress=lambda done, size: told.append((done, size)),
    )
    alone = verify_path(case.folder, options).to_json()
    assert told[-1] == (1500, 1500)
    monkeypatch.setattr("gateway.verifier.workers.WORTH_BUNDLES", 1)
    assert case.verify().to_json() == alone
    for path in (case.folder, zipped(case)):
        assert verified(case, path).to_json() == alone
    put(case, "tile/entries/002", (case.folder / "tile/entries/001").read_bytes())
    found = problems(case.verify())
    assert "ENTRY 512 hash differs" in found["entry-hash"]
    drop(case, "tile/entries/003")
    (case.folder / "tile/entries/002").unlink()
    relist(case.folder)
    assert "tile/entries/002: missing" in str(problems(case.verify()))


class Deadly(EvidenceFolder):
    """A folder that ends every process it is sent to."""

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return os._exit, (1,)


def test_where_processes_end_the_work_is_done_all_the_same(
    good: Case,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.verifier.workers.WORTH_BUNDLES", 1)
    monkeypatch.setattr("gateway.verifier.log_folder.EvidenceFolder", Deadly)
    assert good.verify().exit_code == 0


def test_progress_is_told_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert progress_on(io.StringIO()) is None
    terminal = Terminal()
    tell = progress_on(terminal)
    assert tell is not None
    tell(256, 1000)
    assert terminal.getvalue() == ""  # too early to bother anybody
    later = time.monotonic() + 10
    monkeypatch.setattr("gateway.verifier.progress.time.monotonic", lambda: later)
    tell(512, 1000)
    tell(1000, 1000)
    line = "checked 512 of 1000 entries"
    assert terminal.getvalue() == f"\r{line}\r{' ' * len(line)}\r"
