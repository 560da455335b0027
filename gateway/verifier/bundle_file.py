"""Checking a dispute bundle: every proof in it, and that all speak of one message.

The bundle is read into memory within limits and written nowhere.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.envelope import Manifest, ParsedEnvelope, parse_envelope
from gateway.core.errors import GatewayError
from gateway.core.identity import VerifiedCard
from gateway.core.values import format_time
from gateway.verifier.archive import MAX_ARCHIVE_BYTES, unpack
from gateway.verifier.bundle import (
    CARDS_FOLDER,
    CONTENT_NAME,
    ENROLMENT_NAME,
    ENVELOPE_NAME,
    PROOFS_FOLDER,
    card_name,
    max_file_bytes,
    parse_enrolment,
    read_card,
)
from gateway.verifier.bundle_content import check_attachments, check_content
from gateway.verifier.bundle_entries import Shown, check_entries
from gateway.verifier.files import read_start
from gateway.verifier.heads import check_witnesses
from gateway.verifier.manifest import MANIFEST_NAME, check_listed
from gateway.verifier.options import VerifyOptions
from gateway.verifier.proven import ProvenEntry, prove_entry
from gateway.verifier.report import (
    FailedCheckError,
    Findings,
    Report,
    failure,
    failure_from,
)
from gateway.verifier.trust import Trust, load_trust, one_line

_FILES = "FILES"
_CARD = "CARD"
_ENROLMENT = "ENROLMENT"


def check_bundle_file(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a dispute bundle has shown.

    Raises:
        UsageError: No keys were given, or a given file can't be used.
    """
    options.demand_keys()
    options.refuse(
        "bundle",
        *("seen", "min_size", "envelope", "manifest", "fingerprint"),
        *("tsa_ca", "conflicts_out"),
    )
    trust = load_trust(options.keys, options.policy, options.history)
    findings = Findings()
    for file in trust.files:
        findings.info("KEYS", file.describe(), "keys")
    not_shown: list[str] = []
    try:
        check = _BundleCheck(_unpacked(path), trust, options, findings)
        not_shown = check.run()
    except FailedCheckError as error:
        findings.add_line(error.line)
    return findings.report("bundle", not_shown=not_shown)


def _unpacked(path: Path) -> dict[str, bytes]:
    raw = read_start(path, max_bytes=MAX_ARCHIVE_BYTES + 1)
    try:
        return unpack(raw, max_file_bytes)
    except GatewayError as error:
        raise failure_from(_FILES, error) from error


