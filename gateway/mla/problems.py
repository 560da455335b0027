"""What can be wrong with a form, and where: problems and JSON pointers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from gateway.core.canonical import JsonValue
from gateway.core.limits import MAX_FORM_PROBLEMS


class ProblemCode(StrEnum):
    """The functional error codes of list ERR that the check of a form can give."""

    SCHEMA = "E_SCHEMA"  # a field is missing, unknown or of the wrong shape
    CODE = "E_CODE"  # a value outside its code list
    REF = "E_REF"  # it points at something that is not there
    ROLE = "E_ROLE"  # the sender's role may not send this type
    STATE = "E_STATE"  # not at this point of the case
    BASIS = "E_BASIS"  # the legal basis does not allow it
    HASH = "E_HASH"  # an item is described otherwise than its file was measured
    CHAIN = "E_CHAIN"  # a gap in the chain of custody
    PURPOSE = "E_PURPOSE"  # received data were not given for this
    SIG = "E_SIG"  # a person's signature on a file does not hold
    LANG = "E_LANG"  # a language that is not accepted, and no translation
    SIZE = "E_SIZE"  # larger than the other side takes
    ADDR = "E_ADDR"  # the addressee is not competent for this


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message document.

    Attributes:
        pointer: Where, as a JSON pointer (RFC 6901); of the missing field if missing.
        code: A code of list ERR, for machines.
        sentence: For people; never quotes a value, which may be confidential.
        blocking: True if the message must not be sent or processed; otherwise advice.
        article: The provision that asks for it, like "UNTOC 18(15)(c)"; empty if none.
        is_overridable: Of one that blocks: whether its author may send the message all
            the same, with a reason that is logged. A receiver takes it as advice.
    """

    pointer: str
    code: ProblemCode
    sentence: str
    blocking: bool = True
    article: str = ""
    is_overridable: bool = False

    @property
    def refuses(self) -> bool:
        """Whether it forbids using the message whatever reason is given."""
        return self.blocking and not self.is_overridable


def bounded(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first `MAX_FORM_PROBLEMS` of each weight.

    The weights are counted apart, so that none hides one that weighs more: what
    refuses, what blocks unless there is a reason, and advice.
    """
    kept: list[Problem] = []
    counts: Counter[tuple[bool, bool]] = Counter()
    for problem in problems:
        weight = problem.blocking, problem.refuses
        counts[weight] += 1
        if counts[weight] <= MAX_FORM_PROBLEMS:
            kept.append(problem)
        elif problem.refuses:
            break
    return kept


class Found(NamedTuple):
    """A value and where it stands."""

    pointer: str
    value: JsonValue


def child(pointer: str, step: str | int) -> str:
    """Return the pointer one step below `pointer`, escaped as RFC 6901 asks."""
    if isinstance(step, str) and ("~" in step or "/" in step):
        step = step.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{step}"


def parent(pointer: str) -> str:
    """Return the pointer one step above `pointer`."""
    return pointer.rpartition("/")[0]


def last_step(pointer: str) -> str:
    """Return the name of what `pointer` points at; "form" for the whole document."""
    step = pointer.rpartition("/")[2]
    return step.replace("~1", "/").replace("~0", "~") or "form"


def select(root: JsonValue, path: str) -> list[Found]:
    """Return what stands at `path`, in order; nothing if there is no such place.

    Args:
        root: Any JSON value, however malformed: nothing is raised.
        path: Names separated by "/"; `*` stands for every item of a list. As declared
            names hold no "~", none needs to be escaped in the pointers.
    """
    plain, starred = _steps_to_star(path)
    for step in plain:
        # Most of what rules look for is not there, and then no place needs a name.
        if not isinstance(root, dict) or step not in root:
            return []
        root = root[step]
    level: list[tuple[str, JsonValue]] = [(_joined(plain), root)]
    for step in starred:
        if step == "*":
            level = [
                (f"{pointer}/{index}", item)
                for pointer, value in level
                if isinstance(value, list)
                for index, item in enumerate(value)
            ]
        else:
            level = [
                (f"{pointer}/{step}", value[step])
                for pointer, value in level
                if isinstance(value, dict) and step in value
            ]
        if not level:
            return []
    return [Found(pointer, value) for pointer, value in level]


def values_at(root: JsonValue, path: str) -> list[JsonValue]:
    """Return the values that `select` finds, without the work of naming places."""
    plain, starred = _steps_to_star(path)
    for step in plain:
        if not isinstance(root, dict) or step not in root:
            return []
        root = root[step]
    level = [root]
    for step in starred:
        if step == "*":
            level = [
                item for value in level if isinstance(value, list) for item in value
            ]
        else:
            level = [
                value[step]
                for value in level
                if isinstance(value, dict) and step in value
            ]
        if not level:
            break
    return level


@cache
def _steps_to_star(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the steps before the first `*`, and it with those that follow."""
    steps = _steps(path)
    at = steps.index("*") if "*" in steps else len(steps)
    return steps[:at], steps[at:]


@cache
def _joined(steps: tuple[str, ...]) -> str:
    return "".join(f"/{step}" for step in steps)


# Paths are written in declarations and rules, so there is a fixed number of them.
@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.split("/") if step)


def has(root: JsonValue, path: str) -> bool:
    """Tell whether anything stands at `path`."""
    return bool(values_at(root, path))


def text_at(root: JsonValue, path: str) -> str | None:
    """Return the text at `path`, or None if there is none."""
    values = values_at(root, path)
    return values[0] if values and isinstance(values[0], str) else None


def texts_at(root: JsonValue, path: str) -> frozenset[str]:
    """Return every text at `path`."""
    return frozenset(value for value in values_at(root, path) if isinstance(value, str))
