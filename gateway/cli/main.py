"""`mla-gateway`: the program, and how errors reach people.

An error is one sentence on stderr and an exit code; no traceback reaches a user.
"""

import io
import os
import sys

import click

from gateway.cli.declare import LazyGroup
from gateway.cli.exits import ExitCode, exit_code_of
from gateway.cli.findings import print_problems, problem_line
from gateway.cli.inert import inert, inert_lines
from gateway.cli.invocation import Invocation
from gateway.cli.output import PRINTED, print_json
from gateway.cli.table import COMMANDS
from gateway.core.errors import GatewayError, InvalidFormError, TryLaterError

PROGRAM = "mla-gateway"
DEBUG_VARIABLE = "MLA_GATEWAY_DEBUG"


class CommandLine(LazyGroup):
    """All commands; the last door for errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for.

        Raises:
            Exit: It failed; the sentence is written, and this is the exit code.
        """
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(f"Error: {_sentence(error)}", err=True)
            _print_refusal(ctx, error)
            raise click.exceptions.Exit(exit_code_of(error)) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            raise  # click ends quietly: whoever read has seen enough
        except UnicodeEncodeError as error:
            click.echo("Error: an argument is not Unicode text", err=True)
            raise click.exceptions.Exit(ExitCode.USAGE) from error
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            what = inert(f"{type(error).__name__}: {error}")
            text = f"Error: internal: {what}; set {DEBUG_VARIABLE}=1 to see where"
            click.echo(text, err=True)
            raise click.exceptions.Exit(ExitCode.FAILED) from error


cli = CommandLine("", COMMANDS)


def main() -> None:
    """Run the command line; ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without some character must not cost the rest of the text.
            stream.reconfigure(errors="backslashreplace")
    cli.main(prog_name=PROGRAM)


def _print_refusal(ctx: click.Context, error: GatewayError) -> None:
    """Print a refusal with its code for scripts, if JSON is what they asked for.

    What came before it, whole or line by line, stays what it is.
    """
    invocation = ctx.find_object(Invocation)
    if invocation is None or not invocation.as_json or PRINTED in ctx.meta:
        return
    told = {"code": error.code, "detail": str(error)}
    if isinstance(error, InvalidFormError):
        print_problems(error.problems, **told)
    else:
        print_json(told)


def _sentence(error: GatewayError) -> str:
    """Return what a person is told."""
    text = inert_lines(str(error))
    if isinstance(error, TryLaterError):
        return f"{text}; try again in {error.retry_after_s} s"
    if isinstance(error, InvalidFormError):
        return "\n".join([text, *map(problem_line, error.problems)])
    return text
