"""Keys that a root vouched for earlier: `history/<authority>/<number>.tlog-proof`.

Old evidence was signed with old keys. A statement is believed because the root, whose
card the user gave, has signed it; not because it lies in the folder.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.identity import RootKeys, verify_statement
from gateway.core.limits import MAX_LOG_PROOF_BYTES
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.report import FailedCheckError, Findings, failure
from gateway.verifier.trust import Trust, TrustedFile, key_label, trusted_statement

_SUBJECT = "HISTORY"


def with_history(
    files: EvidenceFiles,
    names: Iterable[str],
    trust: Trust,
    findings: Findings,
) -> Trust:
    """Return the trust with the keys of all statements that hold; report each."""
    found = []
    for name in names:
        authority = name.split("/")[1]
        roots = trust.roots(authority)
        if not roots:
            text = f"{name}: no card of {authority} was given, so it is not believed"
            findings.info(_SUBJECT, text, "history-not-compared")
            continue
        try:
            found += [_statement(files, name, root, findings) for root in roots]
        except FailedCheckError as error:
            findings.add_line(error.line)
    return replace(trust, files=(*trust.files, *found))


def _statement(
    files: EvidenceFiles,
    name: str,
    root: RootKeys,
    findings: Findings,
) -> TrustedFile:
    try:
        raw = files.read(name, max_bytes=MAX_LOG_PROOF_BYTES)
        proven = verify_statement(raw, root)
    except GatewayError as error:
        raise failure(_SUBJECT, f"{name}: {error}", error.code) from error
    statement = proven.statement
    if name.rpartition("/")[2] != f"{statement.number}{PROOF_SUFFIX}":
        text = f"{name}: is statement {statement.number}"
        raise failure(_SUBJECT, text, "statement-number")
    shown = "  ".join(map(key_label, statement.log_keys))
    text = f"{statement.authority} statement {statement.number}: log keys {shown}"
    findings.ok(_SUBJECT, text, "statement")
    return trusted_statement(Path(name), proven)
