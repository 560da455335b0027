"""Leaves: how an entry is spelled, chained and read (specification, section 8.1).

A leaf is hashed exactly as stored; nobody re-serialises before verifying.
"""

from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.disclosures import (
    Disclosure,
    SealedDisclosure,
    base64url,
    seal_disclosure,
)
from gateway.core.entries.kinds import COMMON_FIELDS, check_fields
from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_LEAF_BYTES, MAX_STATEMENT_BYTES
from gateway.core.randomness import random_bytes
from gateway.core.translog.merkle import leaf_hash
from gateway.core.values import HexDigest, UnixMs, format_time, parse_time

FIRST_PREV = HexDigest("0" * 64)
"""`prev` of leaf 0, which has no predecessor."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a transaction wants logged; index and `prev` are not known yet."""

    kind: str
    at: UnixMs
    fields: JsonObject
    disclosures: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A parsed entry. `fields` holds all but `v log i prev t k r clk sd`."""

    raw: bytes
    log: str
    index: int
    prev: HexDigest
    at: UnixMs
    kind: str
    fields: JsonObject
    disclosure_digests: tuple[str, ...]
    is_clock_behind: bool

    def text(self, name: str) -> str:
        """Return a field that the kind's table says is text."""
        return canonical.convert(self.fields[name], str)

    def number(self, name: str) -> int:
        """Return a field that the kind's table says is a number."""
        return canonical.convert(self.fields[name], int)


def build_leaf(
    draft: EntryDraft,
    *,
    log: str,
    index: int,
    prev: HexDigest,
    previous_at: UnixMs,
) -> tuple[bytes, tuple[SealedDisclosure, ...]]:
    """Return the leaf of a draft at its place, and its disclosures.

    Args:
        draft: What is logged.
        log: Origin of the log.
        index: Its place.
        prev: Leaf hash of the entry before, or `FIRST_PREV`.
        previous_at: Time of the entry before; `clk` marks a clock that went back.

    Raises:
        AssertionError: The draft does not fit its kind; a defect of ours.
    """
    sealed = tuple(seal_disclosure(item) for item in draft.disclosures)
    leaf: JsonObject = {
        **draft.fields,
        "v": 1,
        "log": log,
        "i": index,
        "prev": prev,
        "t": format_time(draft.at),
        "k": draft.kind,
        "r": base64url(random_bytes(16)),
    }
    if draft.at < previous_at:
        leaf["clk"] = 1
    if sealed:
        leaf["sd"] = list[JsonValue](sorted(item.digest for item in sealed))
    try:
        check_fields(leaf)  # every field of its form, so JSON's own types only
        raw = canonical.encode_typed(leaf)
    except MalformedError as error:
        raise AssertionError(f"internal: {draft.kind}: {error}") from error
    if len(raw) > _max_bytes(log):
        raise AssertionError(f"internal: {draft.kind}: leaf over its limit")
    return raw, sealed


def parse_leaf(raw: bytes, *, log: str) -> Leaf:
    """Return the entry that `raw` is, refusing all the kind's table does not have.

    Raises:
        MalformedError: Not a canonical leaf of a known kind of that log.
        TooLargeError: Over 4 KiB, or over 64 KiB in a root log.
    """
    value = canonical.decode(raw, max_bytes=_max_bytes(log))
    if not isinstance(value, dict):
        raise MalformedError("leaf: expected an object")
    check_fields(value)
    if value["log"] != log:
        raise MalformedError("leaf: belongs to another log")
    return _leaf_of(raw, value)


def chain_hash(raw: bytes) -> HexDigest:
    """Return what the next leaf must hold as `prev`."""
    return HexDigest(leaf_hash(raw).hex())


def _max_bytes(log: str) -> int:
    """Return the limit of a log: the entries of a root log hold whole keys."""
    return MAX_STATEMENT_BYTES if log.endswith("/root") else MAX_LEAF_BYTES


def _leaf_of(raw: bytes, value: JsonObject) -> Leaf:
    return Leaf(
        raw=raw,
        log=str(value["log"]),
        index=canonical.convert(value["i"], int),
        prev=HexDigest(str(value["prev"])),
        at=parse_time(str(value["t"])),
        kind=str(value["k"]),
        fields={
            name: item for name, item in value.items() if name not in COMMON_FIELDS
        },
        disclosure_digests=tuple(canonical.convert(value.get("sd", []), list[str])),
        is_clock_behind="clk" in value,
    )
