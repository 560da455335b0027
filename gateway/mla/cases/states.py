"""States of measures, of procedures and so of cases."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a measure, a procedure beside it, or a whole case stands."""

    # Assistance, measure by measure.
    DRAFT = "DRAFT"  # not sent, or sent back as not processable
    SENT = "SENT"
    RECEIVED = "RECEIVED"  # the authority has acknowledged it
    CLARIFYING = "CLARIFYING"  # a question of the requested side is open
    CONSULTING = "CONSULTING"  # a consultation is open
    CONDITIONS_OPEN = "CONDITIONS_OPEN"  # accepted, if conditions are
    DECIDED_ACCEPTED = "DECIDED_ACCEPTED"
    POSTPONED = "POSTPONED"
    REFUSED = "REFUSED"
    EXECUTING = "EXECUTING"
    PARTLY_ANSWERED = "PARTLY_ANSWERED"
    ANSWERED = "ANSWERED"
    CONFIRMED = "CONFIRMED"  # the answer is acknowledged, its items verified
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    DISPOSED = "DISPOSED"  # closed, and the last duty about its data done
    UNKNOWN = "UNKNOWN"  # the message that opened it is not here

    # Procedures beside it.
    PRESERVED = "PRESERVED"
    EXTENDED = "EXTENDED"
    LINKED = "LINKED"  # a request for what is preserved has been made
    ENDED = "ENDED"
    MORE_DATA_ASKED = "MORE_DATA_ASKED"
    DECIDED = "DECIDED"
    ARRANGING = "ARRANGING"
    FIXED = "FIXED"  # a hearing has its day
    RECORDED = "RECORDED"
    ASKED = "ASKED"
    FROZEN = "FROZEN"
    NOT_FOUND = "NOT_FOUND"
    RELEASED = "RELEASED"
    CONFISCATED = "CONFISCATED"
    REALISED = "REALISED"
    SHARED = "SHARED"
    RETURNED = "RETURNED"
    ARRESTED = "ARRESTED"
    HANDED_OVER = "HANDED_OVER"
    OBJECTED = "OBJECTED"
    SUPPLEMENTED = "SUPPLEMENTED"


OPEN: Final = (
    State.SENT,
    State.RECEIVED,
    State.CLARIFYING,
    State.CONSULTING,
    State.CONDITIONS_OPEN,
    State.DECIDED_ACCEPTED,
    State.POSTPONED,
    State.EXECUTING,
    State.PARTLY_ANSWERED,
)
"""States in which the requested side still has something to answer."""

ANSWERING: Final = (State.DECIDED_ACCEPTED, State.EXECUTING, State.PARTLY_ANSWERED)
"""States in which results are given."""

CLOSABLE: Final = (State.CONFIRMED, State.REFUSED, State.WITHDRAWN)
"""States after which nothing but the closure is left to say."""

OVER: Final = frozenset({State.CLOSED, State.DISPOSED})
"""States in which no new business begins."""

EVERY: Final = tuple(
    state for state in State if state not in {State.DRAFT, State.UNKNOWN}
)
"""Every state that a message sent can find."""

ONCE_RECEIVED: Final = tuple(state for state in EVERY if state is not State.SENT)
"""The same, without a request that was not acknowledged."""
