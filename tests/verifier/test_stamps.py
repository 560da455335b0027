"""Time stamps in evidence: what is believed, what is told, what fails."""

from pathlib import Path

import pytest

from gateway.core.errors import NotFoundError, UsageError
from gateway.core.translog import stamps as core_stamps
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.stamps import StampRoots, new_query
from gateway.verifier import stamps
from gateway.verifier.report import Findings, Outcome
from gateway.verifier.stamps import StampCheck, load_roots
from tests.support.tsa import Authority, needs_openssl

pytestmark = needs_openssl

TEXT = Checkpoint("moj.ee/audit/1", 300, bytes(range(32))).text
OTHER = Checkpoint("moj.ee/audit/1", 300, bytes(32)).text


class Files(dict[str, bytes]):
    """Evidence in memory."""

    def read(self, name: str, *, max_bytes: int) -> bytes:
        if name not in self:
            raise NotFoundError(f"{name}: missing")
        assert len(self[name]) <= max_bytes
        return self[name]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tsa").make()


@pytest.fixture
def files(authority: Authority) -> Files:
    response = authority.reply(new_query(TEXT).body)
    return Files(
        {
            "tsa/300.body": TEXT,
            "tsa/300.tsr": response,
            "tsa/ca.pem": authority.ca_file.read_bytes(),
        },
    )


def told(
    files: Files, roots: StampRoots | None, text: bytes | None = TEXT
) -> list[tuple[Outcome, str, str]]:
    findings = Findings()
    StampCheck(files, lambda _size: text, roots).run(files, findings)
    assert all(line.subject == "TIMESTAMP" for line in findings.lines)
    return [(line.outcome, line.code, line.text) for line in findings.lines]


def test_a_stamp_is_told_with_authority_time_and_size(
    files: Files, authority: Authority
) -> None:
    ((outcome, code, text),) = told(files, authority.roots)
    assert (outcome, code) == (Outcome.OK, "timestamp")
    assert text.startswith('TSA "CN=Test TSA" 20')
    assert "over checkpoint 300, certificate to 20" in text


def test_a_certificate_in_the_evidence_is_never_believed(
    files: Files, tmp_path: Path
) -> None:
    ((outcome, code, _),) = told(files, None)
    assert (outcome, code) == (Outcome.INFO, "no-tsa-ca")
    stranger = Authority(tmp_path / "stranger").make()
    ((outcome, code, _),) = told(files, stranger.roots)
    assert (outcome, code) == (Outcome.FAILED, "verification-failed")


def test_a_stamp_over_another_log_fails(files: Files, authority: Authority) -> None:
    ((outcome, code, _),) = told(files, authority.roots, OTHER)
    assert (outcome, code) == (Outcome.FAILED, "stamped-text-differs")
    files["tsa/300.body"] = OTHER
    ((outcome, code, text),) = told(files, authority.roots, OTHER)
    assert (outcome, code) == (Outcome.FAILED, "verification-failed")
    assert text == "tsa/300.tsr: time stamp: Mismatch between messages"


def test_what_cannot_be_compared_is_incomplete(
    files: Files, authority: Authority
) -> None:
    ((outcome, code, _),) = told(files, authority.roots, None)
    assert (outcome, code) == (Outcome.INCOMPLETE, "not-compared")
    for name in ("tsa/300.body", "tsa/300.tsr"):
        cut = Files({one: raw for one, raw in files.items() if one != name})
        ((outcome, code, text),) = told(cut, authority.roots)
        assert (outcome, code) == (Outcome.INCOMPLETE, "stamp-cut")
        assert text == f"{name}: missing"


def test_asked_for_and_not_there_is_incomplete(authority: Authority) -> None:
    assert told(Files(), None) == []
    ((outcome, code, _),) = told(Files(), authority.roots)
    assert (outcome, code) == (Outcome.INCOMPLETE, "no-stamps")


def test_without_the_library_it_says_what_does_it(
    files: Files, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core_stamps, "find_spec", lambda _name: None)
    ((outcome, code, text),) = told(files, authority.roots)
    assert (outcome, code) == (Outcome.INCOMPLETE, "no-tsa")
    assert "pip install 'mla-gateway[tsa]'" in text
    assert "openssl ts -verify -data tsa/300.body -in tsa/300.tsr -CAfile CA" in text


def test_the_users_file_must_hold_certificates(
    authority: Authority, tmp_path: Path
) -> None:
    assert load_roots(None) is None
    assert load_roots(authority.ca_file) == authority.roots
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    with pytest.raises(UsageError, match="--tsa-ca"):
        load_roots(bad)
    with pytest.raises(UsageError):
        load_roots(tmp_path / "absent.pem")


def test_names_are_those_of_the_folder() -> None:
    assert stamps.body_name(300) == "tsa/300.body"
    assert stamps.response_name(300) == "tsa/300.tsr"
