"""Manual pages made of the command tree, so that they say what `--help` says.

Pages are in the `man` macros that every reader of manuals knows. One page a command,
named like it: `mla-gateway-peer-add.1`.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence

import click

from gateway.cli.declare import Branch, GatewayCommand, LazyGroup, Leaf
from gateway.cli.exits import ExitCode

_SECTION = 1
_EXITS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "the command or what it was given is wrong",
    ExitCode.NOT_FOUND: "there is no such thing",
    ExitCode.NOT_ALLOWED: "not allowed, or not known who asks",
    ExitCode.CONFLICT: "contradicts the state of things",
    ExitCode.UNAVAILABLE: "try again later",
    ExitCode.NOT_VERIFIED: "evidence does not show what it claims",
    ExitCode.IN_PART: "done in part",
}
_ENVIRONMENT = {
    "MLA_GATEWAY_HOME": "The home folder, where --home is not given.",
    "MLA_GATEWAY_TOKEN_FILE": "File of your token, where --token-file is not given.",
    "NO_COLOR": "If set, nothing is coloured.",
}


def pages(program: str, root: LazyGroup) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page, the program's own first.

    Args:
        program: Its name.
        root: All commands.
    """
    yield page_name((program,)), page((program,), root, Branch("", "", root.table))
    for words, command, entry in walk(root, (program,)):
        yield page_name(words), page(words, command, entry)


def walk(
    group: LazyGroup, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command, Leaf | Branch]]:
    """Yield every command below a group, with all its words."""
    for name, entry in group.table.items():
        command = entry.load(name)
        yield (*words, name), command, entry
        if isinstance(command, LazyGroup):
            yield from walk(command, (*words, name))


def page_name(words: Sequence[str]) -> str:
    """Return the file name of a command's page."""
    return f"{'-'.join(words)}.{_SECTION}"


def page(words: Sequence[str], command: click.Command, entry: Leaf | Branch) -> str:
    """Return a page as text of the `man` macros."""
    return "\n".join(_lines(words, command, entry)) + "\n"


def _lines(
    words: Sequence[str], command: click.Command, entry: Leaf | Branch
) -> Iterator[str]:
    title = "-".join(words)
    summary = (entry.summary or command.help or "").rstrip(".")
    yield f'.TH "{_plain(title.upper())}" "{_SECTION}" "" "" "MLA gateway"'
    yield ".SH NAME"
    yield f"{_plain(title)} \\- {_plain(summary)}"
    yield ".SH SYNOPSIS"
    yield f"\\fB{_plain(' '.join(words))}\\fR {_plain(_synopsis(command))}".rstrip()
    if example := _example(command):
        yield from (".SH EXAMPLE", ".nf", _plain(example), ".fi")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(command.help or summary)
    yield ".SH OPTIONS"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from _option(parameter)
    if isinstance(command, LazyGroup):
        below = {f"\\fB{_plain(n)}\\fR": e.summary for n, e in command.table.items()}
        yield from _list("COMMANDS", below)
    exits = {str(code.value): meaning for code, meaning in _EXITS.items()}
    yield from _list("EXIT STATUS", exits)
    yield from _list("ENVIRONMENT", _ENVIRONMENT)
    yield from _see_also(words, command)


def _list(title: str, items: Mapping[str, str]) -> Iterator[str]:
    """Yield a section of terms, each with what it means."""
    yield f".SH {title}"
    for term, meaning in items.items():
        yield from (".TP", term, _plain(meaning))


def _synopsis(command: click.Command) -> str:
    """Return what follows the command's words, as its usage line has it."""
    context = click.Context(command)
    return " ".join(command.collect_usage_pieces(context))


def _example(command: click.Command) -> str:
    if isinstance(command, (GatewayCommand, LazyGroup)):
        return command.example
    return ""


def _paragraphs(text: str) -> Iterator[str]:
    """Yield a help text, its paragraphs apart; one that is set as it is stays so."""
    for number, block in enumerate(inspect.cleandoc(text).split("\n\n")):
        if number:
            yield ".PP"
        is_set = block.startswith("\b")
        lines = block.lstrip("\b").strip("\n").split("\n")
        if is_set:
            yield ".nf"
        yield from map(_plain, lines)
        if is_set:
            yield ".fi"


def _option(option: click.Option) -> Iterator[str]:
    """Yield an option as its `--help` names it."""
    record = option.get_help_record(click.Context(click.Command("none")))
    if record is None:
        return
    names, help_text = record
    yield ".TP"
    yield f"\\fB{_plain(names)}\\fR"
    yield _plain(help_text or "")


def _see_also(words: Sequence[str], command: click.Command) -> Iterator[str]:
    parent = ["-".join(words[:-1])] if len(words) > 1 else []
    below = (
        [f"{'-'.join(words)}-{name}" for name in command.table]
        if isinstance(command, LazyGroup)
        else []
    )
    if parent or below:
        yield ".SH SEE ALSO"
        yield ", ".join(
            f"\\fB{_plain(name)}\\fR({_SECTION})" for name in parent + below
        )


def _plain(text: str) -> str:
    """Return text that stands in a page as it is, on one line."""
    escaped = " ".join(text.split("\n")).replace("\\", "\\e").replace("-", "\\-")
    # A dot or an apostrophe at the start of a line would be a command.
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
