"""What in the log somebody should look at: a list of questions, not of offences.

The controller monitors itself with its logs (Directive (EU) 2016/680, article 25(2)).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from gateway.core.values import UnixMs
from gateway.mla.processing import ProcessingRecord

_HOUR_MS: Final = 3_600_000
BULK_READS: Final = 50
"""Messages that one account opens within an hour before somebody asks."""
REPEATED_DENIALS: Final = 3
"""Denials of one account within an hour before somebody asks."""
_NIGHT_FROM: Final = 22
_NIGHT_TO: Final = 6


class ReviewReason(StrEnum):
    """Why something is on the list."""

    BULK = "bulk-reads"
    NIGHT = "night-access"
    DENIALS = "repeated-denials"
    SPECIAL = "special-category"
    NO_TASK = "no-open-task"  # read in a case that has ended
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """Something to look at.

    Attributes:
        actor: Whose; empty where nobody was logged in.
        seqs: Entries that it rests on, oldest first.
    """

    reason: ReviewReason
    actor: str
    at_ms: UnixMs
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """What is known of messages that were read.

    Attributes:
        special: Those that hold special categories of data.
        ended: Those whose case has ended, and when.
    """

    special: frozenset[str]
    ended: Mapping[str, UnixMs]


def review_list(
    records: Sequence[ProcessingRecord], facts: MessageFacts, zone: tzinfo = UTC
) -> list[ReviewItem]:
    """Return what somebody should look at, oldest first.

    Args:
        records: Of one period, oldest first.
        facts: Of the messages in them.
        zone: Where night is.
    """
    reads = [one for one in records if _is_read(one)]
    denied = [one for one in records if one.result == "DENIED" and _is_of_person(one)]
    found = [
        *_many(reads, BULK_READS, ReviewReason.BULK),
        *_many(denied, REPEATED_DENIALS, ReviewReason.DENIALS),
        *_each(reads, ReviewReason.NIGHT, lambda one: _is_night(one.at_ms, zone)),
        *_each(reads, ReviewReason.SPECIAL, lambda one: one.msg_id in facts.special),
        *_each(reads, ReviewReason.NO_TASK, lambda one: _is_late(one, facts.ended)),
        *_each(records, ReviewReason.BREAK_GLASS, lambda one: one.op == "BREAK_GLASS"),
    ]
    return sorted(found, key=lambda one: (one.at_ms, one.seqs))


def _is_of_person(record: ProcessingRecord) -> bool:
    return record.kind in {"msg.access", "auth.fail"}


def _is_read(record: ProcessingRecord) -> bool:
    return record.kind in {"msg.access", "msg.export"} and record.result == "ALLOWED"


def _is_night(at_ms: UnixMs, zone: tzinfo) -> bool:
    hour = datetime.fromtimestamp(at_ms / 1000, zone).hour
    return hour >= _NIGHT_FROM or hour < _NIGHT_TO


def _is_late(record: ProcessingRecord, ended: Mapping[str, UnixMs]) -> bool:
    return record.msg_id in ended and record.at_ms > ended[record.msg_id]


def _each(
    records: Iterable[ProcessingRecord],
    reason: ReviewReason,
    holds: Callable[[ProcessingRecord], bool],
) -> Iterator[ReviewItem]:
    for one in records:
        if holds(one):
            yield ReviewItem(
                reason=reason, actor=one.actor, at_ms=one.at_ms, seqs=(one.seq,)
            )


def _many(
    records: Iterable[ProcessingRecord], least: int, reason: ReviewReason
) -> Iterator[ReviewItem]:
    """Yield one item for every run of an account that is dense enough."""
    by_actor = defaultdict[str, list[ProcessingRecord]](list)
    for one in records:
        by_actor[one.actor].append(one)
    for actor, theirs in by_actor.items():
        start = 0
        while start < len(theirs):
            until = theirs[start].at_ms + _HOUR_MS
            run = [one for one in theirs[start:] if one.at_ms < until]
            if len(run) >= least:
                yield ReviewItem(
                    reason=reason,
                    actor=actor,
                    at_ms=run[0].at_ms,
                    seqs=tuple(one.seq for one in run),
                )
                start += len(run)
            else:
                start += 1
