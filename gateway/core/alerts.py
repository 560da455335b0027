"""Alerts: what is not well with a node, by names that never change.

Alerts are about the machine and its peers; what is about cases and messages is an
alarm (`gateway.ports.alarms`). Whoever is told of an alert gets its name, what it is
about, how grave it is and what to do: texts from this table and nothing from a case
(specification, section 13.13).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.values import NEVER, UnixMs

MAX_OPEN_ALERTS = 1000
"""Open at the same time; further conditions wait until one of them is resolved."""

_MINUTE_MS = 60_000
# Twice the wait each time, up to eight times the first.
_MOST_DOUBLINGS = 3


class Severity(StrEnum):
    """How grave something is."""

    WARNING = "warning"  # somebody should look within a day
    CRITICAL = "critical"  # somebody has to look now

    @property
    def rank(self) -> int:
        """Greater for what is graver."""
        return 1 if self is Severity.CRITICAL else 0


class AlertStep(StrEnum):
    """What happened to an alert, in words that programs get."""

    RAISED = "raised"
    WORSENED = "worsened"  # from warning to critical
    REPEATED = "repeated"  # still so, and nobody has acknowledged it
    RESOLVED = "resolved"  # by itself: its reason is gone


@dataclass(frozen=True, slots=True)
class AlertKind:
    """One thing that alerts are about.

    Attributes:
        title: One sentence for people, without anything of a case.
        settle_minutes: It has to be so for this long before it is raised, so that
            what heals by itself wakes nobody.
    """

    title: str
    settle_minutes: int = 0


ALERTS: Mapping[str, AlertKind] = {
    "message-near-expiry": AlertKind("Messages will soon expire undelivered"),
    "peer-unreachable": AlertKind("A peer does not take its messages"),
    "card-not-acknowledged": AlertKind("A peer has not taken our newest card", 60),
    "certificate-ending": AlertKind("A certificate of ours ends soon"),
    "key-ending": AlertKind("Keys of ours end soon or have ended"),
    "keys-waiting": AlertKind("New keys are ready, and not in force", 60),
    "peer-key-ending": AlertKind("Keys of a peer end soon, and none follow"),
    "cosign-lag": AlertKind("A witness does not cosign our log", 30),
    "quorum-missing": AlertKind("Fewer witnesses than are demanded"),
    "log-conflict": AlertKind("A log contradicts what was seen of it"),
    "log-recovery": AlertKind("Our log is not whole, nothing is signed"),
    "log-damaged": AlertKind("Something is wrong in our own store"),
    "log-unchecked": AlertKind("Our store was not checked for a day"),
    "numbers-missing": AlertKind("Messages with numbers between others are missing"),
    "storage-failing": AlertKind("The database takes no writes"),
    "disk-low": AlertKind("The disk is nearly full"),
    "clock-unsure": AlertKind("The time is in doubt, nothing expires", 5),
    "stamp-late": AlertKind("Our log gets no time stamps"),
    "token-ending": AlertKind("The last token of an account ends soon"),
    "alerts-not-told": AlertKind("What tells of alerts is not taken"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is not well now.

    Attributes:
        name: One of `ALERTS`.
        subject: What it is about: a peer, a witness, a disk, a key; empty if there is
            only one.
        text: What was seen, for those who may read diagnostics; not sent anywhere.
        remedy: What to do; made of our own words and the subject.
    """

    name: str
    subject: str
    severity: Severity
    text: str
    remedy: str

    @property
    def key(self) -> tuple[str, str]:
        """What one open alert is about."""
        return self.name, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """When alerts end, and how often people are reminded.

    Attributes:
        quiet_ms: Not seen for this long, an alert is resolved.
        repeat_ms: First wait before somebody is reminded; 0 for never. It doubles
            each time, up to eightfold.
    """

    quiet_ms: int = 10 * _MINUTE_MS
    repeat_ms: int = 24 * 60 * _MINUTE_MS

    def repeat_at(self, repeats: int, now: UnixMs) -> UnixMs:
        """Return when to remind next, after so many times; `NEVER` for not."""
        if not self.repeat_ms:
            return NEVER
        return UnixMs(now + (self.repeat_ms << min(repeats, _MOST_DOUBLINGS)))


def worst_of_each(conditions: Iterable[Condition]) -> dict[tuple[str, str], Condition]:
    """Return one condition for each thing: the worst, with what all of them say."""
    found: dict[tuple[str, str], Condition] = {}
    for one in conditions:
        other = found.get(one.key)
        if other is None:
            found[one.key] = one
            continue
        worse = max(other, one, key=lambda each: each.severity.rank)
        text = f"{other.text}; {one.text}"
        found[one.key] = Condition(
            name=one.name,
            subject=one.subject,
            severity=worse.severity,
            text=text,
            remedy=worse.remedy,
        )
    return found


class Settling:
    """Lets pass only what has been so for long enough.

    Kept in memory: after a restart the wait begins again.
    """

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], UnixMs] = {}

    def settled(
        self, conditions: Iterable[Condition], now: UnixMs
    ) -> tuple[Condition, ...]:
        """Return the conditions that are not fresh any more, one for each thing."""
        seen = worst_of_each(conditions)
        self._since = {key: self._since.get(key, now) for key in seen}
        return tuple(
            one
            for key, one in seen.items()
            if now - self._since[key] >= ALERTS[one.name].settle_minutes * _MINUTE_MS
        )
