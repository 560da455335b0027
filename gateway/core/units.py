"""Units of an authority: who belongs to them, who stands in, what is routed to them.

A case is assigned once, when its first message is read, by the first rule that fits; or
later by a person, with a reason. Somebody who works on cases sees those of their units,
those assigned to them by name, and those assigned to nobody (specification, section
13.14).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.core.errors import UsageError
from gateway.core.limits import (
    MAX_ROUTING_RULES,
    MAX_RULE_VALUES,
    MAX_UNIT_MEMBERS,
    MAX_UNITS,
)

_CODE = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}\Z")
_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Substitute:
    """That somebody stands in for a member of a unit, or for its head.

    Attributes:
        name: Who stands in.
        stands_for: Whose place it is.
        first: First day on which they do.
        last: Last day.

    Raises:
        UsageError: The last day comes before the first, or it is the same person.
    """

    name: str
    stands_for: str
    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what can never be."""
        if self.last < self.first:
            raise UsageError(
                f"substitute {self.name}: ends on {self.last}, before {self.first}"
            )
        if self.name == self.stands_for:
            raise UsageError(f"substitute {self.name}: stands in for themselves")

    def is_in_place(self, today: date) -> bool:
        """Tell whether they stand in on a day."""
        return self.first <= today <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the authority.

    Attributes:
        code: What it is named by, for good.
        name: As people say it.
        members: Names of accounts.
        head: Account of who leads it, a member; or empty.
        substitutes: Who stands in for whom, and when.

    Raises:
        UsageError: A code or name of another form, too many members, or a head or
            somebody stood in for who is not a member.
    """

    code: str
    name: str
    members: tuple[str, ...] = ()
    head: str = ""
    substitutes: tuple[Substitute, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not _CODE.match(self.code):
            raise UsageError(
                f"unit: {self.code[:80]!r}, expected 1 to 32 lower-case letters, "
                "digits and hyphens, a letter first"
            )
        if not 0 < len(self.name.strip()) <= _NAME_CHARS or not self.name.isprintable():
            raise UsageError(
                f"unit {self.code}: expected a name of 1 to {_NAME_CHARS} characters"
            )
        people = len(self.members) + len(self.substitutes)
        if people > MAX_UNIT_MEMBERS:
            raise UsageError(
                f"unit {self.code}: {people} members and substitutes, "
                f"at most {MAX_UNIT_MEMBERS}"
            )
        if len(set(self.members)) != len(self.members):
            raise UsageError(f"unit {self.code}: a member stands there twice")
        for name in (self.head, *(one.stands_for for one in self.substitutes)):
            if name and name not in self.members:
                raise UsageError(f"unit {self.code}: {name} is not a member")

    def has(self, account: str, today: date) -> bool:
        """Tell whether somebody works in the unit today, also as a substitute."""
        return account in self.members or any(
            one.name == account and one.is_in_place(today) for one in self.substitutes
        )

    def named(self) -> frozenset[str]:
        """Return all accounts that the unit names."""
        return frozenset((*self.members, *(one.name for one in self.substitutes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """To whom a case is assigned: a unit, or people, or nobody.

    Raises:
        UsageError: A unit and people.
    """

    unit: str = ""
    people: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is ambiguous."""
        if self.unit and self.people:
            raise UsageError("assignee: expected a unit or people, not both")
        if len(self.people) > MAX_UNIT_MEMBERS:
            raise UsageError(f"assignee: at most {MAX_UNIT_MEMBERS} people")

    @property
    def is_nobody(self) -> bool:
        """Whether it is everybody's who has the role."""
        return not self.unit and not self.people

    def __str__(self) -> str:
        """Return it as the log and people are told."""
        return self.unit or " ".join(self.people) or "nobody"


