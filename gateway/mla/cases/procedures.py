"""Procedures beside the measures: preservation, records, hearings, assets and more."""

from typing import Final

from gateway.mla.cases.assistance import REQUESTS
from gateway.mla.cases.conditions import ALONE, NEW_CASE, RECORDS_ASKED
from gateway.mla.cases.model import Procedure, Side, Stay, Transition, row
from gateway.mla.cases.states import State

_S = State
_REQ, _RQD, _ANY, _OTHER = Side.REQUESTING, Side.REQUESTED, Side.ANY, Side.OTHER

DIALOGUE: Final = (
    "ACK",
    "ERR",
    "CLR_REQ",
    "CLR_RSP",
    "AMD",
    "CNS_REQ",
    "CNS_RSP",
    "STS",
    "STS_REQ",
    "EVD",
    "EVD_ACK",
    "DLX_REQ",
    "DLX_RSP",
    "USE_REQ",
    "USE_RSP",
    "USE_FBK",
    "RET_REQ",
    "RET_CNF",
    "DPC",
    "BRN",
)
"""Messages that every case may hold, whatever it is about."""


def _start(
    number: str,
    messages: tuple[str, ...],
    side: Side,
    to: State,
    *,
    says: tuple[str, ...] = (),
    is_first: bool = False,
) -> Transition:
    given = NEW_CASE if is_first else None
    return row(number, (_S.DRAFT,), messages, side, to, says=says, given=given)


def _closing(prefix: str, *of: State) -> tuple[Transition, ...]:
    """Return the rows by which a case of nothing but this procedure is closed."""
    return (
        row(f"{prefix}x", of, ("CLS",), _ANY, Stay.SAME),
        row(
            f"{prefix}y",
            of,
            ("ACK",),
            _OTHER,
            _S.CLOSED,
            answering=("CLS",),
            given=ALONE,
        ),
    )


_HELD = (_S.PRESERVED, _S.EXTENDED, _S.LINKED)

PRESERVATION: Final = Procedure(
    name="preservation",
    words="Budapest 29; 2023/1543 Art 11. Without a request in time the holder may "
    "delete; data that are asked for stay until they are produced",
    starts=(_start("P1", ("PRS_REQ",), _REQ, _S.SENT, is_first=True),),
    rows=(
        row("P0", (_S.SENT,), ("ERR",), _RQD, _S.DRAFT, says=("not processable",)),
        row("P2", (_S.SENT,), ("PRS_RSP",), _RQD, _S.PRESERVED, says=("preserved",)),
        row("P2a", _HELD, ("PRS_RSP",), _RQD, Stay.SAME, says=("preserved",)),
        row(
            "P3",
            (_S.SENT, *_HELD),
            ("PRS_RSP",),
            _RQD,
            _S.ENDED,
            says=("nothing preserved",),
        ),
        row("P4", (_S.PRESERVED, _S.EXTENDED), ("PRS_EXT",), _REQ, _S.EXTENDED),
        row("P4a", (_S.LINKED,), ("PRS_EXT",), _REQ, Stay.SAME),
        row("P5", (_S.PRESERVED, _S.EXTENDED), ("PRS_CNF",), _REQ, _S.LINKED),
        row("P5a", (_S.LINKED,), ("PRS_CNF",), _REQ, Stay.SAME),
        row(
            "P6",
            (_S.PRESERVED, _S.EXTENDED),
            ("MLA_REQ", "EMR_REQ"),
            _REQ,
            _S.LINKED,
        ),
        row("P7", (_S.SENT, *_HELD), ("PRS_END",), _REQ, _S.ENDED),
        row(
            "P7a",
            (_S.ENDED,),
            ("PRS_END",),
            _REQ,
            Stay.SAME,
            guard="says once more that it is not needed",
        ),
        row(
            "P8",
            (_S.LINKED,),
            ("RSP",),
            _RQD,
            _S.ENDED,
            says=("final result",),
            guard="production is done",
        ),
        row("P9", (_S.SENT, *_HELD), ("WDR",), _REQ, _S.ENDED, says=("ALL",)),
        *_closing("P", _S.ENDED),
        row("Pz", (_S.SENT, *_HELD, _S.ENDED, _S.CLOSED), DIALOGUE, _ANY, Stay.SAME),
    ),
    judges=frozenset({"PRS_REQ", "PRS_RSP", "PRS_EXT", "PRS_CNF", "PRS_END"}),
)

