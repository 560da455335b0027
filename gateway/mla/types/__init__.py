"""Which message types exist. A type is added by declaring it and listing it here.

What an authority declares for itself in a file (`gateway.mla.national`) is put beside
them when its node starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.errors import NotFoundError
from gateway.mla.types.answers import DEC, EVD, EVD_ACK, RSP
from gateway.mla.types.consultation import (
    AMD,
    CND_RSP,
    CNS_REQ,
    CNS_RSP,
    DLX_REQ,
    DLX_RSP,
    STS_REQ,
    WDR,
)
from gateway.mla.types.criminal_records import (
    CR_CAN,
    CR_NOT,
    CR_NRS,
    CR_RAI,
    CR_RAR,
    CR_RDL,
    CR_REQ,
    CR_RSP,
)
from gateway.mla.types.dialogue import CLR_REQ, CLR_RSP, CLS, STS
from gateway.mla.types.follow_up import (
    BRN,
    DPC,
    RET_CNF,
    RET_REQ,
    USE_FBK,
    USE_REQ,
    USE_RSP,
)
from gateway.mla.types.information import ICN, SPI, SPI_RSP
from gateway.mla.types.model import MessageType
from gateway.mla.types.preservation import PRS_CNF, PRS_END, PRS_EXT, PRS_REQ, PRS_RSP
from gateway.mla.types.receipts import ACK, ERR
from gateway.mla.types.requests import (
    CNF_REQ,
    EMR_REQ,
    FRZ_REQ,
    HRG_REQ,
    MLA_REQ,
    PAR_REQ,
    SVC_REQ,
    TTP_REQ,
)
from gateway.mla.types.service_and_hearings import HRG_ARR, HRG_CNF, HRG_REC, SVC_RSP
from gateway.mla.types.transfers_and_assets import AST_RPT, PAR_RSP, TTP_ARR, TTP_STS

# In the order of the reference: what opens a case, what is said in it, what follows.
_COMMON = {
    declared.name: declared
    for declared in (
        *(MLA_REQ, EMR_REQ, PRS_REQ, SVC_REQ, HRG_REQ, TTP_REQ, FRZ_REQ, CNF_REQ),
        *(PAR_REQ, CR_REQ, CR_NOT, SPI, ICN),
        *(ACK, CLR_REQ, CLR_RSP, AMD, CNS_REQ, CNS_RSP, DEC, CND_RSP, STS, STS_REQ),
        *(RSP, EVD, EVD_ACK, DLX_REQ, DLX_RSP, WDR, CLS, ERR),
        *(PRS_RSP, PRS_EXT, PRS_CNF, PRS_END, SVC_RSP, HRG_ARR, HRG_CNF, HRG_REC),
        *(TTP_ARR, TTP_STS, AST_RPT, PAR_RSP),
        *(CR_RSP, CR_RDL, CR_RAI, CR_RAR, CR_NRS, CR_CAN),
        *(SPI_RSP, USE_REQ, USE_RSP, USE_FBK, RET_REQ, RET_CNF, DPC, BRN),
    )
}


@dataclass(slots=True)
class _Catalogue:
    """The types that are known in this process.

    Attributes:
        types: By name; those declared here, and those of the authority's own.
        digests: What each national declaration says, by its name.
    """

    types: Mapping[str, MessageType]
    digests: Mapping[str, str]


_catalogue = _Catalogue(_COMMON, {})


def message_type(name: str) -> MessageType | None:
    """Return the declaration of the type called `name`; None if there is none."""
    return _catalogue.types.get(name)


def common_types() -> tuple[MessageType, ...]:
    """Return the declarations of the types that every node of this version knows."""
    return tuple(_COMMON.values())


def declaration_digests() -> Mapping[str, str]:
    """Return the digest of every national declaration in use, by its name."""
    return _catalogue.digests


def use_national(types: Mapping[str, MessageType], digests: Mapping[str, str]) -> None:
    """Put national declarations in force for this process; called before it serves.

    Args:
        types: Types of their own, and common types to which they add something.
        digests: Of each declaration, by its name.
    """
    _catalogue.types = {**_COMMON, **types}
    _catalogue.digests = dict(digests)


def all_types() -> tuple[MessageType, ...]:
    """Return the declarations of all types."""
    return tuple(_catalogue.types.values())


def declared_type(name: str) -> MessageType:
    """Return the declaration of the type called `name`.

    Raises:
        NotFoundError: There is none; says which there are.
    """
    found = message_type(name)
    if found is None:
        names = ", ".join(declared.name for declared in all_types())
        raise NotFoundError(f"type of message: no such one, there are {names}")
    return found
