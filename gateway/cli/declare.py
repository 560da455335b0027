"""How a command is declared: its example, the options all have, loading when needed."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeAlias

import click

from gateway.cli.invocation import Invocation

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_P = ParamSpec("_P")


class GatewayCommand(click.Command):
    """A command whose help begins with an example."""

    example: str = ""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, then the usual help."""
        write_example(self.example, formatter)
        super().format_help(ctx, formatter)


def write_example(example: str, formatter: click.HelpFormatter) -> None:
    """Write an example at the top of a help text, unwrapped, to be copied."""
    formatter.write(f"Example: {example}\n\n")


def command(
    name: str,
    *,
    example: str,
) -> Callable[[Callable[_P, None]], GatewayCommand]:
    """Declare a function as a command; its docstring is the help.

    Args:
        name: Last word of the command.
        example: One whole command line that makes sense.
    """

    def declare(function: Callable[_P, None]) -> GatewayCommand:
        made = click.command(name, cls=GatewayCommand)(function)
        made.example = example
        made.params.extend(global_options(use_environment=False))
        return made

    return declare


@dataclass(frozen=True, slots=True)
class Leaf:
    """A command that is not loaded yet.

    Attributes:
        place: Module under `gateway.cli.commands` and name in it, with a colon.
        summary: First sentence of its help, for lists.
    """

    place: str
    summary: str

    def load(self, _name: str) -> click.Command:
        """Return the command."""
        module, _, attribute = self.place.partition(":")
        loaded = getattr(
            importlib.import_module(f"gateway.cli.commands.{module}"),
            attribute,
        )
        if not isinstance(loaded, click.Command):
            raise TypeError(f"internal: {self.place} is no command")
        return loaded


@dataclass(frozen=True, slots=True)
class Branch:
    """Commands under a common word.

    Attributes:
        default: The command that is meant where none is named; empty for none.
    """

    summary: str
    example: str
    commands: Mapping[str, "Leaf | Branch"]
    default: str = ""

    def load(self, name: str) -> click.Command:
        """Return the group."""
        return LazyGroup(name, self)


Table: TypeAlias = Mapping[str, Leaf | Branch]


class LazyGroup(click.Group):
    """A group that loads a command when it is called, not when it is listed."""

    def __init__(self, name: str, branch: Branch) -> None:
        super().__init__(
            name,
            help=branch.summary,
            params=global_options(use_environment=not name),
        )
        self._branch = branch

    @property
    def table(self) -> Table:
        """What is in it."""
        return self._branch.commands

    @property
    def example(self) -> str:
        """One whole command line that makes sense."""
        return self._branch.example

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words, with the default command put in where none is named."""
        default = self._branch.default
        if default and not self._names_command(args):
            args = [default, *args]
        return super().parse_args(ctx, args)

    def _names_command(self, args: list[str]) -> bool:
        """Tell whether a command, or help, is asked for by name."""
        words = iter(args)
        for word in words:
            if word in {"--home", "--token-file"}:
                next(words, None)
            elif word != "--json":
                return word in self.table or word == "--help"
        return True

    def shell_complete(  # type: ignore[explicit-any] # of a class of click
        self, ctx: click.Context, incomplete: str
    ) -> list["CompletionItem"]:
        """Return what a word may become; no command is loaded for it."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=entry.summary)
            for name, entry in self.table.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, which is that of use."""
        return list(self.table)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return a command, loading its module."""
        entry = self.table.get(name)
        return None if entry is None else entry.load(name)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, then the usual help."""
        write_example(self._branch.example, formatter)
        super().format_help(ctx, formatter)

    def format_commands(
        self,
        _ctx: click.Context,
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, entry.summary) for name, entry in self.table.items()],
            )


def global_options(*, use_environment: bool) -> list[click.Parameter]:
    """Return the options that stand before or after the command's own words.

    Args:
        use_environment: Only for the outermost group: a variable must not override
            what was said before the command's name.
    """
    return [
        click.Option(
            ["--home"],
            type=click.Path(path_type=Path),
            envvar="MLA_GATEWAY_HOME" if use_environment else None,
            expose_value=False,
            callback=_take_home,
            help="Home folder of the node; else MLA_GATEWAY_HOME.",
        ),
        click.Option(
            ["--token-file"],
            type=click.Path(path_type=Path),
            envvar="MLA_GATEWAY_TOKEN_FILE" if use_environment else None,
            expose_value=False,
            callback=_take_token_file,
            help="Your token; else MLA_GATEWAY_TOKEN_FILE, else "
            "HOME/operators/admin.token.",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_take_json,
            help="Print one JSON document.",
        ),
    ]


def _take_home(ctx: click.Context, _option: click.Parameter, value: object) -> None:
    if isinstance(value, Path):
        ctx.ensure_object(Invocation).home_option = value


def _take_token_file(
    ctx: click.Context,
    _option: click.Parameter,
    value: object,
) -> None:
    if isinstance(value, Path):
        ctx.ensure_object(Invocation).token_option = value


def _take_json(ctx: click.Context, _option: click.Parameter, value: object) -> None:
    invocation = ctx.ensure_object(Invocation)
    invocation.as_json = invocation.as_json or value is True
