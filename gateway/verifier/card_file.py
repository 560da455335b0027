"""Checking a card: the whole chain from its root keys down, and its fingerprint."""

from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.identity import VerifiedCard, parse_card, verify_card
from gateway.core.limits import MAX_CARD_BYTES
from gateway.core.values import HexDigest, format_time
from gateway.verifier.files import read_given
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Findings, Report
from gateway.verifier.trust import Trust, key_label, load_trust, one_line

_NOT_SHOWN = (
    "that it is the authority's newest card",
    "that the rest of its log holds (verify its folder)",
)


def check_card_file(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a card has shown.

    Without a fingerprint, or a card or root keys to compare with, the result is
    incomplete: anyone can make a card that agrees with itself.

    Raises:
        UsageError: A given file can't be used.
    """
    options.refuse(
        "card",
        *("policy", "seen", "min_size", "envelope", "manifest", "attachments"),
        *("tsa_ca", "conflicts_out", "history"),
    )
    trust = load_trust(options.keys, None)
    raw = read_given(path, max_bytes=MAX_CARD_BYTES)
    findings = Findings()
    try:
        # What stage a node is for is shown, not judged: nobody exchanges here.
        card = verify_card(raw, stage=parse_card(raw).card.stage)
    except GatewayError as error:
        findings.failed("CARD", str(error), error.code)
        return findings.report("card", not_shown=_NOT_SHOWN)
    _describe(card, findings)
    _compare(card, trust, options.fingerprint, findings)
    return findings.report("card", not_shown=_NOT_SHOWN)


def _describe(card: VerifiedCard, findings: Findings) -> None:
    names = " / ".join(card.names.values())
    findings.ok(
        "CARD",
        f"{card.authority} ({card.country}, {names}) number {card.number}, issued "
        f"{format_time(card.issued_at)}, stage {card.stage}",
        "card",
    )
    statement = card.statement
    findings.ok(
        "STATEMENT",
        f"number {statement.number}, signed by the root {card.root.ed25519.name}",
        "statement",
    )
    keys = "  ".join(map(key_label, card.log_keys))
    findings.ok("LOG", f"{card.log_origin}  key {keys}; holds this card", "log")
    for record in card.keys:
        text = f"{record.kid}  send until {record.send_until}"
        findings.ok("KEY", text, "key")


def _compare(
    card: VerifiedCard,
    trust: Trust,
    expected: HexDigest | None,
    findings: Findings,
) -> None:
    shown = one_line(card.fingerprint)
    known = trust.fingerprints(card.authority)
    if expected is not None:
        known |= {expected}
    roots = trust.log_keys(card.root.ed25519.name)
    if not known and not roots:
        text = f"{shown}: NOT COMPARED with the authority"
        findings.incomplete("FINGERPRINT", text, "fingerprint-not-compared")
    elif known - {card.fingerprint} or not set(roots) <= set(card.root.keys):
        text = f"{shown}: NOT THE ONE THAT IS KNOWN"
        findings.failed("FINGERPRINT", text, "fingerprint-differs")
    elif card.fingerprint in known or set(roots) == set(card.root.keys):
        findings.ok("FINGERPRINT", f"{shown}: as known", "fingerprint")
    else:
        text = f"{shown}: only one of the two root keys is known"
        findings.incomplete("FINGERPRINT", text, "fingerprint-not-compared")
