"""What is wrong with a form or a file, as people and scripts are told it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from gateway.cli.exits import ExitCode
from gateway.cli.inert import inert
from gateway.cli.invocation import Invocation
from gateway.cli.output import print_json, print_line, say

if TYPE_CHECKING:
    from gateway.config.reading import Problem
    from gateway.core.errors import FormProblem


def problem_line(problem: "FormProblem", *, is_accepted: bool = False) -> str:
    """Return one problem as a line for people.

    Args:
        problem: What is wrong.
        is_accepted: Whether the message was taken all the same.
    """
    pointer = problem.pointer or "/"
    # A sentence begins with the field's name, which the pointer has just said.
    told = problem.sentence.removeprefix(f"{pointer.rpartition('/')[2]}: ")
    basis = f", {inert(problem.article)}" if problem.article else ""
    line = f"  {inert(pointer)}: {inert(told)} [{inert(problem.code)}{basis}]"
    if is_accepted:
        return line.strip()
    if problem.is_overridable:
        return f"{line} (--override REASON)"
    return line if problem.blocking else f"{line} (advice)"


def say_problems(problems: Iterable["FormProblem"]) -> None:
    """Tell people every problem, one a line."""
    for problem in problems:
        say(problem_line(problem))


def print_problems(problems: Iterable["FormProblem"], **further: object) -> None:
    """Print problems as one JSON document, with further fields of it."""
    from gateway.admin.problems import field_problem

    listed = [field_problem(problem) for problem in problems]
    print_json({"problems": listed, **further})


def tell_file_problems(invocation: Invocation, problems: "Sequence[Problem]") -> None:
    """Print what is wrong with a file; exit with a failure if anything is."""
    if invocation.as_json:
        found = [{"place": one.place, "text": one.text} for one in problems]
        print_json({"problems": found})
    else:
        for problem in problems:
            print_line(str(problem))
        if not problems:
            say("no problem found")
    if problems:
        click.get_current_context().exit(ExitCode.FAILED)
