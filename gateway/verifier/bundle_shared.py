"""What lies in a bundle once for all messages: people, keys, heads, stamps.

Nothing of it is believed because it is there. Cards are compared with those that the
user gave, statements with their root keys, heads and conflicts with the logs' keys.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.core.errors import GatewayError
from gateway.core.identity import VerifiedCard
from gateway.core.translog.stamps import StampRoots
from gateway.core.values import AuthorityId, format_time
from gateway.verifier.bundle import (
    CARDS_FOLDER,
    CONFLICTS_FOLDER,
    CONSISTENCY_FOLDER,
    ENROLMENT_NAME,
    HELD_NAME,
    HISTORY_FOLDER,
    card_name,
    parse_enrolment,
    read_card,
)
from gateway.verifier.bundle_heads import BundleHeads
from gateway.verifier.bundle_message import read_file
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.folder_extras import report_conflicts
from gateway.verifier.heads import Head, add_head, verify_head
from gateway.verifier.history import with_history
from gateway.verifier.layout import CHECKPOINT_NAME, CHECKPOINTS_FOLDER
from gateway.verifier.report import FailedCheckError, Findings, failure, failure_from
from gateway.verifier.stamps import STAMPS_FOLDER, StampCheck
from gateway.verifier.trust import Trust, one_line

_CARD = "CARD"
_CHECKPOINT = "CHECKPOINT"
_CONSISTENCY = re.compile(rf"{CONSISTENCY_FOLDER}([0-9]+)-([0-9]+)\.txt\Z")
_ENROLMENT = "ENROLMENT"


@dataclass(slots=True)
class SharedCheck:
    """One run over the files that all messages of a bundle share."""

    files: EvidenceFiles
    names: frozenset[str]
    findings: Findings

    def names_in(self, folder: str) -> list[str]:
        """Return the files in a folder."""
        return sorted(name for name in self.names if name.startswith(folder))

    def _each(self, names: Iterable[str], check: Callable[[str], None]) -> None:
        """Check files one by one: what fails is reported and stops no other."""
        for name in names:
            try:
                check(name)
            except FailedCheckError as error:
                self.findings.add_line(error.line)

    def _read(self, name: str, subject: str) -> bytes:
        try:
            return read_file(self.files, name)
        except GatewayError as error:
            raise failure(subject, str(error), error.code) from error

    def with_history(self, trust: Trust) -> Trust:
        """Return the trust with the keys that known roots vouched for earlier."""
        names = self.names_in(HISTORY_FOLDER)
        return with_history(self.files, names, trust, self.findings)

    def check_heads(self, heads: BundleHeads) -> str:
        """Report the heads that lie in no proof; return whose log the maker's is."""
        origin = ""
        if CHECKPOINT_NAME in self.names:
            try:
                head = self._head(CHECKPOINT_NAME, heads)
                add_head(head, heads.trust, self.findings)
                origin = head.checkpoint.origin
            except FailedCheckError as error:
                self.findings.add_line(error.line)

        def earlier(name: str) -> None:
            found = self._head(name, heads).checkpoint
            expected = (origin, f"{CHECKPOINTS_FOLDER}/{found.size}")
            if (found.origin, name) != expected:
                text = f"{name}: is of {found.origin} at size {found.size}"
                raise failure(_CHECKPOINT, text, "checkpoint-name")

        def held(name: str) -> None:
            found = self._head(name, heads).checkpoint
            if found.origin == origin:
                text = f"{name}: is of the maker's own log"
                raise failure(_CHECKPOINT, text, "checkpoint-name")
            text = f"{found.origin} size {found.size}: the newest that the maker holds"
            self.findings.ok(_CHECKPOINT, text, "held")

        self._each(self.names_in(f"{CHECKPOINTS_FOLDER}/"), earlier)
        self._each(self.names & {HELD_NAME}, held)
        return origin

    def _head(self, name: str, heads: BundleHeads) -> Head:
        raw = self._read(name, _CHECKPOINT)
        head = verify_head(raw, heads.trust, name=name, subject=_CHECKPOINT)
        heads.add(head)
        return head

    def check_links(self, heads: BundleHeads, origin: str) -> None:
        """Report whether the maker's log grew from each head to the next."""

        def check(name: str) -> None:
            match = _CONSISTENCY.match(name)
            if match is None:
                raise AssertionError(f"internal: {name} is no consistency file")
            raw = self._read(name, "APPEND-ONLY")
            heads.link(origin, int(match[1]), int(match[2]), raw)

        self._each(self.names_in(CONSISTENCY_FOLDER), check)

    def check_cards(self, sides: frozenset[AuthorityId], trust: Trust) -> None:
        """Report the cards in a bundle, and how the other side was enrolled."""
        cards: dict[AuthorityId, VerifiedCard] = {}

        def check(name: str) -> None:
            card = self._card(name, sides)
            cards[card.authority] = card
            self._compare_card(card, trust)

        self._each(self.names_in(CARDS_FOLDER), check)
        self._each(
            self.names & {ENROLMENT_NAME},
            lambda _: self._enrolment(sides, cards),
        )

    def _card(self, name: str, sides: frozenset[AuthorityId]) -> VerifiedCard:
        if name not in map(card_name, sides):
            raise failure(_CARD, f"{name}: of neither side", "other-card")
        try:
            card = read_card(self._read(name, _CARD))
        except GatewayError as error:
            raise failure_from(_CARD, error) from error
        if card_name(card.authority) != name:
            text = f"{name}: is a card of {card.authority}"
            raise failure(_CARD, text, "other-card")
        return card

    def _compare_card(self, card: VerifiedCard, trust: Trust) -> None:
        """Report a card of the bundle; it is never believed."""
        shown = f"{card.authority} fingerprint {one_line(card.fingerprint)}"
        known = trust.fingerprints(card.authority)
        if not known:
            text = f"{shown}: not believed, only what --keys gave is"
            self.findings.info(_CARD, text, "card-not-compared")
        elif known == {card.fingerprint}:
            self.findings.ok(_CARD, f"{shown}: as known", "card")
        else:
            text = f"{shown}: NOT THE ONE THAT IS KNOWN"
            self.findings.failed(_CARD, text, "fingerprint-differs")

    def _enrolment(
        self,
        sides: frozenset[AuthorityId],
        cards: dict[AuthorityId, VerifiedCard],
    ) -> None:
        try:
            told = parse_enrolment(self._read(ENROLMENT_NAME, _ENROLMENT))
        except GatewayError as error:
            raise failure_from(_ENROLMENT, error) from error
        if told.peer not in sides:
            text = f"of {told.peer}, which is neither side"
            raise failure(_ENROLMENT, text, "other-peer")
        card = cards.get(told.peer)
        if card is not None and card.fingerprint != told.fingerprint:
            text = f"of {told.peer} with another fingerprint than its card here has"
            raise failure(_ENROLMENT, text, "fingerprint-differs")
        text = (
            f"told, not checked: {told.compared_by} compared {told.peer} "
            f"{one_line(told.fingerprint)}, {format_time(told.compared_at)}: "
            f"{told.compared_how}"
        )
        self.findings.info(_ENROLMENT, text, "enrolment")

    def check_stamps(
        self,
        heads: BundleHeads,
        origin: str,
        roots: StampRoots | None,
    ) -> None:
        """Report whether authorities that the user believes stamped the maker's log."""

        def text_of(size: int) -> bytes | None:
            head = heads.head_of(origin, size)
            return None if head is None else head.text

        check = StampCheck(self.files, text_of, roots)
        check.run(self.names_in(STAMPS_FOLDER), self.findings)

    def check_conflicts(self, trust: Trust, origin: str) -> None:
        """Report what is kept of logs that contradict themselves."""
        report_conflicts(
            self.files,
            self.names_in(CONFLICTS_FOLDER),
            origin=origin,
            trust=trust,
            findings=self.findings,
        )