_RECORD_OPEN = (_S.SENT, _S.RECEIVED, _S.MORE_DATA_ASKED)

CRIMINAL_RECORD: Final = Procedure(
    name="criminal record",
    words="FD 2009/315 Arts 6-8; ETS 30 Art 13",
    starts=(_start("C1", ("CR_REQ",), _REQ, _S.SENT, is_first=True),),
    rows=(
        row("C0", (_S.SENT,), ("ERR",), _RQD, _S.DRAFT, says=("not processable",)),
        row("C2", (_S.SENT,), ("ACK",), _RQD, _S.RECEIVED, answering=("CR_REQ",)),
        row("C3", _RECORD_OPEN, ("CR_RDL",), _RQD, Stay.SAME),
        row("C4", _RECORD_OPEN, ("CR_RAI",), _RQD, _S.MORE_DATA_ASKED),
        row("C5", (_S.MORE_DATA_ASKED,), ("CR_RAR",), _REQ, _S.RECEIVED),
        row("C6", _RECORD_OPEN, ("CR_RSP",), _RQD, _S.CLOSED),
        row("C7", _RECORD_OPEN, ("CR_CAN",), _REQ, _S.CLOSED, answering=("CR_REQ",)),
        row("C7a", _RECORD_OPEN, ("WDR",), _REQ, _S.CLOSED),
        row(
            "C7b",
            (_S.MORE_DATA_ASKED,),
            ("CR_CAN",),
            _RQD,
            _S.RECEIVED,
            answering=("CR_RAI",),
        ),
        row(
            "C7c",
            _RECORD_OPEN,
            ("CR_CAN",),
            _ANY,
            Stay.SAME,
            answering=("CR_RDL", "CR_RAR"),
        ),
        row("Cx", (_S.CLOSED,), ("CLS",), _ANY, Stay.SAME),
        row("Cz", (*_RECORD_OPEN, _S.CLOSED), DIALOGUE, _ANY, Stay.SAME),
    ),
    judges=frozenset({"CR_REQ", "CR_RDL", "CR_RAI", "CR_RAR", "CR_RSP"}),
)

_NOTICE_OPEN = (_S.SENT, _S.RECEIVED)

CONVICTION_NOTICE: Final = Procedure(
    name="conviction notice",
    words="FD 2009/315 Art 4",
    starts=(
        _start("N1", ("CR_NOT",), _REQ, _S.SENT, is_first=True),
        row(
            "N1a",
            (_S.DRAFT,),
            ("CR_NOT",),
            _REQ,
            _S.SENT,
            given=RECORDS_ASKED,
        ),
    ),
    rows=(
        row("N0", (_S.SENT,), ("ERR",), _RQD, _S.DRAFT, says=("not processable",)),
        row("N2", (_S.SENT,), ("ACK",), _RQD, _S.RECEIVED, answering=("CR_NOT",)),
        row("N3", _NOTICE_OPEN, ("CR_NRS",), _RQD, _S.CLOSED),
        row("N4", _NOTICE_OPEN, ("CR_CAN",), _REQ, _S.CLOSED, answering=("CR_NOT",)),
        row("N5", (_S.CLOSED,), ("CR_NOT",), _REQ, _S.SENT, guard="a later one"),
        row("Nx", (_S.CLOSED,), ("CLS",), _ANY, Stay.SAME),
        row("Nz", (*_NOTICE_OPEN, _S.CLOSED), DIALOGUE, _ANY, Stay.SAME),
    ),
    judges=frozenset({"CR_NOT", "CR_NRS"}),
)

