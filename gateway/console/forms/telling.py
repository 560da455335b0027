"""Putting problems beside the fields that they are about, and in a list above them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.console.forms.nodes import Node, below
from gateway.console.forms.places import kind_at, value_at
from gateway.console.forms.posting import is_blank
from gateway.core.canonical import JsonObject
from gateway.core.errors import FormProblem
from gateway.mla.fields import Block, Either, Kind
from gateway.mla.problems import parent
from gateway.mla.wording import Language, expected

# How sentences about a single field begin, and what a form says instead.
_OF_SHAPE: Final[Mapping[str, tuple[str, str]]] = {
    "missing, expected ": ("Fill this in", "À remplir"),
    "empty, expected ": ("Fill this in", "À remplir"),
    "not of the form, expected ": ("Write it like this", "Forme attendue"),
    "no such code, expected ": ("Choose", "Choisir"),
}


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
    words = _words(problem, block, language)
    if not home:
        return Told("", "", words, problem)
    head = order[home][1].head
    label = f"{head.label} {head.number}" if head.number else head.label
    return Told(head.anchor, label, words, problem)


def _words(problem: FormProblem, block: Block, language: Language) -> str:
    """Return what is wrong; in the language of the page where the form is at fault."""
    sentence = problem.sentence.partition(": ")[2] or problem.sentence
    is_french = language is Language.FRENCH
    for found, (english, french) in _OF_SHAPE.items():
        if not sentence.startswith(found):
            continue
        if not is_french:
            return f"{english}: {sentence.removeprefix(found)}"
        kind = kind_at(block, problem.pointer)
        if kind is not None:
            return f"{french} : {expected(_simple(kind), language)}"
    return sentence[:1].upper() + sentence[1:]


def _simple(kind: Kind) -> Kind:
    return kind.text if isinstance(kind, Either) else kind
