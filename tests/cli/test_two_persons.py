"""Two persons at the machine, for what is done to keys and the log without a node."""

from pathlib import Path

import pytest

from gateway.cli.two_persons import check_two_persons
from gateway.core.errors import NotAllowedError, NotAuthenticatedError
from gateway.core.operators import IssuedToken, Operator, Role, issue_token
from gateway.core.values import UnixMs
from gateway.keystore.files import create_private
from gateway.trust.directory import create_trust
from tests.support.command_line import run
from tests.support.homes import copy_home

_FOREVER_MS = 700 * 86_400_000
NAMES = ("anna", "bert", "carl", "app")


def issued(*, is_system: bool = False, lifetime_ms: int = _FOREVER_MS) -> IssuedToken:
    # Made long enough ago and for long enough to be good on any day of a test.
    return issue_token(
        "desk",
        now=UnixMs(1_900_000_000_000),
        lifetime_ms=lifetime_ms,
        is_system=is_system,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home where anna, bert and a system hold security, and carl does not."""
    folder = copy_home(tmp_path / "home").folder
    made = []
    for name in NAMES:
        token = issued(is_system=name == "app")
        role = Role.OBSERVER if name == "carl" else Role.SECURITY
        made.append(Operator(name, frozenset({role}), (token.token,)))
        create_private(tmp_path / name, f"{token.text}\n".encode())
    create_private(tmp_path / "none", f"{issued().text}\n".encode())
    create_trust(folder, made)
    return folder


def check(home: Path, *names: str) -> None:
    check_two_persons(home, [home.parent / name for name in names])


def test_two_who_hold_security_may_go_on(home: Path) -> None:
    check(home, "anna", "bert")


@pytest.mark.parametrize(
    "names",
    [(), ("anna",), ("anna", "anna"), ("anna", "carl"), ("anna", "app")],
    ids=" ".join,
)
def test_fewer_may_not(home: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowedError, match="anna, bert hold security"):
        check(home, *names)


def test_a_token_that_is_worth_nothing_is_said(home: Path) -> None:
    with pytest.raises(NotAuthenticatedError, match="unknown, revoked or expired"):
        check(home, "anna", "none")


def test_the_commands_ask_for_them(home: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "request")
    words = ("--home", str(home), "keys", "rotate", "log", "--out", out)
    done = run(*words)
    assert done.exit_code != 0
    assert "--person FILE --person FILE" in done.stderr
    assert not Path(out).exists()
    both = ("--person", str(tmp_path / "anna"), "--person", str(tmp_path / "bert"))
    assert run(*words, *both).exit_code == 0
