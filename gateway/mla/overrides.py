"""Sending a message against rules that may be overridden: the reason is logged."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.errors import InvalidFormError
from gateway.core.limits import MAX_FORM_PROBLEMS
from gateway.mla.problems import Problem

_MAX_POINTER_CHARS = 200


def act_against(problems: Sequence[Problem], reason: str, act: Act) -> Act:
    """Return the act of sending a message, with what it overrides, if anything.

    Args:
        problems: All that was found of the message; nothing that refuses it.
        reason: Why it is sent nevertheless, in the words of who sends it; or empty.
        act: Who sends it.

    Raises:
        InvalidFormError: Something blocks, and there is no reason to override it.
    """
    overridden = [problem for problem in problems if problem.blocking]
    if not overridden:
        return act
    if not reason:
        count = len(overridden)
        raise InvalidFormError(
            f"form: {count} rule{'s' * (count > 1)} broken that may be overridden; "
            "add what is missing, or give an override reason",
            problems=problems,
        )
    return replace(act, override=override_text(reason, overridden))


def override_text(reason: str, overridden: Sequence[Problem]) -> str:
    """Return the reason and the rules it was given against, as JSON text.

    Args:
        reason: In the words of who sends the message.
        overridden: The overridable problems; none of them is told twice.
    """
    rules = dict.fromkeys(map(_rule, overridden[:MAX_FORM_PROBLEMS]))
    return canonical.encode({"reason": reason, "rules": list(rules)}).decode()


def _rule(problem: Problem) -> str:
    """Return code, provision and place in one line; the place holds no value."""
    named = (problem.code.value, problem.article, problem.pointer[:_MAX_POINTER_CHARS])
    return " ".join(part for part in named if part)
