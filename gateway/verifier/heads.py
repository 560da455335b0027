"""Signed heads of logs: whether those we believe have signed them, and who saw them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import GatewayError, UsageError
from gateway.core.identity import SigningKeys, parse_card
from gateway.core.limits import MAX_CARD_BYTES, MAX_LOG_PROOF_BYTES, MAX_NOTE_BYTES
from gateway.core.translog.checkpoint import (
    Checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.note import Note, VerifierKey, parse_note
from gateway.core.translog.proof import parse_log_proof
from gateway.verifier.coverage import report_note
from gateway.verifier.files import read_given
from gateway.verifier.report import Findings, Line, Outcome, failure
from gateway.verifier.retired import Retirement, needed_retired, out_of_time
from gateway.verifier.trust import Trust, key_label

PROOF_START = b"c2sp.org/tlog-proof@"
CARD_START = b"{"

_MAX_SEEN_BYTES = max(MAX_NOTE_BYTES, MAX_LOG_PROOF_BYTES, MAX_CARD_BYTES)


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that its log, as we know it, has signed with both algorithms.

    Attributes:
        name: The file it comes from.
        checkpoint: What was signed.
        note: The signed note.
        signers: The keys of its log that signed it.
        retired: Those of them that it needs though they are no longer at work.
    """

    name: str
    checkpoint: Checkpoint
    note: bytes
    signers: tuple[VerifierKey, ...] = ()
    retired: tuple[Retirement, ...] = ()


def verify_head(raw: bytes, trust: Trust, *, name: str, subject: str) -> Head:
    """Return a signed note as a head, once both signatures hold.

    Raises:
        FailedCheckError: It is no checkpoint, or not signed by the keys we believe.
    """
    try:
        note = parse_note(raw)
        origin = parse_checkpoint(note.text).origin
        keys = trust.log_keys(origin)
        signers = _claimed_signers(note, keys)
        checkpoint = (
            verify_checkpoint(raw, origin=origin, keys=keys) if signers else None
        )
        gone = [one for one in map(trust.retirement, signers) if one is not None]
    except GatewayError as error:
        raise failure(subject, f"{name}: {error}", error.code) from error
    if checkpoint is None:
        raise failure(
            subject,
            f"{name}: NO CONFIGURED KEY SIGNED THIS CHECKPOINT of {origin}",
            "no-configured-key",
        )
    retired = needed_retired(signers, gone)
    wrong = out_of_time(checkpoint.size, retired)
    if wrong:
        raise failure(subject, f"{name}: {wrong}", "retired-keys")
    return Head(name, checkpoint, raw, signers, retired)


def _claimed_signers(
    note: Note,
    keys: Sequence[VerifierKey],
) -> tuple[VerifierKey, ...]:
    """Return which of the keys claim to have signed; nothing is checked."""
    ids = {(line.name, line.key_id) for line in note.signatures}
    return tuple(key for key in keys if (key.name, key.key_id) in ids)


def add_head(head: Head, trust: Trust, findings: Findings) -> None:
    """Report which log it is and how large it was."""
    checkpoint = head.checkpoint
    known = trust.log_keys(checkpoint.origin)
    keys = "  ".join(key_label(key) for key in known if key in head.signers)
    findings.ok("LOG", f"{checkpoint.origin}  key {keys}", "log")
    add_retired([head], findings)
    root = encode_base64(checkpoint.root)
    findings.ok("CHECKPOINT", f"size {checkpoint.size}  root {root}", "checkpoint")


def add_retired(heads: Iterable[Head], findings: Findings) -> None:
    """Report, each once in a report, the retired keys on which heads rest."""
    for one in dict.fromkeys(one for head in heads for one in head.retired):
        text = (
            f"{key_label(one.key)} of {one.key.name}: retired by statement {one.by}; "
            "believed for what it signed before"
        )
        line = Line("KEYS", text, Outcome.INFO, "retired-key")
        if line not in findings.lines:
            findings.add_line(line)


def check_signers(
    heads: Iterable[Head],
    signing: SigningKeys,
    findings: Findings,
) -> None:
    """Report heads signed by keys that, as the log says itself, were not at work."""
    for head in dict.fromkeys(heads):
        try:
            signing.check(head.checkpoint.size, head.signers)
        except GatewayError as error:
            text = f"RETIRED KEYS: {head.name}: {error}"
            findings.failed("KEYS", text, "retired-keys")


def check_min_size(head: Head, min_size: int | None, findings: Findings) -> None:
    """Report a log that is smaller than it must be."""
    size = head.checkpoint.size
    if min_size is not None and size < min_size:
        text = f"{size} entries, at least {min_size} demanded"
        findings.incomplete("SIZE", text, "below-min-size")


def check_witnesses(head: Head, trust: Trust, findings: Findings) -> None:
    """Report who has cosigned a head, and whether it is enough for the policy."""
    report_note(
        head.checkpoint.size,
        head.note,
        keys=trust.witness_keys(head.checkpoint.origin),
        policy=trust.policy,
        findings=findings,
    )


def load_seen(paths: Sequence[Path], trust: Trust, origin: str) -> list[Head]:
    """Return the heads that others hold of a log: notes, proof files or cards.

    Raises:
        UsageError: A file can't be read, or is about another log.
        FailedCheckError: A head is not signed by the keys we believe.
    """
    heads = []
    for path in paths:
        head = verify_head(_seen_note(path), trust, name=str(path), subject="SEEN")
        if head.checkpoint.origin != origin:
            raise UsageError(
                f"--seen {path}: of {head.checkpoint.origin}, expected {origin}",
            )
        heads.append(head)
    return heads


def _seen_note(path: Path) -> bytes:
    raw = read_given(path, max_bytes=_MAX_SEEN_BYTES)
    try:
        if raw.startswith(PROOF_START):
            return parse_log_proof(raw).checkpoint_note
        if raw.startswith(CARD_START):
            return parse_card(raw).proof.checkpoint_note
    except GatewayError as error:
        raise UsageError(f"--seen {path}: {error}") from error
    return raw
