"""The proven entries of a bundle: whether all of them speak of its one message.

The rules, for each entry:

1. It is of a kind that is evidence about a message, in the log of the side that
   writes such entries.
2. It names the message's id and the other side.
3. It names the digest of the envelope. An opening names the receipt's entry instead.
   A message that was sealed again has an earlier origin, and the refusal for a
   retired key that names the same earlier digest.
4. The proof's file is called after what it proves.

What else a side logged about the message (who opened it and when, that it was erased)
keeps the rules 1, 2 and 4, and 3 where it names a digest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core.entries.kinds import step_role
from gateway.core.entries.leaf import Leaf
from gateway.core.errors import KeyRetiredError
from gateway.core.identity import is_audit_origin
from gateway.core.translog.proof import proof_file_name
from gateway.core.values import AuthorityId, HexDigest, format_time
from gateway.ports.messages import ProofRole
from gateway.verifier.bundle import ENVELOPE_NAME
from gateway.verifier.bundle_about import About
from gateway.verifier.proven import ProvenEntry
from gateway.verifier.report import FailedCheckError, Findings, failure

_SENT, _RECEIVED, _REFUSED = "msg.send", "msg.receive", "msg.reject"
_OPENED, _EXPIRED, _CANCELLED = "msg.access", "msg.expire", "msg.cancel"

_ARRIVED = frozenset({_RECEIVED, "msg.carry"})
_OF_SENDER = frozenset({_SENT, _EXPIRED, _CANCELLED})
_ROLES: Mapping[str, tuple[ProofRole, ...]] = {
    _SENT: (ProofRole.ORIGIN,),
    _RECEIVED: (ProofRole.RECEIPT,),
    _REFUSED: (ProofRole.REFUSAL, ProofRole.KEY_REFUSAL),
    _OPENED: (ProofRole.OPENING,),
    _EXPIRED: (ProofRole.EXPIRY,),
    _CANCELLED: (ProofRole.CANCELLATION,),
}
# What a side logs besides, under the last word of its kind.
_STEPS: Mapping[str, str] = {
    "msg.access": "logged that a person opened it",
    "msg.check": "logged that the node itself opened it, to check it",
    "msg.export": "logged that a file of it was handed out",
    "msg.erase": "logged that its content was erased",
    "msg.hold": "logged that it waits",
    "msg.release": "logged that it was let go on",
    "msg.deliver": "logged the proof that the other side has it",
    "msg.opened": "logged the proof that the other side opened it",
    "msg.refused": "logged the proof that the other side refused it",
    "msg.confirm": "logged that its recipient has taken it",
    "msg.quarantine": "logged that it was put aside as broken",
    "msg.lost": "logged that its content was lost",
    "msg.carry": "logged having taken it over from its log before",
    "msg.expire": "logged having let it go",
    "msg.unreceived": "logged that no receipt of it had come by then",
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
        leaves: All entries that passed.
    """

    kinds: frozenset[str]
    content_digests: frozenset[HexDigest]
    leaves: tuple[Leaf, ...] = ()

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
    about: About,
    findings: Findings,
) -> Shown:
    """Report what each entry says about a message."""
    leaves = [entry.leaf for entry in entries]
    check = _EntriesCheck(
        about,
        refused_for_key=frozenset(
            str(leaf.fields.get("dig"))
            for leaf in leaves
            if leaf.kind == _REFUSED and leaf.fields.get("res") == KeyRetiredError.code
        ),
        sent=frozenset(
            str(leaf.fields.get("dig")) for leaf in leaves if leaf.kind == _SENT
        ),
        received_at=frozenset(
            (leaf.log, leaf.index) for leaf in leaves if leaf.kind in _ARRIVED
        ),
    )
    passed = []
    for entry in sorted(entries, key=_place):
        try:
            check.run(entry)
        except FailedCheckError as error:
            findings.add_line(error.line)
            continue
        passed.append(entry)
        findings.ok(_subject(entry), check.describe(entry), "about-message")
    return _shown(passed, about, findings)


