"""What the admin API takes and gives about units, routing and assignments."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import AccountName, Answer, Reason, Request
from gateway.core.limits import MAX_ROUTING_RULES, MAX_RULE_VALUES, MAX_UNIT_MEMBERS

_Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
_UnitCode = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9-]{0,31})?\Z")]
_Account = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9-]{0,31})?\Z")]
_People = Annotated[tuple[AccountName, ...], Meta(max_length=MAX_UNIT_MEMBERS)]
_Values = Annotated[
    tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=MAX_RULE_VALUES)
]


class Substitution(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody stands in for a member, from the first day to the last."""

    name: AccountName
    stands_for: AccountName
    first: _Day
    last: _Day


class PutUnitRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit, new or instead of the one of that code.

    Attributes:
        name: As people say it.
        members: Accounts.
        head: Who leads it, a member.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    members: _People = ()
    head: _Account = ""
    substitutes: Annotated[
        tuple[Substitution, ...], Meta(max_length=MAX_UNIT_MEMBERS)
    ] = ()


class Unit(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A unit; `today` are those who work in it now, substitutes included."""

    code: str
    name: str
    members: tuple[str, ...] = ()
    head: str = ""
    substitutes: tuple[Substitution, ...] = ()
    today: tuple[str, ...] = ()


class RoutingRule(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To a unit or to people goes what fits; an empty list leaves a field open.

    Attributes:
        peers: Ids of authorities.
        countries: Codes of their countries.
        types: Types of the message that came first.
        instruments: Codes of list INSTRUMENT; one of them is enough.
        urgencies: Codes of list URGENCY.
    """

    unit: _UnitCode = ""
    people: _People = ()
    peers: _Values = ()
    countries: _Values = ()
    types: _Values = ()
    instruments: _Values = ()
    urgencies: _Values = ()


class RoutingRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules instead of those there are; the first that fits decides.

    Attributes:
        default_unit: Where what fits none goes; neither this nor people: everybody's.
    """

    rules: Annotated[tuple[RoutingRule, ...], Meta(max_length=MAX_ROUTING_RULES)] = ()
    default_unit: _UnitCode = ""
    default_people: _People = ()


class UnitList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """All units, and the rules by which cases come to them."""

    items: tuple[Unit, ...] = ()
    rules: tuple[RoutingRule, ...] = ()
    default_unit: str = ""
    default_people: tuple[str, ...] = ()


class AssignRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom a case goes now, and why; the reason is logged.

    Attributes:
        unit: A unit; or people; or neither, then it is everybody's.
        peer: With which peer, where it is exchanged with several; empty for all.
    """

    reason: Reason
    unit: _UnitCode = ""
    people: _People = ()
    peer: Annotated[str, Meta(max_length=64)] = ""


class CaseAssignment(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """To whom a case is assigned; `index` is the entry of the log."""

    case: str
    peer: str
    index: int
    unit: str = ""
    people: tuple[str, ...] = ()
    by: str = ""
    at: str = ""


class AssignmentList(Answer, frozen=True, kw_only=True):
    """A case as it is assigned with each peer."""

    items: tuple[CaseAssignment, ...]
