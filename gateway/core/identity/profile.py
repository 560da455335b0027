"""What an authority says of its own service, as it stands in its card.

Languages, hours, holidays, channels: what whoever writes to it has to know. It is told
by the authority like anything else in its card, and judged by nobody here: which codes
mean something, `gateway.mla.treaty.services` knows.
"""

from typing import Annotated

from msgspec import Meta

from gateway.core.canonical import Wire
from gateway.core.limits import MAX_PROFILE_HOLIDAYS, MAX_PROFILE_UNITS
from gateway.core.values import DisplayName, Language

_Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_+:]{0,31}\Z")]
_Line = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]{0,200}\Z")
]
_Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d\Z")]
_Hours = Annotated[str, Meta(pattern=r"^(?:\d\d:\d\d-\d\d:\d\d)?\Z")]
_Zone = Annotated[
    str, Meta(pattern=r"^[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*\Z", max_length=64)
]
_Languages = Annotated[list[Language], Meta(max_length=32)]
_Codes = Annotated[list[_Code], Meta(max_length=64)]


class EmergencyContact(Wire, frozen=True, kw_only=True):
    """Who is reached at any hour; what is not there is empty."""

    email: _Line
    languages: _Languages
    name: _Line
    phone: _Line


class CompetentUnit(Wire, frozen=True, kw_only=True):
    """An office behind the node, and what it is competent for.

    Attributes:
        names: What it is called, by language.
        kind: A code of list AUTHORITY_TYPE, or empty.
        assist: Codes of list ASSIST; empty for all kinds of assistance.
        contact: How people reach it.
    """

    assist: _Codes
    contact: _Line
    kind: Annotated[str, Meta(pattern=r"^(?:[A-Z][A-Z0-9_]{0,31})?\Z")]
    names: Annotated[dict[Language, DisplayName], Meta(min_length=1, max_length=32)]


class ProfileRecord(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """The service profile of an authority.

    Attributes:
        channels: Codes of list CHANNEL by which it takes things; empty if it says none.
        emergency: Who is reached at any hour.
        holidays: Days that it does not work, in order.
        languages: Languages it accepts, the preferred one first; empty for any.
        max_evidence_mib: MiB of evidence it takes with one message; 0 for no limit.
        note: Whatever else a sender should know.
        office_hours: Like `09:00-17:00` on its clock; empty if it says none.
        time_zone: Name of its time zone.
        units: Offices behind the node.
        updated: Day on which people last looked it through.
        weekend: Days of the week that it does not work; Monday is 0.
    """

    channels: _Codes
    holidays: Annotated[list[_Day], Meta(max_length=MAX_PROFILE_HOLIDAYS)]
    languages: _Languages
    max_evidence_mib: Annotated[int, Meta(ge=0, le=1_073_741_824)]
    note: _Line
    office_hours: _Hours
    time_zone: _Zone
    units: Annotated[list[CompetentUnit], Meta(max_length=MAX_PROFILE_UNITS)]
    updated: _Day
    weekend: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(max_length=6)]
    emergency: EmergencyContact | None = None
