"""Which witnesses have seen an entry, and since when it must have existed.

A witness covers an entry if it cosigned some checkpoint that holds it and that is one
with the log under check. So cosignatures count although each sits on a checkpoint of
its own, and a witness counts once, whatever number of its keys signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import cosignature_lines
from gateway.core.translog.note import VerifiedLine, VerifierKey
from gateway.core.translog.policy import NO_QUORUM, Policy
from gateway.core.values import UnixMs, format_time
from gateway.verifier.report import Findings

_SUBJECT = "WITNESSES"
_MS_PER_S = 1000
_SECONDS = slice(None, len("2026-11-21T22:00:07"))


@dataclass(frozen=True, slots=True)
class CosignedNote:
    """A checkpoint with the cosignatures on it that hold.

    Attributes:
        size: Of the tree.
        lines: Cosignatures, one a key.
    """

    size: int
    lines: tuple[VerifiedLine, ...]

    def times(self) -> dict[str, int]:
        """Return POSIX seconds by witness; where both its keys signed, the later.

        Back-dating takes both keys then.
        """
        times: dict[str, int] = {}
        for key, time_s in self.lines:
            times[key.name] = max(time_s, times.get(key.name, 0))
        return times


def cosigned_note(
    size: int,
    note: bytes,
    keys: Iterable[VerifierKey],
) -> CosignedNote:
    """Return the cosignatures of a note by the given keys.

    Raises:
        LogProofError: A line by one of the keys does not hold or states no time.
    """
    return CosignedNote(size, cosignature_lines(note, keys))


@dataclass(frozen=True, slots=True)
class Coverage:
    """All cosignatures of checkpoints that are one with a log.

    Attributes:
        notes: The checkpoints.
        policy: Who must have cosigned, if that was said.
    """

    notes: Sequence[CosignedNote]
    policy: Policy | None = None

    def witnesses(self, index: int) -> dict[str, int]:
        """Return who covers an entry, with the first POSIX second that shows it."""
        first: dict[str, int] = {}
        for note in self.notes:
            if note.size > index:
                for name, time_s in note.times().items():
                    first[name] = min(time_s, first.get(name, time_s))
        return dict(sorted(first.items(), key=lambda item: (item[1], item[0])))

    def keys(self, index: int) -> frozenset[VerifierKey]:
        """Return the keys that signed checkpoints which hold an entry."""
        return frozenset(
            line.key for note in self.notes if note.size > index for line in note.lines
        )

    def describe(self, index: int) -> str:
        """Return how an entry is covered, for its line; empty if nobody was asked."""
        found = self.witnesses(index)
        if not found:
            return "" if self.policy is None else "; covered by no witness"
        name, time_s = next(iter(found.items()))
        count = f"{len(found)} witness" + ("es" if len(found) > 1 else "")
        return f"; covered by {count}; existed before {utc(time_s)} ({name})"

    def report(self, size: int, findings: Findings) -> None:
        """Report who covers the last entry of a log, and whether it is enough."""
        found = self.witnesses(size - 1)
        who = ", ".join(f"{name} {utc(time_s)}" for name, time_s in found.items())
        who = who or "none"
        policy = self.policy
        if policy is None or policy.quorum == NO_QUORUM:
            asked = "no --policy" if policy is None else "quorum none"
            text = f"{who}; none demanded ({asked})"
            findings.info(_SUBJECT, text, "witnesses")
            return
        counted, members, needed = tally(policy, self.keys(size - 1))
        if policy.quorum in policy.counting(self.keys(size - 1)):
            text = f"{counted} of {members} required {needed}: {who}"
            findings.ok(_SUBJECT, text, "witnesses")
            return
        text = f"BELOW QUORUM {counted}/{needed}: {who}{self._reached(policy)}"
        findings.incomplete(_SUBJECT, text, "below-quorum")

    def _reached(self, policy: Policy) -> str:
        """Return up to which size the quorum is there, if anywhere."""
        for size in sorted({note.size for note in self.notes}, reverse=True):
            if policy.quorum in policy.counting(self.keys(size - 1)):
                return f"; reached up to size {size}"
        return ""


def tally(policy: Policy, keys: frozenset[VerifierKey]) -> tuple[int, int, int]:
    """Return how many members of the quorum count, how many it has and needs."""
    counting = policy.counting(keys)
    for group in policy.groups:
        if group.name == policy.quorum:
            counted = len(counting.intersection(group.members))
            return counted, len(group.members), group.threshold
    return int(policy.quorum in counting), 1, 1


def report_note(
    size: int,
    note: bytes,
    *,
    keys: Iterable[VerifierKey],
    policy: Policy | None,
    findings: Findings,
) -> None:
    """Report who has cosigned one checkpoint, and whether it is enough."""
    try:
        cosigned = cosigned_note(size, note, keys)
    except GatewayError as error:
        findings.failed(_SUBJECT, str(error), error.code)
        return
    Coverage((cosigned,), policy).report(size, findings)


def utc(time_s: int) -> str:
    """Return a POSIX second as UTC text."""
    return f"{format_time(UnixMs(time_s * _MS_PER_S))[_SECONDS]}Z"