SPONTANEOUS: Final = Procedure(
    name="spontaneous information",
    words="UNTOC 18(4)-(5); Budapest 26. A request that follows from it opens a case "
    "of its own, which names this one in `related`",
    starts=(_start("S1", ("SPI",), _REQ, _S.SENT, is_first=True),),
    rows=(
        row("S0", (_S.SENT,), ("ERR",), _RQD, _S.DRAFT, says=("not processable",)),
        row("S2", (_S.SENT,), ("ACK",), _RQD, _S.RECEIVED, answering=("SPI",)),
        row("S3", (_S.SENT, _S.RECEIVED), ("SPI_RSP",), _RQD, _S.ANSWERED),
        row("S4", (_S.SENT, _S.RECEIVED), ("WDR",), _REQ, _S.ENDED, says=("ALL",)),
        *_closing("S", _S.ANSWERED, _S.ENDED),
        row(
            "Sz",
            (_S.SENT, _S.RECEIVED, _S.ANSWERED, _S.ENDED, _S.CLOSED),
            DIALOGUE,
            _ANY,
            Stay.SAME,
        ),
    ),
    judges=frozenset({"SPI", "SPI_RSP"}),
)

INTERCEPTION: Final = Procedure(
    name="interception notice",
    words="EIO 31",
    starts=(_start("I1", ("ICN",), _REQ, _S.SENT, is_first=True),),
    rows=(
        row("I0", (_S.SENT,), ("ERR",), _RQD, _S.DRAFT, says=("not processable",)),
        row("I2", (_S.SENT,), ("ACK",), _RQD, _S.RECEIVED, answering=("ICN",)),
        row(
            "I3",
            (_S.SENT, _S.RECEIVED),
            ("DEC",),
            _RQD,
            _S.OBJECTED,
            says=("REFUSE", "REFUSE_PART"),
            guard="within 96 hours",
        ),
        row("I4", (_S.RECEIVED, _S.OBJECTED), ("DEC",), _RQD, Stay.SAME),
        row("I5", (_S.SENT, _S.RECEIVED), ("WDR",), _REQ, _S.ENDED, says=("ALL",)),
        *_closing("I", _S.RECEIVED, _S.OBJECTED, _S.ENDED),
        row(
            "Iz",
            (_S.SENT, _S.RECEIVED, _S.OBJECTED, _S.ENDED, _S.CLOSED),
            DIALOGUE,
            _ANY,
            Stay.SAME,
        ),
    ),
    judges=frozenset({"ICN"}),
)

HEARING: Final = Procedure(
    name="hearing",
    words="EIO 24; ETS 182 Art 9; UNTOC 18(18)",
    starts=(_start("H1", REQUESTS, _REQ, _S.ASKED, says=("hearing",)),),
    rows=(
        row("H2", (_S.ASKED,), ("DEC",), _RQD, _S.DECIDED, says=("hearing granted",)),
        row(
            "H3",
            (_S.DECIDED, _S.ARRANGING, _S.FIXED),
            ("HRG_ARR",),
            _ANY,
            _S.ARRANGING,
        ),
        row("H4", (_S.DECIDED, _S.ARRANGING), ("HRG_CNF",), _RQD, _S.FIXED),
        row(
            "H5",
            (_S.DECIDED, _S.ARRANGING, _S.FIXED),
            ("HRG_REC",),
            _RQD,
            _S.RECORDED,
        ),
        row(
            "H6",
            (_S.DECIDED, _S.ARRANGING, _S.FIXED),
            ("RSP",),
            _RQD,
            _S.RECORDED,
            says=("hearing record",),
        ),
    ),
)

_ASSETS = ("payload/assets/*", "asset_id")
_ASSET_OPEN = (_S.ASKED, _S.FROZEN, _S.RELEASED, _S.CONFISCATED, _S.REALISED)

