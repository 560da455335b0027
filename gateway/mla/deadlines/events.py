"""The events that rules about deadlines share: requests, decisions, answers."""

from gateway.mla.deadlines.model import Reply, Side, message, where

REQUEST_TYPES = (
    "MLA_REQ",
    "EMR_REQ",
    "SVC_REQ",
    "HRG_REQ",
    "TTP_REQ",
    "FRZ_REQ",
    "CNF_REQ",
    "PAR_REQ",
)
"""Types that ask for assistance with measures, and are decided on."""

OPENING_TYPES = (*REQUEST_TYPES, "PRS_REQ", "CR_REQ", "CR_NOT", "SPI", "ICN")
"""All types that may open a case."""

MEASURES = "payload/measures/*/assist"
"""Where a request says which kinds of assistance it asks for."""

REQUESTS = message(*REQUEST_TYPES)
ANY_OPENING = message(*OPENING_TYPES)

DECISION = message("DEC", "RSP")
"""A decision, or a response that came without one."""

FINAL_ANSWER = message("RSP", when=(where("payload/final", "true"),))
ANSWERS = message("RSP", "CR_RSP", "PRS_RSP", "PAR_RSP", by=Side.REQUESTED)
SERVED = message("SVC_RSP", "RSP")
RECORD_ANSWER = message("CR_RSP")

ACCEPTED = message(
    "DEC",
    when=(
        where(
            "payload/decisions/*/outcome",
            "ACCEPT",
            "ACCEPT_PART",
            "ACCEPT_COND",
            "ACCEPT_ALT",
        ),
    ),
)

CLARIFIED = message("CLR_RSP", "AMD")
DECIDED_IN_CASE = message("DEC", "RSP", reply=Reply.CASE, by=Side.REQUESTED)
EXTRA_DATA = message("CR_RAR", by=Side.REQUESTING)
FOLLOWED_UP = message(
    "PRS_CNF", "MLA_REQ", "EMR_REQ", reply=Reply.CASE, by=Side.REQUESTING
)
"""What keeps preserved data beyond their day: a confirmation, or the request itself."""

PRESERVATION_ENDED = message("PRS_END", reply=Reply.CASE, by=Side.REQUESTING)

RELEASED = message(
    "PAR_RSP", when=(where("payload/result", "RELEASED"),), by=Side.REQUESTED
)
