"""Definitions as a TOML file: what may stand in it, writing it, reading it.

Never secrets: no token, no password, no key, no secret of a webhook.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from gateway.admin.shapes import MAX_NUMBER
from gateway.admin.unit_shapes import RoutingRule, Substitution
from gateway.admin.view_shapes import RoleName
from gateway.config.reading import Problem, read_tables
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.operators import Role

Definitions: TypeAlias = Mapping[str, Mapping[str, JsonObject]]
"""Fields by kind and name; a kind of which there is one has the name ``."""

MAX_BYTES: Final = 1024 * 1024

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_HEAD: Final = """\
# Definitions of an MLA gateway. Apply them with: mla-gateway definitions apply FILE
# What is not named here is left as it is; nothing is ever removed.
"""


class _Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields that may be left out: what is left out stays as it is."""


class OperatorFields(_Fields, frozen=True, kw_only=True):
    """An account."""

    roles: tuple[Role, ...]


class UnitFields(_Fields, frozen=True, kw_only=True):
    """A unit."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    members: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    head: str | msgspec.UnsetType = msgspec.UNSET
    substitutes: tuple[Substitution, ...] | msgspec.UnsetType = msgspec.UNSET


class RoutingFields(_Fields, frozen=True, kw_only=True):
    """To whom cases go."""

    rules: tuple[RoutingRule, ...] | msgspec.UnsetType = msgspec.UNSET
    default_unit: str | msgspec.UnsetType = msgspec.UNSET
    default_people: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class PeerFields(_Fields, frozen=True, kw_only=True):
    """What was agreed with a peer."""

    paused: bool | msgspec.UnsetType = msgspec.UNSET
    proxy: str | msgspec.UnsetType = msgspec.UNSET
    upload_kib_s: int | msgspec.UnsetType = msgspec.UNSET
    upload_hours: str | msgspec.UnsetType = msgspec.UNSET
    max_evidence_gib: int | msgspec.UnsetType = msgspec.UNSET
    may_monitor: bool | msgspec.UnsetType = msgspec.UNSET
    may_gossip: bool | msgspec.UnsetType = msgspec.UNSET
    exchanges_despite_conflict: bool | msgspec.UnsetType = msgspec.UNSET


class WebhookFields(_Fields, frozen=True, kw_only=True):
    """An endpoint; its secret is not among them."""

    url: str
    events: tuple[str, ...] = ()


class ViewFields(_Fields, frozen=True, kw_only=True):
    """A saved view of the account that applies the file."""

    query: str | msgspec.UnsetType = msgspec.UNSET
    shared_with: RoleName | str | msgspec.UnsetType = msgspec.UNSET


KINDS: Final[Mapping[str, type[_Fields]]] = {
    "operators": OperatorFields,
    "units": UnitFields,
    "routing": RoutingFields,
    "peers": PeerFields,
    "webhooks": WebhookFields,
    "views": ViewFields,
}
"""In the order of applying: units name operators, and routing names units."""

ONLY: Final = frozenset({"routing"})
"""Kinds of which there is one."""


def render(definitions: Definitions) -> str:
    """Return definitions as the text of a file; the same give the same text."""
    return "\n".join(_lines(definitions)) + "\n"


def _lines(definitions: Definitions) -> Iterator[str]:
    yield _HEAD.rstrip("\n")
    for kind in KINDS:
        for name, fields in sorted(definitions.get(kind, {}).items()):
            yield ""
            yield f"[{kind}]" if kind in ONLY else f"[{kind}.{_key(name)}]"
            yield from (f"{field} = {spell(value)}" for field, value in fields.items())


def read(file: Path) -> tuple[Definitions, list[Problem]]:
    """Return what stands in a file, and everything that is wrong with it."""
    found = read_tables(file, max_bytes=MAX_BYTES)
    if isinstance(found, Problem):
        return {}, [found]
    tables, lines = found
    problems: list[Problem] = []
    definitions: dict[str, dict[str, JsonObject]] = {}

    def complain(path: str, text: str) -> None:
        line = lines.get(path) or lines.get(path.rpartition(".")[0])
        place = f"{file}:{line}" if line else str(file)
        problems.append(Problem(place, f"{path}: {text}"))

    for kind, table in tables.items():
        if kind not in KINDS:
            complain(kind, f"no such kind; expected {', '.join(KINDS)}")
        elif not isinstance(table, dict):
            complain(kind, "expected a section")
        else:
            named = {"": table} if kind in ONLY else table
            for name, fields in named.items():
                path = f"{kind}.{name}" if name else kind
                text = _problem(kind, fields)
                if text:
                    complain(path, text)
                else:
                    definitions.setdefault(kind, {})[name] = fields
    return definitions, problems


def _problem(kind: str, fields: object) -> str:
    """Return what is wrong with the fields of a definition, or nothing."""
    try:
        msgspec.convert(fields, KINDS[kind], strict=True)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name, ensure_ascii=False)


def spell(value: JsonValue) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        members = (f"{_key(name)} = {spell(item)}" for name, item in value.items())
        return f"{{ {', '.join(members)} }}"
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            return "[\n" + "".join(f"  {spell(item)},\n" for item in value) + "]"
        return f"[{', '.join(map(spell, value))}]"
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise ValueError(f"{value}: too large")
    return json.dumps(value, ensure_ascii=False)
