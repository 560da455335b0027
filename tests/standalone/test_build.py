"""The one file: the same bytes from the same sources, and nothing else needed."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

from gateway.cli.commands.verify import verify
from standalone import build
from standalone.command import main, parser
from tests.support import vector_verdicts
from tests.support.cards import CardMaker
from tests.support.exports import Case, ListSource, leaves
from tests.support.standalone import Packed


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return Packed.make(tmp_path_factory.mktemp("packed"))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case.make(tmp_path_factory.mktemp("case"), ListSource(leaves(20)))


def test_the_same_sources_give_the_same_bytes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "new" / "mla-verify.pyz"
    monkeypatch.setattr(sys, "argv", ["build", "--out", str(out)])
    build.main()
    assert out.read_bytes() == build.build()
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert capsys.readouterr().out == f"{digest}  {out}\n"
    with zipfile.ZipFile(out) as archive:
        assert {item.date_time for item in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }


def test_only_what_a_check_reaches_is_in_it(packed: Packed) -> None:
    with zipfile.ZipFile(packed.file) as archive:
        names = set(archive.namelist())
    folders = {name.rpartition("/")[0] for name in names}
    assert "gateway/verifier/verify.py" in names
    assert not {"gateway/cli", "gateway/storage", "gateway/flows"} & folders


def test_it_runs_with_cryptography_alone(packed: Packed, case: Case) -> None:
    answer = packed.run(str(case.folder), "--keys", str(case.keys))
    assert answer.err == ""
    assert answer.exit_code == 0
    assert answer.out == case.verify().render()


def test_a_long_log_is_shared_between_processes_of_it(
    packed: Packed,
    tmp_path: Path,
) -> None:
    """Every log is a long one to a copy whose limit is changed."""
    whole = io.BytesIO(packed.file.read_bytes())
    name, limit = "gateway/verifier/workers.py", b"WORTH_BUNDLES = 128"
    with zipfile.ZipFile(whole) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    assert limit in files[name]
    files[name] = files[name].replace(limit, b"WORTH_BUNDLES = 1")
    eager = Packed(tmp_path / "eager.pyz", packed.library)
    eager.file.write_bytes(build._pack(files))
    case = Case.make(tmp_path, ListSource(leaves(600)))
    answer = eager.run(str(case.folder), "--keys", str(case.keys), "--json")
    assert answer.err == ""
    assert json.loads(answer.out) == case.verify().to_json()


def test_what_fails_has_its_exit_code(packed: Packed, case: Case) -> None:
    short = packed.run(str(case.folder), "--keys", str(case.keys), "--min-size", "21")
    assert (short.exit_code, "INCOMPLETE" in short.out) == (8, True)
    other = packed.run(str(case.folder), "--keys", str(case.folder / "keys.txt"))
    assert other.exit_code == 2
    assert "part of what is checked" in other.err
    (case.place / "other").write_text("# nothing\n")
    none = packed.run(str(case.folder), "--keys", str(case.place / "other"))
    assert (none.exit_code, none.out) == (2, "")
    assert packed.run("--min-size", "x", str(case.folder)).exit_code == 2


def test_a_failed_check_is_7_and_a_wrong_fingerprint_is_usage(
    case: Case,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    spoiled = case.copy(tmp_path)
    (spoiled.folder / "checkpoint").unlink()
    assert main([str(spoiled.folder), "--keys", str(spoiled.keys), "--json"]) == 7
    assert json.loads(capsysbinary.readouterr().out)["result"] == "failed"
    assert main([str(spoiled.keys), "--fingerprint", "x"]) == 7
    assert b"mla-verify: " in capsysbinary.readouterr().err


def test_the_published_vectors_get_the_same_verdicts(packed: Packed) -> None:
    done = subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-S", "-P", vector_verdicts.__file__],
        env=packed.environment(packed.file),
        capture_output=True,
        check=True,
        timeout=60,
    )
    theirs = json.loads(done.stdout)
    assert theirs == vector_verdicts.verdicts(vector_verdicts.FOLDER)
    assert len(theirs) > 220
    assert list(theirs.values()).count("good") > 30


def test_its_options_are_those_of_the_command() -> None:
    theirs = {
        option
        for parameter in verify.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    ours = {option for action in parser()._actions for option in action.option_strings}
    # A node is not asked anything, so it needs neither a home nor a token.
    assert ours - {"-h", "--help"} == theirs - {"--help", "--home", "--token-file"}


@pytest.mark.parametrize("char", ["\x07", "\x7f", "\u202e", "\u00e9", "\U0001f600"])
def test_its_json_stays_json_and_inert_whatever_the_evidence_holds(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], char: str
) -> None:
    card = tmp_path / "moj.ee.card"
    line = CardMaker().make().replace(b'"authority"', f'"auth{char}ority"'.encode(), 1)
    card.write_bytes(line)
    assert main([str(card), "--json"]) == 7
    told = capsysbinary.readouterr().out
    assert json.loads(told)["result"] == "failed"
    assert told.strip().decode("ascii").isprintable()
