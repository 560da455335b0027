"""Rules between the fields of a message, beyond what one field can say.

A rule is its words, the code it gives, and a function that yields the pointers at
fault. Rules meet documents of any shape and raise nothing: `select` skips whatever
is not there, and the shape itself is judged elsewhere. Rules that rest on law this
project checked, and rules of form, block; the others advise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.necessity import is_stated
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
from gateway.mla.spellings import LOCAL_MOMENT


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

_FOR_ANYBODY = frozenset({"TLP:CLEAR", "TLP:GREEN"})
_NEED_TO_KNOW = frozenset(
    {"SEALED", "COURT_ONLY", "EYES_ONLY", "SENSITIVE_PD", "MINOR", "SOURCE_PROTECTED"}
)

_PERIODS = {
    "measures": (("/payload/measures/*/period", "from", "to"),),
    "offences": (("/payload/offences/*", "from", "to"),),
    "period": (("/payload/period", "from", "to"),),
    "special": (("/payload/special/period", "from", "to"),),
    "hearing": (("/payload/hearing/slots/*", "start", "end"),),
    "slot": (("/payload/slot", "start", "end"),),
    "proposed": (("/payload/proposed", "start", "end"),),
    "transfer": (
        ("/payload/transfer", "present_from", "present_to"),
        ("/payload/transfer", "present_to", "latest_return"),
    ),
    "conviction": (
        ("/payload/conviction", "decision_date", "final_date"),
        ("/payload/conviction/offences/*", "start", "end"),
    ),
    "convictions": (
        ("/payload/convictions/*", "decision_date", "final_date"),
        ("/payload/convictions/*/offences/*", "start", "end"),
    ),
}
"""By field of the payload, where periods stand in it, and under which names their
beginning and end."""


def _tlp(document: JsonObject) -> Iterator[str]:
    markings = values_at(document, "/handling/*")
    if sum(str(marking).startswith("TLP:") for marking in markings) != 1:
        yield "/handling"


def _minor(document: JsonObject) -> Iterator[str]:
    flags = texts_at(document, "/payload/persons/*/flags/*")
    flags |= texts_at(document, "/payload/person/flags/*")
    if "MINOR" in flags and "MINOR" not in texts_at(document, "/handling/*"):
        yield "/handling"


def _child(document: JsonObject) -> Iterator[str]:
    categories = texts_at(document, "/personal_data/*/category")
    if "CHILD" in categories and "MINOR" not in texts_at(document, "/handling/*"):
        yield "/handling"


def _wide(document: JsonObject) -> Iterator[str]:
    markings = texts_at(document, "/handling/*")
    if markings & _FOR_ANYBODY and markings & _NEED_TO_KNOW:
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


def _bare_necessity(document: JsonObject) -> Iterator[str]:
    for name in ("necessity", "proportionality"):
        for pointer, value in select(document, f"/payload/necessity/{name}/*"):
            if not is_stated(text_at(value, "text") or ""):
                yield child(pointer, "text")


def _backward_periods(document: JsonObject) -> Iterator[str]:
    payload = document.get("payload")
    for name in payload if isinstance(payload, dict) else ():
        for path, first, last in _PERIODS.get(name, ()):
            for pointer, value in select(document, path):
                start, end = text_at(value, first), text_at(value, last)
                if start and end and _is_before(end, start):
                    yield child(pointer, last)


def _is_before(one: str, other: str) -> bool:
    """Tell whether a date or moment is before another; not if that cannot be told."""
    if LOCAL_MOMENT.matches(one) and LOCAL_MOMENT.matches(other):
        return datetime.fromisoformat(one) < datetime.fromisoformat(other)
    # Dates of one precision sort as text; of two, only the common part tells.
    return one[: len(other)] < other[: len(one)]


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
CHILD_MARKED = Rule(
    "advised to hold MINOR, because data of a child are carried",
    ProblemCode.SCHEMA,
    _child,
    blocking=False,
)
NARROW_TLP = Rule(
    "advised to hold a narrower TLP marking, because another marking is for those who "
    "need to know",
    ProblemCode.SCHEMA,
    _wide,
    blocking=False,
)
EXTRA_JUSTIFICATION = Rule(
    "missing, advised for this category of personal data",
    ProblemCode.SCHEMA,
    _extra_justification,
    blocking=False,
)
NECESSITY_STATED = Rule(
    "one word, expected a statement that can be judged",
    ProblemCode.SCHEMA,
    _bare_necessity,
)
PERIODS_RUN_FORWARD = Rule(
    "before the beginning, expected not to be", ProblemCode.SCHEMA, _backward_periods
)

EVERY_MESSAGE = (
    ONE_TLP,
    MINOR_MARKED,
    CHILD_MARKED,
    NARROW_TLP,
    EXTRA_JUSTIFICATION,
    NECESSITY_STATED,
    PERIODS_RUN_FORWARD,
)
"""What holds for every type of message."""
