"""What a witness is asked, and how it must answer.

It cosigns a checkpoint only if the tree has merely grown since the last one it
cosigned. Keeping that state, and writing it before answering, is the caller's part.
Specification, section 8.5.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from gateway.core.errors import LogProofError, MalformedError
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.core.translog.checkpoint import (
    Checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from gateway.core.translog.encoding import (
    decode_hash,
    decode_text,
    encode_base64,
    parse_decimal,
)
from gateway.core.translog.merkle import EMPTY_ROOT, Path, verify_consistency
from gateway.core.translog.note import (
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_signature_lines,
)

MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 3 * 1024
"""Longest request: the first line and 63 hashes take 2.9 kB."""

SIZE_CONTENT_TYPE = "text/x.tlog.size"
"""Content type of the answer that tells the size last cosigned."""

_OLD = "old "
_MAX_PROOF_HASHES = 63


class WitnessStatus(IntEnum):
    """HTTP status of the answer."""

    COSIGN = 200  # sign, once the new state is durable
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    OUT_OF_STEP = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A log's request to cosign, not yet checked.

    Attributes:
        old_size: Size that the witness is thought to have cosigned last; 0 if none.
        proof: Consistency proof from that size.
        checkpoint_note: The signed note to cosign.
        checkpoint: What the note says; its signatures are unchecked.
    """

    old_size: int
    proof: Path
    checkpoint_note: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """What a witness holds about a log it was told to watch.

    Attributes:
        origin: Name of the log.
        keys: Its keys, from our own configuration.
        size: Size last cosigned; 0 if none.
        root: Root of that size; of the empty tree if none.
    """

    origin: str
    keys: tuple[VerifierKey, ...]
    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Decision:
    """How to answer.

    Attributes:
        status: HTTP status.
        reason: Why, for people; empty when cosigning.
        is_evidence: Whether to keep the request, as it may prove a fork.
    """

    status: WitnessStatus
    reason: str = ""
    is_evidence: bool = False


def origin_hash(origin: str) -> str:
    """Return the hex digest under which a witness publishes a log's checkpoint."""
    return hashlib.sha256(origin.encode()).hexdigest()


def encode_add_checkpoint(old_size: int, proof: Path, note: bytes) -> bytes:
    """Return the body that asks a witness to cosign a checkpoint."""
    lines = "".join(f"{encode_base64(item)}\n" for item in proof)
    return b"%b\n%b" % (f"{_OLD}{old_size}\n{lines}".encode(), note)


def parse_add_checkpoint(raw: bytes) -> AddCheckpoint:
    """Return the request in a body.

    Raises:
        TooLargeError: The body or its note is over its limits.
        MalformedError: Not such a request; a witness answers 400 to both.
    """
    text = decode_text(raw, "add-checkpoint", max_bytes=MAX_ADD_CHECKPOINT_BYTES)
    head, blank, tail = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not first.startswith(_OLD) or not blank:
        raise MalformedError(f"add-checkpoint: {first[:80]!r}, expected 'old <size>'")
    if len(lines) > _MAX_PROOF_HASHES:
        raise MalformedError(f"add-checkpoint: {len(lines)} hashes, at most 63")
    note = tail.encode()
    return AddCheckpoint(
        old_size=parse_decimal(first.removeprefix(_OLD), "add-checkpoint size"),
        proof=tuple(decode_hash(line, "add-checkpoint proof") for line in lines),
        checkpoint_note=note,
        checkpoint=parse_checkpoint(parse_note(note).text),
    )


def parse_size_reply(raw: bytes) -> int:
    """Return the size last cosigned, from the body of a 409 answer.

    Raises:
        MalformedError: Not one decimal number on one line.
        TooLargeError: Longer than any size.
    """
    text = decode_text(raw, "witness size", max_bytes=20)
    if not text.endswith("\n"):
        raise MalformedError(f"witness size: {text!r}, expected a line")
    return parse_decimal(text[:-1], "witness size")


def parse_cosignatures(raw: bytes) -> tuple[NoteSignature, ...]:
    """Return the signature lines in the body of a 200 answer, not yet checked.

    Raises:
        MalformedError: Not one or more signature lines.
        TooLargeError: More bytes or lines than a note may have.
    """
    text = decode_text(raw, "witness reply", max_bytes=MAX_NOTE_BYTES)
    return parse_signature_lines(text)


def decide(request: AddCheckpoint, log: WitnessedLog | None) -> Decision:
    """Decide on a request, in the order the protocol fixes.

    Args:
        request: As parsed.
        log: What is held about the log of the request's checkpoint; None if no one
            told us to watch it.
    """
    if log is None or log.origin != request.checkpoint.origin:
        return Decision(WitnessStatus.UNKNOWN_LOG, "log is not configured")
    try:
        verify_checkpoint(request.checkpoint_note, origin=log.origin, keys=log.keys)
    except LogProofError as error:
        return Decision(WitnessStatus.NOT_SIGNED, str(error))
    return _decide_growth(request, log)


def _decide_growth(request: AddCheckpoint, log: WitnessedLog) -> Decision:
    new = request.checkpoint
    if request.old_size > new.size:
        return Decision(
            WitnessStatus.MALFORMED,
            f"old size {request.old_size} is above size {new.size}",
        )
    if request.old_size != log.size:
        is_fork = new.size == log.size and new.root != log.root
        return Decision(
            WitnessStatus.OUT_OF_STEP,
            f"size last cosigned is {log.size}",
            is_evidence=is_fork,
        )
    try:
        _check_growth(request, log)
    except LogProofError as error:
        return Decision(WitnessStatus.INCONSISTENT, str(error), is_evidence=True)
    return Decision(WitnessStatus.COSIGN)


def _check_growth(request: AddCheckpoint, log: WitnessedLog) -> None:
    verify_consistency(
        old_size=log.size,
        new_size=request.checkpoint.size,
        old_root=log.root,
        new_root=request.checkpoint.root,
        proof=request.proof,
    )


def size_reply(log: WitnessedLog) -> bytes:
    """Return the body that goes with `OUT_OF_STEP`, of type `SIZE_CONTENT_TYPE`."""
    return b"%d\n" % log.size


def cosignature_reply(lines: Iterable[NoteSignature]) -> bytes:
    """Return the body that goes with `COSIGN`."""
    return "".join(line.line() for line in lines).encode()
