"""Proof files in a log folder: entries of this log, and receipts in others.

Each has its own signed head. That of an entry of this log must be linked to the log's
newest one; the others are checked under the keys that were given for their logs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf
from gateway.core.errors import GatewayError
from gateway.core.limits import MAX_LOG_PROOF_BYTES
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.note import parse_note
from gateway.core.translog.proof import PROOF_SUFFIX, LogProof, parse_log_proof
from gateway.verifier.compare import LinkedLog
from gateway.verifier.coverage import Coverage
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.heads import Head
from gateway.verifier.proven import describe_leaf, included_leaf, read_proof
from gateway.verifier.report import FailedCheckError, Findings, failure, failure_from
from gateway.verifier.trust import Trust

# Beyond this only their number is told; each is a file of its own.
_MAX_SHOWN = 100

_PROOF = "PROOF"
_RECEIPT = "RECEIPT"


@dataclass(frozen=True, slots=True)
class OwnProof:
    """A proof of an entry of the log under check; its place is not shown yet."""

    name: str
    proof: LogProof
    head: Head


def read_own_proofs(
    files: EvidenceFiles,
    names: Iterable[str],
    *,
    origin: str,
    trust: Trust,
    findings: Findings,
) -> list[OwnProof]:
    """Return the proofs whose heads the log has signed; report the others."""
    found = []
    for name in names:
        try:
            raw = _read(files, name)
            proof, head = read_proof(raw, name=name, trust=trust)
            if head.checkpoint.origin != origin:
                text = f"{name}: of {head.checkpoint.origin}, expected {origin}"
                raise failure(_PROOF, text, "other-log")
            _check_index_in_name(name, proof.index)
        except FailedCheckError as error:
            findings.add_line(error.line)
            continue
        found.append(OwnProof(name, proof, head))
    return found


def report_own_proofs(
    proofs: Sequence[OwnProof],
    *,
    log: LinkedLog,
    coverage: Coverage,
    trust: Trust,
    findings: Findings,
) -> dict[int, Leaf]:
    """Report each entry that is proven; return them by index."""
    leaves: dict[int, Leaf] = {}
    for item in sorted(proofs, key=lambda item: item.proof.index):
        try:
            leaf = included_leaf(item.proof, item.head, trust)
        except FailedCheckError as error:
            findings.add_line(error.line)
            continue
        subject = f"ENTRY {leaf.index}"
        if log.is_linked(item.head):
            leaves[leaf.index] = leaf
            text = f"{describe_leaf(leaf)}{_message(leaf)}"
            text += coverage.describe(leaf.index)
            if len(leaves) <= _MAX_SHOWN:
                findings.ok(subject, text, "included")
        elif item.head.checkpoint.size not in log.roots:
            text = (
                f"{item.name}: stands under a signed head of size "
                f"{item.head.checkpoint.size} that nothing here links to the newest"
            )
            findings.incomplete(subject, text, "not-compared")
        # A head with another root was reported as the contradiction it is.
    if len(leaves) > _MAX_SHOWN:
        text = f"{len(leaves) - _MAX_SHOWN} more entries are included"
        findings.ok("PROOFS", text, "included")
    return leaves


def report_receipts(
    files: EvidenceFiles,
    names: Iterable[str],
    trust: Trust,
    findings: Findings,
) -> None:
    """Report the proofs of entries in other logs, such as peers' receipts."""
    for name in names:
        try:
            raw = _read(files, name)
            origin = _claimed_origin(raw)
            if not trust.log_keys(origin):
                text = f"{name}: not checked, no keys of {origin} were given (--keys)"
                findings.incomplete(_RECEIPT, text, "no-keys")
                continue
            proof, head = read_proof(raw, name=name, trust=trust)
            leaf = included_leaf(proof, head, trust)
        except FailedCheckError as error:
            findings.add_line(error.line)
        except GatewayError as error:
            findings.failed(_RECEIPT, f"{name}: {error}", error.code)
        else:
            text = f"{leaf.log} entry {leaf.index} {describe_leaf(leaf)}"
            findings.ok(_RECEIPT, f"{text}{_message(leaf)}", "receipt")


def _claimed_origin(raw: bytes) -> str:
    note = parse_note(parse_log_proof(raw).checkpoint_note)
    return parse_checkpoint(note.text).origin


def _read(files: EvidenceFiles, name: str) -> bytes:
    try:
        return files.read(name, max_bytes=MAX_LOG_PROOF_BYTES)
    except GatewayError as error:
        raise failure_from(_PROOF, error) from error


def _check_index_in_name(name: str, index: int) -> None:
    """Refuse a file that is called after another entry: `42` or `receipt-…-42`."""
    stem = name.rpartition("/")[2].removesuffix(PROOF_SUFFIX)
    if stem.rpartition("-")[2] != str(index):
        text = f"{name}: proves entry {index}"
        raise failure(_PROOF, text, "proof-name")


def _message(leaf: Leaf) -> str:
    fields: Mapping[str, object] = leaf.fields
    return f"; message {fields['m']}" if "m" in fields else ""