@dataclass(slots=True)
class _BundleCheck:
    """One run over the files of a bundle."""

    files: dict[str, bytes]
    trust: Trust
    options: VerifyOptions
    findings: Findings
    cards: dict[str, VerifiedCard] = field(default_factory=dict)

    def run(self) -> list[str]:
        """Check everything there is; return what stays open.

        Raises:
            FailedCheckError: Without what failed there is nothing more to check.
        """
        self._check_listing()
        envelope = self._envelope()
        for name in self._names_in(CARDS_FOLDER):
            self._check_card(name, envelope)
        self._check_enrolment(envelope)
        shown = check_entries(self._prove_all(), envelope, self.findings)
        manifest = self._check_content(envelope, shown)
        if self.options.attachments is not None:
            check_attachments(self.options.attachments, manifest, self.findings)
        return [*shown.not_shown(), *self._not_shown(manifest)]

    def _names_in(self, folder: str) -> list[str]:
        return sorted(name for name in self.files if name.startswith(folder))

    def _check_listing(self) -> None:
        for name in (MANIFEST_NAME, ENVELOPE_NAME):
            if name not in self.files:
                raise failure(_FILES, f"{name}: missing", "not-found")
        try:
            count = check_listed(
                self.files[MANIFEST_NAME],
                self.files.keys() - {MANIFEST_NAME},
                lambda name: hashlib.sha256(self.files[name]).hexdigest(),
            )
        except GatewayError as error:
            self.findings.add_line(failure_from(_FILES, error).line)
            return
        text = f"{count} files as {MANIFEST_NAME} lists them"
        self.findings.ok(_FILES, text, "files")

    def _envelope(self) -> ParsedEnvelope:
        try:
            envelope = parse_envelope(self.files[ENVELOPE_NAME])
        except GatewayError as error:
            raise failure_from("ENVELOPE", error) from error
        header = envelope.header
        text = (
            f"message {header.id} from {header.sender} to {header.addressee}, sealed "
            f"{format_time(header.created)}, digest {envelope.digest}"
        )
        # What it says of itself; the entries show whether the sides logged the same.
        self.findings.info("ENVELOPE", text, "envelope")
        return envelope

    def _check_card(self, name: str, envelope: ParsedEnvelope) -> None:
        sides = (envelope.header.sender, envelope.header.addressee)
        try:
            if name not in map(card_name, sides):
                raise failure(_CARD, f"{name}: of neither side", "other-card")
            card = read_card(self.files[name])
            if card_name(card.authority) != name:
                text = f"{name}: is a card of {card.authority}"
                raise failure(_CARD, text, "other-card")
        except FailedCheckError as error:
            self.findings.add_line(error.line)
        except GatewayError as error:
            self.findings.add_line(failure_from(_CARD, error).line)
        else:
            self.cards[card.authority] = card
            self._compare_card(card)

    def _compare_card(self, card: VerifiedCard) -> None:
        """Report a card of the bundle; it is never believed."""
        shown = f"{card.authority} fingerprint {one_line(card.fingerprint)}"
        known = self.trust.fingerprints(card.authority)
        if not known:
            text = f"{shown}: not believed, only what --keys gave is"
            self.findings.info(_CARD, text, "card-not-compared")
        elif known == {card.fingerprint}:
            self.findings.ok(_CARD, f"{shown}: as known", "card")
        else:
            text = f"{shown}: NOT THE ONE THAT IS KNOWN"
            self.findings.failed(_CARD, text, "fingerprint-differs")

    def _check_enrolment(self, envelope: ParsedEnvelope) -> None:
        if ENROLMENT_NAME not in self.files:
            return
        try:
            told = parse_enrolment(self.files[ENROLMENT_NAME])
        except GatewayError as error:
            self.findings.add_line(failure_from(_ENROLMENT, error).line)
            return
        if told.peer not in {envelope.header.sender, envelope.header.addressee}:
            text = f"of {told.peer}, which is neither side"
            self.findings.failed(_ENROLMENT, text, "other-peer")
            return
        card = self.cards.get(told.peer)
        if card is not None and card.fingerprint != told.fingerprint:
            text = f"of {told.peer} with another fingerprint than its card here has"
            self.findings.failed(_ENROLMENT, text, "fingerprint-differs")
            return
        text = (
            f"told, not checked: {told.compared_by} compared {told.peer} "
            f"{one_line(told.fingerprint)}, {format_time(told.compared_at)}: "
            f"{told.compared_how}"
        )
        self.findings.info(_ENROLMENT, text, "enrolment")

    def _prove_all(self) -> list[ProvenEntry]:
        proven = []
        for name in self._names_in(PROOFS_FOLDER):
            self.findings.info("PROOF", name, "proof")
            try:
                entry = prove_entry(
                    self.files[name],
                    name=name.removeprefix(PROOFS_FOLDER),
                    trust=self.trust,
                    findings=self.findings,
                )
            except FailedCheckError as error:
                self.findings.add_line(error.line)
                continue
            check_witnesses(entry.head, self.trust, self.findings)
            proven.append(entry)
        return proven

    def _check_content(
        self,
        envelope: ParsedEnvelope,
        shown: Shown,
    ) -> Manifest | None:
        raw = self.files.get(CONTENT_NAME)
        if raw is None:
            return None
        return check_content(raw, envelope, shown.content_digests, self.findings)

    def _not_shown(self, manifest: Manifest | None) -> list[str]:
        not_shown = ["that the recipient read it", "that what was written is true"]
        if CONTENT_NAME not in self.files:
            not_shown.append("what is inside, because no manifest was given")
        else:
            not_shown.append("that the sealed body holds this manifest")
        if manifest and manifest.attachments and self.options.attachments is None:
            not_shown.append("that files are the attachments (--attachments)")
        not_shown += ["that the rest of the logs holds", "that their clocks were right"]
        if self.options.policy is None:
            not_shown.append("that witnesses saw the logs (--policy)")
        return not_shown
