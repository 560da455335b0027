"""What a message says of each measure: the words that the rows of the tables wait for.

Messages say it in fields of many names; the tables compare single words. Nothing here
judges, and nothing is raised, whatever a message holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.core.canonical import JsonValue
from gateway.mla.cases.assistance import REQUESTS
from gateway.mla.cases.messages import Message
from gateway.mla.cases.standing import TERMINAL_RESULTS, Condition, Measure, Standing
from gateway.mla.cases.states import CLOSABLE, OVER, State
from gateway.mla.problems import select, text_at, values_at

_ASSET_REPORTS_TO_COME: Final = frozenset({"FROZEN", "PARTIAL"})
_DECLINED: Final = frozenset({"REFUSED", "NOT_NEEDED"})

_NAMED_AT: Final = (
    "payload/measure_id",
    "payload/measure_ids/*",
    "payload/measures/*",
    "payload/measures/*/measure_id",
    "payload/items/*/measure_id",
    "payload/manifest/*/measure_id",
)
_ALL: Final = "ALL"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says.

    Attributes:
        words: What it says of each measure that it is about.
        needs_all: Whether it must be allowed for each of them; else one is enough.
        unknown: Places where it names something that the case does not have.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    needs_all: bool = False
    unknown: tuple[str, ...] = ()


def read(message: Message, standing: Standing) -> Reading:
    """Return what a message says of the measures of its case."""
    if not standing.measures:
        return Reading()
    reader = _READERS.get(message.type)
    if reader is not None:
        return reader(message, standing)
    demand = BY_DEMAND.get(message.type)
    word = "result" if message.type in _RESULTS else ""
    if standing.is_last_duty:
        word = "the last duty is done"
    return _about(message, standing, demand, word)


def is_final(message: Message) -> bool:
    """Tell whether a response says that it is the last."""
    return message.type == "RSP" and values_at(message.entry, "payload/final") == [True]


def error_word(message: Message) -> str:
    """Return what an error says of the message it answers."""
    # A gap is reported and can close; what came after it is not turned away.
    is_gap = text_at(message.entry, "payload/code") == "E_CHAIN"
    return "" if is_gap else "not processable"


# --- which measures a message is about ---


def _about(
    message: Message, standing: Standing, demand: str | None, word: str
) -> Reading:
    named = [
        found
        for path in _NAMED_AT
        for found in select(message.entry, path)
        if isinstance(found.value, str) and found.value != _ALL
    ]
    if named:
        words, unknown = {}, []
        for found in named:
            measure = _measure(standing, found.value)
            if measure is None:
                unknown.append(found.pointer)
            else:
                words[measure.id] = word
        return Reading(words, needs_all=True, unknown=tuple(unknown))
    wanted = [one for one in standing.measures.values() if one.demand == demand]
    return Reading({one.id: word for one in wanted or standing.measures.values()})


def _measure(standing: Standing, name: object) -> Measure | None:
    """Return a measure by its id; the only one of a request without ids has any."""
    if not isinstance(name, str):
        return None
    return standing.measures.get(name) or standing.measures.get("")


def _word_each(
    message: Message,
    standing: Standing,
    path: str,
    word: Callable[[Measure, JsonValue], str],
) -> Reading:
    """Read a list of blocks each of which names a measure."""
    words: dict[str, str] = {}
    unknown = []
    for pointer, block in select(message.entry, path):
        name = text_at(block, "measure_id")
        if name is None:
            continue
        measure = _measure(standing, name)
        if measure is None:
            unknown.append(f"{pointer}/measure_id")
        else:
            words[measure.id] = word(measure, block)
    return Reading(words, needs_all=True, unknown=tuple(unknown))


# --- types with words of their own ---


def _decision(message: Message, standing: Standing) -> Reading:
    return _word_each(
        message,
        standing,
        "payload/decisions/*",
        lambda _measure, block: text_at(block, "outcome") or "",
    )


def _status(message: Message, standing: Standing) -> Reading:
    reading = _word_each(
        message, standing, "payload/measures/*", lambda _measure, _block: "started"
    )
    if reading.words or reading.unknown:
        return reading
    return Reading(dict.fromkeys(standing.measures, ""))


def _response(message: Message, standing: Standing) -> Reading:
    final = is_final(message)

    def word(measure: Measure, block: JsonValue) -> str:
        result = text_at(block, "result") or ""
        is_off = measure.state in {State.REFUSED, State.WITHDRAWN}
        if is_off and result in _DECLINED:
            return "declined"
        if result not in TERMINAL_RESULTS:
            return "pending"
        return "final result" if final else "result"

    reading = _word_each(message, standing, "payload/results/*", word)
    if not final:
        return reading
    words = dict(reading.words)
    for measure in standing.measures.values():
        if measure.id in words or measure.state in {*CLOSABLE, *OVER, State.ANSWERED}:
            continue
        is_done = measure.result in TERMINAL_RESULTS
        words[measure.id] = "final result" if is_done else "no result"
    # A last answer that leaves one pending is none.
    words = {k: "no result" if v == "pending" else v for k, v in words.items()}
    return Reading(words, needs_all=True, unknown=reading.unknown)


def _question(message: Message, standing: Standing) -> Reading:
    blocks = values_at(message.entry, "payload/items/*")
    if not blocks or any(text_at(one, "measure_id") is None for one in blocks):
        return Reading(dict.fromkeys(standing.measures, ""))
    return _about(message, standing, None, "")


def _answer(message: Message, standing: Standing) -> Reading:
    """Read the answer to a question or consultation: of what that interrupts."""
    given = set(values_at(message.entry, "payload/answers/*/item"))
    words = {}
    for measure in standing.measures.values():
        for pause in measure.pauses:
            if pause.by == message.answers:
                is_all = message.type != "CLR_RSP" or pause.waits_for <= given
                words[measure.id] = "all answered" if is_all else "some answered"
    return Reading(words)


def _supplement(message: Message, standing: Standing) -> Reading:
    answering = _answer(message, standing)
    return answering if answering.words else _about(message, standing, None, "")


def _conditions(message: Message, standing: Standing) -> Reading:
    open_ = [
        one
        for one in standing.measures.values()
        if one.base is State.CONDITIONS_OPEN
        and (one.decided_by == message.answers or not message.answers)
    ]
    answers, unknown = answers_to_conditions(message, standing)
    return Reading({one.id: answers for one in open_}, unknown=unknown)


def answers_to_conditions(
    message: Message, standing: Standing
) -> tuple[str, tuple[str, ...]]:
    """Return what is said of conditions together, and places that name no condition."""
    set_: dict[str, Condition] = {
        one.id: one
        for one in standing.conditions.values()
        if one.set_by == message.answers
    }
    said = {one.id: one.answer for one in set_.values()}
    unknown = []
    for pointer, block in select(message.entry, "payload/answers/*"):
        name, answer = text_at(block, "id") or "", text_at(block, "answer") or ""
        if set_ and name not in set_:
            unknown.append(f"{pointer}/id")
        said[name] = answer
    answers = set(said.values())
    for word in ("REJECT", "COUNTER"):
        if word in answers:
            return word, tuple(unknown)
    return ("ACCEPT" if answers == {"ACCEPT"} else "some accepted"), tuple(unknown)


def _checked(message: Message, standing: Standing) -> Reading:
    """Read a receipt of evidence."""
    by_result: dict[str, set[str]] = {"ACCEPTED": set(), "REJECTED": set()}
    for block in values_at(message.entry, "payload/items/*"):
        result = text_at(block, "result") or ""
        by_result.setdefault(result, set()).add(text_at(block, "item_id") or "")
    answered = standing.messages.get(message.answers)
    of_final = answered is not None and is_final(answered)
    words = {}
    for measure in standing.measures.values():
        mine = measure.items | measure.accepted
        if mine & by_result["REJECTED"]:
            words[measure.id] = "rejected"
        elif not (of_final or mine & by_result["ACCEPTED"]):
            words[measure.id] = "other items"
        elif measure.is_final and not measure.items - by_result["ACCEPTED"]:
            words[measure.id] = "all accepted, and answered for good"
        else:
            words[measure.id] = "some accepted"
    return Reading(words)


def _receipt(message: Message, standing: Standing) -> Reading:
    answered = standing.messages.get(message.answers)
    if answered is not None and answered.type in REQUESTS:
        return Reading(
            {
                one.id: ""
                for one in standing.measures.values()
                if one.request == answered.id
            }
            or dict.fromkeys(standing.measures, "")
        )
    is_last = answered is not None and is_final(answered)
    return Reading(
        {
            one.id: "no item is left to verify" if is_last and not one.items else ""
            for one in standing.measures.values()
        }
    )


def _error(message: Message, standing: Standing) -> Reading:
    word = error_word(message)
    return Reading(
        {
            one.id: word if one.request == message.answers else ""
            for one in standing.measures.values()
        }
    )


def _withdrawal(message: Message, standing: Standing) -> Reading:
    reading = _about(message, standing, None, "some")
    if text_at(message.entry, "payload/scope") == _ALL or not reading.needs_all:
        return Reading(dict.fromkeys(standing.measures, _ALL))
    return reading


def _closure(message: Message, standing: Standing) -> Reading:
    named = _word_each(
        message, standing, "payload/outcomes/*", lambda _measure, _block: ""
    )
    every = dict.fromkeys(standing.measures, "")
    return Reading(every, needs_all=True, unknown=named.unknown)


def _asset_report(message: Message, standing: Standing) -> Reading:
    said: dict[str, str] = {}
    for block in values_at(message.entry, "payload/assets/*"):
        said[text_at(block, "asset_id") or ""] = text_at(block, "status") or ""
    named = _measure(standing, text_at(message.entry, "payload/measure_id"))
    concerned = (
        [named]
        if named is not None
        else [one for one in standing.measures.values() if one.assets & said.keys()]
        or [one for one in standing.measures.values() if one.demand == "asset"]
    )
    told = values_at(message.entry, "payload/final")
    words = {}
    for measure in concerned or standing.measures.values():
        mine = {said[one] for one in measure.assets & said.keys()} or set(said.values())
        is_last = told == [True] if told else not mine & _ASSET_REPORTS_TO_COME
        words[measure.id] = "final asset report" if is_last else "not final"
    return Reading(words)


def _evidence(message: Message, standing: Standing) -> Reading:
    reading = _about(message, standing, None, "result")
    known = {k: v for k, v in reading.words.items() if k in standing.measures}
    return Reading(known or dict.fromkeys(standing.measures, "result"))


BY_DEMAND: Final = {
    "HRG_ARR": "hearing",
    "HRG_CNF": "hearing",
    "HRG_REC": "hearing",
    "SVC_RSP": "service",
    "TTP_ARR": "transfer",
    "TTP_STS": "transfer",
    "PAR_RSP": "arrest",
}
"""Types about the measures of one kind only."""

_RESULTS: Final = frozenset({"SVC_RSP", "PAR_RSP", "HRG_REC"})

_READERS: Final[Mapping[str, Callable[[Message, Standing], Reading]]] = {
    "ACK": _receipt,
    "AMD": _supplement,
    "AST_RPT": _asset_report,
    "CLR_REQ": _question,
    "CLR_RSP": _answer,
    "CLS": _closure,
    "CND_RSP": _conditions,
    "CNS_RSP": _answer,
    "DEC": _decision,
    "ERR": _error,
    "EVD": _evidence,
    "EVD_ACK": _checked,
    "RSP": _response,
    "STS": _status,
    "WDR": _withdrawal,
}
