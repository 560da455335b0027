"""Putting problems beside the fields that they are about, and in a list above them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.console.forms.nodes import Node, below
from gateway.console.forms.places import kind_at, value_at
from gateway.console.forms.posting import is_blank
from gateway.core.canonical import JsonObject
from gateway.core.errors import FormProblem
from gateway.mla.fields import Block, Choice, Code, Either, Flag, Kind, ListOf
from gateway.mla.parties import MTEXT
from gateway.mla.problems import parent
from gateway.mla.wording import Language, expected

_ABSENT: Final = ("missing, expected ", "empty, expected ")
_MISFORMED: Final = "not of the form, expected "
_UNLISTED: Final = "no such code, expected "
_BY_A_RULE: Final = "because "

_FILL_IN: Final = {"en": "Fill this in", "fr": "À remplir"}
_CHOOSE: Final = {"en": "Choose one", "fr": "À choisir"}
_ADD: Final = {"en": "Add at least one", "fr": "En ajouter au moins un"}
_LIKE: Final = {"en": "Expected: ", "fr": "Attendu : "}


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as the page tells it.

    Attributes:
        anchor: Id of the element it is about; empty if it is about none that is shown.
        label: What that field is called; empty if it is about none.
        words: What is wrong, in the language of the page where that is known.
    """

    anchor: str
    label: str
    words: str
    problem: FormProblem


@dataclass(frozen=True, slots=True)
class Findings:
    """All problems of a form.

    Attributes:
        told: In the order of the fields; those about no field that is shown come first.
    """

    told: tuple[Told, ...] = ()

    def at(self, anchor: str) -> tuple[Told, ...]:
        """Return the problems of the field with an anchor."""
        return tuple(one for one in self.told if one.anchor == anchor)

    @property
    def refusing(self) -> tuple[Told, ...]:
        """Those that no reason lifts."""
        return tuple(
            one
            for one in self.told
            if one.problem.blocking and not one.problem.is_overridable
        )

    @property
    def overridable(self) -> tuple[Told, ...]:
        """Those that block unless there is a reason."""
        return tuple(
            one
            for one in self.told
            if one.problem.blocking and one.problem.is_overridable
        )

    @property
    def advice(self) -> tuple[Told, ...]:
        """Those that forbid nothing."""
        return tuple(one for one in self.told if not one.problem.blocking)

    def starting_with(self, pointer: str) -> int:
        """Return how many problems that block are at or below a place."""
        return sum(
            one.problem.blocking and f"{one.problem.pointer}/".startswith(f"{pointer}/")
            for one in self.told
        )


def about_what_is_written(
    problems: Iterable[FormProblem], draft: JsonObject
) -> tuple[FormProblem, ...]:
    """Return the problems of what stands in a draft, not those of what is missing.

    Who has not come to a field yet need not be told that it is empty.
    """
    return tuple(
        one
        for one in problems
        if not one.pointer or not is_blank(value_at(draft, one.pointer))
    )


def findings(
    problems: Iterable[FormProblem],
    nodes: Sequence[Node],
    block: Block,
    language: Language,
) -> Findings:
    """Return problems with the places in the page where they are told.

    Args:
        problems: As the check of the message found them.
        nodes: All fields of the page.
        block: Declares the message.
        language: Of the page.
    """
    order: dict[str, tuple[int, Node]] = {}
    for node in nodes:
        for inner in below(node):
            order.setdefault(inner.head.pointer, (len(order), inner))
    placed = [(_home(one.pointer, order), one) for one in problems]
    placed.sort(key=lambda pair: order[pair[0]][0] if pair[0] else -1)
    return Findings(
        tuple(_told(home, one, order, block, language) for home, one in placed)
    )


def _home(pointer: str, order: Mapping[str, tuple[int, Node]]) -> str:
    """Return the place of the nearest field that is shown; empty if there is none."""
    while pointer and pointer not in order:
        pointer = parent(pointer)
    return pointer


def _told(
    home: str,
    problem: FormProblem,
    order: Mapping[str, tuple[int, Node]],
    block: Block,
    language: Language,
) -> Told:
    if not home:  # of a field that the page does not show: it needs its name
        return Told("", "", problem.sentence, problem)
    words = _words(problem, block, language)
    head = order[home][1].head
    label = f"{head.label} {head.number}" if head.number else head.label
    return Told(head.anchor, label, words, problem)


def _words(problem: FormProblem, block: Block, language: Language) -> str:
    """Return what is wrong, in the words of a form where it is a field's own shape."""
    sentence = problem.sentence.partition(": ")[2] or problem.sentence
    kind = kind_at(block, problem.pointer)
    for found in _ABSENT:
        # What a rule asks for is told with its reason.
        wanted = sentence.removeprefix(found)
        if wanted != sentence:
            call = _call(kind, language)
            return f"{call}: {wanted}" if wanted.startswith(_BY_A_RULE) else call
    if sentence.startswith(_UNLISTED):
        return _CHOOSE[language]
    if sentence.startswith(_MISFORMED) and kind is not None:
        return _LIKE[language] + expected(_simple(kind), language)
    return sentence[:1].upper() + sentence[1:]


def _call(kind: Kind | None, language: Language) -> str:
    """Return what to do with a field that is empty."""
    match kind:
        case Code() | Choice() | Flag():
            return _CHOOSE[language]
        case ListOf() if kind is not MTEXT:
            return _ADD[language]
        case _:
            return _FILL_IN[language]


def _simple(kind: Kind) -> Kind:
    return kind.text if isinstance(kind, Either) else kind
