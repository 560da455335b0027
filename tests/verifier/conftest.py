"""Whatever is checked in these tests, the one-file verifier checks too.

It has other JSON and Ed25519 code below, and must say the same about every file.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.errors import UsageError
from gateway.verifier import verify
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Report
from tests.support.standalone import Packed, Running, arguments_of, running

_USAGE = 2
_WORDS = re.compile(r'(?<=JSON: )[^"]*')

Check = Callable[[Path, VerifyOptions], Report]


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """Pack the verifier once."""
    return Packed.make(tmp_path_factory.mktemp("packed"))


@pytest.fixture(scope="session")
def one_file(packed: Packed) -> Iterator[Running]:
    """Keep it running for all tests."""
    with running(packed) as process:
        yield process


@pytest.fixture(autouse=True)
def _both_say_the_same(one_file: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put every question to both, and compare the answers."""
    kinds = [
        replace(kind, check=_compared(kind.check, one_file)) for kind in verify._KINDS
    ]
    monkeypatch.setattr(verify, "_KINDS", tuple(kinds))


def _compared(check: Check, one_file: Running) -> Check:
    def check_both(path: Path, options: VerifyOptions) -> Report:
        answer = one_file.ask(arguments_of(path, options))
        # An error of one must be an error of the other, in the same words.
        if answer.err:
            assert answer.exit_code == _USAGE
            told = answer.err.removeprefix("mla-verify: ").rstrip()
            with pytest.raises(UsageError, match=re.escape(_WORDS.sub("", told))):
                check(path, options)
        report = check(path, options)
        assert answer.exit_code == report.exit_code
        assert _findings(json.loads(answer.out)) == _findings(report.to_json())
        return report

    return check_both


def _findings(report: JsonObject) -> list[str]:
    """Return all that a report says, but the words of one JSON library or the other."""
    return [_WORDS.sub("", json.dumps(part)) for part in _parts(report)]


def _parts(report: JsonObject) -> list[object]:
    lines = report["lines"]
    assert isinstance(lines, list)
    return [*lines, {name: item for name, item in report.items() if name != "lines"}]
