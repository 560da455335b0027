"""The file of units and of the rules by which cases come to them."""

from datetime import date
from typing import TypeVar

from msgspec import UNSET, UnsetType

from gateway.core.canonical import Wire
from gateway.core.errors import ConfigError, UsageError
from gateway.core.limits import MAX_TRUST_FILE_BYTES
from gateway.core.units import Assignee, Rule, Substitute, Unit, Units
from gateway.trust import toml
from gateway.trust.files import UNITS_FILE

UNITS_PATH = UNITS_FILE
_T = TypeVar("_T")
_HEAD = (
    "# Units, and the rules by which cases come to them. Not to be edited: the log",
    "# vouches for this file. Change it with: mla-gateway unit put|remove|route",
)


class _To(Wire, frozen=True, kw_only=True):
    unit: str = ""
    people: list[str] | UnsetType = UNSET


class _SubstituteTable(Wire, frozen=True, kw_only=True):
    name: str
    stands_for: str
    first: str
    last: str


class _UnitTable(Wire, frozen=True, kw_only=True):
    code: str
    name: str
    head: str = ""
    members: list[str] | UnsetType = UNSET
    substitutes: list[_SubstituteTable] | UnsetType = UNSET


class _RuleTable(_To, frozen=True, kw_only=True):
    peers: list[str] | UnsetType = UNSET
    countries: list[str] | UnsetType = UNSET
    types: list[str] | UnsetType = UNSET
    instruments: list[str] | UnsetType = UNSET
    urgencies: list[str] | UnsetType = UNSET


class _UnitsFile(Wire, frozen=True, kw_only=True):
    units: list[_UnitTable] | UnsetType = UNSET
    rules: list[_RuleTable] | UnsetType = UNSET
    default: _To | UnsetType = UNSET


def encode_units(units: Units) -> bytes:
    """Return the content of the file.

    Raises:
        ConfigError: It would be too long to be read again.
    """
    lines = list(_HEAD)
    for unit in units.units:
        lines += ["", "[[units]]", *toml.spell({"code": unit.code, "name": unit.name})]
        lines += toml.spell({"head": unit.head, "members": unit.members})
        for one in unit.substitutes:
            lines += ["", "[[units.substitutes]]"]
            lines += toml.spell({"name": one.name, "stands_for": one.stands_for})
            lines += toml.spell(
                {"first": one.first.isoformat(), "last": one.last.isoformat()}
            )
    for rule in units.rules:
        lines += ["", "[[rules]]", *_spell_to(rule.to)]
        for name in _FIELDS:
            values = getattr(rule, name)
            if values:
                lines += toml.spell({name: values})
    if not units.default.is_nobody:
        lines += ["", "[default]", *_spell_to(units.default)]
    raw = "\n".join([*lines, ""]).encode()
    if len(raw) > MAX_TRUST_FILE_BYTES:
        raise ConfigError(
            f"{UNITS_PATH}: {len(raw)} bytes, at most {MAX_TRUST_FILE_BYTES}; "
            "join units or rules"
        )
    return raw


_FIELDS = ("peers", "countries", "types", "instruments", "urgencies")


def _spell_to(to: Assignee) -> list[str]:
    return toml.spell({"unit": to.unit} if to.unit else {"people": to.people})


def parse_units(raw: bytes) -> Units:
    """Return what the file says; nothing of a file that there is not.

    Raises:
        ConfigError: Not such a file.
    """
    content = toml.read(raw, _UnitsFile, UNITS_PATH)
    try:
        return Units(
            units=tuple(map(_unit, _list(content.units))),
            rules=tuple(map(_rule, _list(content.rules))),
            default=_to(_To() if content.default is UNSET else content.default),
        )
    except (UsageError, ValueError) as error:
        raise ConfigError(f"{UNITS_PATH}: {error}") from error


def _list(given: list[_T] | UnsetType) -> list[_T]:
    return [] if given is UNSET else given


def _unit(table: _UnitTable) -> Unit:
    return Unit(
        code=table.code,
        name=table.name,
        members=tuple(_list(table.members)),
        head=table.head,
        substitutes=tuple(
            Substitute(
                one.name,
                one.stands_for,
                date.fromisoformat(one.first),
                date.fromisoformat(one.last),
            )
            for one in _list(table.substitutes)
        ),
    )


def _to(table: _To) -> Assignee:
    return Assignee(unit=table.unit, people=tuple(_list(table.people)))


def _rule(table: _RuleTable) -> Rule:
    return Rule(
        to=_to(table),
        peers=tuple(_list(table.peers)),
        countries=tuple(_list(table.countries)),
        types=tuple(_list(table.types)),
        instruments=tuple(_list(table.instruments)),
        urgencies=tuple(_list(table.urgencies)),
    )
