"""What a case still owes: answers to open questions, and duties about data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.mla.cases.messages import Message
from gateway.mla.cases.model import Side
from gateway.mla.cases.standing import Standing
from gateway.mla.cases.states import State
from gateway.mla.problems import text_at, texts_at, values_at
from gateway.mla.treaty.languages import translations_owed

ANSWERED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "CLR_REQ": ("CLR_RSP", "AMD"),
    "CNS_REQ": ("CNS_RSP",),
    "DEC": ("CND_RSP",),
    "DLX_REQ": ("DLX_RSP",),
    "STS_REQ": ("STS",),
    "CR_RAI": ("CR_RAR",),
    "USE_REQ": ("USE_RSP",),
    "SPI": ("SPI_RSP",),
    "CLS": ("ACK",),
}
"""Messages that await an answer, and what gives it."""

ANSWERS: Final = {
    answer: tuple(asked for asked, given in ANSWERED_BY.items() if answer in given)
    for answer in ("CLR_RSP", "CNS_RSP", "DLX_RSP", "CR_RAR", "USE_RSP", "SPI_RSP")
}
"""Types that only answer, and what they answer."""

_DISCHARGES: Final = frozenset({"RET_CNF", "DPC", "USE_FBK"})
_LAST_OF_DUTIES: Final = _DISCHARGES | {"USE_REQ", "USE_RSP"}
_DUTIES_OF_CONDITIONS: Final = {
    "C06": ("return originals", "RET_CNF"),
    "C09": ("destroy", "RET_CNF"),
    "C10": ("report on use", "USE_FBK"),
}
_DATA_ACTIONS: Final = frozenset({"DELETE", "RETURN"})


@dataclass(frozen=True, slots=True)
class Question:
    """A message that awaits an answer.

    Attributes:
        by: Its id.
        type: Its type.
        owner: The side that has to answer.
        answer: Types of message that answer it.
        reply_by: The day until which an answer was asked for; empty for none.
        measures: Measures it holds up.
    """

    by: str
    type: str
    owner: Side
    answer: tuple[str, ...]
    reply_by: str = ""
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """Something about data that is still to be done.

    Attributes:
        what: What, in words.
        owner: The side that has to.
        by: Id of the message that it comes of.
        done_by: Type of message that tells that it is done.
        due: The day until which; empty for none.
        items: Items it is about; empty for all, or none.
    """

    what: str
    owner: Side
    by: str
    done_by: str
    due: str = ""
    items: tuple[str, ...] = ()


def open_questions(
    standing: Standing, effective: tuple[Message, ...]
) -> list[Question]:
    """Return what awaits an answer, oldest first.

    Args:
        standing: The case.
        effective: Its messages that count, in their order.
    """
    return list(_questions(standing, effective))


def _questions(
    standing: Standing, effective: tuple[Message, ...]
) -> Iterator[Question]:
    answered = {(one.answers, one.type) for one in effective}
    seen_status = _last_of(effective, "STS")
    for position, one in enumerate(effective):
        answers = ANSWERED_BY.get(one.type)
        if answers is None:
            continue
        measures = tuple(
            measure.id
            for measure in standing.measures.values()
            if any(pause.by == one.id for pause in measure.pauses)
            or (one.type == "DEC" and _waits_for_conditions(measure.id, standing, one))
        )
        if one.type in {"CLR_REQ", "CNS_REQ", "DEC"} and standing.measures:
            is_open = bool(measures)
        elif one.type == "STS_REQ":
            is_open = position > seen_status
        else:
            is_open = not any((one.id, given) in answered for given in answers)
        if is_open and not (standing.is_closed and one.type == "CLS"):
            yield Question(
                by=one.id,
                type=one.type,
                owner=_other(standing, one),
                answer=answers,
                reply_by=text_at(one.entry, "payload/reply_by") or "",
                measures=measures,
            )


def _waits_for_conditions(name: str, standing: Standing, decision: Message) -> bool:
    measure = standing.measures[name]
    return measure.base is State.CONDITIONS_OPEN and measure.decided_by == decision.id


def _last_of(effective: tuple[Message, ...], msg_type: str) -> int:
    return max(
        (number for number, one in enumerate(effective) if one.type == msg_type),
        default=-1,
    )


def open_duties(standing: Standing, effective: tuple[Message, ...]) -> list[Duty]:
    """Return the duties about data that are not done.

    Args:
        standing: The case.
        effective: Its messages that count, in their order.
    """
    left = []
    for position, duty in _duties(standing, effective):
        done = {
            item
            for one in effective[position + 1 :]
            if one.type == duty.done_by
            for item in (_items(one) or {""})
        }
        if "" in done or (duty.items and set(duty.items) <= done):
            continue
        if not duty.items and done:
            continue
        left.append(replace(duty, items=tuple(i for i in duty.items if i not in done)))
    return [*left, *_of_closure(effective)]


def owed_translations(standing: Standing, effective: tuple[Message, ...]) -> list[Duty]:
    """Return the translations that have to follow an emergency, oldest first.

    They are no duties about data: a case can end without them.

    Args:
        standing: The case.
        effective: Its messages that count, in their order.
    """
    said = [
        (_side(standing, one) is Side.REQUESTING, dict(one.entry)) for one in effective
    ]
    return [
        Duty(
            f"translate into {' or '.join(owed.languages)}",
            Side.REQUESTING if owed.by_us else Side.REQUESTED,
            owed.msg_id,
            "AMD",
        )
        for owed in translations_owed(said)
    ]


def _duties(
    standing: Standing, effective: tuple[Message, ...]
) -> Iterator[tuple[int, Duty]]:
    """Yield every duty that arose, with the position of what it comes of."""
    positions = {one.id: number for number, one in enumerate(effective)}
    for position, one in enumerate(effective):
        for duty in (*_asked(standing, one), *_of_originals(standing, one)):
            yield position, duty
    for condition in standing.conditions.values():
        duty_of = _DUTIES_OF_CONDITIONS.get(condition.code)
        is_binding = condition.answer == "ACCEPT" and standing.has_data
        if duty_of is not None and is_binding and condition.set_by in positions:
            what, done_by = duty_of
            duty = Duty(what, Side.REQUESTING, condition.set_by, done_by)
            yield positions[condition.set_by], duty


def _asked(standing: Standing, message: Message) -> Iterator[Duty]:
    """Yield the duty that a message asks for, or takes on."""
    entry, other = message.entry, _other(standing, message)
    items = tuple(sorted(_items(message)))
    due = text_at(entry, "payload/confirm_by") or ""
    action = text_at(entry, "payload/data_action") or ""
    if message.type == "RET_REQ":
        what = (text_at(entry, "payload/action") or "return or destroy").lower()
        by = text_at(entry, "payload/by") or text_at(entry, "payload/by_date") or ""
        yield Duty(what, other, message.id, "RET_CNF", by, items)
    elif message.type == "DPC" and due:
        what = "correct, restrict or erase"
        yield Duty(what, other, message.id, "RET_CNF", due)
    elif message.type == "WDR" and standing.has_data and action in _DATA_ACTIONS:
        yield Duty(action.lower(), _side(standing, message), message.id, "RET_CNF")
    elif message.type == "SPI_RSP" and text_at(entry, "payload/conditions") == "REJECT":
        what = "erase what was not asked for"
        yield Duty(what, _side(standing, message), message.id, "RET_CNF")


def _of_originals(standing: Standing, message: Message) -> Iterator[Duty]:
    """Yield the duty to return each original that a message brings."""
    owner = _other(standing, message)
    for block in values_at(message.entry, "payload/manifest/*"):
        due, item = text_at(block, "return_by"), text_at(block, "item_id")
        if due and item:
            what = "return an original"
            yield Duty(what, owner, message.id, "RET_CNF", due, (item,))


def _of_closure(effective: tuple[Message, ...]) -> Iterator[Duty]:
    """Yield the duties that a closure names, less one for each that was told done."""
    for position, one in enumerate(effective):
        named = len(values_at(one.entry, "payload/open_duties/*"))
        if one.type != "CLS" or not named:
            continue
        told = sum(later.type in _DISCHARGES for later in effective[position + 1 :])
        for _ in range(named - told):
            yield Duty("named in the closure", Side.ANY, one.id, "RET_CNF")
        break


def is_last_duty(
    standing: Standing, effective: tuple[Message, ...], message: Message
) -> bool:
    """Tell whether a message leaves nothing to be done about the data of a closed case.

    Args:
        standing: The case, before the message.
        effective: Its messages that count so far, in their order.
        message: The message.
    """
    if not standing.is_closed or message.type not in _LAST_OF_DUTIES:
        return False
    after = (*effective, message)
    about_use = [one for one in _questions(standing, after) if one.type == "USE_REQ"]
    return not about_use and not open_duties(standing, after)


def _side(standing: Standing, message: Message) -> Side:
    is_requester = message.sender == standing.requester
    return Side.REQUESTING if is_requester else Side.REQUESTED


def _other(standing: Standing, message: Message) -> Side:
    is_requester = message.sender == standing.requester
    return Side.REQUESTED if is_requester else Side.REQUESTING


def _items(message: Message) -> set[str]:
    return set(
        texts_at(message.entry, "payload/items/*")
        | texts_at(message.entry, "payload/items/*/item_id")
    )
