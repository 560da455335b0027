"""Deadlines that a peer announces in an acknowledgement, compared with the rules."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.core.values import UnixMs
from gateway.flows.admission import Incoming
from gateway.mla.deadlines import Terms, deadlines_of
from gateway.mla.deadlines.announced import check_announced
from gateway.mla.problems import Problem, has, text_at
from gateway.ports.world import Clock

MOST_COMPARED = 200
"""Messages of a case up to which it is compared: advice keeps nobody waiting."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The acknowledgement itself, which its case does not hold yet."""

    id: str
    box: str
    state: str
    accepted_at: UnixMs
    entry: JsonObject


class DeadlineAdvice:
    """An incoming check: tells where an `ACK` counts otherwise than we do.

    Args:
        terms: Returns what days are counted by now.
        clock: The time.
    """

    def __init__(self, terms: Callable[[], Terms], clock: Clock) -> None:
        self._terms = terms
        self._clock = clock

    async def __call__(self, message: Incoming) -> list[Problem]:
        """Return advice, nothing that blocks."""
        document = message.document
        is_ack = text_at(document, "msg_type") == "ACK"
        if not is_ack or not has(document, "payload/deadlines/*"):
            return []
        if len(message.docket) > MOST_COMPARED:
            return []
        now, terms = self._clock.now(), self._terms()
        ack = _Arrived(message.id, "in", "received", now, document)
        known = deadlines_of([*message.docket, ack], terms, now)
        return list(check_announced(document, known, terms))
