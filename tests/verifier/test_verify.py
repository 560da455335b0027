"""The way in, the report, and what both stand on."""

import json
from pathlib import Path

import pytest

from gateway.core.errors import ConflictError, MalformedError, TooLargeError, UsageError
from gateway.verifier.files import EvidenceFolder, NewFolder, write_new_file
from gateway.verifier.manifest import encode_manifest, parse_manifest
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Findings, Outcome, Report
from gateway.verifier.tree import TileTree
from gateway.verifier.verify import verify_path


@pytest.mark.parametrize("raw", [b"", b"PK", b"hello\n", b"\x00" * 100])
def test_what_is_no_evidence_is_a_usage_error(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(raw)
    with pytest.raises(UsageError, match="neither a log folder"):
        verify_path(path, VerifyOptions())


def test_what_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        verify_path(tmp_path / "none", VerifyOptions())


@pytest.mark.parametrize(
    ("outcomes", "result", "exit_code"),
    [
        ([Outcome.OK], "ok", 0),
        ([Outcome.OK, Outcome.INFO], "ok", 0),
        ([Outcome.OK, Outcome.INCOMPLETE], "incomplete", 8),
        ([Outcome.OK, Outcome.INCOMPLETE, Outcome.FAILED], "failed", 7),
        ([Outcome.FAILED], "failed", 7),
        ([Outcome.INFO], "failed", 7),
        ([Outcome.INCOMPLETE], "failed", 7),
        ([], "failed", 7),
    ],
)
def test_a_failure_or_the_absence_of_checks_decides(
    outcomes: list[Outcome],
    result: str,
    exit_code: int,
) -> None:
    findings = Findings()
    for outcome in outcomes:
        findings.add("X", "text", outcome, "code")
    report = findings.report("log")
    assert (report.outcome, report.exit_code) == (result, exit_code)


def test_the_document_has_a_stable_shape() -> None:
    findings = Findings()
    findings.ok("ENTRIES", "3 present", "entries")
    report = findings.report("proof", not_shown=["this"], leaf={"v": 1})
    assert json.loads(json.dumps(report.to_json())) == {
        "kind": "proof",
        "result": "ok",
        "exit_code": 0,
        "lines": [
            {
                "subject": "ENTRIES",
                "text": "3 present",
                "outcome": "ok",
                "code": "entries",
            },
        ],
        "not_shown": ["this"],
        "leaf": {"v": 1},
    }
    assert "leaf" not in Report("log", ()).to_json()


def test_evidence_can_not_write_to_the_terminal() -> None:
    findings = Findings()
    findings.ok("X", "\x1b[2J \u202eevil\nRESULT VERIFIED", "x")
    rendered = findings.report("log").render()
    assert rendered.count("\n") == 2
    assert "\\u{1b}[2J \\u{202e}evil\\u{a}RESULT VERIFIED" in rendered


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{'0' * 64}  b\n{'0' * 64}  a\n",
        f"{'0' * 64}  a\n{'0' * 64}  a\n",
        f"{'0' * 64}  a",
        f"{'0' * 64} *a\n",
        f"{'0' * 63}  a\n",
        f"{'A' * 64}  a\n",
        f"{'0' * 64}  ../a\n",
        f"{'0' * 64}  é\n",
    ],
)
def test_a_manifest_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_manifest(text.encode())


def test_a_manifest_reads_back() -> None:
    digests = {"a": "0" * 64, "tile/0/000": "1" * 64}
    assert parse_manifest(encode_manifest(digests)) == digests


def test_a_folder_is_read_inside_only(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(MalformedError):
        EvidenceFolder(tmp_path / "sub").read("../secret", max_bytes=10)
    with pytest.raises(MalformedError, match="not a plain file"):
        EvidenceFolder(tmp_path).read("sub", max_bytes=10_000)


def test_a_folder_is_read_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(MalformedError, match="link: "):
        EvidenceFolder(tmp_path).read("link", max_bytes=10)


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"")
    assert EvidenceFolder(tmp_path, max_files=3).names() == {"a", "b", "c"}
    with pytest.raises(TooLargeError, match="more than 2 files"):
        EvidenceFolder(tmp_path, max_files=2).names()


def test_a_folder_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="No such file"):
        EvidenceFolder(tmp_path / "none").names()


def test_what_can_not_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="No such file"):
        NewFolder.create(tmp_path / "none" / "new")
    with pytest.raises(UsageError, match="File exists"):
        NewFolder(tmp_path).write("file/inside", b"x")
    with pytest.raises(UsageError, match="No such file"):
        write_new_file(tmp_path / "none" / "new", b"x")


def test_a_file_is_written_once(tmp_path: Path) -> None:
    folder = NewFolder.create(tmp_path / "new")
    folder.write("a/b", b"first")
    with pytest.raises(ConflictError, match="nothing is overwritten"):
        folder.write("a/b", b"second")
    assert (tmp_path / "new" / "a" / "b").read_bytes() == b"first"


def test_a_tree_takes_one_tile_at_a_time() -> None:
    with pytest.raises(AssertionError, match="more than one tile"):
        TileTree().add([bytes(32)] * 257)
