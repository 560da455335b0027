"""Contradictions of a log: two signed notes that cannot both be true, or may not be.

Two roots for one size, both signed, prove by themselves that the log was forked. A
smaller tree after a larger one, or growth that does not verify, proves nothing to a
third party, but shows what was offered (specification, section 8.8).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import LogProofError, MalformedError
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.core.translog.checkpoint import (
    Checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from gateway.core.translog.note import VerifierKey, parse_note
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    UnixMs,
    format_time,
    parse_authority_id,
    parse_time,
)

MAX_CONFLICTS = 16
"""Contradictions of one log that are kept; one is enough to know."""

CONFLICT_SUFFIX = ".conflict"

# Two notes, with every line feed and dash of theirs escaped.
MAX_CONFLICT_BYTES = 4 * MAX_NOTE_BYTES

_HASH_DIGITS = 16


class ConflictKind(StrEnum):
    """In which way a log contradicts itself."""

    SPLIT_VIEW = "split-view"  # two roots for one size
    ROLLBACK = "rollback"  # smaller than before, again and again
    INCONSISTENT = "inconsistent"  # said to have grown, and the proof does not hold


@dataclass(frozen=True, slots=True)
class LogConflict:
    """Two notes of one log that contradict each other.

    Attributes:
        origin: The log.
        authority: Whose log it is.
        held: The note that was believed before.
        offered: The note that does not fit.
        source: Who brought it; the log's own authority, or a witness.
        at: When.
    """

    origin: str
    authority: AuthorityId
    kind: ConflictKind
    held: bytes
    offered: bytes
    source: AuthorityId
    at: UnixMs


class _ConflictFields(Wire, frozen=True, kw_only=True):
    """A conflict as its file spells it."""

    at: str
    authority: str
    held: str
    kind: ConflictKind
    offered: str
    origin: str
    source: str


def encode_conflict(conflict: LogConflict) -> bytes:
    """Return the file of a conflict: one canonical JSON object and a line feed."""
    fields = _ConflictFields(
        at=format_time(conflict.at),
        authority=conflict.authority,
        held=conflict.held.decode(),
        kind=conflict.kind,
        offered=conflict.offered.decode(),
        origin=conflict.origin,
        source=conflict.source,
    )
    return canonical.encode(fields) + b"\n"


def parse_conflict(raw: bytes) -> LogConflict:
    """Return the conflict in a file; nothing of it is verified.

    Raises:
        TooLargeError: Over its limit; checked first.
        MalformedError: Not such a file.
    """
    if not raw.endswith(b"\n"):
        raise MalformedError("conflict: the line does not end")
    fields = canonical.decode_as(
        raw[:-1],
        _ConflictFields,
        max_bytes=MAX_CONFLICT_BYTES,
        line_feeds=True,
    )
    return LogConflict(
        origin=fields.origin,
        authority=parse_authority_id(fields.authority),
        kind=fields.kind,
        held=fields.held.encode(),
        offered=fields.offered.encode(),
        source=parse_authority_id(fields.source),
        at=parse_time(fields.at),
    )


def conflict_digest(conflict: LogConflict) -> HexDigest:
    """Return the digest of its file, as `wit.conflict` names it."""
    return HexDigest(hashlib.sha256(encode_conflict(conflict)).hexdigest())


def conflict_name(conflict: LogConflict) -> str:
    """Return the name of its file: no two conflicts have the same."""
    log = hashlib.sha256(conflict.origin.encode()).hexdigest()[:_HASH_DIGITS]
    size = offered_checkpoint(conflict).size
    digest = conflict_digest(conflict)[:_HASH_DIGITS]
    return f"{conflict.kind}-{log}-{size}-{digest}{CONFLICT_SUFFIX}"


def offered_checkpoint(conflict: LogConflict) -> Checkpoint:
    """Return what the offered note says; its signatures are unchecked.

    Raises:
        MalformedError: It is no signed checkpoint.
    """
    return parse_checkpoint(parse_note(conflict.offered).text)


def prove_conflict(
    conflict: LogConflict,
    keys: Iterable[VerifierKey],
) -> tuple[Checkpoint, Checkpoint]:
    """Return both checkpoints, once the log's keys are shown to have signed both.

    For a split view that is the whole proof: nobody needs to believe who kept it.

    Args:
        conflict: What was kept.
        keys: Keys of the log.

    Raises:
        LogProofError: A note is not signed by the log, or the two do not contradict
            each other in the way that is claimed.
        MalformedError: A note is not one.
        TooLargeError: A note is over its limits.
    """
    known = tuple(keys)
    held = verify_checkpoint(conflict.held, origin=conflict.origin, keys=known)
    offered = verify_checkpoint(conflict.offered, origin=conflict.origin, keys=known)
    contradicts = {
        ConflictKind.SPLIT_VIEW: (
            held.size == offered.size and held.root != offered.root
        ),
        ConflictKind.ROLLBACK: offered.size < held.size,
        ConflictKind.INCONSISTENT: held.size != offered.size,
    }
    if not contradicts[conflict.kind]:
        raise LogProofError(
            f"conflict: sizes {held.size} and {offered.size} are no {conflict.kind}",
        )
    return held, offered
