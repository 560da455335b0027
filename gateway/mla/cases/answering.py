"""The state machine of assistance, continued: execution, answers, closure, after it."""

from typing import Final

from gateway.mla.cases.assistance import DECIDING
from gateway.mla.cases.conditions import DATA_SENT, EMERGENCY, SIMPLE
from gateway.mla.cases.model import Side, Stay, row
from gateway.mla.cases.states import (
    ANSWERING,
    CLOSABLE,
    EVERY,
    ONCE_RECEIVED,
    OPEN,
    State,
)

_S = State
_REQ, _RQD, _ANY, _OTHER = Side.REQUESTING, Side.REQUESTED, Side.ANY, Side.OTHER

_FOLLOW_UP: Final = ("USE_REQ", "USE_RSP", "USE_FBK", "RET_REQ", "RET_CNF")
_NOTICES: Final = ("DPC", "BRN")

_ANSWERING: Final = (
    row(
        "15",
        (_S.DECIDED_ACCEPTED,),
        ("STS", "HRG_CNF", "TTP_STS", "AST_RPT"),
        _RQD,
        _S.EXECUTING,
        says=("", "started", "not final"),
    ),
    row(
        "15a",
        tuple(one for one in OPEN if one is not _S.SENT),
        ("HRG_ARR", "TTP_ARR"),
        _ANY,
        Stay.SAME,
        guard="may be talked about before it is decided",
    ),
    row(
        "15b",
        (_S.EXECUTING, _S.PARTLY_ANSWERED),
        ("HRG_CNF", "TTP_STS", "AST_RPT"),
        _RQD,
        Stay.SAME,
        says=("", "not final"),
    ),
    row(
        "15c",
        (_S.ANSWERED, *CLOSABLE, _S.CLOSED),
        ("TTP_ARR", "TTP_STS", "AST_RPT"),
        _ANY,
        Stay.SAME,
        guard="what becomes of a person or an asset later",
    ),
    row(
        "15d",
        (_S.DECIDED_ACCEPTED, _S.EXECUTING, _S.PARTLY_ANSWERED),
        ("TTP_STS",),
        _REQ,
        Stay.SAME,
        guard="who holds the person tells",
    ),
    row(
        "16",
        ANSWERING,
        ("RSP", "EVD", "SVC_RSP", "PAR_RSP", "AST_RPT", "HRG_REC"),
        _RQD,
        _S.PARTLY_ANSWERED,
        says=("result", "final asset report"),
        guard="at least one result",
    ),
    row(
        "16a",
        (
            _S.RECEIVED,
            _S.CLARIFYING,
            _S.CONSULTING,
            _S.POSTPONED,
            _S.CONDITIONS_OPEN,
            *ANSWERING,
        ),
        ("RSP",),
        _RQD,
        Stay.SAME,
        says=("pending",),
    ),
    row(
        "16b",
        (_S.ANSWERED, *CLOSABLE),
        ("EVD",),
        _RQD,
        Stay.SAME,
        guard="later parcels of what was answered",
    ),
    row(
        "16c", OPEN, ("EVD",), _REQ, Stay.SAME, guard="items that belong to the request"
    ),
    row(
        "17",
        ANSWERING,
        ("RSP",),
        _RQD,
        _S.ANSWERED,
        says=("final result",),
        guard="every measure has a final result",
    ),
    row(
        "17a",
        (_S.RECEIVED,),
        ("RSP",),
        _RQD,
        _S.ANSWERED,
        says=("final result",),
        given=SIMPLE,
    ),
    row(
        "17b",
        (_S.REFUSED, _S.WITHDRAWN),
        ("RSP",),
        _RQD,
        Stay.SAME,
        says=("declined",),
        guard="repeats that it was refused or is not needed",
    ),
    row(
        "30",
        (_S.RECEIVED, _S.CLARIFYING, _S.CONSULTING, _S.POSTPONED),
        ("RSP",),
        _RQD,
        _S.PARTLY_ANSWERED,
        says=("result",),
        given=EMERGENCY,
        basis="2AP-224 Arts 9-10; 2023/1543 Art 3(18)",
    ),
    row(
        "30a",
        (_S.RECEIVED, _S.CLARIFYING, _S.CONSULTING, _S.POSTPONED),
        ("RSP",),
        _RQD,
        _S.ANSWERED,
        says=("final result",),
        given=EMERGENCY,
        basis="2AP-224 Arts 9-10; 2023/1543 Art 3(18)",
    ),
    row(
        "18",
        (_S.PARTLY_ANSWERED, _S.ANSWERED),
        ("EVD_ACK",),
        _REQ,
        _S.CONFIRMED,
        says=("all accepted, and answered for good",),
    ),
    row(
        "19",
        (_S.ANSWERED, _S.PARTLY_ANSWERED),
        ("EVD_ACK",),
        _REQ,
        _S.PARTLY_ANSWERED,
        says=("rejected",),
        guard="the items are sent again",
    ),
    row(
        "18a",
        ONCE_RECEIVED,
        ("EVD_ACK",),
        _ANY,
        Stay.SAME,
        guard="some are accepted, or items of other messages",
    ),
    row(
        "20",
        (_S.ANSWERED,),
        ("ACK",),
        _REQ,
        _S.CONFIRMED,
        says=("no item is left to verify",),
        answering=("RSP",),
    ),
    row(
        "21",
        OPEN,
        ("WDR",),
        _REQ,
        _S.WITHDRAWN,
        says=("ALL",),
        guard="says what becomes of data received",
    ),
    row(
        "22",
        OPEN,
        ("WDR",),
        _REQ,
        _S.WITHDRAWN,
        says=("some",),
        guard="the measures named; their result is NOT_NEEDED",
    ),
    row("23", CLOSABLE, ("CLS",), _ANY, Stay.SAME, guard="lists duties that stay open"),
    row("23a", CLOSABLE, ("ACK",), _OTHER, _S.CLOSED, answering=("CLS",)),
    row(
        "25",
        (_S.CLOSED,),
        ("RET_CNF", "DPC", "USE_REQ", "USE_RSP", "USE_FBK"),
        _ANY,
        _S.DISPOSED,
        says=("the last duty is done",),
    ),
    row("24", EVERY, _FOLLOW_UP, _ANY, Stay.SAME, given=DATA_SENT),
    row(
        "24a",
        EVERY,
        _NOTICES,
        _ANY,
        Stay.SAME,
        guard="the request itself holds data already",
    ),
    row(
        "24b",
        ONCE_RECEIVED,
        ("STS",),
        _RQD,
        Stay.SAME,
        guard="delay before a decision is told too",
        basis="EIO 12(5); UNTOC 18(24)",
    ),
    row(
        "28",
        (*OPEN, _S.ANSWERED, _S.CONFIRMED),
        ("DLX_REQ", "DLX_RSP", "STS_REQ"),
        _ANY,
        Stay.SAME,
        guard="deadlines may change",
    ),
    row(
        "27",
        (_S.REFUSED,),
        ("CNS_REQ",),
        _REQ,
        _S.CONSULTING,
        guard="within 30 days, with new facts or an assurance",
    ),
    row(
        "5b",
        OPEN,
        ("AMD",),
        _REQ,
        Stay.SAME,
        guard="supplements or corrects the request; in an emergency within 48 hours",
    ),
    row(
        "2a",
        EVERY,
        ("ACK", "ERR"),
        _ANY,
        Stay.SAME,
        guard="receipts and errors are always taken",
    ),
)

ROWS: Final = (*DECIDING, *_ANSWERING)
"""All rows for each measure."""

NEVER: Final = (
    "26",
    "CLOSED",
    "AMD or a new request",
    "a closed case is not opened again: open a new one that names it in `related`",
)
"""What the tables refuse by having no row, told because it is asked for."""
