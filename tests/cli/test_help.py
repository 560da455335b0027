"""Help: an example first, quickly, and for every command."""

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from gateway.cli.declare import LazyGroup
from gateway.cli.main import cli
from tests.support.command_line import run

# Asked for nothing but help, none of these may be loaded: they cost the time.
_HEAVY = {
    "aiohttp",
    "asyncio",
    "cryptography",
    "http.client",
    "msgspec",
    "nacl",
    "rich",
    "ssl",
    "structlog",
}


def _walk(
    group: LazyGroup,
    words: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], click.Command, str]]:
    for name, entry in group.table.items():
        made = entry.load(name)
        yield (*words, name), made, entry.summary
        if isinstance(made, LazyGroup):
            yield from _walk(made, (*words, name))


_COMMANDS = list(_walk(cli))
_IDS = [" ".join(words) for words, _, _ in _COMMANDS]


def test_all_commands_of_this_issue_are_there() -> None:
    assert set(_IDS) == {
        *(
            "init",
            "serve",
            "recover",
            "doctor",
            "send",
            "list",
            "show",
            "timeline",
            "open",
        ),
        *(
            "confirm",
            "retry",
            "cancel",
            "receipt",
            "print",
            "verify",
            "stats",
            "statistics",
            "demo",
            "bench",
        ),
        *("evidence", "evidence bundle", "evidence check", "evidence ack"),
        *("evidence custody", "completion", "config", "config check", "config show"),
        *("peer", "peer card", "peer fingerprint", "peer add", "peer list"),
        *("peer show", "peer ping", "peer pause", "peer resume", "peer update"),
        *("peer limit", "peer proxy", "peer remove", "root", "root sign"),
        *("keys", "keys list", "keys request", "keys rotate", "keys statement"),
        *("audit", "audit tail", "audit show", "audit verify", "audit export"),
        *("audit witnesses", "audit round", "audit conflicts", "peer log-policy"),
        *("audit check", "audit owed", "deadline", "deadline list"),
        *("case list", "case show"),
        *("folder", "folder check", "folder run"),
        *("webhook", "webhook add", "webhook list", "webhook show", "webhook test"),
        *("webhook replay", "webhook rotate", "webhook remove"),
        *("export", "failures", "view", "view list", "view save", "view remove"),
        *("bulk", "bulk preview", "bulk run"),
        *("maintenance", "maintenance start", "maintenance stop", "maintenance show"),
        *("peer incident", "peer exchanged"),
        *("job", "job list", "job show", "job cancel"),
        *("man", "support", "support bundle"),
        *("definitions", "definitions export", "definitions apply"),
        *("alert", "alert list", "alert ack", "alert test"),
        *("alarm", "alarm list", "alarm claim", "alarm resolve"),
        *("audit checkpoint", "audit stamps", "audit stamp", "audit prune", "erase"),
        *("operator", "operator add", "operator list"),
        *("operator remove", "operator token", "operator roles"),
        *("unit", "unit list", "unit put", "unit remove", "unit route"),
        "case assign",
        *("operator invite", "operator sessions", "operator subject"),
        *("recall", "case", "case readers", "case grant", "case revoke"),
        *("approval", "approval list", "approval show", "approve", "reject"),
        *("audit led-export", "audit review"),
        *("retention", "retention rules", "retention preview", "retention run"),
        *("retention review", "retention confirm"),
        "break-glass",
        *("hold", "hold add", "hold list", "hold lift", "subject", "subject search"),
        *("subject requests", "subject requests list", "subject requests add"),
        *("subject requests delay", "subject requests close"),
        *("treaty", "treaty list", "treaty show", "treaty check"),
        *("profile", "profile show", "profile check"),
        *("redact", "redact record", "redact verify", "redact original"),
        *("draft", "check", "forms", "forms list", "forms schema", "forms write"),
    }


@pytest.mark.parametrize(("words", "made", "summary"), _COMMANDS, ids=_IDS)
def test_help_begins_with_an_example_that_can_be_typed(
    words: tuple[str, ...],
    made: click.Command,
    summary: str,
) -> None:
    done = run(*words, "--help")
    first = done.stdout.splitlines()[0]

    assert done.exit_code == 0
    assert first.startswith("Example: ")
    assert "mla-gateway" in first
    assert " ".join(words) in first
    # The list of commands and the command itself say the same.
    assert made.get_short_help_str(limit=200).rstrip(".") == summary.rstrip(".")


@pytest.mark.parametrize(
    ("words", "made"),
    [(words, made) for words, made, _ in _COMMANDS if not isinstance(made, LazyGroup)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_example_uses_only_options_that_exist(
    words: tuple[str, ...],
    made: click.Command,
) -> None:
    first = run(*words, "--help").stdout.splitlines()[0]
    known = {option for param in made.params for option in param.opts}

    assert set(re.findall(r"--[a-z-]+", first)) <= known


@pytest.mark.parametrize(
    "words",
    [("--help",), ("send", "--help"), ("peer", "--help"), ("audit", "tail", "--help")],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    script = (
        "import sys\n"
        "from gateway.cli.main import cli\n"
        f"cli.main({list(words)!r}, prog_name='x', standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )

    assert not _HEAVY & set(done.stderr.split())


def test_an_unknown_command_is_a_mistake_of_use() -> None:
    done = run("sned")

    assert done.exit_code == 2
    assert "No such command 'sned'" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    done = run("completion", shell)

    assert done.exit_code == 0
    assert f"_MLA_GATEWAY_COMPLETE={shell}_complete" in done.stdout


def test_completion_finds_commands_and_options() -> None:
    words = {"COMP_WORDS": "mla-gateway peer p", "COMP_CWORD": "2"}
    done = run(environment={"_MLA_GATEWAY_COMPLETE": "bash_complete", **words})

    assert done.stdout.split() == ["plain,ping", "plain,pause", "plain,proxy"]