NOBODY = Assignee()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules go by.

    Attributes:
        peer: The other authority.
        country: Its country.
        msg_type: Type of the message.
        instruments: Codes of its legal bases.
        urgency: As the message says.
    """

    peer: str
    country: str
    msg_type: str
    instruments: frozenset[str]
    urgency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """To whom what fits goes; an empty list leaves a field open.

    Raises:
        UsageError: Nobody to go to, too many values, or one of another form.
    """

    to: Assignee
    peers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what can't be meant."""
        if self.to.is_nobody:
            raise UsageError("routing: a rule that leads to no unit and to no people")
        lists = (
            ("peers", self.peers),
            ("countries", self.countries),
            ("types", self.types),
            ("instruments", self.instruments),
            ("urgencies", self.urgencies),
        )
        for name, values in lists:
            if len(values) > MAX_RULE_VALUES:
                raise UsageError(f"routing: {name}: at most {MAX_RULE_VALUES} values")
            for value in values:
                if not _VALUE.match(value):
                    raise UsageError(f"routing: {name}: {value[:80]!r} can't be one")

    def fits(self, facts: Facts) -> bool:
        """Tell whether a message is meant."""
        return (
            (not self.peers or facts.peer in self.peers)
            and (not self.countries or facts.country in self.countries)
            and (not self.types or facts.msg_type in self.types)
            and (
                not self.instruments
                or not facts.instruments.isdisjoint(self.instruments)
            )
            and (not self.urgencies or facts.urgency in self.urgencies)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody who works on cases sees.

    Attributes:
        account: Their name.
        units: Those they work in today.
    """

    account: str
    units: frozenset[str]

    def sees(self, assignee: Assignee) -> bool:
        """Tell whether a case is among it."""
        return (
            assignee.is_nobody
            or assignee.unit in self.units
            or self.account in assignee.people
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """All units, and the rules by which cases come to them; the first that fits.

    Raises:
        UsageError: Too many, a code twice, or a unit that there is not.
    """

    units: tuple[Unit, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Assignee = field(default=NOBODY)

    def __post_init__(self) -> None:
        """Refuse what leads nowhere."""
        if len(self.units) > MAX_UNITS:
            raise UsageError(f"units: {len(self.units)}, at most {MAX_UNITS}")
        if len(self.rules) > MAX_ROUTING_RULES:
            raise UsageError(
                f"routing: {len(self.rules)} rules, at most {MAX_ROUTING_RULES}"
            )
        codes = [one.code for one in self.units]
        for code in codes:
            if codes.count(code) > 1:
                raise UsageError(f"unit {code}: there are two of that code")
        for to in (*(rule.to for rule in self.rules), self.default):
            if to.unit and to.unit not in codes:
                raise UsageError(f"routing: there is no unit {to.unit[:80]!r}")

    def find(self, code: str) -> Unit | None:
        """Return the unit of a code."""
        return next((one for one in self.units if one.code == code), None)

    def route(self, facts: Facts) -> Assignee:
        """Return to whom a message goes that opens a case here."""
        found = (rule.to for rule in self.rules if rule.fits(facts))
        return next(found, self.default)

    def of(self, account: str, today: date) -> frozenset[str]:
        """Return the units in which somebody works today."""
        return frozenset(one.code for one in self.units if one.has(account, today))

    def scope_of(
        self, account: str, today: date, only: frozenset[str] = frozenset()
    ) -> Scope | None:
        """Return what somebody sees; None where there are no units: everything.

        Args:
            account: Who.
            today: The day.
            only: Units that their token is limited to; empty for all of theirs.
        """
        if not self.units:
            return None
        mine = self.of(account, today)
        return Scope(account, mine & only if only else mine)

    def home_of(self, account: str, today: date) -> Assignee:
        """Return to whom a case goes that somebody opens; nobody if not clear."""
        own = [one.code for one in self.units if account in one.members]
        mine = own or sorted(self.of(account, today))
        return Assignee(unit=mine[0]) if len(mine) == 1 else NOBODY

    def people(self) -> frozenset[str]:
        """Return every account that units or rules name."""
        routed: Iterable[Sequence[str]] = (
            *(rule.to.people for rule in self.rules),
            self.default.people,
        )
        return frozenset(name for names in routed for name in names).union(
            *(one.named() for one in self.units)
        )

    def without(self, account: str, heir: str) -> "Units":
        """Return units and rules in which somebody is replaced by an heir, or gone."""
        return Units(
            units=tuple(_left(one, account, heir) for one in self.units),
            rules=tuple(
                rule_left
                for rule in self.rules
                if (rule_left := _rule_left(rule, account, heir)) is not None
            ),
            default=Assignee(
                unit=self.default.unit,
                people=_replaced(self.default.people, account, heir),
            ),
        )


def _replaced(names: Sequence[str], account: str, heir: str) -> tuple[str, ...]:
    changed = (heir if name == account else name for name in names)
    return tuple(dict.fromkeys(name for name in changed if name))


def _left(unit: Unit, account: str, heir: str) -> Unit:
    """Return a unit without somebody; nobody stands in for who is gone."""
    members = _replaced(unit.members, account, heir)
    head = heir if unit.head == account else unit.head
    return Unit(
        code=unit.code,
        name=unit.name,
        members=members,
        head=head if head in members else "",
        substitutes=tuple(
            one for one in unit.substitutes if account not in {one.name, one.stands_for}
        ),
    )


def _rule_left(rule: Rule, account: str, heir: str) -> Rule | None:
    people = _replaced(rule.to.people, account, heir)
    if not people and not rule.to.unit:
        return None
    return Rule(
        to=Assignee(unit=rule.to.unit, people=people),
        peers=rule.peers,
        countries=rule.countries,
        types=rule.types,
        instruments=rule.instruments,
        urgencies=rule.urgencies,
    )
