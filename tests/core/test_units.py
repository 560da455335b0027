"""Units and rules: what they refuse, who works where, to whom a case goes."""

from datetime import date

import pytest

from gateway.core.errors import UsageError
from gateway.core.limits import (
    MAX_ROUTING_RULES,
    MAX_RULE_VALUES,
    MAX_UNIT_MEMBERS,
    MAX_UNITS,
)
from gateway.core.units import (
    NOBODY,
    Assignee,
    Facts,
    Rule,
    Scope,
    Substitute,
    Unit,
    Units,
)

DAY = date(2026, 7, 1)
LATER = date(2026, 7, 8)
NORTH = Unit(
    code="north",
    name="North",
    members=("anna", "bert"),
    head="anna",
    substitutes=(Substitute("carl", "anna", DAY, LATER),),
)
SOUTH = Unit(code="south", name="South", members=("bert",))
FACTS = Facts(
    peer="moj.lv",
    country="LV",
    msg_type="MLA_REQ",
    instruments=frozenset({"ECMA", "UNCAC"}),
    urgency="URGENT",
)
TO = Assignee(unit="north")


def many(count: int) -> tuple[str, ...]:
    return tuple(f"p{number}" for number in range(count))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Unit(code="North", name="North"),
        lambda: Unit(code="north", name=" "),
        lambda: Unit(code="north", name="a\nb"),
        lambda: Unit(code="north", name="x" * 101),
        lambda: Unit(code="north", name="N", members=many(MAX_UNIT_MEMBERS + 1)),
        lambda: Unit(code="north", name="N", members=("anna", "anna")),
        lambda: Unit(code="north", name="N", members=("anna",), head="bert"),
        lambda: Unit(
            code="north", name="N", substitutes=(Substitute("a", "b", DAY, DAY),)
        ),
        lambda: Substitute("anna", "bert", LATER, DAY),
        lambda: Substitute("anna", "anna", DAY, LATER),
        lambda: Assignee(unit="north", people=("anna",)),
        lambda: Assignee(people=many(MAX_UNIT_MEMBERS + 1)),
        lambda: Rule(to=NOBODY),
        lambda: Rule(to=TO, peers=many(MAX_RULE_VALUES + 1)),
        lambda: Rule(to=TO, countries=("L V",)),
        lambda: Units(units=(NORTH, NORTH)),
        lambda: Units(rules=(Rule(to=TO),)),
        lambda: Units(default=TO),
        lambda: Units(rules=(Rule(to=TO),) * (MAX_ROUTING_RULES + 1)),
        lambda: Units(
            units=tuple(Unit(code=one, name=one) for one in many(MAX_UNITS + 1))
        ),
    ],
    ids=range(20),
)
def test_what_contradicts_itself_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UsageError):
        make()


def test_a_substitute_works_there_for_the_time_and_no_longer() -> None:
    units = Units(units=(NORTH, SOUTH))
    found = [units.of("carl", date(2026, 7, day)) for day in (1, 8, 9)]
    assert found == [{"north"}, {"north"}, set()]
    assert units.of("bert", DAY) == {"north", "south"}
    assert units.find("north") is NORTH
    assert units.find("west") is None


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(to=TO), True),
        (Rule(to=TO, peers=("moj.lv", "moj.lt")), True),
        (Rule(to=TO, peers=("moj.lt",)), False),
        (Rule(to=TO, countries=("LV",), types=("MLA_REQ",)), True),
        (Rule(to=TO, countries=("LV",), types=("ACK",)), False),
        (Rule(to=TO, countries=("LT",)), False),
        (Rule(to=TO, instruments=("UNCAC", "UNTOC")), True),
        (Rule(to=TO, instruments=("UNTOC",)), False),
        (Rule(to=TO, urgencies=("URGENT",)), True),
        (Rule(to=TO, urgencies=("ROUTINE",)), False),
    ],
)
def test_a_rule_fits_when_every_list_it_has_does(rule: Rule, *, fits: bool) -> None:
    assert rule.fits(FACTS) is fits


def test_the_first_rule_decides_and_then_the_default() -> None:
    first = Rule(to=Assignee(unit="south"), countries=("LV",))
    units = Units(units=(NORTH, SOUTH), rules=(first, Rule(to=TO)), default=TO)
    assert str(units.route(FACTS)) == "south"
    assert str(Units(units=(NORTH,), default=TO).route(FACTS)) == "north"
    assert str(Units().route(FACTS)) == "nobody"


def test_what_somebody_sees() -> None:
    units = Units(units=(NORTH, SOUTH))
    assert Units().scope_of("anna", DAY) is None
    anna = units.scope_of("anna", DAY)
    assert anna == Scope("anna", frozenset({"north"}))
    seen = [
        anna.sees(one)
        for one in (
            NOBODY,
            TO,
            Assignee(unit="south"),
            Assignee(people=("bert", "anna")),
            Assignee(people=("bert",)),
        )
    ]
    assert seen == [True, True, False, True, False]
    limited = units.scope_of("bert", DAY, frozenset({"south"}))
    assert limited == Scope("bert", frozenset({"south"}))


def test_who_opens_a_case_keeps_it_where_they_belong() -> None:
    units = Units(units=(NORTH, SOUTH))
    assert units.home_of("anna", DAY) == TO
    # A substitute without a unit of their own; of two units neither.
    assert units.home_of("carl", DAY) == TO
    assert units.home_of("bert", DAY) == NOBODY
    assert units.home_of("dora", DAY) == NOBODY


def test_who_leaves_is_replaced_or_gone() -> None:
    units = Units(
        units=(NORTH, SOUTH),
        rules=(
            Rule(to=Assignee(people=("anna", "bert")), countries=("LV",)),
            Rule(to=Assignee(people=("anna",))),
            Rule(to=TO),
        ),
        default=Assignee(people=("anna",)),
    )
    assert units.people() == {"anna", "bert", "carl"}
    left = units.without("anna", "bert")
    assert left.units[0] == Unit(
        code="north", name="North", members=("bert",), head="bert"
    )
    assert left.units[1] is not None
    assert [one.to.people for one in left.rules] == [("bert",), ("bert",), ()]
    assert left.default.people == ("bert",)
    gone = units.without("anna", "")
    assert (gone.units[0].members, gone.units[0].head) == (("bert",), "")
    assert [str(one.to) for one in gone.rules] == ["bert", "north"]
    assert gone.default == NOBODY
