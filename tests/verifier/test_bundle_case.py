"""A bundle of several messages: what each file shows, and each one spoiled once."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    conflict_name,
    encode_conflict,
)
from gateway.core.identity import (
    append_statement,
    encode_request,
    parse_request,
    prove_statement,
)
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import Note
from gateway.core.values import AuthorityId
from gateway.verifier.bundle_writer import MessageParts, SharedParts
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Report
from gateway.verifier.verify import verify_path
from tests.support.bundles import MESSAGE_ID, PT, make_dispute
from tests.support.cards import NOW, CardMaker
from tests.support.disputes import (
    FIRST_ROUND_S,
    SECOND_ID,
    Case,
    head_note,
    link,
    log_act,
    make_case,
    prove_under,
    trusted,
)
from tests.support.exports import problems, relist

CASE = make_case()
FIRST, SECOND = f"messages/{MESSAGE_ID}", f"messages/{SECOND_ID}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return CASE.write(tmp_path_factory.mktemp("case") / "bundle")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "bundle")


def verify(folder: Path, policy: Path | None = None) -> Report:
    keys = trusted(folder.parent, CASE.dispute.cards)
    return verify_path(folder, VerifyOptions(keys=keys, policy=policy))


def verify_parts(
    place: Path,
    *messages: MessageParts,
    shared: SharedParts = CASE.shared,
) -> Report:
    case = Case(CASE.dispute, list(messages))
    case.shared = shared
    return verify(case.write(place / "bundle"))


# --- what is right ---


def test_it_shows_who_read_what_when_and_why(written: Path) -> None:
    rendered = verify(written).render()
    assert 'DISCLOSED    3: actor="Rui", role="caseworker"' in rendered
    assert 'purpose="to answer", case="K-7"; digests match' in rendered
    assert "ACCESS       pgr.pt logged that a person opened it" in rendered


def test_after_an_erasure_the_readers_are_still_shown_and_the_case_is_not(
    written: Path,
) -> None:
    rendered = verify(written).render()
    assert "had digest" in rendered
    assert "it was erased" in rendered
    assert "ERASE        pgr.pt logged that its content was erased" in rendered
    assert "on the ground of retention, the last copy gone by 2026-12-31" in rendered
    told = [line for line in rendered.splitlines() if line.startswith("DISCLOSED    5")]
    assert 'purpose="to answer"' in told[0]
    assert "K-7" not in told[0]
    assert "1 more erased or withheld" in told[0]


def test_entries_are_covered_by_later_heads_that_are_linked(written: Path) -> None:
    lines = [line.text for line in verify(written).lines if line.subject == "COVERED"]
    assert [line.split()[1] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert "existed before 2026-09-21T14:14:20Z (moj.ee/witness)" in lines[0]
    assert "existed before 2026-09-21T15:14:20Z (moj.ee/witness)" in lines[-1]


def write_policy(place: Path, *, log: str = "both") -> Path:
    logs = (CASE.dispute.ee.audit_signer, CASE.dispute.pt.audit_signer)
    statement = CASE.dispute.ee.statement()
    lines = [f"log {key.to_text()}" for one in logs for key in one.keys]
    if log == "pt":
        lines = [line for line in lines if "pgr.pt" in line]
    lines.append(f"witness ee {statement.witness_keys[0].to_text()}")
    place.write_text("\n".join([*lines, "quorum ee", ""]))
    return place


def test_a_policy_counts_every_head_that_is_linked(
    folder: Path, tmp_path: Path
) -> None:
    report = verify(folder, write_policy(tmp_path / "policy"))
    # Nobody cosigned the sender's log here.
    below = [line.text for line in report.lines if line.code == "below-quorum"]
    assert [text.split(":")[0] for text in below] == [
        "moj.ee/audit/1 1",
        "moj.ee/audit/1 2",
    ]
    assert report.exit_code == 8


def test_without_the_link_a_later_head_covers_nothing(folder: Path) -> None:
    note = head_note(CASE.dispute.pt, 4)
    receipt = prove_under(CASE.dispute.pt, "receipt", 1, note)
    ((name, raw),) = receipt.items()
    (folder / FIRST / "proofs" / name).write_bytes(raw)
    opening = prove_under(CASE.dispute.pt, "opening", 3, note)
    for name, raw in opening.items():
        (folder / FIRST / "proofs" / name).write_bytes(raw)
    (folder / SECOND / "proofs/receipt-pgr.pt-audit-1-2.tlog-proof").unlink()
    relist(folder)
    linked = verify(folder)
    (folder / "consistency/4-7.txt").unlink()
    relist(folder)
    unlinked = verify(folder)

    def covered(report: Report) -> list[str]:
        lines = [line.text for line in report.lines if line.subject == "COVERED"]
        return [text.split()[1] for text in lines]

    assert covered(linked) == ["1", "3", "4", "5", "6"]
    assert covered(unlinked) == ["4", "5", "6"]


def test_keys_that_a_root_vouched_for_earlier_count_for_old_proofs(
    tmp_path: Path,
) -> None:
    dispute = make_dispute()
    receipt = dispute.receipt()
    old = prove_statement(dispute.pt.root_entries, dispute.pt.root_signer)
    fresh = CardMaker(authority=PT, log_label="new")
    fresh.root_entries = dispute.pt.root_entries
    fresh.log_entries = [*dispute.pt.log_entries]
    parts = dispute.message(dispute.origin(), receipt)
    shared = replace(dispute.shared(), cards=(dispute.cards[0],), enrolment=None)
    new_card = fresh.publish(fresh.card(_second_statement(fresh), number=2))
    case = Case(dispute, [parts])
    results: list[Report] = []
    for history in ({}, {(PT, 1): old}):
        case.shared = replace(shared, history=history)
        bundle = case.write(tmp_path / f"bundle{len(results)}")
        keys = trusted(tmp_path, (dispute.cards[0], new_card))
        results.append(verify_path(bundle, VerifyOptions(keys=keys)))
    assert results[0].exit_code == 7
    assert "no-configured-key" in problems(results[0])
    assert results[1].exit_code == 0, results[1].render()
    assert "pgr.pt statement 1: log keys" in results[1].render()


def _second_statement(maker: CardMaker) -> bytes:
    request = parse_request(encode_request(maker.statement(2)))
    entries = [*maker.root_entries]
    entries.append(append_statement(request, entries, NOW))
    return prove_statement(entries, maker.root_signer)


def conflict() -> LogConflict:
    signer = CASE.dispute.ee.audit_signer
    other = Checkpoint(signer.origin, 3, b"\1" * 32)
    return LogConflict(
        origin=signer.origin,
        authority=AuthorityId("moj.ee"),
        kind=ConflictKind.SPLIT_VIEW,
        held=head_note(CASE.dispute.ee, 3),
        offered=Note(other.text, signer.sign_lines(other)).to_bytes(),
        source=AuthorityId("moj.ee"),
        at=NOW,
    )


def with_conflict(found: LogConflict) -> SharedParts:
    files = {conflict_name(found): encode_conflict(found)}
    return replace(CASE.shared, conflicts=files)


def test_a_log_that_contradicts_itself_is_proven_to(tmp_path: Path) -> None:
    shared = with_conflict(conflict())
    report = verify_parts(tmp_path, *CASE.messages, shared=shared)
    assert report.exit_code == 0
    assert "both signed, so that log was forked" in report.render()


def test_a_fork_of_the_makers_own_log_fails(tmp_path: Path) -> None:
    signer = CASE.dispute.pt.audit_signer
    other = Checkpoint(signer.origin, 4, b"\1" * 32)
    forked = replace(
        conflict(),
        origin=signer.origin,
        authority=PT,
        held=head_note(CASE.dispute.pt, 4),
        offered=Note(other.text, signer.sign_lines(other)).to_bytes(),
    )
    report = verify_parts(tmp_path, *CASE.messages, shared=with_conflict(forked))
    assert list(problems(report)) == ["split-view"]


def with_stamp(size: int, text: bytes) -> SharedParts:
    return replace(CASE.shared, stamps={size: (text, b"response")})


def test_a_stamp_is_over_a_head_of_the_makers_log(tmp_path: Path) -> None:
    text = head_note(CASE.dispute.pt, 4).split(b"\n\n")[0] + b"\n"
    report = verify_parts(tmp_path, *CASE.messages, shared=with_stamp(4, text))
    assert report.exit_code == 0
    assert "TIMESTAMP    tsa/4.tsr: not checked: give the authority's certificate" in (
        report.render()
    )


@pytest.mark.parametrize(
    ("size", "code", "exit_code"),
    [(7, "stamped-text-differs", 7), (5, "not-compared", 8)],
)
def test_a_stamp_over_anything_else_fails(
    tmp_path: Path,
    size: int,
    code: str,
    exit_code: int,
) -> None:
    shared = with_stamp(size, b"pgr.pt/audit/1\n7\nAAAA\n")
    report = verify_parts(tmp_path, *CASE.messages, shared=shared)
    assert (list(problems(report)), report.exit_code) == ([code], exit_code)


def test_further_heads_are_of_the_makers_log(tmp_path: Path) -> None:
    shared = replace(
        CASE.shared,
        heads={5: head_note(CASE.dispute.pt, 5)},
        links={**CASE.shared.links, (5, 7): link(CASE.dispute.pt, 5, 7)},
    )
    report = verify_parts(tmp_path, *CASE.messages, shared=shared)
    assert report.exit_code == 0
    assert "5→7: the larger tree begins with the smaller one" in report.render()


# --- each new file: one broken rule, one code ---


def _flip(name: str, at: int = -3) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        raw = bytearray(path.read_bytes())
        raw[at] ^= 1
        path.write_bytes(raw)

    return spoil


def _write(name: str, content: Callable[[], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content())

    return spoil


def _move(old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)

    return spoil


def _other_disclosure() -> bytes:
    case = make_dispute()
    _, told = log_act(case.pt, "msg.access", {"m": MESSAGE_ID, "ref": 1})
    return b'"%b"\n' % told[0].encode()


def _forked_head() -> bytes:
    pt = CASE.dispute.pt
    twin = CardMaker(authority=PT)
    twin.log_entries = [*pt.log_entries[:6], pt.log_entries[0]]
    return head_note(twin, 7, cosigned_s=FIRST_ROUND_S)


def _thief() -> bytes:
    twin = CardMaker(authority=PT, log_label="thief")
    twin.log_entries = list(CASE.dispute.pt.log_entries)
    return head_note(twin, 7)


@lru_cache
def _no_conflict() -> LogConflict:
    found = conflict()
    return replace(found, offered=found.held)


def _statement_of_thief() -> bytes:
    return CardMaker(authority=PT, root_label="thief").state()


SPOILED: dict[str, tuple[str, str, Callable[[Path], None]]] = {
    "a head of another key": (
        "no-configured-key",
        "CHECKPOINT",
        _write("checkpoint", _thief),
    ),
    "a head of a forked log": (
        "split-view",
        "APPEND-ONLY",
        _write("checkpoint", _forked_head),
    ),
    "a head that is none": (
        "malformed",
        "CHECKPOINT",
        _write("checkpoint", lambda: b"x\n"),
    ),
    "an earlier head of another size": (
        "checkpoint-name",
        "CHECKPOINT",
        _write("checkpoints/5", lambda: head_note(CASE.dispute.pt, 4)),
    ),
    "a held head of the maker's own log": (
        "checkpoint-name",
        "CHECKPOINT",
        _write("held/checkpoint", lambda: head_note(CASE.dispute.pt, 4)),
    ),
    "a link that does not hold": (
        "log-proof-invalid",
        "APPEND-ONLY",
        _write("consistency/4-7.txt", lambda: b"A" * 43 + b"=\n"),
    ),
    "a link that is none": (
        "malformed",
        "APPEND-ONLY",
        _write("consistency/4-7.txt", lambda: b"hello"),
    ),
    "a link between heads that are not there": (
        "no-head",
        "APPEND-ONLY",
        _move("consistency/4-7.txt", "consistency/3-7.txt"),
    ),
    "a statement under another number": (
        "statement-number",
        "HISTORY",
        _move("history/pgr.pt/1.tlog-proof", "history/pgr.pt/2.tlog-proof"),
    ),
    "a statement of another root": (
        "untrusted-card",
        "HISTORY",
        _write("history/pgr.pt/1.tlog-proof", _statement_of_thief),
    ),
    "a disclosure of another entry": (
        "disclosure",
        "DISCLOSED",
        _write(f"{FIRST}/disclosures/3.jsonl", _other_disclosure),
    ),
    "a disclosure that nothing commits to": (
        "disclosure",
        "DISCLOSED",
        _move(f"{FIRST}/disclosures/3.jsonl", f"{FIRST}/disclosures/1.jsonl"),
    ),
    "a disclosure with another name in it": (
        "disclosure",
        "DISCLOSED",
        _flip(f"{FIRST}/disclosures/3.jsonl"),
    ),
    "an access that is called a check": (
        "proof-name",
        "OPENING",
        _move(
            f"{SECOND}/proofs/access-pgr.pt-audit-1-5.tlog-proof",
            f"{SECOND}/proofs/check-pgr.pt-audit-1-5.tlog-proof",
        ),
    ),
    "an erasure of another message": (
        "other-message",
        "ERASE",
        _move(
            f"{SECOND}/proofs/erase-pgr.pt-audit-1-6.tlog-proof",
            f"{FIRST}/proofs/erase-pgr.pt-audit-1-6.tlog-proof",
        ),
    ),
    "a folder of another message": (
        "message-folder",
        "MESSAGE",
        _move(FIRST, f"messages/{MESSAGE_ID[:-1]}b"),
    ),
    "a conflict that is none": (
        "malformed",
        "CONFLICT",
        _write("conflicts/split-view-1.conflict", lambda: b"{}\n"),
    ),
    "a conflict that does not contradict": (
        "log-proof-invalid",
        "CONFLICT",
        _write(
            f"conflicts/{conflict_name(_no_conflict())}",
            lambda: encode_conflict(_no_conflict()),
        ),
    ),
    "a file that no bundle has": (
        "malformed",
        "FILES",
        _write("notes.txt", lambda: b"x"),
    ),
    "a message with no id": (
        "malformed",
        "FILES",
        _move(FIRST, "messages/0000"),
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_file_is_named_though_it_was_listed_anew(
    folder: Path,
    what: str,
) -> None:
    code, subject, spoil = SPOILED[what]
    spoil(folder)
    relist(folder)
    report = verify(folder)
    failed = [line for line in report.lines if line.outcome.value == "failed"]
    assert report.exit_code == 7
    assert (failed[0].subject, failed[0].code) == (subject, code), report.render()


def test_an_entry_is_proven_once(folder: Path) -> None:
    proofs = folder / SECOND / "proofs"
    raw = (proofs / "access-pgr.pt-audit-1-5.tlog-proof").read_bytes()
    (proofs / "opening-pgr.pt-audit-1-5.tlog-proof").write_bytes(raw)
    relist(folder)
    assert "proven twice" in problems(verify(folder))["proof-twice"]


def test_a_message_of_other_sides_does_not_belong_here(tmp_path: Path) -> None:
    other = CASE.messages[1]
    thief = CardMaker(authority=AuthorityId("moj.fr"))
    thief.make()
    thief.log(
        "msg.send",
        {
            "m": SECOND_ID,
            "peer": "pgr.pt",
            "dig": "0" * 64,
            "man": "1" * 64,
            "seq": 1,
        },
    )
    note = head_note(thief, len(thief.log_entries))
    proofs = prove_under(thief, "origin", 1, note)
    bundle = Case(
        CASE.dispute, [CASE.messages[0], replace(other, proofs=proofs, disclosures={})]
    )
    bundle.shared = CASE.shared
    folder = bundle.write(tmp_path / "bundle")
    card = tmp_path / "moj.fr.compared"
    card.write_bytes(CardMaker(authority=AuthorityId("moj.fr")).make())
    keys = (*trusted(tmp_path, CASE.dispute.cards), card)
    report = verify_path(folder, VerifyOptions(keys=keys))
    assert "is between moj.fr and pgr.pt" in problems(report)["other-sides"]


def test_a_damaged_message_stops_no_other(folder: Path) -> None:
    (folder / FIRST / "envelope.bin").write_bytes(b"sealed")
    relist(folder)
    report = verify(folder)
    assert "ENVELOPE" in problems(report)["malformed"]
    assert "ACCESS       pgr.pt logged that a person opened it" in report.render()


def test_a_bundle_of_damaged_messages_shows_nothing(folder: Path) -> None:
    (folder / FIRST / "envelope.bin").write_bytes(b"sealed")
    shutil.rmtree(folder / SECOND)
    relist(folder)
    assert list(problems(verify(folder))) == ["malformed", "no-message"]


def test_attachments_of_several_messages_lie_by_message(
    folder: Path,
    tmp_path: Path,
) -> None:
    place = tmp_path / "files" / MESSAGE_ID
    place.mkdir(parents=True)
    (tmp_path / "files" / SECOND_ID).mkdir()
    keys = trusted(tmp_path, CASE.dispute.cards)
    asked = VerifyOptions(keys=keys, attachments=tmp_path / "files")
    report = verify_path(folder, asked)
    missing = [line for line in report.lines if line.code == "attachment-missing"]
    assert len(missing) == 2


EVIDENCE = [
    "checkpoint",
    "held/checkpoint",
    "consistency/4-7.txt",
    "history/pgr.pt/1.tlog-proof",
    f"{FIRST}/disclosures/3.jsonl",
    f"{SECOND}/disclosures/5.jsonl",
    f"{SECOND}/proofs/access-pgr.pt-audit-1-5.tlog-proof",
    f"{SECOND}/proofs/erase-pgr.pt-audit-1-6.tlog-proof",
]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_changed_bit_is_found_though_it_was_listed_anew(
    written: Path,
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(EVIDENCE))
    raw = (written / name).read_bytes()
    spoiled = bytearray(raw)
    spoiled[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(
        st.integers(0, 7)
    )
    try:
        (written / name).write_bytes(spoiled)
        relist(written)
        assert verify(written).exit_code == 7
    finally:
        (written / name).write_bytes(raw)
        relist(written)
