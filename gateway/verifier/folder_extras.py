"""What lies beside a log in its folder: cards, and what is kept of contradictions."""

from collections.abc import Iterable

from gateway.core.conflicts import (
    MAX_CONFLICT_BYTES,
    ConflictKind,
    LogConflict,
    conflict_name,
    parse_conflict,
    prove_conflict,
)
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.identity import parse_card, verify_card
from gateway.core.limits import MAX_CARD_BYTES
from gateway.core.values import format_time
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.report import Findings
from gateway.verifier.trust import Trust, one_line

_CARD = "CARD"
_CONFLICT = "CONFLICT"


def report_cards(
    files: EvidenceFiles,
    names: Iterable[str],
    trust: Trust,
    findings: Findings,
) -> None:
    """Report whether cards agree with themselves and with those that are known.

    None of them is believed: only the user's own are.
    """
    for name in names:
        try:
            raw = files.read(name, max_bytes=MAX_CARD_BYTES)
            card = verify_card(raw, stage=parse_card(raw).card.stage)
        except GatewayError as error:
            findings.failed(_CARD, f"{name}: {error}", error.code)
            continue
        shown = f"{card.authority} fingerprint {one_line(card.fingerprint)}"
        known = trust.fingerprints(card.authority)
        if name != f"cards/{card.authority}.card":
            findings.failed(_CARD, f"{name}: is of {card.authority}", "other-card")
        elif not known:
            text = f"{shown}: not believed, only what --keys gave is"
            findings.info(_CARD, text, "card-not-compared")
        elif known == {card.fingerprint}:
            findings.ok(_CARD, f"{shown}: as known", "card")
        else:
            text = f"{shown}: NOT THE ONE THAT IS KNOWN"
            findings.failed(_CARD, text, "fingerprint-differs")


def report_conflicts(
    files: EvidenceFiles,
    names: Iterable[str],
    *,
    origin: str,
    trust: Trust,
    findings: Findings,
) -> None:
    """Report what is kept of logs that contradict themselves.

    Args:
        files: The folder.
        names: The files.
        origin: The log under check; a split view of it is a failure of this check.
        trust: Whose keys are believed.
        findings: Where to report.
    """
    for name in names:
        try:
            raw = files.read(name, max_bytes=MAX_CONFLICT_BYTES)
            found = parse_conflict(raw)
            if name != f"conflicts/{conflict_name(found)}":
                raise MalformedError("called after another conflict")
            keys = trust.log_keys(found.origin)
            if keys:
                prove_conflict(found, keys)
        except GatewayError as error:
            findings.failed(_CONFLICT, f"{name}: {error}", error.code)
            continue
        _tell(name, found, is_checked=bool(keys), origin=origin, findings=findings)


def _tell(
    name: str,
    found: LogConflict,
    *,
    is_checked: bool,
    origin: str,
    findings: Findings,
) -> None:
    text = f"{name}: {found.kind} of {found.origin}, kept {format_time(found.at)}"
    if not is_checked:
        text = f"{text}; not checked, no keys of it were given (--keys)"
        findings.incomplete(_CONFLICT, text, "no-keys")
    elif found.kind is not ConflictKind.SPLIT_VIEW:
        text = f"{text}; it signed both, which proves nothing by itself"
        findings.info(_CONFLICT, text, "conflict")
    elif found.origin == origin:
        findings.failed(_CONFLICT, f"SPLIT VIEW: {text}; both signed", "split-view")
    else:
        text = f"{text}; both signed, so that log was forked"
        findings.ok(_CONFLICT, text, "conflict")
