"""`redact`: a record for the drawer, fields for the message, and the check later."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import run


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    original, copy = tmp_path / "original.txt", tmp_path / "copy.txt"
    original.write_text("Miller paid Smith.\n")
    copy.write_text("[...] paid Smith.\n")
    return original, copy


def record(original: Path, copy: Path, out: Path) -> list[str]:
    words = ["redact", "record", str(original), str(copy), "--reason", "THIRD_PARTY"]
    return [*words, "--rule", "names", "--by", "A. Tamm", "--out", str(out)]


def check(out: Path, original: Path, copy: Path, item: Path) -> list[str]:
    words = ["redact", "verify", str(out), "--original", str(original)]
    return [*words, "--copy", str(copy), "--message", str(item)]


def test_a_copy_is_committed_and_verified(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    original, copy = files
    out, item = tmp_path / "record.json", tmp_path / "item.json"
    done = run("--json", *record(original, copy, out))
    assert done.exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    kept = json.loads(out.read_text())
    digest = {"alg": "SHA-256", "value": kept["result_sha256"]}
    item.write_text(json.dumps(json.loads(done.stdout) | {"digests": [digest]}))

    good = run(*check(out, original, copy, item))
    assert (good.exit_code, good.stdout[:9]) == (0, "VERIFIED:")
    bad = run("--json", *check(out, copy, copy, item))
    assert bad.exit_code == 7
    assert json.loads(bad.stdout) == {
        "verified": False,
        "faults": ["the original is another file"],
    }
    assert run(*record(original, copy, out)).exit_code == 5


def test_a_copy_in_which_nothing_is_left_out_is_refused(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    original, _ = files
    done = run(*record(original, original, tmp_path / "record.json"))
    assert done.exit_code == 2
    assert "same file" in done.stderr
    assert done.stdout == ""


def test_a_refusal_tells_scripts_its_code(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    original, _ = files
    done = run("--json", *record(original, original, tmp_path / "record.json"))
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert (told["code"], done.stderr) == ("usage", f"Error: {told['detail']}\n")


def test_what_is_no_record_is_refused(files: tuple[Path, Path]) -> None:
    original, copy = files
    copy.write_text("{}")
    assert run(*check(copy, original, copy, copy)).exit_code != 0
