"""The signed heads of a bundle: which cover which entries, and who cosigned them.

A witness covers an entry if it cosigned a head of the log that is larger than the
entry's place, and that is shown to be one log with the head under which the entry is
proven: the same head, or linked to it by consistency proofs (specification, 8.5).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import verify_consistency
from gateway.core.translog.note import VerifierKey
from gateway.core.translog.policy import NO_QUORUM
from gateway.verifier.consistency import parse_consistency
from gateway.verifier.coverage import cosigned_note, utc
from gateway.verifier.heads import Head
from gateway.verifier.report import Findings, failure, failure_from
from gateway.verifier.trust import Trust

_APPEND_ONLY = "APPEND-ONLY"
_WITNESSES = "WITNESSES"
# Beyond this only their number is told: one entry is like another.
_MAX_SHOWN = 200


@dataclass(slots=True)
class _Log:
    """What a bundle holds of one log.

    Attributes:
        roots: Of its signed heads, by size.
        cosigned: Who cosigned the head of a size, and when.
        group: By size, the smallest size that it is shown to be one log with.
        entries: Place of each proven entry, and the size it is proven under.
    """

    roots: dict[int, bytes] = field(default_factory=dict)
    cosigned: dict[int, dict[VerifierKey, int]] = field(default_factory=dict)
    group: dict[int, int] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cover:
    """Who covers an entry: the keys, and by witness the earliest time."""

    keys: frozenset[VerifierKey]
    times: Mapping[str, int]


class BundleHeads:
    """Takes in heads, links and entries; then tells who covers what."""

    def __init__(self, trust: Trust, findings: Findings) -> None:
        self.trust = trust
        self._findings = findings
        self._logs: dict[str, _Log] = {}
        self._known_notes: set[bytes] = set()

    def add(self, head: Head) -> None:
        """Take in a head whose own log is known to have signed it."""
        note = hashlib.sha256(head.note).digest()
        if note in self._known_notes:
            return
        self._known_notes.add(note)
        checkpoint = head.checkpoint
        log = self._logs.setdefault(checkpoint.origin, _Log())
        root = log.roots.setdefault(checkpoint.size, checkpoint.root)
        if root != checkpoint.root:
            text = (
                f"SPLIT VIEW: {checkpoint.origin} signed two roots for size "
                f"{checkpoint.size}, one of them in {head.name}"
            )
            self._findings.failed(_APPEND_ONLY, text, "split-view")
            return
        log.group.setdefault(checkpoint.size, checkpoint.size)
        self._take_cosignatures(head, log)

    def _take_cosignatures(self, head: Head, log: _Log) -> None:
        size = head.checkpoint.size
        keys = self.trust.witness_keys(head.checkpoint.origin)
        try:
            note = cosigned_note(size, head.note, keys)
        except GatewayError as error:
            self._findings.add_line(failure_from(_WITNESSES, error).line)
            return
        if not note.lines:
            return
        times = note.times()
        found = log.cosigned.setdefault(size, {})
        for line in note.lines:
            time_s = times[line.key.name]
            found[line.key] = min(time_s, found.get(line.key, time_s))

    def head_of(self, origin: str, size: int) -> Checkpoint | None:
        """Return the signed head of a log at a size, if the bundle has one."""
        log = self._logs.get(origin)
        root = None if log is None else log.roots.get(size)
        return None if root is None else Checkpoint(origin, size, root)

    def add_entry(self, origin: str, index: int, size: int) -> None:
        """Take in that an entry is proven under the head of a size."""
        self._logs[origin].entries[index] = size

    def link(self, origin: str, old_size: int, new_size: int, raw: bytes) -> None:
        """Report whether a proof shows that a log grew from one head to another.

        Raises:
            FailedCheckError: It does not.
        """
        name = f"{old_size}→{new_size}"
        old, new = self.head_of(origin, old_size), self.head_of(origin, new_size)
        if old is None or new is None:
            text = f"{name}: the bundle has no signed head of both sizes"
            raise failure(_APPEND_ONLY, text, "no-head")
        try:
            verify_consistency(
                old_size=old_size,
                new_size=new_size,
                old_root=old.root,
                new_root=new.root,
                proof=parse_consistency(raw),
            )
        except GatewayError as error:
            raise failure(_APPEND_ONLY, f"{name}: {error}", error.code) from error
        log = self._logs[origin]
        joined = {log.group[old_size], log.group[new_size]}
        log.group = {
            size: min(joined) if group in joined else group
            for size, group in log.group.items()
        }
        text = f"{origin} {name}: the larger tree begins with the smaller one"
        self._findings.ok(_APPEND_ONLY, text, "append-only")

    def report(self) -> None:
        """Report which witnesses cover each entry, and whether that is enough."""
        left = _MAX_SHOWN
        for origin, log in sorted(self._logs.items()):
            uncovered = 0
            for index, size in sorted(log.entries.items()):
                cover = _cover(log, index, size)
                is_shown = self._report_entry(f"{origin} {index}", cover, left > 0)
                uncovered += not cover.keys
                left -= is_shown
            if uncovered and not self._demands:
                text = f"{origin}: {uncovered} entries without; none demanded"
                self._findings.info(_WITNESSES, text, "witnesses")
        if left < 0:
            text = f"{-left} more entries are covered like these"
            self._findings.ok("COVERED", text, "covered")

    @property
    def _demands(self) -> bool:
        policy = self.trust.policy
        return policy is not None and policy.quorum != NO_QUORUM

    def _report_entry(self, name: str, cover: _Cover, is_room: bool) -> bool:  # noqa: FBT001 - read where it is called
        """Report one entry; return whether it is covered as demanded."""
        policy = self.trust.policy
        if policy is not None:
            try:
                policy.check_quorum(cover.keys)
            except GatewayError as error:
                text = f"{name}: BELOW QUORUM: {error}"
                self._findings.incomplete(_WITNESSES, text, "below-quorum")
                return False
        if not cover.times:
            return False
        if is_room:
            first = min(cover.times, key=lambda name: (cover.times[name], name))
            text = (
                f"{name} by {', '.join(sorted(cover.times))}; existed before "
                f"{utc(cover.times[first])} ({first})"
            )
            self._findings.ok("COVERED", text, "covered")
        return True


def _cover(log: _Log, index: int, size: int) -> _Cover:
    group = log.group.get(size)
    keys: set[VerifierKey] = set()
    times: dict[str, int] = {}
    for other, cosigned in log.cosigned.items():
        if other <= index or log.group[other] != group:
            continue
        keys.update(cosigned)
        for key, time_s in cosigned.items():
            times[key.name] = min(time_s, times.get(key.name, time_s))
    return _Cover(frozenset(keys), times)
