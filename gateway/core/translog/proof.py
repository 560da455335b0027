"""Proof files: a leaf's place in a log, for anyone who has the log's keys.

The file holds everything but the keys, so it can be checked offline and for ever.
Specification, section 8.4.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.errors import LogProofError, MalformedError
from gateway.core.limits import MAX_LOG_PROOF_BYTES, MAX_NAME_BYTES
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.translog.encoding import (
    MAX_SIZE,
    check_origin,
    decode_base64,
    decode_hash,
    decode_text,
    encode_base64,
    parse_decimal,
)
from gateway.core.translog.merkle import Path, leaf_hash, verify_inclusion
from gateway.core.translog.note import VerifierKey

PROOF_SUFFIX = ".tlog-proof"

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "
_MAX_PATH_HASHES = 63  # of the largest tree
_ROLE = re.compile(r"[a-z]{1,16}(?:-[a-z]{1,16})?\Z")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9.-]")


@dataclass(frozen=True, slots=True)
class LogProof:
    """That a leaf stands in a log, not yet checked.

    Attributes:
        index: Position of the leaf.
        path: Inclusion path, leaf side first.
        checkpoint_note: The signed note under which it is proven.
        extra: The leaf's bytes in proofs of ours; worth nothing until verified.
    """

    index: int
    path: Path
    checkpoint_note: bytes
    extra: bytes | None = None


def encode_log_proof(proof: LogProof) -> bytes:
    """Return the content of the proof file."""
    lines = [_FIRST_LINE]
    if proof.extra is not None:
        lines.append(_EXTRA + encode_base64(proof.extra))
    lines.append(f"{_INDEX}{proof.index}")
    lines += map(encode_base64, proof.path)
    head = "".join(f"{line}\n" for line in lines)
    return b"%b\n%b" % (head.encode(), proof.checkpoint_note)


def parse_log_proof(raw: bytes) -> LogProof:
    """Return the proof that a file holds.

    Raises:
        TooLargeError: The file is over its limit; checked first.
        MalformedError: Not a proof file.
    """
    text = decode_text(raw, "log proof", max_bytes=MAX_LOG_PROOF_BYTES)
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != _FIRST_LINE or not blank:
        raise MalformedError(f"log proof: {first[:80]!r}, expected {_FIRST_LINE!r}")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = decode_base64(lines.pop(0).removeprefix(_EXTRA), "log proof extra")
    if not lines or not lines[0].startswith(_INDEX):
        raise MalformedError("log proof: expected a line with the index")
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX), "log proof index")
    if len(lines) > _MAX_PATH_HASHES:
        raise MalformedError(f"log proof: {len(lines)} hashes, at most 63")
    return LogProof(
        index=index,
        path=tuple(decode_hash(line, "log proof path") for line in lines),
        checkpoint_note=note.encode(),
        extra=extra,
    )


def verify_log_proof(
    proof: LogProof,
    *,
    origin: str,
    keys: Iterable[VerifierKey],
) -> tuple[Checkpoint, bytes]:
    """Return the checkpoint and the leaf that stands under it.

    Args:
        proof: With the leaf's bytes in `extra`.
        origin: The log it must be proven in.
        keys: That log's keys, as for `verify_checkpoint`.

    Raises:
        LogProofError: No leaf, the checkpoint does not verify, or the leaf is not
            where it is said to be.
        MalformedError: The checkpoint is not one.
        TooLargeError: The checkpoint's note is over its limits.
    """
    if proof.extra is None:
        raise LogProofError("log proof: holds no leaf")
    checkpoint = verify_checkpoint(proof.checkpoint_note, origin=origin, keys=keys)
    verify_inclusion(
        index=proof.index,
        size=checkpoint.size,
        leaf=leaf_hash(proof.extra),
        path=proof.path,
        root=checkpoint.root,
    )
    return checkpoint, proof.extra


def proof_file_name(role: str, origin: str, index: int) -> str:
    """Return the name of a proof file: `receipt-pgr.pt-audit-1-42.tlog-proof`.

    Args:
        role: What the proof is to its message, one word or two with a hyphen.
        origin: The log it is proven in.
        index: The place of the proven entry.

    Raises:
        MalformedError: Not a role, no log has that name or entry, or the name would
            be too long for a file.
    """
    check_origin(origin)
    if not _ROLE.match(role) or not 0 <= index <= MAX_SIZE:
        raise MalformedError(f"proof: {role[:80]!r} at {index} names no file")
    name = f"{role}-{_NOT_IN_SLUG.sub('-', origin)}-{index}{PROOF_SUFFIX}"
    if len(name) > MAX_NAME_BYTES:
        raise MalformedError(f"proof: origin of {len(origin)} characters is too long")
    return name
