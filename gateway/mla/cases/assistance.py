"""The state machine of assistance, row by row; it runs for each measure.

Here is how a request begins and what goes before its execution; `answering` goes on
from there. A row with a letter is this project's own, where the others leave no way to
go on or say nothing. The order counts: the first row that fits is taken. A question or
consultation that its author set a day for stops that author no longer once the day has
passed, so that silence does not block a case.
"""

from typing import Final

from gateway.mla.cases.conditions import (
    ASSETS_FROZEN,
    CONDITIONS_REJECTED,
    DECIDED_BEFORE,
    NEW_CASE,
    PRESERVED,
    SENT_BACK,
)
from gateway.mla.cases.model import Side, Stay, row
from gateway.mla.cases.states import EVERY, State

_S = State
_REQ, _RQD, _ANY, _OTHER = Side.REQUESTING, Side.REQUESTED, Side.ANY, Side.OTHER

REQUESTS: Final = (
    "MLA_REQ",
    "EMR_REQ",
    "SVC_REQ",
    "HRG_REQ",
    "TTP_REQ",
    "FRZ_REQ",
    "CNF_REQ",
    "PAR_REQ",
)
"""Messages that ask for measures. (PRS_REQ starts a procedure: `procedures`.)"""


STARTS: Final = (
    row(
        "1",
        (_S.DRAFT,),
        REQUESTS,
        _REQ,
        _S.SENT,
        given=NEW_CASE,
        guard="form, instrument and approval are in order",
    ),
    row("1a", (_S.DRAFT,), REQUESTS, _REQ, _S.SENT, given=SENT_BACK),
    row("29", (_S.DRAFT,), ("MLA_REQ", "EMR_REQ"), _REQ, _S.SENT, given=PRESERVED),
    row("29a", EVERY, ("CNF_REQ",), _REQ, _S.SENT, given=ASSETS_FROZEN),
)
"""Rows by which a request makes its measures; seen from the whole case."""

DECIDING: Final = (
    row("2", (_S.SENT,), ("ACK",), _RQD, _S.RECEIVED, answering=REQUESTS),
    row(
        "3",
        (_S.SENT,),
        ("ERR",),
        _RQD,
        _S.DRAFT,
        says=("not processable",),
        answering=REQUESTS,
        guard="the same case may then be asked again, by a new message",
    ),
    row(
        "4",
        (_S.RECEIVED, _S.CONSULTING, _S.DECIDED_ACCEPTED, _S.EXECUTING, _S.POSTPONED),
        ("CLR_REQ",),
        _RQD,
        _S.CLARIFYING,
        basis="UNTOC 18(16); EIO 16(2)-(3)",
    ),
    row(
        "5",
        (_S.CLARIFYING,),
        ("CLR_RSP", "AMD"),
        _REQ,
        Stay.PREVIOUS,
        says=("all answered",),
    ),
    row("5a", (_S.CLARIFYING,), ("CLR_RSP",), _REQ, Stay.SAME, says=("some answered",)),
    row("6", (_S.CLARIFYING,), ("CLR_REQ",), _RQD, _S.CLARIFYING),
    row(
        "7",
        (_S.RECEIVED, _S.DECIDED_ACCEPTED, _S.EXECUTING, _S.POSTPONED, _S.CLARIFYING),
        ("CNS_REQ",),
        _ANY,
        _S.CONSULTING,
        guard="comes before a refusal or postponement",
        basis="UNTOC 18(26); EIO 11(4)",
    ),
    row(
        "7a",
        (_S.CONSULTING,),
        ("CNS_REQ",),
        _ANY,
        _S.CONSULTING,
        given=CONDITIONS_REJECTED,
    ),
    row("8", (_S.CONSULTING,), ("CNS_RSP",), _OTHER, Stay.PREVIOUS),
    row(
        "9",
        (_S.RECEIVED, _S.POSTPONED),
        ("DEC",),
        _RQD,
        _S.DECIDED_ACCEPTED,
        says=("ACCEPT", "ACCEPT_PART", "ACCEPT_ALT", "REFUSE_PART"),
        guard="ACCEPT_ALT: the issuer was told before",
        basis="EIO 10(4)",
    ),
    row(
        "10",
        (_S.RECEIVED, _S.POSTPONED),
        ("DEC",),
        _RQD,
        _S.CONDITIONS_OPEN,
        says=("ACCEPT_COND",),
        guard="lists the conditions",
    ),
    row(
        "11",
        (_S.CONDITIONS_OPEN,),
        ("CND_RSP",),
        _REQ,
        _S.DECIDED_ACCEPTED,
        says=("ACCEPT",),
        guard="accepts every condition; that binds",
        basis="UNTOC 18(26); Budapest 28(3)",
    ),
    row(
        "11a",
        (_S.CONDITIONS_OPEN,),
        ("CND_RSP",),
        _REQ,
        Stay.SAME,
        says=("some accepted",),
    ),
    row(
        "12",
        (_S.CONDITIONS_OPEN,),
        ("CND_RSP",),
        _REQ,
        _S.CONSULTING,
        says=("REJECT", "COUNTER"),
        guard="or withdraws the request, by WDR",
    ),
    row(
        "13",
        (_S.RECEIVED, _S.POSTPONED, _S.DECIDED_ACCEPTED, _S.EXECUTING),
        ("DEC",),
        _RQD,
        _S.POSTPONED,
        says=("POSTPONE",),
        guard="ground, and until when or reviewed when",
        basis="UNTOC 18(25)",
    ),
    row(
        "14",
        (_S.RECEIVED, _S.POSTPONED, _S.CONDITIONS_OPEN, _S.EXECUTING),
        ("DEC",),
        _RQD,
        _S.REFUSED,
        says=("REFUSE", "NOT_COMPETENT"),
        guard="ground, article and reasons; never bank secrecy (R21)",
        basis="UNTOC 18(21), 18(23)",
    ),
    *(
        row(
            number,
            (_S.DECIDED_ACCEPTED, _S.CONDITIONS_OPEN, _S.REFUSED),
            ("DEC",),
            _RQD,
            to,
            says=says,
            given=DECIDED_BEFORE,
            guard="a later decision replaces the one before",
        )
        for number, to, says in (
            (
                "14a",
                _S.DECIDED_ACCEPTED,
                ("ACCEPT", "ACCEPT_PART", "ACCEPT_ALT", "REFUSE_PART"),
            ),
            ("14b", _S.CONDITIONS_OPEN, ("ACCEPT_COND",)),
            ("14c", _S.POSTPONED, ("POSTPONE",)),
            ("14d", _S.REFUSED, ("REFUSE", "NOT_COMPETENT")),
        )
    ),
    *(
        row(
            number,
            (_S.CONSULTING,),
            ("DEC",),
            _RQD,
            to,
            says=says,
            given=CONDITIONS_REJECTED,
        )
        for number, to, says in (
            (
                "12a",
                _S.DECIDED_ACCEPTED,
                ("ACCEPT", "ACCEPT_PART", "ACCEPT_ALT", "REFUSE_PART"),
            ),
            ("12b", _S.CONDITIONS_OPEN, ("ACCEPT_COND",)),
            ("12c", _S.REFUSED, ("REFUSE", "NOT_COMPETENT")),
        )
    ),
)
"""Rows from the request to the decision."""
