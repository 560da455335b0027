"""All instruments, by code: the treaty table that the project ships."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.mla.treaty import europe, others, un, union
from gateway.mla.treaty.model import Instrument

TABLE_VERSION: Final = "2026.1"
"""Changes with the table; which version judged a message can be told later."""

_ALL = (
    *un.INSTRUMENTS,
    *europe.INSTRUMENTS,
    *union.INSTRUMENTS,
    *others.INSTRUMENTS,
)

INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType(
    {one.code: one for one in _ALL}
)
"""Every code of list INSTRUMENT."""

OPENING_TYPES: Final = frozenset(
    {
        "MLA_REQ",
        "EMR_REQ",
        "PRS_REQ",
        "SVC_REQ",
        "HRG_REQ",
        "TTP_REQ",
        "FRZ_REQ",
        "CNF_REQ",
        "PAR_REQ",
        "CR_REQ",
        "CR_NOT",
        "ICN",
    }
)
"""Types of which an instrument may demand contents; the others follow up or inform."""

NEED_NO_TREATY: Final = frozenset({"RECIPROCITY", "DOMESTIC"})
"""Rest on no treaty, so nothing has to be in force."""
