"""The pages of people: approvals, operators, units and routing."""

from typing import Final

from gateway.console.handlers import approvals, operators, units
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

_APPROVALS: Final = f"{PREFIX}/approvals"
_APPROVAL: Final = f"{_APPROVALS}/{{approval}}"
_OPERATORS: Final = f"{PREFIX}/operators"
_OPERATOR: Final = f"{_OPERATORS}/{{name}}"
_UNITS: Final = f"{PREFIX}/units"
_UNIT: Final = f"{_UNITS}/{{unit}}"

PEOPLE_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="approvals",
        path=_APPROVALS,
        needs=("list_approvals",),
        answer=approvals.approvals,
        menu=Entry(label=mark("Approvals"), group="work", place=60, key="a"),
    ),
    Page(
        name="approval",
        path=_APPROVAL,
        needs=("show_approval",),
        answer=approvals.approval,
    ),
    Page(
        name="approval-approve",
        method="POST",
        path=f"{_APPROVAL}/approve",
        needs=("approve",),
        answer=approvals.approve,
    ),
    Page(
        name="approval-reject",
        method="POST",
        path=f"{_APPROVAL}/reject",
        needs=("reject",),
        answer=approvals.reject,
    ),
    Page(
        name="operators",
        path=_OPERATORS,
        needs=("list_operators",),
        answer=operators.operators,
        menu=Entry(label=mark("Operators"), group="administration", place=10),
    ),
    Page(
        name="operator-add",
        method="POST",
        path=_OPERATORS,
        needs=("add_operator",),
        answer=operators.add,
    ),
    Page(
        name="operator",
        path=_OPERATOR,
        needs=("list_operators",),
        answer=operators.operator,
    ),
    Page(
        name="operator-roles",
        method="POST",
        path=f"{_OPERATOR}/roles",
        needs=("set_roles",),
        answer=operators.roles,
    ),
    Page(
        name="operator-remove",
        method="POST",
        path=f"{_OPERATOR}/remove",
        needs=("remove_operator",),
        answer=operators.remove,
    ),
    Page(
        name="operator-token-revoke",
        method="POST",
        path=f"{_OPERATOR}/tokens/{{label}}/revoke",
        needs=("revoke_token",),
        answer=operators.revoke,
    ),
    Page(
        name="units",
        path=_UNITS,
        needs=("list_units",),
        answer=units.units,
        menu=Entry(label=mark("Units"), group="administration", place=20),
    ),
    Page(
        name="routing",
        method="POST",
        path=f"{PREFIX}/routing",
        needs=("set_routing",),
        answer=units.route,
    ),
    Page(
        name="unit",
        path=_UNIT,
        needs=("list_units", "put_unit"),
        answer=units.unit,
    ),
    Page(
        name="unit-put",
        method="POST",
        path=_UNITS,
        needs=("put_unit",),
        answer=units.put,
    ),
    Page(
        name="unit-remove",
        method="POST",
        path=f"{_UNIT}/remove",
        needs=("remove_unit",),
        answer=units.remove,
    ),
    Page(
        name="case-assign",
        method="POST",
        path=f"{PREFIX}/cases/{{id}}/assign",
        needs=("assign_case",),
        answer=units.assign,
    ),
)
