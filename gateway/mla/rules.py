"""Rules between the fields of a message, beyond what one field can say.

A rule is its words, the code it gives, and a function that yields the pointers at
fault. Rules meet documents of any shape and raise nothing: `select` skips whatever
is not there, and the shape itself is judged elsewhere. Rules that rest on law this
project checked, and rules of form, block; the others advise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    child,
    has,
    last_step,
    select,
    text_at,
    texts_at,
    values_at,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule between fields.

    Attributes:
        words: The rule, as the end of a sentence.
        code: The problem's code where it is broken.
        faults: Yields a pointer for each place at fault.
        blocking: Whether a message that breaks it may not be used.
        article: The provision that asks for it; empty if none.
        is_overridable: Of one that blocks: whether a reason lifts it.
        is_local: Whether it is a rule of this authority about its own messages alone,
            which received ones are not judged by.
    """

    words: str
    code: ProblemCode
    faults: Callable[[JsonObject], Iterator[str]]
    blocking: bool = True
    article: str = ""
    is_overridable: bool = False
    is_local: bool = False

    def problems(self, document: JsonObject) -> Iterator[Problem]:
        """Yield a problem for each place at fault."""
        # Two measures may want the same block; one problem says so.
        for pointer in dict.fromkeys(self.faults(document)):
            sentence = f"{last_step(pointer)}: {self.words}"
            yield Problem(
                pointer,
                self.code,
                sentence,
                self.blocking,
                self.article,
                self.is_overridable,
            )


# --- every type ---


def _tlp(document: JsonObject) -> Iterator[str]:
    markings = values_at(document, "/handling/*")
    if sum(str(marking).startswith("TLP:") for marking in markings) != 1:
        yield "/handling"


def _minor(document: JsonObject) -> Iterator[str]:
    flags = texts_at(document, "/payload/persons/*/flags/*")
    if "MINOR" in flags and "MINOR" not in texts_at(document, "/handling/*"):
        yield "/handling"


def _special_data(document: JsonObject) -> Iterator[str]:
    categories = texts_at(document, "/personal_data/*/category")
    classes = {code_list("PDATA").column(code, "class") for code in categories}
    is_marked = "SENSITIVE_PD" in texts_at(document, "/handling/*")
    reasons = "/payload/necessity/sensitive_data_justification"
    if (is_marked or "S" in classes) and not has(document, reasons):
        yield reasons


def _extra_justification(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/personal_data/*"):
        category = text_at(value, "category") or ""
        needs_more = code_list("PDATA").column(category, "class") in {"S", "X"}
        if needs_more and text_at(value, "justification") is None:
            yield child(pointer, "justification")


def _backward_periods(document: JsonObject) -> Iterator[str]:
    for path in ("/payload/measures/*/period", "/payload/offences/*"):
        for pointer, value in select(document, path):
            start, end = text_at(value, "from"), text_at(value, "to")
            # Dates of one precision sort as text; of two, only the common part tells.
            if start and end and end[: len(start)] < start[: len(end)]:
                yield child(pointer, "to")


ONE_TLP = Rule("expected exactly one TLP marking", ProblemCode.SCHEMA, _tlp)
MINOR_MARKED = Rule(
    "expected the marking MINOR, because a person is flagged as a minor",
    ProblemCode.SCHEMA,
    _minor,
)
SPECIAL_DATA_JUSTIFIED = Rule(
    "missing, expected because special categories of personal data are carried",
    ProblemCode.SCHEMA,
    _special_data,
)
EXTRA_JUSTIFICATION = Rule(
    "missing, advised for this category of personal data",
    ProblemCode.SCHEMA,
    _extra_justification,
    blocking=False,
)
PERIODS_RUN_FORWARD = Rule(
    "before the beginning, expected not to be", ProblemCode.SCHEMA, _backward_periods
)

EVERY_MESSAGE = (
    ONE_TLP,
    MINOR_MARKED,
    EXTRA_JUSTIFICATION,
    PERIODS_RUN_FORWARD,
)
"""What holds for every type of message."""