def _shown(
    passed: Sequence[ProvenEntry],
    about: About,
    findings: Findings,
) -> Shown:
    telling = [
        entry.leaf
        for entry in passed
        if not _is_step(entry)
        and entry.leaf.fields.get("dig", about.digest) == about.digest
    ]
    shown = Shown(
        kinds=frozenset(leaf.kind for leaf in telling),
        content_digests=frozenset(
            HexDigest(leaf.text("man")) for leaf in telling if leaf.kind == _SENT
        ),
        leaves=tuple(entry.leaf for entry in passed),
    )
    if not shown.content_digests:
        text = f"no proof that {about.sender} logged having sent this"
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
        received_at: Where entries of receipt, or of taking over, stand.
    """

    about: About
    refused_for_key: frozenset[str]
    sent: frozenset[str]
    received_at: frozenset[tuple[str, int]]

    def run(self, entry: ProvenEntry) -> None:
        """Check one entry.

        Raises:
            FailedCheckError: It breaks a rule.
        """
        leaf = entry.leaf
        if leaf.kind not in _ROLES and leaf.kind not in _STEPS:
            raise _wrong(entry, f"{leaf.kind} is no evidence of a message", "kind")
        writer, other = self._sides(entry)
        if not is_audit_origin(leaf.log, writer):
            text = f"stands in {leaf.log}, expected an audit log of {writer}"
            raise _wrong(entry, text, "other-log")
        if leaf.fields["m"] != self.about.id:
            text = f"is about message {leaf.fields['m']}, not {self.about.id}"
            raise _wrong(entry, text, "other-message")
        if leaf.fields.get("peer", other) != other:
            text = f"names {leaf.fields['peer']}, expected {other}"
            raise _wrong(entry, text, "other-peer")
        if _is_step(entry):
            self._check_digest(entry, leaf.fields.get("dig", self.about.digest))
        elif leaf.kind == _OPENED:
            self._check_opening(entry)
        else:
            self._check_digest(entry, leaf.fields.get("dig", "none"))
        _check_name(entry)

    def describe(self, entry: ProvenEntry) -> str:
        """Return what an entry that passed states."""
        leaf = entry.leaf
        writer, _ = self._sides(entry)
        said = (_STEPS if _is_step(entry) else _STATEMENTS)[leaf.kind]
        if leaf.kind == _OPENED and "res" in leaf.fields:
            said = "logged that a person was not let at it"
        text = f"{writer} {said}, {format_time(leaf.at)}"
        if "res" in leaf.fields:
            text = f"{text}: {leaf.fields['res']}"
        if "basis" in leaf.fields:
            text = (
                f"{text}: on the ground of {leaf.fields['basis']}, the last copy "
                f"gone by {leaf.fields['until']}"
            )
        if leaf.fields.get("dig", self.about.digest) != self.about.digest:
            text = f"{text} (another sealing of the same message)"
        return text

    def _sides(self, entry: ProvenEntry) -> tuple[AuthorityId, AuthorityId]:
        """Return who writes such an entry about the message, and the other."""
        sender, addressee = self.about.sender, self.about.addressee
        if _is_step(entry):
            is_of_sender = is_audit_origin(entry.leaf.log, sender)
        else:
            is_of_sender = entry.leaf.kind in _OF_SENDER
        return (sender, addressee) if is_of_sender else (addressee, sender)

    def _check_digest(self, entry: ProvenEntry, named: object) -> None:
        digest = str(named)
        if digest == self.about.digest or self._is_other_sealing(
            entry.leaf.kind,
            digest,
        ):
            return
        text = f"names digest {digest}, {ENVELOPE_NAME} has {self.about.digest}"
        raise _wrong(entry, text, "other-digest")

    def _is_other_sealing(self, kind: str, digest: str) -> bool:
        """Tell whether it is about the message before or after it was sealed again."""
        if kind == _SENT:
            return bool(self.refused_for_key & {digest, self.about.digest})
        return kind == _REFUSED and digest in self.refused_for_key & self.sent

    def _check_opening(self, entry: ProvenEntry) -> None:
        leaf = entry.leaf
        if "res" in leaf.fields:
            text = f"nobody was let at it: {leaf.fields['res']}"
            raise _wrong(entry, text, "no-opening")
        # In a log that succeeded another, it follows what took the message over.
        arrived = {index for log, index in self.received_at if log == leaf.log}
        if arrived and leaf.number("ref") not in arrived:
            text = f"follows entry {leaf.number('ref')}, which is not the receipt"
            raise _wrong(entry, text, "other-entry")


def _is_step(entry: ProvenEntry) -> bool:
    """Tell whether an entry is one that a side logged besides, by its file's name."""
    leaf = entry.leaf
    if not (leaf.kind in _STEPS and leaf.kind in _ROLES):
        return leaf.kind in _STEPS
    return entry.name == proof_file_name(step_role(leaf.kind), leaf.log, leaf.index)


def _check_name(entry: ProvenEntry) -> None:
    leaf = entry.leaf
    roles = [role.value for role in _ROLES.get(leaf.kind, ())]
    if leaf.kind in _STEPS:
        roles.append(step_role(leaf.kind))
    names = [proof_file_name(role, leaf.log, leaf.index) for role in roles]
    if entry.name not in names:
        text = f"is in {entry.name}, expected {' or '.join(names)}"
        raise _wrong(entry, text, "proof-name")


def _place(entry: ProvenEntry) -> tuple[int, str, int]:
    """Return where an entry stands in the life of a message."""
    leaf = entry.leaf
    kinds = [*_ROLES, leaf.kind]
    return kinds.index(leaf.kind), leaf.log, leaf.index


def _subject(entry: ProvenEntry) -> str:
    kind = entry.leaf.kind
    if kind in _ROLES and not _is_step(entry):
        return _ROLES[kind][0].value.upper()
    return step_role(kind).upper()


def _wrong(entry: ProvenEntry, text: str, code: str) -> FailedCheckError:
    return failure(_subject(entry), f"entry {entry.leaf.index} {text}", code)
