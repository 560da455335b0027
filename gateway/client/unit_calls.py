"""Operations on units, as values that either client can send."""

from gateway.admin import unit_shapes
from gateway.client.call import Call, call_of


def list_units() -> Call[unit_shapes.UnitList]:
    """Return all units, and the rules by which cases come to them."""
    return call_of("list_units", unit_shapes.UnitList)


def put_unit(code: str, request: unit_shapes.PutUnitRequest) -> Call[unit_shapes.Unit]:
    """Add a unit, or put it in the place of the one of that code."""
    return call_of("put_unit", unit_shapes.Unit, body=request, unit=code)


def remove_unit(code: str) -> Call[None]:
    """Remove a unit to which no rule leads."""
    return call_of("remove_unit", type(None), unit=code)


def set_routing(request: unit_shapes.RoutingRequest) -> Call[unit_shapes.UnitList]:
    """Put rules of routing in the place of those there are."""
    return call_of("set_routing", unit_shapes.UnitList, body=request)


def assign_case(
    case_id: str, request: unit_shapes.AssignRequest
) -> Call[unit_shapes.AssignmentList]:
    """Assign a case to another unit or other people."""
    return call_of("assign_case", unit_shapes.AssignmentList, body=request, id=case_id)