ASSETS: Final = Procedure(
    name="assets",
    words="UNTOC 12-14; UNCAC 54-57; 2018/1805",
    starts=(_start("A1", REQUESTS, _REQ, _S.ASKED, says=("asset",)),),
    rows=(
        *(
            row(number, _ASSET_OPEN, ("AST_RPT",), _RQD, to, says=(status,))
            for number, to, status in (
                ("A2", _S.FROZEN, "FROZEN"),
                ("A3", _S.FROZEN, "PARTIAL"),
                ("A4", _S.NOT_FOUND, "NOT_FOUND"),
                ("A5", _S.RELEASED, "RELEASED"),
                ("A6", _S.CONFISCATED, "CONFISCATED"),
                ("A7", _S.REALISED, "REALISED"),
                ("A8", _S.SHARED, "SHARED"),
                ("A9", _S.RETURNED, "RETURNED"),
            )
        ),
    ),
    per=_ASSETS,
)

ARREST: Final = Procedure(
    name="provisional arrest",
    words="ETS 24 Art 16; UNTOC 16(9). The papers of the extradition come otherwise; "
    "without them in time the person is released",
    starts=(_start("R1", ("PAR_REQ",), _REQ, _S.ASKED),),
    rows=(
        *(
            row(number, of, ("PAR_RSP",), _RQD, to, says=(status,))
            for number, of, to, status in (
                ("R2", (_S.ASKED, _S.NOT_FOUND), _S.ARRESTED, "ARRESTED"),
                ("R3", (_S.ASKED,), _S.NOT_FOUND, "NOT_FOUND"),
                ("R4", (_S.ASKED,), _S.REFUSED, "REFUSED"),
                ("R5", (_S.ARRESTED,), _S.RELEASED, "RELEASED"),
            )
        ),
    ),
)

TRANSFER: Final = Procedure(
    name="transfer",
    words="UNTOC 18(10)-(12); EIO 22-23",
    starts=(_start("T1", REQUESTS, _REQ, _S.ASKED, says=("transfer",)),),
    rows=(
        row("T2", (_S.ASKED,), ("DEC",), _RQD, _S.DECIDED, says=("transfer granted",)),
        row("T3", (_S.DECIDED,), ("TTP_ARR",), _ANY, _S.ARRANGING),
        *(
            row(number, of, ("TTP_STS",), _ANY, to, says=(status,))
            for number, of, to, status in (
                ("T4", (_S.DECIDED, _S.ARRANGING), _S.HANDED_OVER, "HANDED_OVER"),
                ("T5", (_S.HANDED_OVER,), _S.RETURNED, "RETURNED"),
                ("T6", (_S.HANDED_OVER,), _S.RELEASED, "RELEASED"),
            )
        ),
    ),
)

EMERGENCY: Final = Procedure(
    name="emergency",
    words="2AP-224 Arts 9-10. An oral request is followed by an EMR_REQ; what was left "
    "out is repaired by AMD within 48 hours",
    starts=(_start("E1", ("EMR_REQ",), _REQ, _S.ASKED),),
    rows=(
        row("E2", (_S.ASKED,), ("AMD",), _REQ, _S.SUPPLEMENTED),
        row("E3", (_S.ASKED, _S.SUPPLEMENTED), ("RSP",), _RQD, _S.ANSWERED),
    ),
)

PROCEDURES: Final = (
    PRESERVATION,
    CRIMINAL_RECORD,
    CONVICTION_NOTICE,
    SPONTANEOUS,
    INTERCEPTION,
    HEARING,
    ASSETS,
    ARREST,
    TRANSFER,
    EMERGENCY,
)

LEADING: Final = frozenset(one.name for one in PROCEDURES if one.judges)
"""Procedures that may be all there is to a case."""

OPENING: Final = frozenset(
    message
    for one in PROCEDURES
    if one.judges
    for row in one.starts
    for message in row.messages
)
"""Types of message that begin one of them."""
