"""Which kinds of entries there are, and what each must hold.

The table is the law: an entry of one kind can't be passed off as another, because a
reader refuses every field the kind does not have (specification, section 8.1).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError
from gateway.core.translog.encoding import decode_hash
from gateway.core.values import (
    parse_authority_id,
    parse_digest,
    parse_message_id,
    parse_time,
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Fields of one kind beside those all entries have."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def _kind(required: str, optional: str = "") -> _Kind:
    return _Kind(frozenset(required.split()), frozenset(optional.split()))


_STATE = _kind("m peer", "seq dig ref res")
_ACCESS = _kind("m ref", "peer res")
_CROSS = _kind("m peer ref cp")
_ADMIN = _kind("", "dig peer res count")

# Specification, section 8.1, row by row.
KINDS: Mapping[str, _Kind] = {
    "log.init": _kind("vkeys pol", "prior"),
    "log.keys": _kind("vkeys res"),
    "log.prune": _kind("min basis"),
    "log.recover": _kind("cp", "res"),
    "log.close": _kind("cp", "res"),
    "root.keys": _kind("authority log_keys number tls witness"),
    "msg.send": _kind("m peer dig man seq", "ref"),
    "msg.receive": _kind("m peer dig", "ref res"),
    "msg.reject": _kind("m peer dig", "ref res"),
    "msg.deliver": _CROSS,
    "msg.opened": _CROSS,
    "msg.refused": _kind("m peer ref cp res"),
    "msg.hold": _STATE,
    "msg.release": _STATE,
    "msg.cancel": _STATE,
    "msg.expire": _STATE,
    "msg.confirm": _STATE,
    "msg.quarantine": _STATE,
    "msg.lost": _STATE,
    "msg.carry": _STATE,
    "msg.unreceived": _kind("m peer ref", "count res"),
    "msg.restrict": _kind("m peer ref res"),
    "msg.restricted": _kind("m peer ref cp res"),
    "msg.check": _ACCESS,
    "msg.access": _ACCESS,
    "msg.export": _ACCESS,
    "msg.list": _kind("count"),
    "msg.erase": _kind("m basis count until"),
    "auth.fail": _ADMIN,
    "wit.cosign": _kind("cp", "dig peer"),
    "wit.conflict": _kind("cp", "dig peer"),
    "tsa.stamp": _kind("cp", "dig peer"),
}
PRUNING_KIND = "log.prune"
"""The entry that states the minimum index of the log."""

# Entries about what people did: their bytes go with the log's minimum. All others,
# which receipts, answers to repeated offers and the node itself rest on, stay readable.
_PRUNED_KINDS = frozenset(
    {"msg.access", "msg.check", "msg.confirm", "msg.export", "msg.list", "auth.fail"},
)
_PRUNED_FAMILY = "admin."
_RESULT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
_NONCE = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]\Z")
_SD_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
FAMILIES = ("admin", "key", "config")
"""What the kinds that are open-ended begin with; all have the same fields."""

_FAMILY_KIND = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z][a-z-]*\Z")
COMMON_FIELDS = frozenset({"v", "log", "i", "prev", "t", "k", "r", "clk", "sd"})
_MANDATORY = frozenset({"v", "log", "i", "prev", "t", "k", "r"})


def step_role(kind: str) -> str:
    """Return what the proof of an entry is called that has no role of its own."""
    return kind.rpartition(".")[2]


def _kind_table(kind: object) -> _Kind:
    if isinstance(kind, str):
        if kind in KINDS:
            return KINDS[kind]
        if _FAMILY_KIND.match(kind):
            return _ADMIN
    raise MalformedError("leaf: unknown kind")


def fields_of(kind: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the fields that leaves of a kind must and may have, the common ones too.

    Raises:
        MalformedError: No such kind.
    """
    table = _kind_table(kind)
    must = _MANDATORY | table.required
    return must, must | COMMON_FIELDS | table.optional


def is_pruned_kind(kind: str) -> bool:
    """Tell whether the bytes of such entries go when the log is pruned (8.15)."""
    return kind in _PRUNED_KINDS or kind.startswith(_PRUNED_FAMILY)


def check_fields(value: JsonObject) -> None:
    """Check that a leaf has exactly its kind's fields, each of the right form."""
    names = value.keys()
    table = _kind_table(value.get("k"))
    if not (_MANDATORY | table.required) <= names:
        raise MalformedError("leaf: a field of its kind is missing")
    if not names <= (COMMON_FIELDS | table.required | table.optional):
        raise MalformedError("leaf: a field its kind does not have")
    for name, item in value.items():
        if not _FORMS[name](item):
            raise MalformedError(f"leaf: field {name} has another form")


def _is_number(item: JsonValue) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and item >= 0


def _is_text(item: JsonValue) -> bool:
    return isinstance(item, str) and bool(item)


def _matches(pattern: re.Pattern[str]) -> Callable[[JsonValue], bool]:
    return lambda item: isinstance(item, str) and pattern.match(item) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[JsonValue], bool]:
    def check(item: JsonValue) -> bool:
        if not isinstance(item, str):
            return False
        try:
            parse(item)
        except MalformedError:
            return False
        return True

    return check


def _is_text_list(item: JsonValue) -> bool:
    return isinstance(item, list) and len(item) > 0 and all(map(_is_text, item))


def _is_digest_list(item: JsonValue) -> bool:
    return (
        isinstance(item, list)
        and len(item) > 0
        and all(isinstance(one, str) and _SD_DIGEST.match(one) for one in item)
        and item == sorted(set(map(str, item)))
    )


def _is_checkpoint(item: JsonValue) -> bool:
    return (
        isinstance(item, dict)
        and item.keys() == {"o", "n", "r"}
        and _is_text(item["o"])
        and _is_number(item["n"])
        and _parses(partial(decode_hash, what="root"))(item["r"])
    )


def _is_prior(item: JsonValue) -> bool:
    return (
        isinstance(item, dict)
        and item.keys() == {"o", "n", "r", "dig"}
        and _is_checkpoint({name: item[name] for name in ("o", "n", "r")})
        and _parses(parse_digest)(item["dig"])
    )


def _is_named_keys(name: str) -> Callable[[JsonValue], bool]:
    def check(item: JsonValue) -> bool:
        return (
            isinstance(item, dict)
            and item.keys() == {name, "vkeys"}
            and _is_text(item[name])
            and _is_text_list(item["vkeys"])
        )

    return check


_FORMS: Mapping[str, Callable[[JsonValue], bool]] = {
    "v": lambda item: item is not True and item == 1,
    "log": _is_text,
    "i": _is_number,
    "prev": _parses(parse_digest),
    "t": _parses(parse_time),
    "k": _is_text,
    "r": _matches(_NONCE),
    "clk": lambda item: item is not True and item == 1,
    "sd": _is_digest_list,
    "m": _parses(parse_message_id),
    "peer": _parses(parse_authority_id),
    "dig": _parses(parse_digest),
    "man": _parses(parse_digest),
    "pol": _parses(parse_digest),
    "seq": _is_number,
    "ref": _is_number,
    "min": _is_number,
    "count": _is_number,
    "number": _is_number,
    "res": _matches(_RESULT),
    "basis": _is_text,
    "until": _is_text,
    "authority": _parses(parse_authority_id),
    "vkeys": _is_text_list,
    "tls": _is_text_list,
    "witness": _is_named_keys("name"),
    "log_keys": _is_named_keys("origin"),
    "cp": _is_checkpoint,
    "prior": _is_prior,
}
