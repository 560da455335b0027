"""`completion`: the script that lets a shell complete our commands."""

import click
from click.shell_completion import get_completion_class

from gateway.cli.declare import command
from gateway.core.errors import UsageError

_PROGRAM = "mla-gateway"
_VARIABLE = "_MLA_GATEWAY_COMPLETE"


@command("completion", example='eval "$(mla-gateway completion bash)"')
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Set up completion in a shell.

    Prints a script for the shell to read, best in its start-up file.
    """
    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"shell: {shell}, expected bash, zsh or fish")
    script = found(ctx.find_root().command, {}, _PROGRAM, _VARIABLE)
    click.echo(script.source())
