"""Consistency proofs in a folder: `consistency/<m>-<n>.txt`, one base64 hash a line.

They link heads of a log whose entries are not there. What is known of the log starts at
its newest head and grows by each proof that leads to a root that is known.
"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.core.errors import GatewayError, LogProofError, MalformedError
from gateway.core.translog.encoding import decode_hash, decode_text
from gateway.core.translog.merkle import Path, verify_consistency
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.heads import Head
from gateway.verifier.layout import consistency_name
from gateway.verifier.report import Findings

_SUBJECT = "CONSISTENCY"
_MAX_BYTES = 64 * 45  # at most 63 hashes, and one for an inner start


def parse_consistency(raw: bytes) -> Path:
    """Return the hashes in a file.

    Raises:
        MalformedError: Not base64 hashes, one a line.
        TooLargeError: More than any proof has.
    """
    *lines, end = decode_text(raw, "consistency", max_bytes=_MAX_BYTES).split("\n")
    if end:
        raise MalformedError("consistency: the last line does not end")
    return tuple(decode_hash(line, "consistency") for line in lines)


def link_roots(
    files: EvidenceFiles,
    sizes: Sequence[tuple[int, ...]],
    *,
    known: Mapping[int, bytes],
    heads: Iterable[Head],
    findings: Findings,
) -> dict[int, bytes]:
    """Report the proofs of a folder; return the roots that are known with them.

    Args:
        files: The folder.
        sizes: Old and new size of each proof there is.
        known: Roots by size that are shown to be of the log.
        heads: Signed heads of the log, each to be linked or not.
        findings: Where to report.
    """
    roots = dict(known)
    signed: dict[int, list[bytes]] = {}
    for head in heads:
        signed.setdefault(head.checkpoint.size, []).append(head.checkpoint.root)
    held = 0
    # From the largest trees down: each proof leads to a root shown by then.
    for old, new in sorted(sizes, key=lambda pair: (pair[1], pair[0]), reverse=True):
        name = consistency_name(old, new)
        candidates = [roots[old]] if old in roots else signed.get(old, [])
        try:
            if new not in roots or not candidates:
                raise LogProofError("links checkpoints that are not here")
            proof = parse_consistency(files.read(name, max_bytes=_MAX_BYTES))
            roots[old] = _linked(old, new, candidates, roots[new], proof)
        except GatewayError as error:
            findings.failed(_SUBJECT, f"{name}: {error}", error.code)
            continue
        held += 1
    if held:
        text = f"{held} proofs between checkpoints hold"
        findings.ok(_SUBJECT, text, "consistency")
    return roots


def _linked(
    old: int,
    new: int,
    candidates: Sequence[bytes],
    new_root: bytes,
    proof: Path,
) -> bytes:
    """Return the one of several signed roots from which the new tree grew.

    Raises:
        LogProofError: It is none of them.
    """
    failure = LogProofError(f"no signed head of size {old}")
    for root in candidates:
        try:
            verify_consistency(
                old_size=old,
                new_size=new,
                old_root=root,
                new_root=new_root,
                proof=proof,
            )
        except LogProofError as error:
            failure = error
        else:
            return root
    raise failure
