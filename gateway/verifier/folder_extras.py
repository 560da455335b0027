"""What lies beside a log in its folder: cards, time stamps, contradictions."""

from collections.abc import Iterable

from gateway.core.errors import GatewayError
from gateway.core.identity import parse_card, verify_card
from gateway.core.limits import MAX_CARD_BYTES
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.signed import MAX_CHECKPOINT_BYTES
from gateway.verifier.compare import LinkedLog
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.report import Findings
from gateway.verifier.trust import Trust, one_line

_CARD = "CARD"
_STAMP = "TIMESTAMP"


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


def report_stamps(
    files: EvidenceFiles,
    names: Iterable[str],
    log: LinkedLog,
    findings: Findings,
) -> None:
    """Report whether what was stamped are checkpoints of the log."""
    for name in names:
        size, _, kind = name.rpartition("/")[2].partition(".")
        if kind != "body":
            continue
        root = log.roots.get(int(size))
        if root is None:
            text = f"{name}: nothing here shows the root of that size"
            findings.incomplete(_STAMP, text, "not-compared")
            continue
        expected = Checkpoint(log.head.checkpoint.origin, int(size), root).text
        try:
            found = files.read(name, max_bytes=MAX_CHECKPOINT_BYTES)
        except GatewayError as error:
            findings.failed(_STAMP, f"{name}: {error}", error.code)
            continue
        if found == expected:
            text = f"{name}: the text of this log's checkpoint {size}"
            findings.ok(_STAMP, text, "stamped-text")
        else:
            text = f"{name}: not the text of this log's checkpoint {size}"
            findings.failed(_STAMP, text, "stamped-text-differs")
