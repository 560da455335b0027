"""Conditions that rows of the tables name: their words, and what they look at."""

from typing import Final

from gateway.mla.cases.messages import Message
from gateway.mla.cases.model import Given
from gateway.mla.cases.standing import Measure, Standing
from gateway.mla.cases.states import State

SIMPLE_ASSISTANCE: Final = frozenset({"A10", "A12", "A13", "A14", "A42"})
"""Kinds of assistance that may be answered without a decision first."""

_PRESERVATION_GOES_ON: Final = frozenset({State.PRESERVED, State.EXTENDED})


def _is_new(standing: Standing, _measure: Measure | None, _message: Message) -> bool:
    return not standing.measures and all(
        one.state is State.DRAFT for one in standing.tracks.values()
    )


def _was_sent_back(
    standing: Standing, _measure: Measure | None, _message: Message
) -> bool:
    return bool(standing.measures) and all(
        one.state is State.DRAFT for one in standing.measures.values()
    )


def _is_preserved(
    standing: Standing, _measure: Measure | None, _message: Message
) -> bool:
    tracks = standing.tracks_of("preservation")
    return not standing.measures and any(
        one.state in _PRESERVATION_GOES_ON for one in tracks
    )


def _is_frozen(standing: Standing, _measure: Measure | None, _message: Message) -> bool:
    return any(one.state is State.FROZEN for one in standing.tracks_of("assets"))


def _asks_for_records(
    standing: Standing, _measure: Measure | None, _message: Message
) -> bool:
    return bool(standing.tracks_of("criminal record"))


def _is_simple(_standing: Standing, measure: Measure | None, _message: Message) -> bool:
    return measure is not None and measure.assist in SIMPLE_ASSISTANCE


def _is_emergency(
    _standing: Standing, measure: Measure | None, _message: Message
) -> bool:
    return measure is not None and measure.request_type == "EMR_REQ"


def _has_data(standing: Standing, _measure: Measure | None, _message: Message) -> bool:
    return standing.has_data


def _were_rejected(
    _standing: Standing, measure: Measure | None, _message: Message
) -> bool:
    return (
        measure is not None
        and bool(measure.pauses)
        and all(one.is_rejection for one in measure.pauses)
    )


def _is_decided(_standing: Standing, measure: Measure | None, _m: Message) -> bool:
    return measure is not None and bool(measure.decided_by)


def _is_alone(standing: Standing, _measure: Measure | None, _m: Message) -> bool:
    return not standing.measures


NEW_CASE: Final = Given("nothing was asked in the case yet", _is_new)
SENT_BACK: Final = Given("the request was sent back as not processable", _was_sent_back)
PRESERVED: Final = Given(
    "data are preserved in this case, and nothing is requested yet", _is_preserved
)
ASSETS_FROZEN: Final = Given("an asset is frozen in this case", _is_frozen)
RECORDS_ASKED: Final = Given(
    "a criminal record was asked for in this case", _asks_for_records
)
SIMPLE: Final = Given(
    f"the measure is simple ({', '.join(sorted(SIMPLE_ASSISTANCE))})", _is_simple
)
EMERGENCY: Final = Given("it was asked for by an EMR_REQ", _is_emergency)
ALONE: Final = Given("no measures are asked for in the case", _is_alone)
DATA_SENT: Final = Given("data have been sent", _has_data)
CONDITIONS_REJECTED: Final = Given(
    "conditions were not accepted and nothing else is open", _were_rejected
)
DECIDED_BEFORE: Final = Given("it was decided before", _is_decided)
