"""What is defined at a node, and what has to be done for it to be as a file says."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from gateway.admin import node_shapes, people_shapes, unit_shapes, view_shapes
from gateway.admin.witness_shapes import LogPolicy
from gateway.cli.definitions_file import KINDS, ONLY, Definitions
from gateway.cli.output import json_text
from gateway.client import calls, job_calls, unit_calls, webhook_calls
from gateway.client.blocking import BlockingClient
from gateway.core.canonical import JsonObject
from gateway.core.operators import Role

Act: TypeAlias = Callable[[BlockingClient], object]

_LIMITS = ("upload_kib_s", "upload_hours", "max_evidence_gib")
_LOG_POLICY = ("may_monitor", "may_gossip", "exchanges_despite_conflict")
_UNIT = ("name", "members", "head", "substitutes")


@dataclass(frozen=True, slots=True)
class Change:
    """One definition that is not as the file says.

    Attributes:
        before: The fields as they are; None if there is no such thing.
        after: Those of the file that differ.
        acts: What has to be asked of the node; empty if a person has to do it.
        remedy: What that person has to do.
    """

    kind: str
    name: str
    before: JsonObject | None
    after: JsonObject
    acts: tuple[Act, ...] = ()
    remedy: str = ""

    @property
    def path(self) -> str:
        """What it is about, as in the file."""
        return f"{self.kind}.{self.name}" if self.name else self.kind

    def lines(self) -> Iterator[str]:
        """Yield the difference as people read it."""
        if self.before is None:
            yield f"+ {self.path}"
        for field, value in self.after.items():
            after = json.dumps(value, ensure_ascii=False)
            if self.before is None:
                yield f"+   {field} = {after}"
            else:
                before = json.dumps(self.before.get(field), ensure_ascii=False)
                yield f"~ {self.path}.{field}: {before} -> {after}"
        if self.remedy:
            yield f"  by hand: {self.remedy}"


def current(client: BlockingClient) -> Definitions:
    """Return everything that is defined at a node, without secrets.

    Raises:
        GatewayError: The node refuses one of the questions.
    """
    units = client.send(unit_calls.list_units())
    views = client.send(job_calls.list_views()).items
    routing = _fields(units, ("rules", "default_unit", "default_people"))
    found: dict[str, dict[str, JsonObject]] = {
        "operators": {
            one.name: _fields(one, ("roles",))
            for one in client.send(calls.list_operators()).items
        },
        "units": {one.code: _fields(one, _UNIT) for one in units.items},
        "routing": {"": routing},
        "peers": {
            one.id: _fields(one, ("paused", "proxy", *_LIMITS, *_LOG_POLICY))
            for one in client.send(calls.list_peers()).items
        },
        "webhooks": {
            one.name: _fields(one, ("url", "events"))
            for one in client.send(webhook_calls.list_webhooks()).items
        },
        "views": {
            one.name: _fields(one, ("query", "shared_with"))
            for one in views
            if one.mine
        },
    }
    return found


def changes(wanted: Definitions, have: Definitions) -> list[Change]:
    """Return what has to be done, in order; nothing if all is as wanted."""
    return [
        _change(kind, name, have.get(kind, {}).get(name), after)
        for kind in KINDS
        for name, fields in wanted.get(kind, {}).items()
        if (after := _differing(kind, fields, have.get(kind, {}).get(name))) is not None
    ]


def not_named(wanted: Definitions, have: Definitions) -> list[str]:
    """Return what the node has of the kinds in the file, and the file does not name."""
    return [
        f"{kind}.{name}"
        for kind, there in have.items()
        for name in sorted(there)
        if kind in wanted and kind not in ONLY and name not in wanted[kind]
    ]


def _differing(
    kind: str, fields: JsonObject, before: JsonObject | None
) -> JsonObject | None:
    """Return the fields that are not so yet; None if there is nothing to do."""
    if before is None:
        return fields
    after = {
        name: value
        for name, value in fields.items()
        if _comparable(kind, name, value) != _comparable(kind, name, before.get(name))
    }
    return after or None


def _comparable(kind: str, name: str, value: object) -> object:
    """Return a value as it is compared: the order of roles and events says nothing."""
    is_set = (kind, name) in {
        ("operators", "roles"),
        ("webhooks", "events"),
        ("units", "members"),
    }
    if is_set and isinstance(value, list):
        return sorted(map(str, value))
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _without_empty(value: object) -> object:
    """Return a table of a list without what says nothing."""
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item not in ("", [])}
    return value


def _change(
    kind: str, name: str, before: JsonObject | None, after: JsonObject
) -> Change:
    acts, remedy = _PLANS[kind](name, before, after)
    return Change(kind, name, before, after, acts, remedy)


_Plan: TypeAlias = tuple[tuple[Act, ...], str]


def _operator(name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    roles = msgspec.convert(after["roles"], tuple[Role, ...])
    if before is None:
        request = people_shapes.AddOperatorRequest(name=name, roles=roles)
        return (lambda client: client.send(calls.add_operator(request)),), ""
    return (lambda client: client.send(calls.set_roles(name, roles)),), ""


def _unit(name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    whole = {"name": name, **(before or {}), **after}
    request = msgspec.convert(whole, unit_shapes.PutUnitRequest)
    return (lambda client: client.send(unit_calls.put_unit(name, request)),), ""


def _routing(_name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    request = msgspec.convert({**(before or {}), **after}, unit_shapes.RoutingRequest)
    return (lambda client: client.send(unit_calls.set_routing(request)),), ""


def _peer(name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    if before is None:
        return (), f"trust it first: mla-gateway peer add CARD, which must be {name}'s"
    acts: list[Act] = []
    if "paused" in after:
        pause = calls.pause_peer if after["paused"] else calls.resume_peer
        acts.append(lambda client: client.send(pause(name)))
    if "proxy" in after:
        proxy = str(after["proxy"])
        acts.append(lambda client: client.send(calls.set_peer_proxy(name, proxy)))
    if limits := {key: after[key] for key in _LIMITS if key in after}:
        limit = msgspec.convert(limits, node_shapes.PeerLimits)
        acts.append(lambda client: client.send(calls.limit_peer(name, limit)))
    if policies := {key: after[key] for key in _LOG_POLICY if key in after}:
        policy = msgspec.convert(policies, LogPolicy)
        acts.append(lambda client: client.send(calls.set_log_policy(name, policy)))
    return tuple(acts), ""


def _webhook(name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    """Return no act: adding one gives a secret, which somebody has to take over."""
    add = f"mla-gateway webhook add {name} {after.get('url', 'URL')} --out {name}.key"
    if before is None:
        return (), add
    return (), f"mla-gateway webhook remove {name}, then {add}"


def _view(name: str, before: JsonObject | None, after: JsonObject) -> _Plan:
    whole = {**(before or {}), **after, "name": name}
    request = msgspec.convert(whole, view_shapes.SaveViewRequest)
    return (lambda client: client.send(job_calls.save_view(request)),), ""


_PLANS: Mapping[str, Callable[[str, JsonObject | None, JsonObject], _Plan]] = {
    "operators": _operator,
    "units": _unit,
    "routing": _routing,
    "peers": _peer,
    "webhooks": _webhook,
    "views": _view,
}


def _fields(answer: msgspec.Struct, names: tuple[str, ...]) -> JsonObject:
    """Return some fields of an answer as plain values, what says nothing left out."""
    whole: JsonObject = json.loads(json_text(answer))
    return {
        name: [_without_empty(item) for item in value]  # type: ignore[misc]
        if isinstance(value := whole[name], list)
        else value
        for name in names
    }
