"""What one authority says of its service reaches the other, and is obeyed there."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.stage import run_unchecked
from tests.support.processes import RunningNode, request_form, running_pair, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

PROFILE = """\
updated = 2026-11-28
time_zone = "Europe/Lisbon"
languages = ["pt"]
"""
TABLE = """\
[country.PT]
languages = ["pt", "es"]
[[country.PT.treaty]]
code = "BUDAPEST"
"""
WITHIN_S = 30.0


def soon(condition: Callable[[], bool], what: str) -> None:
    until(condition, what, within_s=WITHIN_S)


def service_of(one: RunningNode, peer: str) -> dict[str, object]:
    shown = one.node.ask("peer", "show", peer)["service"]
    assert isinstance(shown, dict)
    return shown


def languages_of(one: RunningNode, peer: str) -> object:
    profile = service_of(one, peer)["profile"]
    return profile["languages"] if isinstance(profile, dict) else None


def translated_form() -> dict[str, object]:
    form = request_form()
    payload = form["payload"]
    assert isinstance(payload, dict)
    payload["translations"] = [{"of": "all of it", "lang": "pt", "certified": True}]
    return form


def send(one: RunningNode, form: dict[str, object], folder: Path) -> tuple[int, str]:
    file = folder / f"form-{time.monotonic_ns()}.json"
    file.write_text(json.dumps(form))
    home = str(one.node.home)
    words = ("send", "--to", "pgr.pt", "--message", str(file))
    done = run_unchecked("--home", home, *words)
    return done.returncode, done.stdout + done.stderr


def write(one: RunningNode, name: str, text: str) -> None:
    """Write a file of a home, and let the node read it."""
    (one.node.home / name).write_text(text)
    process = one.node.process
    assert process is not None
    process.send_signal(signal.SIGHUP)


@pytest.fixture
def two(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunningNode, RunningNode]]:
    with running_pair(tmp_path_factory.mktemp("profile")) as pair:
        yield pair


def test_a_profile_reaches_the_peer_and_its_language_is_obeyed(
    two: tuple[RunningNode, RunningNode], tmp_path: Path
) -> None:
    ee, pt = two
    code, told = send(ee, request_form(), tmp_path)
    assert code == 0, told
    assert "says nothing about PT" in told

    write(pt, "profile.toml", PROFILE)
    soon(lambda: languages_of(ee, "pgr.pt") == ["pt"], "the profile at the peer")
    assert pt.node.ask("profile", "show")["published"] is True

    code, told = send(ee, request_form(), tmp_path)
    assert code == 2
    assert "/language: not accepted by pgr.pt, expected pt" in told
    assert "E_LANG" in told
    code, told = send(ee, translated_form(), tmp_path)
    assert code == 0, told


def test_the_treaty_table_is_obeyed_and_contradictions_are_told(
    two: tuple[RunningNode, RunningNode], tmp_path: Path
) -> None:
    ee, pt = two
    write(pt, "profile.toml", PROFILE)
    soon(lambda: languages_of(ee, "pgr.pt") == ["pt"], "the profile at the peer")
    write(ee, "treaties.toml", TABLE)
    soon(lambda: bool(service_of(ee, "pgr.pt")["conflicts"]), "the contradiction")

    code, told = send(ee, translated_form(), tmp_path)
    assert code == 0, told
    assert "says nothing about PT" not in told
    assert "pgr.pt publishes pt" in told
    checks = ee.node.ask("doctor")["checks"]
    assert isinstance(checks, list)
    (named,) = [one for one in checks if "treaty table and pgr.pt" in one["name"]]
    assert named["level"] == "warn"

    write(ee, "treaties.toml", TABLE + "x = 1\n")
    soon(lambda: "reload_refused" in ee.node.log_file.read_text(), "the refusal")
    assert send(ee, translated_form(), tmp_path)[0] == 0

    write(ee, "treaties.toml", TABLE + "in_force = false\n")
    soon(lambda: send(ee, translated_form(), tmp_path)[0] == 2, "the end of a treaty")
