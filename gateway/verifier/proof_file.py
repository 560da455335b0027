"""Checking a `.tlog-proof` file: that one entry stands in a signed log, and what it is.

The entry itself comes with the proof, and the sealed envelope and the manifest it
names can be compared by their digests.
"""

import hashlib
from pathlib import Path

from gateway.core import canonical
from gateway.core.entries.leaf import Leaf
from gateway.core.limits import (
    MAX_ENVELOPE_BYTES,
    MAX_LOG_PROOF_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_STATEMENT_BYTES,
)
from gateway.verifier.compare import Contradiction, write_conflicts
from gateway.verifier.files import read_given
from gateway.verifier.heads import (
    Head,
    check_min_size,
    check_witnesses,
    load_seen,
)
from gateway.verifier.options import VerifyOptions
from gateway.verifier.proven import prove_entry
from gateway.verifier.report import FailedCheckError, Findings, Report
from gateway.verifier.trust import Trust, load_trust


def check_proof_file(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a proof file has shown.

    Raises:
        UsageError: No keys were given, or a given file can't be used.
    """
    options.demand_keys()
    options.refuse("proof", "fingerprint", "attachments", "tsa_ca")
    trust = load_trust(options.keys, options.policy, options.history)
    raw = read_given(path, max_bytes=MAX_LOG_PROOF_BYTES)
    findings = Findings()
    leaf = None
    for file in trust.files:
        findings.info("KEYS", file.describe(), "keys")
    try:
        proven = prove_entry(raw, name=path.name, trust=trust, findings=findings)
        leaf = canonical.parse_object(proven.leaf.raw, max_bytes=MAX_STATEMENT_BYTES)
        _demand(proven.head, trust, options, findings)
        _compare(proven.leaf, options, findings)
    except FailedCheckError as error:
        findings.add_line(error.line)
    return findings.report("proof", not_shown=_not_shown(options), leaf=leaf)


def _not_shown(options: VerifyOptions) -> list[str]:
    not_shown = [
        "that the rest of the log holds (verify its folder)",
        "that its clock was right",
    ]
    if options.policy is None:
        not_shown.append("that witnesses saw the log (--policy)")
    return not_shown


def _demand(
    head: Head,
    trust: Trust,
    options: VerifyOptions,
    findings: Findings,
) -> None:
    check_min_size(head, options.min_size, findings)
    check_witnesses(head, trust, findings)
    for other in load_seen(options.seen, trust, head.checkpoint.origin):
        theirs, ours = other.checkpoint, head.checkpoint
        if theirs.size != ours.size:
            findings.incomplete(
                "SEEN",
                f"{other.name}: size {theirs.size}, the proof {ours.size}; only the "
                "log folder can show that one grew from the other",
                "not-compared",
            )
        elif theirs.root != ours.root:
            found = Contradiction(head, other, "split-view")
            findings.failed("SEEN", found.describe(), found.code)
            if options.conflicts_out is not None:
                write_conflicts(options.conflicts_out, [found], findings)
        else:
            text = f"{other.name}: the same checkpoint"
            findings.ok("SEEN", text, "append-only")


def _compare(leaf: Leaf, options: VerifyOptions, findings: Findings) -> None:
    """Compare the files that the entry is said to be about."""
    for subject, file, field, max_bytes in (
        ("ENVELOPE", options.envelope, "dig", MAX_ENVELOPE_BYTES),
        ("MANIFEST", options.manifest, "man", MAX_MANIFEST_BYTES),
    ):
        if file is None:
            continue
        digest = hashlib.sha256(read_given(file, max_bytes=max_bytes)).hexdigest()
        if leaf.fields.get(field) == digest:
            text = f"{file.name} has the digest in the entry"
            findings.ok(subject, text, "digest")
        else:
            named = leaf.fields.get(field, "none")
            text = f"{file.name} has digest {digest}, the entry names {named}"
            findings.failed(subject, text, "digest-differs")
