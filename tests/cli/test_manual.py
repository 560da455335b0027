"""Manual pages and completion: made of the command tree, so nothing is left out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gateway.cli.exits import ExitCode
from gateway.cli.main import cli
from gateway.cli.manual import page_name, pages, walk
from tests.support.command_line import run

PROGRAM = "mla-gateway"
PAGES = dict(pages(PROGRAM, cli))
TREE = {page_name(words): command for words, command, _ in walk(cli, (PROGRAM,))}


def plain(page: str) -> str:
    """Return a page as a reader sees it."""
    return page.replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")


def test_every_command_has_its_page() -> None:
    assert set(PAGES) == {"mla-gateway.1", *TREE}
    assert len(PAGES) > 60


@pytest.mark.parametrize("name", TREE)
def test_a_page_says_all_that_help_says(name: str) -> None:
    page, command = plain(PAGES[name]), TREE[name]
    for option in command.params:
        for spelling in option.opts if isinstance(option, click.Option) else ():
            assert spelling in page
    flat = " ".join(re.sub(r"^\.\w+$", "", page, flags=re.MULTILINE).split())
    for word in (command.help or "").replace("\b", "").split():
        assert word in flat
    for code in ExitCode:
        assert f".TP\n{code.value}\n" in page
    assert "NO_COLOR" in page
    example = page.partition(".SH EXAMPLE\n.nf\n")[2].partition("\n")[0]
    assert "mla-gateway" in example


@pytest.mark.parametrize("name", PAGES)
def test_no_text_is_taken_for_a_macro(name: str) -> None:
    known = {".TH", ".SH", ".TP", ".PP", ".nf", ".fi"}
    for line in PAGES[name].splitlines():
        assert line
        if line.startswith((".", "'")):
            assert line.split()[0] in known, line
        # A backslash only begins an escape that readers know.
        assert not re.sub(r"\\(?:-|e|&|fB|fR)", "", line).count("\\"), line


def test_a_page_is_printed_and_all_are_written(tmp_path: Path) -> None:
    printed = run("man", "peer", "add")
    assert printed.exit_code == 0
    assert printed.stdout == PAGES["mla-gateway-peer-add.1"]
    written = run("man", "--out", str(tmp_path / "man1"), "--json")
    assert written.document() == {"files": sorted(PAGES)}
    on_disk = {path.name: path.read_text() for path in (tmp_path / "man1").iterdir()}
    assert on_disk == PAGES


def test_what_is_not_there_is_told() -> None:
    assert run("man", "no-such").exit_code == ExitCode.NOT_FOUND
    both = run("man", "peer", "--out", "x")
    assert both.exit_code == ExitCode.USAGE


def complete(words: str, word: int) -> list[str]:
    """Return what bash is offered, by a process as bash starts it."""
    done = subprocess.run(
        [
            sys.executable,
            "-X",
            "importtime",
            "-c",
            "from gateway.cli.main import main; main()",
        ],
        env={
            "PATH": os.environ["PATH"],
            "_MLA_GATEWAY_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(word),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # Completing a command loads no command, nor what commands are made of.
    for heavy in ("aiohttp", "msgspec", "cryptography", "gateway.cli.commands.peers"):
        assert f" {heavy}\n" not in done.stderr, heavy
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_is_offered_commands_without_loading_them() -> None:
    assert complete("mla-gateway peer a", 2) == ["add"]


def test_a_shell_is_offered_options() -> None:
    context = click.Context(cli)
    peer = cli.get_command(context, "peer")
    assert isinstance(peer, click.Group)
    add = peer.get_command(context, "add")
    assert add is not None
    offered = {item.value for item in add.shell_complete(context, "--f")}
    assert "--fingerprint" in offered
