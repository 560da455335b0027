"""The proven entries of a bundle: whether all of them speak of its one message.

The rules, for each entry:

1. It is of a kind that is evidence about a message, in the log of the side that
   writes such entries.
2. It names the message's id and the other side.
3. It names the digest of the envelope. An opening names the receipt's entry instead.
   A message that was sealed again has an earlier origin, and the refusal for a
   retired key that names the same earlier digest.
4. The proof's file is called after what it proves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import ParsedEnvelope
from gateway.core.errors import KeyRetiredError
from gateway.core.identity import is_audit_origin
from gateway.core.translog.proof import proof_file_name
from gateway.core.values import AuthorityId, HexDigest, format_time
from gateway.ports.messages import ProofRole
from gateway.verifier.proven import ProvenEntry
from gateway.verifier.report import FailedCheckError, Findings, failure

_SENT, _RECEIVED, _REFUSED = "msg.send", "msg.receive", "msg.reject"
_OPENED, _EXPIRED, _CANCELLED = "msg.access", "msg.expire", "msg.cancel"

_OF_SENDER = frozenset({_SENT, _EXPIRED, _CANCELLED})
_ROLES: Mapping[str, tuple[ProofRole, ...]] = {
    _SENT: (ProofRole.ORIGIN,),
    _RECEIVED: (ProofRole.RECEIPT,),
    _REFUSED: (ProofRole.REFUSAL, ProofRole.KEY_REFUSAL),
    _OPENED: (ProofRole.OPENING,),
    _EXPIRED: (ProofRole.EXPIRY,),
    _CANCELLED: (ProofRole.CANCELLATION,),
}
_STATEMENTS: Mapping[str, str] = {
    _SENT: "logged having sent this envelope",
    _RECEIVED: "logged having had this envelope",
    _REFUSED: "logged having refused this envelope",
    _OPENED: "logged having opened it for a person",
    _EXPIRED: "logged having given up delivering it",
    _CANCELLED: "logged having withdrawn it",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the entries have shown.

    Attributes:
        kinds: Kinds of the entries that passed.
        content_digests: What the sender logged as content of this very envelope.
    """

    kinds: frozenset[str]
    content_digests: frozenset[HexDigest]

    def not_shown(self) -> list[str]:
        """Return what stays open for want of entries."""
        wanted = {
            _SENT: "that the sender sent it",
            _RECEIVED: "that the recipient had it",
            _OPENED: "that the recipient opened it",
        }
        return [text for kind, text in wanted.items() if kind not in self.kinds]


def check_entries(
    entries: Sequence[ProvenEntry],
    envelope: ParsedEnvelope,
    findings: Findings,
) -> Shown:
    """Report what each entry says about the message of an envelope."""
    leaves = [entry.leaf for entry in entries]
    check = _EntriesCheck(
        envelope,
        refused_for_key=frozenset(
            str(leaf.fields.get("dig"))
            for leaf in leaves
            if leaf.kind == _REFUSED and leaf.fields.get("res") == KeyRetiredError.code
        ),
        sent=frozenset(
            str(leaf.fields.get("dig")) for leaf in leaves if leaf.kind == _SENT
        ),
        received_at=frozenset(
            (leaf.log, leaf.index) for leaf in leaves if leaf.kind == _RECEIVED
        ),
    )
    passed = []
    for entry in sorted(entries, key=_place):
        try:
            check.run(entry)
        except FailedCheckError as error:
            findings.add_line(error.line)
            continue
        passed.append(entry.leaf)
        findings.ok(_subject(entry.leaf), check.describe(entry.leaf), "about-message")
    return _shown(passed, envelope, findings)


def _shown(
    passed: Sequence[Leaf],
    envelope: ParsedEnvelope,
    findings: Findings,
) -> Shown:
    about = [
        leaf
        for leaf in passed
        if leaf.kind == _OPENED or leaf.fields["dig"] == envelope.digest
    ]
    shown = Shown(
        kinds=frozenset(leaf.kind for leaf in about),
        content_digests=frozenset(
            HexDigest(leaf.text("man")) for leaf in about if leaf.kind == _SENT
        ),
    )
    if not shown.content_digests:
        text = f"no proof that {envelope.header.sender} logged having sent this"
        findings.incomplete("ORIGIN", text, "no-origin")
    if _OPENED in shown.kinds and _RECEIVED not in shown.kinds:
        text = "without a proof of receipt it names a message only"
        findings.incomplete("OPENING", text, "no-receipt")
    return shown


