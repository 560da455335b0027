"""`man`: the manual pages of all commands."""

from pathlib import Path

import click

from gateway.cli.declare import LazyGroup, command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_text, say
from gateway.core.errors import NotFoundError

_PROGRAM = "mla-gateway"


@command("man", example="mla-gateway man --out /usr/local/share/man/man1")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    help="Write the pages of all commands to this folder.",
)
@pass_invocation
def man(invocation: Invocation, words: tuple[str, ...], folder: Path | None) -> None:
    """The manual page of a command, or all of them as files.

    Without --out it prints one page: `mla-gateway man peer add | man -l -`. No file
    is replaced. Needs no running node.
    """
    from gateway.cli.manual import page_name, pages

    root = click.get_current_context().find_root().command
    if not isinstance(root, LazyGroup):
        raise TypeError("internal: the program is no group")
    made = dict(pages(_PROGRAM, root))
    if folder is None:
        text = made.get(page_name((_PROGRAM, *words)))
        if text is None:
            raise NotFoundError(f"command {' '.join(words)}: there is none")
        print_text(text)
        return
    if words:
        raise click.UsageError("name a command or --out, not both")
    _write(folder, made)
    if invocation.as_json:
        print_json({"files": sorted(made)})
    else:
        say(f"{len(made)} pages written to {folder}")
    click.get_current_context().exit(ExitCode.DONE)


def _write(folder: Path, made: dict[str, str]) -> None:
    from gateway.cli.files import result_folder

    with result_folder(folder) as target:
        for name, text in made.items():
            target.write(name, text.encode())
