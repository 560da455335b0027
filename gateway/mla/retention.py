"""How long what is kept of cases may be kept, as one table that a lawyer can read.

After Directive (EU) 2016/680, articles 4(1)(e) and 5: time limits, or periodic review.
A row says what it is about, from when on time is counted, how long, and what then: it
goes, or a person looks whether it is still needed. Nothing goes by itself but what the
row says so of. The periods are defaults; `[retention]` sets them for a State.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from gateway.core.values import UnixMs
from gateway.mla.kept import KeptMessage, Triggered
from gateway.mla.retention_triggers import (
    answers_about_records,
    cases_under_review,
    data_not_wanted_any_more,
    ended_without_data,
    information_not_used,
    information_refused,
    never_sent,
    transferred_evidence,
)

_DAY_MS = 86_400_000


class RetentionClass(StrEnum):
    """The classes; each has a setting `[retention] NAME_days`."""

    WDR_DELETE = "withdrawn-data"
    REFUSED = "refused-information"
    DRAFT = "draft"
    CR_ANSWER = "criminal-record"
    SPI_UNUSED = "unused-information"
    NO_DATA = "ended-without-data"
    CIPHERTEXT = "transferred-evidence"
    CASE = "case"

    @property
    def setting(self) -> str:
        """Name of its key in section `[retention]`."""
        return f"{self.value.replace('-', '_')}_days"


class Then(StrEnum):
    """What happens when the time has come."""

    ERASE = "erase"
    REVIEW = "review"  # a person looks whether it is still needed


Trigger: TypeAlias = Callable[[Sequence[KeptMessage]], Iterator[Triggered]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """One row of the table.

    Attributes:
        name: The class.
        about: What it is about.
        counted_from: The event that time is counted from.
        days: How long it is kept after that, unless set otherwise.
        at_most_days: Of what goes at once: when it is overdue.
        then: What happens.
        is_automatic: Whether it goes without anybody asking.
        takes_unseen: Whether it goes even if nobody here has opened it.
        source: On what it rests.
        finds: Returns what has been triggered in a case.
    """

    name: RetentionClass
    about: str
    counted_from: str
    days: int
    at_most_days: int = 0
    then: Then
    is_automatic: bool = False
    takes_unseen: bool = False
    source: str
    finds: Trigger


RULES: Final[tuple[RetentionRule, ...]] = (
    RetentionRule(
        name=RetentionClass.WDR_DELETE,
        about="data received of a request that was withdrawn with DELETE",
        counted_from="the withdrawal (WDR)",
        days=0,
        at_most_days=3,
        then=Then.ERASE,
        is_automatic=True,
        takes_unseen=True,
        source="Regulation (EU) 2023/1543, articles 4(5) and 10(4)",
        finds=data_not_wanted_any_more,
    ),
    RetentionRule(
        name=RetentionClass.REFUSED,
        about="spontaneous information whose conditions were refused",
        counted_from="the refusal (SPI_RSP with REJECT)",
        days=0,
        at_most_days=3,
        then=Then.ERASE,
        is_automatic=True,
        takes_unseen=True,
        source="Budapest Convention, article 26(2)",
        finds=information_refused,
    ),
    RetentionRule(
        name=RetentionClass.DRAFT,
        about="message of ours that was never sent",
        counted_from="the moment it was written",
        days=90,
        then=Then.ERASE,
        source="Directive (EU) 2016/680, article 5",
        finds=never_sent,
    ),
    RetentionRule(
        name=RetentionClass.CR_ANSWER,
        about="answer about criminal records",
        counted_from="the end of the case it was asked for (CLS), and time to appeal",
        days=90,
        then=Then.ERASE,
        source="Framework Decision 2009/315/JHA, article 9",
        finds=answers_about_records,
    ),
    RetentionRule(
        name=RetentionClass.SPI_UNUSED,
        about="spontaneous information that nothing came of",
        counted_from="the reply to it (SPI_RSP)",
        days=182,
        then=Then.ERASE,
        source="Directive (EU) 2016/680, article 5",
        finds=information_not_used,
    ),
    RetentionRule(
        name=RetentionClass.NO_DATA,
        about="case that was refused, withdrawn or closed without any data",
        counted_from="its last message",
        days=730,
        then=Then.ERASE,
        source="Directive (EU) 2016/680, article 5",
        finds=ended_without_data,
    ),
    RetentionRule(
        name=RetentionClass.CIPHERTEXT,
        about="our copy of evidence that the other side has verified",
        counted_from="its receipt for all items (EVD_ACK)",
        days=45,
        then=Then.REVIEW,
        source="Implementing Regulation (EU) 2025/1550, point 3",
        finds=transferred_evidence,
    ),
    RetentionRule(
        name=RetentionClass.CASE,
        about="any other case, with its evidence",
        counted_from="its last message, or the last review",
        days=1_096,
        then=Then.REVIEW,
        source="Directive (EU) 2016/680, article 5",
        finds=cases_under_review,
    ),
)
"""In this order: what one row takes, no later row takes again."""

BY_CLASS: Final[Mapping[RetentionClass, RetentionRule]] = {
    rule.name: rule for rule in RULES
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Messages of a case that a row is about, and when.

    Attributes:
        since: The event that time is counted from.
        due_at: When they go, or are looked at.
        overdue_at: From when on that is late.
        ids: The messages, oldest first.
    """

    rule: RetentionRule
    since: UnixMs
    due_at: UnixMs
    overdue_at: UnixMs
    ids: tuple[str, ...]


def retention_of(
    case: Sequence[KeptMessage],
    days: Mapping[RetentionClass, int],
    *,
    reviewed_at: UnixMs | None = None,
) -> list[Due]:
    """Return what is to become of the messages of a case with one peer, and when.

    Args:
        case: Oldest first.
        days: The periods that differ from the table.
        reviewed_at: When somebody last found that the case is still needed.
    """
    left = {one.id for one in case}
    found = []
    for rule in RULES:
        kept = [one for one in case if one.id in left]
        for triggered in rule.finds(kept):
            due = _due(rule, triggered, days, reviewed_at)
            found.append(due)
            left -= set(due.ids)
    return found


def _due(
    rule: RetentionRule,
    triggered: Triggered,
    days: Mapping[RetentionClass, int],
    reviewed_at: UnixMs | None,
) -> Due:
    since = triggered.since
    if rule.then is Then.REVIEW and reviewed_at is not None:
        since = max(since, reviewed_at)
    due_at = UnixMs(since + days.get(rule.name, rule.days) * _DAY_MS)
    return Due(
        rule=rule,
        since=since,
        due_at=due_at,
        overdue_at=UnixMs(due_at + rule.at_most_days * _DAY_MS),
        ids=triggered.ids,
    )