@dataclass(frozen=True, slots=True)
class _EntriesCheck:
    """The rules for the entries of one bundle.

    Attributes:
        refused_for_key: Digests that were refused because their key was retired.
        sent: Digests that the sender logged.
        received_at: Where entries of receipt stand.
    """

    envelope: ParsedEnvelope
    refused_for_key: frozenset[str]
    sent: frozenset[str]
    received_at: frozenset[tuple[str, int]]

    def run(self, entry: ProvenEntry) -> None:
        """Check one entry.

        Raises:
            FailedCheckError: It breaks a rule.
        """
        leaf, header = entry.leaf, self.envelope.header
        if leaf.kind not in _ROLES:
            raise _wrong(leaf, f"{leaf.kind} is no evidence of a message", "kind")
        writer, other = self._sides(leaf)
        if not is_audit_origin(leaf.log, writer):
            text = f"stands in {leaf.log}, expected an audit log of {writer}"
            raise _wrong(leaf, text, "other-log")
        if leaf.fields["m"] != header.id:
            text = f"is about message {leaf.fields['m']}, not {header.id}"
            raise _wrong(leaf, text, "other-message")
        if leaf.fields.get("peer", other) != other:
            text = f"names {leaf.fields['peer']}, expected {other}"
            raise _wrong(leaf, text, "other-peer")
        if leaf.kind == _OPENED:
            self._check_opening(leaf)
        else:
            self._check_digest(leaf)
        _check_name(entry)

    def describe(self, leaf: Leaf) -> str:
        """Return what an entry that passed states."""
        writer, _ = self._sides(leaf)
        text = f"{writer} {_STATEMENTS[leaf.kind]}, {format_time(leaf.at)}"
        if "res" in leaf.fields:
            text = f"{text}: {leaf.fields['res']}"
        if leaf.fields.get("dig", self.envelope.digest) != self.envelope.digest:
            text = f"{text} (another sealing of the same message)"
        return text

    def _sides(self, leaf: Leaf) -> tuple[AuthorityId, AuthorityId]:
        """Return who writes entries of this kind about the message, and the other."""
        sender, addressee = self.envelope.header.sender, self.envelope.header.addressee
        is_of_sender = leaf.kind in _OF_SENDER
        return (sender, addressee) if is_of_sender else (addressee, sender)

    def _check_digest(self, leaf: Leaf) -> None:
        digest = str(leaf.fields.get("dig", "none"))
        if digest == self.envelope.digest or self._is_other_sealing(leaf.kind, digest):
            return
        text = f"names digest {digest}, envelope.bin has "
        raise _wrong(leaf, text + self.envelope.digest, "other-digest")

    def _is_other_sealing(self, kind: str, digest: str) -> bool:
        """Tell whether it is about the message before or after it was sealed again."""
        if kind == _SENT:
            return bool(self.refused_for_key & {digest, self.envelope.digest})
        return kind == _REFUSED and digest in self.refused_for_key & self.sent

    def _check_opening(self, leaf: Leaf) -> None:
        if "res" in leaf.fields:
            text = f"nobody was let at it: {leaf.fields['res']}"
            raise _wrong(leaf, text, "no-opening")
        follows = (leaf.log, leaf.number("ref"))
        if self.received_at and follows not in self.received_at:
            text = f"follows entry {leaf.number('ref')}, which is not the receipt"
            raise _wrong(leaf, text, "other-entry")


def _check_name(entry: ProvenEntry) -> None:
    leaf = entry.leaf
    names = [
        proof_file_name(role.value, leaf.log, leaf.index) for role in _ROLES[leaf.kind]
    ]
    if entry.name not in names:
        text = f"is in {entry.name}, expected {' or '.join(names)}"
        raise _wrong(leaf, text, "proof-name")


def _place(entry: ProvenEntry) -> int:
    """Return where an entry stands in the life of a message."""
    kinds = [*_ROLES, entry.leaf.kind]
    return kinds.index(entry.leaf.kind)


def _subject(leaf: Leaf) -> str:
    return _ROLES[leaf.kind][0].value.upper() if leaf.kind in _ROLES else "ENTRY"


def _wrong(leaf: Leaf, text: str, code: str) -> FailedCheckError:
    return failure(_subject(leaf), f"entry {leaf.index} {text}", code)
