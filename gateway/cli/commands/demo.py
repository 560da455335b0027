"""`demo`: two authorities on this machine exchange the sample cases."""

import sys

import click

from gateway.cli.declare import command


@command("demo", example="mla-gateway demo --exit")
@click.option("--exit", "exit_when_done", is_flag=True, help="End when it is done.")
def demo(*, exit_when_done: bool) -> None:
    """Two authorities on this machine exchange a case.

    In a temporary folder, with real keys, logs and connections; then everything is
    proven offline. Stays up to look around, unless --exit is given or there is no
    terminal.
    """
    from gateway.demo import main

    code = main(exit_when_done=exit_when_done or not sys.stdout.isatty())
    click.get_current_context().exit(code)
