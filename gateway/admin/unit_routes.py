"""Routes of units, routing and the assignment of cases."""

from gateway.admin import unit_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_UNITS = f"{PREFIX}/units"
_SECURITY = frozenset({Role.SECURITY})

UNIT_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_units",
        method="GET",
        path=_UNITS,
        roles=frozenset(Role),
        summary="Units, and the rules by which cases come to them",
        answer=unit_shapes.UnitList,
    ),
    Route(
        name="put_unit",
        method="PUT",
        path=f"{_UNITS}/{{unit}}",
        roles=_SECURITY,
        summary="Add a unit, or change one",
        body=unit_shapes.PutUnitRequest,
        answer=unit_shapes.Unit,
    ),
    Route(
        name="remove_unit",
        method="DELETE",
        path=f"{_UNITS}/{{unit}}",
        roles=_SECURITY,
        summary="Remove a unit to which no rule leads",
        status=204,
        codes=("conflict",),
    ),
    Route(
        name="set_routing",
        method="PUT",
        path=f"{PREFIX}/routing",
        roles=_SECURITY,
        summary="Change the rules by which cases come to units and people",
        body=unit_shapes.RoutingRequest,
        answer=unit_shapes.UnitList,
    ),
    Route(
        name="assign_case",
        method="POST",
        path=f"{PREFIX}/cases/{{id}}/assign",
        roles=frozenset({Role.CASEWORKER, Role.APPROVER, Role.OPERATOR}),
        summary="Assign a case to another unit or other people, with a reason",
        body=unit_shapes.AssignRequest,
        answer=unit_shapes.AssignmentList,
    ),
)
