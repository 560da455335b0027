"""Entries of the log as syslog messages (RFC 5424), for whoever watches many systems.

Only what stands in the entry itself: kinds, ids, peers, results, counts. What an entry
discloses to those entitled, such as who did it and why, is not in it and never goes out
this way (specification, section 16.3).
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.core.entries.leaf import parse_leaf
from gateway.core.values import HexDigest, format_time

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

APP_NAME = "mla-gateway"

# Log audit, as RFC 5424 numbers facilities.
_FACILITY = 13
_MOST_MSGID_CHARS = 32
# Largest of `sequenceId` (RFC 5424, section 7.3.1); then it begins at 1 again.
_SEQUENCE_IDS = 2**31 - 1

_CRITICAL, _WARNING, _NOTICE, _INFORMATIONAL = 2, 4, 5, 6
_SEVERITIES = {
    "admin.alarm-raise": _WARNING,
    "admin.approval-override": _WARNING,
    "admin.webhook-disable": _WARNING,
    "auth.fail": _WARNING,
    "log.recover": _CRITICAL,
    "msg.lost": _CRITICAL,
    "msg.quarantine": _WARNING,
    "msg.refused": _WARNING,
    "msg.reject": _WARNING,
    "msg.unreceived": _WARNING,
    "wit.conflict": _CRITICAL,
}
_OF_MESSAGES = ("msg.", "wit.", "tsa.")
# CEF counts the other way, 0 to 10.
_CEF_SEVERITIES = {_CRITICAL: 9, _WARNING: 6, _NOTICE: 3, _INFORMATIONAL: 1}

# Fields of entries that are told, where they are there.
_TOLD = (
    "m",
    "peer",
    "res",
    "ref",
    "seq",
    "count",
    "dig",
    "number",
    "min",
    "basis",
    "until",
)


class SyslogFormat(StrEnum):
    """What a message says after its head."""

    JSON = "json"
    CEF = "cef"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """An entry to be told.

    Attributes:
        origin: Of the log.
        data: Exact bytes; empty once they were pruned.
        message_id: What it is about, or empty.
    """

    origin: str
    index: int
    leaf_hash: bytes
    data: bytes
    kind: str
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogSource:
    """Who tells.

    Attributes:
        host: Name in the head: the authority's id.
        version: Of the software.
    """

    host: str
    version: str
    form: SyslogFormat


def severity_of(kind: str) -> int:
    """Return how grave a kind of entry is, as RFC 5424 counts."""
    usual = _INFORMATIONAL if kind.startswith(_OF_MESSAGES) else _NOTICE
    return _SEVERITIES.get(kind, usual)


def syslog_message(entry: LoggedEntry, source: SyslogSource) -> bytes:
    """Return an entry as one syslog message, ASCII and without a line feed.

    Raises:
        MalformedError: The bytes are not an entry of that log.
    """
    told = _told(entry)
    at = told.get("at", "-")
    severity = severity_of(entry.kind)
    head = (
        f"<{8 * _FACILITY + severity}>1 {at} {source.host} {APP_NAME} - "
        f"{entry.kind[:_MOST_MSGID_CHARS]} "
        f'[meta sequenceId="{entry.index % _SEQUENCE_IDS + 1}"] '
    )
    if source.form is SyslogFormat.CEF:
        body = _cef(entry, told, severity, source)
    else:
        told["authority"] = source.host
        body = json.dumps(told, separators=(",", ":"), sort_keys=True)
    return (head + body).encode("ascii")


def framed(message: bytes) -> bytes:
    """Return a message for a stream: its length before it (RFC 6587, 3.4.1)."""
    return b"%d %b" % (len(message), message)


def _told(entry: LoggedEntry) -> "JsonObject":
    """Return what is told of an entry, by name."""
    told: JsonObject = {
        "hash": HexDigest(entry.leaf_hash.hex()),
        "index": entry.index,
        "kind": entry.kind,
        "log": entry.origin,
    }
    if entry.message_id:
        told["m"] = entry.message_id
    if not entry.data:
        told["pruned"] = True
        return told
    leaf = parse_leaf(entry.data, log=entry.origin)
    told["at"] = format_time(leaf.at)
    if leaf.is_clock_behind:
        told["clock_behind"] = True
    told |= {name: leaf.fields[name] for name in _TOLD if name in leaf.fields}
    return told


def _cef(
    entry: LoggedEntry, told: "JsonObject", severity: int, source: SyslogSource
) -> str:
    """Return what is told in the Common Event Format, version 0."""
    extension = {
        "externalId": entry.index,
        "deviceExternalId": entry.origin,
        "rt": told.get("at"),
        "outcome": told.get("res"),
        "cnt": told.get("count"),
        "fileHash": told["hash"],
        **_labelled("cs1", "message", told.get("m")),
        **_labelled("cs2", "peer", told.get("peer")),
        **_labelled("cs3", "digest", told.get("dig")),
        **_labelled("cs4", "basis", told.get("basis")),
        **_labelled("cn1", "seq", told.get("seq")),
        **_labelled("cn2", "ref", told.get("ref")),
    }
    header = (
        "CEF:0",
        APP_NAME,
        APP_NAME,
        source.version,
        entry.kind,
        entry.kind,
        str(_CEF_SEVERITIES[severity]),
    )
    pairs = (
        f"{name}={_escaped(str(value), '=')}"
        for name, value in extension.items()
        if value is not None
    )
    first, *others = header
    fields = "|".join([first, *(_escaped(one, "|") for one in others)])
    return f"{fields}|{' '.join(pairs)}"


def _labelled(key: str, label: str, value: object) -> dict[str, object]:
    return {} if value is None else {key: value, f"{key}Label": label}


def _escaped(text: str, separator: str) -> str:
    """Return text for a field of CEF: ASCII, its separators marked.

    There are no control characters in an entry.
    """
    plain = text.encode("ascii", "backslashreplace").decode("ascii")
    return plain.replace("\\", "\\\\").replace(separator, f"\\{separator}")
