"""Evidence of the time before a rotation, and keys that go on signing after it."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import UsageError
from gateway.core.identity import prove_statement
from gateway.core.translog.proof import encode_log_proof
from gateway.verifier.export import ExportEntry, export_log
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import ListSource, problems, relist, write_keys

FAIL = {"count": 1}


class Rotated:
    """A log that was signed with `old` keys and then with `new` ones alone.

    Attributes:
        maker: Goes on with the new keys.
        thief: Goes on with the old ones, on the same entries.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.maker = CardMaker(log_label="old")
        self.first_card = self.write("first.card", self.maker.make())
        self.first = self.write("1.tlog-proof", self._stated())
        self.maker.log("auth.fail", {**FAIL})
        self.old = self.write("old.tlog-proof", self._proof(self.maker))
        self.old_size = len(self.maker.log_entries)
        self.maker.log_label = "new"
        self.second = self.write("2.tlog-proof", self.maker.state())
        keys = [key.to_text() for key in self.maker.audit_signer.keys]
        self.maker.log("log.keys", {"vkeys": [*keys], "res": "alone"})
        self.second_card = self.write("second.card", self.maker.make(number=2))
        self.new = self.write("new.tlog-proof", self._proof(self.maker))
        self.thief = replace(
            self.maker,
            log_label="old",
            log_entries=list(self.maker.log_entries),
        )

    def write(self, name: str, content: bytes) -> Path:
        """Return a file of this content."""
        path = self._folder / name
        path.write_bytes(content)
        return path

    def forged(self) -> Path:
        """Return a proof that the old keys signed after the new card was logged."""
        return self.write("forged.tlog-proof", self._proof(self.thief))

    def policy(self, label: str) -> Path:
        """Return a policy that believes the keys of a label."""
        keys = replace(self.maker, log_label=label).audit_signer.keys
        lines = [*(f"log {key.to_text()}" for key in keys), "quorum none", ""]
        return self.write(f"policy-{label}", "\n".join(lines).encode())

    def _stated(self) -> bytes:
        return prove_statement(self.maker.root_entries, self.maker.root_signer)

    @staticmethod
    def _proof(maker: CardMaker) -> bytes:
        return encode_log_proof(maker.prove())


@pytest.fixture
def log(tmp_path: Path) -> Rotated:
    return Rotated(tmp_path)


def verify(proof: Path, *keys: Path, history: tuple[Path, ...] = ()) -> Report:
    return verify_path(proof, VerifyOptions(keys=keys, history=history))


def retired_lines(report: Report) -> list[str]:
    return [line for line in report.render().splitlines() if "retired by" in line]


def test_old_evidence_needs_more_than_the_new_card(log: Rotated) -> None:
    report = verify(log.old, log.second_card)

    assert report.outcome is Outcome.FAILED
    assert "NO CONFIGURED KEY SIGNED THIS CHECKPOINT" in report.render()


def test_with_the_statement_before_it_verifies_and_the_report_says_so(
    log: Rotated,
) -> None:
    report = verify(log.old, log.second_card, history=(log.first,))

    assert report.outcome is Outcome.OK
    old = log.thief.audit_signer.keys
    assert [line.split()[1] for line in retired_lines(report)] == [
        key.key_id.hex() for key in old
    ]
    assert all(
        "moj.ee/audit/1: retired by statement 2; believed for what it signed before"
        in line
        for line in retired_lines(report)
    )
    assert f"{log.maker.authority} statement 1" in report.render()


def test_the_card_of_that_time_serves_beside_the_new_one(log: Rotated) -> None:
    report = verify(log.old, log.first_card, log.second_card)

    assert report.outcome is Outcome.OK
    assert len(retired_lines(report)) == 2


def test_the_card_of_that_time_alone_knows_of_no_end(log: Rotated) -> None:
    report = verify(log.old, log.first_card)

    assert report.outcome is Outcome.OK
    assert retired_lines(report) == []


def test_new_evidence_rests_on_no_retired_key(log: Rotated) -> None:
    report = verify(log.new, log.second_card, history=(log.first, log.second))

    assert report.outcome is Outcome.OK
    assert retired_lines(report) == []


@pytest.mark.parametrize("with_card", [True, False])
def test_old_keys_that_sign_after_their_time_are_refused(
    log: Rotated,
    *,
    with_card: bool,
) -> None:
    """Stolen before they were destroyed, and used on the very same log."""
    forged = log.forged()
    if with_card:
        report = verify(forged, log.first_card, log.second_card)
    else:
        report = verify(forged, log.second_card, history=(log.first,))

    assert report.outcome is Outcome.FAILED
    assert list(problems(report)) == ["retired-keys"]
    text = report.render()
    assert f"RETIRED KEYS signed size {len(log.thief.log_entries)}" in text
    assert "was retired by statement 2, before entry 3" in text


