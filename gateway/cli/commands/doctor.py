"""`doctor`: one line a check, from this machine's files up to a peer's node."""

import os
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode, exit_code_of
from gateway.cli.inert import inert
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json
from gateway.core.errors import (
    ConfigError,
    GatewayError,
    NotAuthenticatedError,
    UnreachableError,
)

if TYPE_CHECKING:
    from gateway.admin.node_shapes import Check, Diagnostics

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@command("doctor", example="mla-gateway doctor moj.fr")
@click.argument("peer", required=False, default="")
@pass_invocation
def doctor(invocation: Invocation, peer: str) -> None:
    """What is well, what is not, and the remedy.

    For a peer: name, route, TLS, whether they have added us, clock, version, stage.
    Exit code 0 if nothing failed, warnings included.
    """
    from gateway.cli.connection import check_home

    check_home(invocation.home)
    result, code = _examine(invocation, peer)
    if invocation.as_json:
        print_json(result)
    else:
        for check in result.checks:
            _print_check(check)
    click.get_current_context().exit(code)


def _examine(invocation: Invocation, peer: str) -> "tuple[Diagnostics, ExitCode]":
    """Return what was found; what stops us from asking the node is a finding."""
    from gateway.admin.node_shapes import Check, Diagnostics
    from gateway.client.calls import diagnostics
    from gateway.config.reading import find_problems

    problems = find_problems(invocation.home, os.environ)
    if problems:
        checks = tuple(
            Check(name="configuration", level="fail", text=problem.text, remedy=where)
            for problem in problems
            for where in (f"mend {problem.place}",)
        )
        return Diagnostics(level="fail", checks=checks), ExitCode.FAILED
    well = Check(name="configuration", level="ok", text="no problem found")
    try:
        answer = invocation.send(diagnostics(peer))
    except (ConfigError, NotAuthenticatedError, UnreachableError) as error:
        found = Diagnostics(level="fail", checks=(well, _finding(error)))
        return found, exit_code_of(error)
    code = ExitCode.FAILED if answer.level == "fail" else ExitCode.DONE
    return Diagnostics(level=answer.level, checks=(well, *answer.checks)), code


def _finding(error: GatewayError) -> "Check":
    from gateway.admin.node_shapes import Check

    text, _, remedy = str(error).partition(": start it")
    return Check(
        name="node",
        level="fail",
        text=text,
        remedy=f"start it{remedy}" if remedy else "",
    )


def _print_check(check: "Check") -> None:
    mark = click.style(f"{check.level:<4}", fg=_COLOURS[check.level])
    if "NO_COLOR" in os.environ:
        mark = click.unstyle(mark)
    click.echo(f"{mark}  {inert(check.name)}: {inert(check.text)}")
    if check.remedy and check.level != "ok":
        click.echo(f"      → {inert(check.remedy)}")
