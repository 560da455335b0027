"""What is wrong with a form, as people and scripts are told it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gateway.cli.inert import inert
from gateway.cli.output import print_json, say

if TYPE_CHECKING:
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