def test_whoever_gives_the_old_keys_by_name_believes_them(
    log: Rotated,
    tmp_path: Path,
) -> None:
    keys = write_keys(tmp_path / "old.vkeys", log.thief.audit_signer.keys)

    report = verify(log.old, keys, log.second_card)

    assert report.outcome is Outcome.OK
    assert retired_lines(report) == []


def test_a_statement_of_another_root_is_not_history(log: Rotated) -> None:
    other = CardMaker(root_label="thief", log_label="old")
    forged = log.write("0.tlog-proof", other.state())

    with pytest.raises(UsageError, match="--history"):
        verify(log.old, log.second_card, history=(forged,))


def test_a_statement_without_a_card_is_not_history(log: Rotated) -> None:
    keys = log.write(
        "root.vkeys",
        "".join(f"{key.to_text()}\n" for key in log.maker.root.keys).encode(),
    )

    with pytest.raises(UsageError, match="not by the root of a card"):
        verify(log.old, keys, history=(log.first,))


def test_statements_that_contradict_each_other_are_reported(log: Rotated) -> None:
    twin = CardMaker(log_label="twin")
    contradicting = log.write("twin.tlog-proof", twin.state())

    report = verify(log.old, log.second_card, history=(log.first, contradicting))

    assert list(problems(report)) == ["untrusted-card"]
    assert "two contents under number 1" in report.render()


@pytest.mark.parametrize(
    ("label", "is_believed"),
    [("new", True), ("old", True), ("other", False)],
)
def test_a_policy_that_believes_the_keys_at_work_need_not_name_those_before(
    log: Rotated,
    label: str,
    *,
    is_believed: bool,
) -> None:
    options = VerifyOptions(
        keys=(log.second_card,),
        history=(log.first,),
        policy=log.policy(label),
    )

    report = verify_path(log.old, options)

    assert (report.outcome is Outcome.OK) == is_believed


def test_history_says_nothing_about_a_card(log: Rotated) -> None:
    with pytest.raises(UsageError, match="--history"):
        verify(log.second_card, log.first_card, history=(log.first,))


# --- a whole log, which says itself which keys sign it from where ---


def exported(log: Rotated, **notes: int) -> Path:
    """Return the folder of the log, with checkpoints that either keys have signed.

    Args:
        log: The log.
        notes: Sizes of checkpoints, by the label of the keys that signed them.
    """
    entries = [ExportEntry(raw, ()) for raw in log.maker.log_entries]
    source = ListSource(entries, earlier_sizes=sorted(set(notes.values())))
    for label, size in notes.items():
        signer = replace(log.maker, log_label=label).audit_signer
        source.signed[size] = ListSource(entries, signer=signer).note(size)
    source.signer = log.maker.audit_signer
    folder = log.old.parent / "folder"
    export_log(source, folder)
    return folder


def test_a_log_that_was_rotated_verifies_with_both_pairs(log: Rotated) -> None:
    folder = exported(log, old=2)

    report = verify(folder, log.second_card, history=(log.first,))

    assert report.outcome is Outcome.OK
    assert len(retired_lines(report)) == 2


@pytest.mark.parametrize("size", [1, 2])
def test_the_old_keys_have_the_say_before_the_entry_that_ends_them(
    log: Rotated,
    tmp_path: Path,
    size: int,
) -> None:
    keys = (*log.thief.audit_signer.keys, *log.maker.audit_signer.keys)
    believed = write_keys(tmp_path / "all.vkeys", keys)

    report = verify(exported(log, old=size), believed)

    assert report.outcome is Outcome.OK


def test_they_have_it_no_longer_in_a_tree_that_holds_that_entry(
    log: Rotated,
    tmp_path: Path,
) -> None:
    """Though the user believes them, and nothing else tells when they ended."""
    keys = (*log.thief.audit_signer.keys, *log.maker.audit_signer.keys)
    believed = write_keys(tmp_path / "all.vkeys", keys)

    report = verify(exported(log, old=3), believed)

    assert report.outcome is Outcome.FAILED
    assert list(problems(report)) == ["retired-keys"]
    assert "RETIRED KEYS: checkpoints/3" in report.render()
    assert "signed by keys that were retired at entry 2" in report.render()


def test_a_log_whose_newest_head_the_old_keys_signed_fails(
    log: Rotated,
    tmp_path: Path,
) -> None:
    keys = (*log.thief.audit_signer.keys, *log.maker.audit_signer.keys)
    believed = write_keys(tmp_path / "all.vkeys", keys)
    folder = exported(log)
    size = len(log.maker.log_entries)
    entries = [ExportEntry(raw, ()) for raw in log.maker.log_entries]
    stolen = ListSource(entries, signer=log.thief.audit_signer).note(size)
    (folder / "checkpoint").write_bytes(stolen)
    relist(folder)

    report = verify(folder, believed)

    assert list(problems(report)) == ["retired-keys"]
