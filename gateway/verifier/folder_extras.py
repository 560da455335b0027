"""What lies beside a log in its folder: cards, and what is kept of contradictions."""

from collections.abc import Iterable

from gateway.core.errors import GatewayError
from gateway.core.identity import parse_card, verify_card
from gateway.core.limits import MAX_CARD_BYTES
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.report import Findings
from gateway.verifier.trust import Trust, one_line

_CARD = "CARD"


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
