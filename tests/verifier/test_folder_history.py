"""Log folders over a change of keys: old heads count by the statements beside them."""

from pathlib import Path

import pytest

from gateway.core.identity import prove_statement
from gateway.verifier.export import ExportEntry
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Report
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import Case, ListSource, problems, write_keys
from tests.support.spoiling import put


class Rotated:
    """The folder of a log whose first heads are signed with keys that are retired."""

    def __init__(self, place: Path) -> None:
        maker = CardMaker(log_label="old")
        maker.make()
        self.first = prove_statement(maker.root_entries, maker.root_signer)
        self.size = len(maker.log_entries)
        old = ListSource(
            [ExportEntry(data) for data in maker.log_entries],
            signer=maker.audit_signer,
        )
        maker.log_label = "new"
        self.second = maker.state()
        vkeys = [key.to_text() for key in maker.audit_signer.keys]
        maker.log("log.keys", {"vkeys": [*vkeys], "res": "alone"})
        card = maker.make(number=2)
        entries = [ExportEntry(data) for data in maker.log_entries]
        self.case = Case.make(place, ListSource(entries, signer=maker.audit_signer))
        self.card = self.case.file("new.card", card)
        put(self.case, f"checkpoints/{self.size}", old.checkpoint())

    def verify(self, keys: Path | None = None) -> Report:
        options = VerifyOptions(keys=(keys or self.card,))
        return verify_path(self.case.folder, options)


@pytest.fixture
def log(tmp_path: Path) -> Rotated:
    return Rotated(tmp_path)


def test_an_old_head_needs_the_statement_of_its_time(log: Rotated) -> None:
    found = problems(log.verify())
    assert f"checkpoints/{log.size}: NO CONFIGURED KEY" in found["no-configured-key"]


def test_statements_in_the_folder_vouch_for_old_keys(log: Rotated) -> None:
    put(log.case, "history/moj.ee/1.tlog-proof", log.first)
    put(log.case, "history/moj.ee/2.tlog-proof", log.second)
    report = log.verify()
    assert report.exit_code == 0
    text = report.render()
    assert "HISTORY      moj.ee statement 1: log keys" in text
    assert f"APPEND-ONLY  {log.size}→" in text
    assert text.count("retired by statement 2; believed for what it signed") == 2


def test_without_the_root_they_are_not_believed(log: Rotated) -> None:
    put(log.case, "history/moj.ee/1.tlog-proof", log.first)
    signer = CardMaker(log_label="new").audit_signer
    report = log.verify(write_keys(log.case.place / "plain", signer.keys))
    assert "no card of moj.ee was given, so it is not believed" in report.render()
    assert "NO CONFIGURED KEY" in problems(report)["no-configured-key"]


@pytest.mark.parametrize(
    ("name", "is_first", "code"),
    [
        ("2.tlog-proof", True, "statement-number"),
        ("1.tlog-proof", False, "statement-number"),
    ],
)
def test_a_statement_stands_under_its_number(
    log: Rotated,
    name: str,
    code: str,
    *,
    is_first: bool,
) -> None:
    put(log.case, f"history/moj.ee/{name}", log.first if is_first else log.second)
    assert f"history/moj.ee/{name}: is statement" in problems(log.verify())[code]


def test_a_statement_of_another_root_is_refused(log: Rotated) -> None:
    other = CardMaker(root_label="other root")
    other.make()
    raw = prove_statement(other.root_entries, other.root_signer)
    put(log.case, "history/moj.ee/1.tlog-proof", raw)
    report = log.verify()
    assert report.exit_code == 7
    assert "HISTORY history/moj.ee/1.tlog-proof: " in str(problems(report))
