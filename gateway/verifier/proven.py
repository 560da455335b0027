"""One proof on its own: the signed head, and the entry that stands under it.

Shared by proof files and dispute bundles; what the entry is about is theirs to check.
"""

from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.merkle import leaf_hash
from gateway.core.translog.note import parse_note
from gateway.core.translog.proof import LogProof, parse_log_proof, verify_log_proof
from gateway.core.values import format_time
from gateway.verifier.coverage import Coverage, cosigned_note
from gateway.verifier.heads import Head, add_head, verify_head
from gateway.verifier.report import Findings, failure
from gateway.verifier.trust import Trust

_PROOF = "PROOF"
_SHOWN = {
    "m": "message",
    "dig": "digest",
    "man": "manifest",
    "peer": "peer",
    "seq": "number to this peer",
    "ref": "follows entry",
    "res": "result",
}


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry of a log whose keys we believe.

    Attributes:
        name: The proof's file.
        head: The signed head.
        leaf: The entry that stands under it.
    """

    name: str
    head: Head
    leaf: Leaf


def prove_entry(
    raw: bytes,
    *,
    name: str,
    trust: Trust,
    findings: Findings,
) -> ProvenEntry:
    """Return the entry that a proof file proves, and report it.

    Raises:
        FailedCheckError: Not a proof, not signed by the keys we believe, or the entry
            is not where it is said to be.
    """
    proof, head = read_proof(raw, name=name, trust=trust)
    add_head(head, trust, findings)
    leaf = included_leaf(proof, head, trust)
    text = f"{describe_leaf(leaf)}{_coverage(head, trust).describe(leaf.index)}"
    findings.ok(f"ENTRY {leaf.index}", text, "included")
    for field, label in _SHOWN.items():
        if field in leaf.fields:
            text = f"{label} {leaf.fields[field]}"
            findings.info(f"ENTRY {leaf.index}", text, field)
    return ProvenEntry(name, head, leaf)


def _coverage(head: Head, trust: Trust) -> Coverage:
    """Return what the cosignatures on one head show; nothing if one does not hold."""
    keys = trust.witness_keys(head.checkpoint.origin)
    try:
        note = cosigned_note(head.checkpoint.size, head.note, keys)
    except GatewayError:
        # Whoever asks for the head's witnesses reports it as the failure it is.
        return Coverage((), trust.policy)
    return Coverage((note,), trust.policy)


def read_proof(raw: bytes, *, name: str, trust: Trust) -> tuple[LogProof, Head]:
    """Return a proof file, and the head in it once its log is shown to have signed.

    Raises:
        FailedCheckError: Not a proof, or not signed by the keys we believe.
    """
    try:
        proof = parse_log_proof(raw)
    except GatewayError as error:
        raise failure(_PROOF, f"{name}: {error}", error.code) from error
    head = verify_head(proof.checkpoint_note, trust, name=name, subject="CHECKPOINT")
    return proof, head


def describe_leaf(leaf: Leaf) -> str:
    """Return kind, time and hash of an entry that was shown to be included."""
    return (
        f"{leaf.kind} {format_time(leaf.at)}  included, leaf hash "
        f"{leaf_hash(leaf.raw).hex()}"
    )


def claimed_leaf(raw: bytes) -> Leaf:
    """Return the entry that a proof file speaks of; nothing is verified.

    Raises:
        MalformedError: Not a proof file that holds an entry.
        TooLargeError: Over a limit.
    """
    proof = parse_log_proof(raw)
    origin = parse_checkpoint(parse_note(proof.checkpoint_note).text).origin
    return parse_leaf(proof.extra or b"", log=origin)


def included_leaf(proof: LogProof, head: Head, trust: Trust) -> Leaf:
    """Return the entry of a proof, once it is shown to stand under its head.

    Raises:
        FailedCheckError: It does not, or is no entry of that log.
    """
    origin = head.checkpoint.origin
    try:
        _, raw = verify_log_proof(proof, origin=origin, keys=trust.log_keys(origin))
        leaf = parse_leaf(raw, log=origin)
    except GatewayError as error:
        raise failure(f"ENTRY {proof.index}", str(error), error.code) from error
    if leaf.index != proof.index:
        raise failure(
            f"ENTRY {proof.index}",
            f"says it is entry {leaf.index}",
            "entry-index",
        )
    return leaf
