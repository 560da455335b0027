"""What a message does to a case: the next standing, by the rows it takes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from gateway.mla.cases.judging import Verdict
from gateway.mla.cases.messages import Message
from gateway.mla.cases.model import Stay, Transition
from gateway.mla.cases.readings import is_final
from gateway.mla.cases.standing import (
    TERMINAL_RESULTS,
    Condition,
    Measure,
    Pause,
    Standing,
    Step,
    Track,
)
from gateway.mla.cases.states import State
from gateway.mla.problems import has, select, text_at, texts_at, values_at

_PAUSING: Final = frozenset({State.CLARIFYING, State.CONSULTING})
_CARRY_DATA: Final = frozenset(
    {"EVD", "SVC_RSP", "HRG_REC", "CR_RSP", "CR_NOT", "SPI", "AST_RPT", "PAR_RSP"}
)
_MOST_MEASURES: Final = 10_000


def apply(standing: Standing, message: Message, verdict: Verdict) -> Standing:
    """Return the case after a message that is allowed."""
    after = noted(standing, message)
    if verdict.start is not None:
        after = replace(
            after,
            measures={**after.measures, **_asked_for(after.measures, message)},
            instruments=_instruments(message),
        )
    if verdict.rows:
        after = replace(
            after,
            measures={
                **after.measures,
                **{
                    name: _measure_after(after.measures[name], message, verdict, row)
                    for name, row in verdict.rows.items()
                },
            },
        )
    if verdict.tracks:
        after = replace(after, tracks=_tracks_after(after.tracks, message, verdict))
    return _closure_after(after, message, verdict)


def noted(standing: Standing, message: Message) -> Standing:
    """Return the case with a message that it has seen, and with what that carries."""
    return replace(
        standing,
        conditions=_conditions_after(standing.conditions, message),
        has_data=standing.has_data or _carries_data(message),
    )


def crossed(
    standing: Standing, message: Message, there: Verdict, here: Verdict
) -> Standing:
    """Return the case after a message that was allowed where its sender knew it to be.

    What is settled here meanwhile stays settled. A question it answers is answered; a
    decision or result holds beneath a question that its sender did not know of; items
    it brings are here.

    Args:
        standing: The case as it is.
        message: The message.
        there: The verdict as its sender knew the case.
        here: The verdict as it is; its rows, of some measures, apply as ever.
    """
    after = noted(standing, message)
    measures = dict(after.measures)
    for name, row in there.rows.items():
        measure = measures.get(name)
        if measure is None:
            continue
        if name in here.rows:
            measures[name] = _measure_after(measure, message, here, here.rows[name])
        elif row.to is Stay.PREVIOUS:
            measures[name] = _measure_after(measure, message, there, row)
        elif measure.base in row.of and row.to not in _PAUSING:
            changed = _told(measure, message, there.words.get(name, ""))
            base = row.to if isinstance(row.to, State) else changed.base
            measures[name] = _with_history(
                replace(changed, base=base, is_final=_final_after(changed, base)),
                measure,
                message,
            )
        else:
            measures[name] = _with_items(measure, message)
    tracks = _tracks_after(after.tracks, message, here)
    return replace(after, measures=measures, tracks=tracks)


# --- measures ---


def _asked_for(known: Mapping[str, Measure], message: Message) -> dict[str, Measure]:
    """Return the measures that a request asks for; one without an id if it lists none.

    A request sent again, after it was sent back, goes on with their history.
    """
    found: dict[str, Measure] = {}
    for block in values_at(message.entry, "payload/measures/*")[:_MOST_MEASURES]:
        name = text_at(block, "measure_id")
        if name is None:
            continue
        assets = texts_at(block, "asset/asset_id") | texts_at(block, "asset_ids/*")
        found[name] = _new_measure(
            known.get(name), name, text_at(block, "assist") or "", assets, message
        )
    return found or {"": _new_measure(known.get(""), "", "", frozenset(), message)}


def _new_measure(
    before: Measure | None,
    name: str,
    assist: str,
    assets: frozenset[str],
    message: Message,
) -> Measure:
    history = before.history if before is not None else ()
    return Measure(
        id=name,
        assist=assist,
        assets=assets,
        request=message.id,
        request_type=message.type,
        base=State.SENT,
        history=(*history, Step(State.SENT, message.id, message.created_at)),
    )


def _instruments(message: Message) -> tuple[str, ...]:
    listed = values_at(message.entry, "instrument/*")
    return tuple(one for one in listed if isinstance(one, str))


def _measure_after(
    measure: Measure, message: Message, verdict: Verdict, row: Transition
) -> Measure:
    after = _told(measure, message, verdict.words.get(measure.id, ""))
    if row.to is Stay.PREVIOUS:
        left = tuple(one for one in after.pauses if one.by != message.answers)
        after = replace(after, pauses=left)
    elif row.to is State.CLARIFYING or row.to is State.CONSULTING:
        after = replace(
            after, pauses=(*_kept_pauses(after, row), _pause(message, row.to))
        )
    elif isinstance(row.to, State):
        after = replace(
            after, base=row.to, pauses=(), is_final=_final_after(after, row.to)
        )
    return _with_history(after, measure, message)


def _final_after(measure: Measure, base: State) -> bool:
    return measure.is_final or base is State.ANSWERED


def _with_history(after: Measure, before: Measure, message: Message) -> Measure:
    if after.state is before.state:
        return after
    step = Step(after.state, message.id, message.created_at)
    return replace(after, history=(*after.history, step))


def _kept_pauses(measure: Measure, row: Transition) -> Iterable[Pause]:
    """Return what still interrupts; a consultation on rejected terms takes over."""
    if row.to is State.CONSULTING:
        return (one for one in measure.pauses if not one.is_rejection)
    return measure.pauses


def _pause(message: Message, state: State) -> Pause:
    numbers = values_at(message.entry, "payload/items/*/item")
    return Pause(
        state=state,
        by=message.id,
        sender=message.sender,
        reply_by=text_at(message.entry, "payload/reply_by") or "",
        waits_for=frozenset(one for one in numbers if isinstance(one, int)),
        is_rejection=message.type == "CND_RSP",
    )


def _told(measure: Measure, message: Message, word: str) -> Measure:
    """Return a measure with what a message tells of it, but for its state."""
    match message.type:
        case "DEC":
            is_refused = word in {"REFUSE", "NOT_COMPETENT"}
            result = "REFUSED" if is_refused else measure.result
            measure = replace(measure, decided_by=message.id, result=result)
        case "RSP" | "EVD" | "SVC_RSP" | "HRG_REC" | "PAR_RSP":
            measure = _with_items(_with_result(measure, message), message)
        case "EVD_ACK":
            measure = _with_checks(measure, message)
        case "WDR":
            measure = replace(measure, result="NOT_NEEDED")
        case "CLR_RSP":
            measure = _with_answers(measure, message)
        case _:
            pass
    return measure


def _with_result(measure: Measure, message: Message) -> Measure:
    for block in values_at(message.entry, "payload/results/*"):
        result = text_at(block, "result") or ""
        is_mine = text_at(block, "measure_id") == measure.id or not measure.id
        if is_mine and result in TERMINAL_RESULTS:
            return replace(measure, result=result)
    return measure


def _with_items(measure: Measure, message: Message) -> Measure:
    """Return a measure with the items that a message says came of it."""
    mine: set[str] = set()
    for path, ids in (
        ("payload/results/*", "items/*"),
        ("payload/manifest/*", "item_id"),
    ):
        for block in values_at(message.entry, path):
            if not measure.id or text_at(block, "measure_id") == measure.id:
                mine |= texts_at(block, ids)
    kept = measure.items
    rejected = measure.rejected
    if is_final(message):
        # What is sent anew takes the place of what was rejected.
        kept, rejected = kept - rejected, frozenset()
    items = (kept | mine) - measure.accepted
    return replace(measure, items=items, rejected=rejected & items)


def _with_checks(measure: Measure, message: Message) -> Measure:
    mine = measure.items | measure.accepted
    checked: dict[str, set[str]] = {"ACCEPTED": set(), "REJECTED": set()}
    for block in values_at(message.entry, "payload/items/*"):
        item = text_at(block, "item_id") or ""
        if item in mine:
            checked.setdefault(text_at(block, "result") or "", set()).add(item)
    accepted = (measure.accepted | checked["ACCEPTED"]) - checked["REJECTED"]
    items = (measure.items | checked["REJECTED"]) - accepted
    rejected = (measure.rejected | checked["REJECTED"]) & items
    return replace(measure, items=items, accepted=accepted, rejected=rejected)


def _with_answers(measure: Measure, message: Message) -> Measure:
    given = {
        one
        for one in values_at(message.entry, "payload/answers/*/item")
        if isinstance(one, int)
    }
    pauses = tuple(
        replace(one, waits_for=one.waits_for - given)
        if one.by == message.answers
        else one
        for one in measure.pauses
    )
    return replace(measure, pauses=pauses)


# --- the rest of the case ---


def _tracks_after(
    tracks: Mapping[tuple[str, str], Track], message: Message, verdict: Verdict
) -> dict[tuple[str, str], Track]:
    after = dict(tracks)
    for (procedure, subject), row in verdict.tracks.items():
        if not isinstance(row.to, State):
            continue
        before = after.get((procedure, subject))
        if before is not None and before.state is row.to:
            continue
        history = before.history if before is not None else ()
        step = Step(row.to, message.id, message.created_at)
        after[procedure, subject] = Track(procedure, subject, row.to, (*history, step))
    return after


def _conditions_after(
    conditions: Mapping[tuple[str, str], Condition], message: Message
) -> Mapping[tuple[str, str], Condition]:
    if message.type in {"DEC", "RSP"}:
        return {
            **conditions,
            **{
                (message.id, name): Condition(
                    name, text_at(found.value, "code") or "", message.id
                )
                for number, found in enumerate(
                    select(message.entry, "payload/conditions/*"), start=1
                )
                for name in (text_at(found.value, "id") or str(number),)
            },
        }
    if message.type != "CND_RSP":
        return conditions
    after = dict(conditions)
    for block in values_at(message.entry, "payload/answers/*"):
        key = message.answers, text_at(block, "id") or ""
        if key in after:
            answer = text_at(block, "answer") or ""
            after[key] = replace(after[key], answer=answer)
    return after


def _carries_data(message: Message) -> bool:
    if message.type in _CARRY_DATA or has(message.entry, "payload/manifest/*"):
        return True
    return message.type == "RSP" and has(message.entry, "payload/results/*")


def _closure_after(after: Standing, message: Message, verdict: Verdict) -> Standing:
    if message.type == "CLS":
        return replace(after, closures=after.closures | {message.id})
    states = {row.to for row in verdict.rows.values()} | {
        row.to for row in verdict.tracks.values()
    }
    if message.type == "ACK" and State.CLOSED in states:
        return replace(after, closures=frozenset(), is_closed=True)
    return after
