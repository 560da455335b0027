"""The audit log as a record of processing: Directive (EU) 2016/680, article 25.

Article 25(1) asks for logs of collection, alteration, consultation, disclosure
including transfers, combination and erasure, and for consultation and disclosure that
they make it possible to establish the justification, date and time, and as far as
possible who consulted or disclosed and who received. Each kind of entry is one of
these operations, or one that the list LOG_OP adds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Optional

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import UnixMs

OPERATIONS: Final[Mapping[str, str]] = {
    "msg.hold": "COLLECTION",
    "msg.receive": "COLLECTION",
    "msg.release": "DISCLOSURE",
    "msg.send": "DISCLOSURE",
    "msg.deliver": "DISCLOSURE",
    "msg.opened": "DISCLOSURE",
    "msg.unreceived": "DISCLOSURE",
    "msg.refused": "AUTHZ",
    "msg.reject": "AUTHZ",
    "msg.cancel": "ALTERATION",
    "msg.expire": "ALTERATION",
    "msg.lost": "ALTERATION",
    "msg.carry": "ALTERATION",
    "msg.confirm": "CONSULTATION",
    "msg.quarantine": "RESTRICTION",
    "msg.restrict": "RESTRICTION",
    "msg.restricted": "RESTRICTION",
    "msg.check": "DECRYPT",
    "msg.access": "CONSULTATION",
    "msg.export": "EXPORT",
    "msg.list": "CONSULTATION",
    "msg.erase": "ERASURE",
    "log.prune": "ERASURE",
    "auth.fail": "AUTHN",
    "wit.cosign": "VERIFY",
    "wit.conflict": "VERIFY",
    "tsa.stamp": "VERIFY",
    "admin.hold": "RESTRICTION",
    "admin.hold-lift": "RESTRICTION",
    "admin.led-export": "EXPORT",
}
"""Codes of list LOG_OP by kind of entry; of the others by the rows below."""

_BY_BEGINNING: Final = (
    ("admin.approval-override", "BREAK_GLASS"),
    ("admin.break-glass", "BREAK_GLASS"),
    ("admin.approval-", "AUTHZ"),
    ("admin.restrict", "RESTRICTION"),
    ("admin.", "ADMIN"),
    ("config.", "ADMIN"),
    ("key.", "ADMIN"),
    ("log.", "ADMIN"),
    ("root.", "ADMIN"),
    ("msg.", "ALTERATION"),
)
_DENIED: Final = frozenset({"auth.fail", "msg.reject", "msg.refused"})
_RESULT_IS_REFUSAL: Final = frozenset({"msg.access"})
_SERVICES: Final = frozenset({"node", "init", "recover"})
FIELDS: Final = (
    "log_id",
    "log_seq",
    "at",
    "op",
    "kind",
    "actor_kind",
    "actor_id",
    "actor_role",
    "on_behalf_of",
    "case_id",
    "msg_id",
    "item_id",
    "record_count",
    "justification",
    "authorisation",
    "recipient",
    "query",
    "detail",
    "result",
    "legal_basis",
    "prev_hash",
    "entry_hash",
)
"""Names of the fields of a record, in their order in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingRecord:
    """One operation, as a supervisory authority reads it.

    Attributes:
        seq: Index of the entry.
        at: Its moment as it stands in the entry.
        at_ms: The same as a number.
        op: Code of list LOG_OP.
        recipient: The other authority, where something was disclosed to it.
        result: `ALLOWED` or `DENIED`.
        fields: All of it, by the names of `FIELDS`; what is unknown is left out.
    """

    seq: int
    at_ms: UnixMs
    kind: str
    op: str
    actor: str
    result: str
    msg_id: str
    fields: JsonObject = field(repr=False)


def operation_of(kind: str) -> str:
    """Return the code of list LOG_OP that a kind of entry is."""
    if kind in OPERATIONS:
        return OPERATIONS[kind]
    return next(
        (op for beginning, op in _BY_BEGINNING if kind.startswith(beginning)), "ADMIN"
    )


def record_of(
    leaf: JsonObject,
    disclosed: Mapping[str, str],
    *,
    at_ms: UnixMs,
    entry_hash: str,
) -> ProcessingRecord:
    """Return the record of an entry.

    Args:
        leaf: The entry.
        disclosed: What it discloses and was not erased.
        at_ms: Its moment.
        entry_hash: Its leaf hash, in hex.
    """
    kind = str(leaf.get("k", ""))
    op = operation_of(kind)
    actor = disclosed.get("actor", "")
    is_denied = kind in _DENIED or (kind in _RESULT_IS_REFUSAL and "res" in leaf)
    told: dict[str, Optional[JsonValue]] = {  # noqa: UP045 - the name is a text
        "log_id": leaf.get("log"),
        "log_seq": leaf.get("i"),
        "at": leaf.get("t"),
        "op": op,
        "kind": kind,
        "actor_kind": _actor_kind(actor, leaf),
        "actor_id": actor or None,
        "actor_role": disclosed.get("role"),
        "on_behalf_of": disclosed.get("on_behalf_of"),
        "case_id": disclosed.get("case"),
        "msg_id": leaf.get("m"),
        "item_id": leaf.get("res") if kind == "msg.export" else None,
        "record_count": leaf.get("count"),
        "justification": disclosed.get("purpose"),
        "authorisation": leaf.get("ref") if kind == "msg.export" else None,
        "recipient": leaf.get("peer") if op == "DISCLOSURE" else None,
        "query": disclosed.get("query"),
        "detail": disclosed.get("detail"),
        "result": "DENIED" if is_denied else "ALLOWED",
        "legal_basis": leaf.get("basis"),
        "prev_hash": leaf.get("prev"),
        "entry_hash": entry_hash,
    }
    return ProcessingRecord(
        seq=_number(leaf.get("i")),
        at_ms=at_ms,
        kind=kind,
        op=op,
        actor=actor,
        result="DENIED" if is_denied else "ALLOWED",
        msg_id=str(leaf.get("m", "")),
        fields={name: told[name] for name in FIELDS if told[name] is not None},  # type: ignore[misc]
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _actor_kind(actor: str, leaf: JsonObject) -> str | None:
    if actor:
        return "service" if actor in _SERVICES else "person"
    return "peer node" if "peer" in leaf else None
