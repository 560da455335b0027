"""The log for those who supervise: an export that is itself logged, and a review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, cast

import msgspec

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act, Disclosure, read_disclosure
from gateway.core.entries.leaf import EntryDraft, parse_leaf
from gateway.core.errors import UsageError
from gateway.core.values import MessageId, UnixMs, format_time
from gateway.flows.admission import MAX_DOCKET_ROWS
from gateway.flows.exchange import Exchange
from gateway.mla.log_review import MessageFacts, ReviewItem, review_list
from gateway.mla.problems import text_at, values_at
from gateway.mla.processing import ProcessingRecord, record_of

MAX_REVIEWED: Final = 100_000
"""Entries of the log that one review looks at."""

_PAGE: Final = 500
_SENSITIVE: Final = "SENSITIVE_PD"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWanted:
    """What of the log is exported; empty leaves a field open.

    Attributes:
        since: Entries from this moment on.
        until: And before this one.
        about: What else it is limited to, in words for the log.
    """

    since: UnixMs
    until: UnixMs
    about: str = ""


@dataclass(frozen=True, slots=True)
class ExportBegun:
    """What an export reads.

    Attributes:
        start: First entry of the period.
        end: The entry after its last.
        size: Of the signed log, which holds the entry of the export too.
        note: The signed checkpoint of that size.
        log_index: The `admin.led-export` entry.
    """

    start: int
    end: int
    size: int
    note: bytes
    log_index: int


class Supervision:
    """Exports and reviews of the log."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def begin_export(self, wanted: ExportWanted, act: Act) -> ExportBegun:
        """Log an export, and return which entries it is of.

        Raises:
            UsageError: The period ends before it begins.
        """
        start, end = await self._span(wanted.since, wanted.until)
        period = f"{format_time(wanted.since)} to {format_time(wanted.until)}"
        detail = f"{period}; {wanted.about}" if wanted.about else period
        entry = EntryDraft(
            "admin.led-export",
            self._exchange.clock.now(),
            {"count": end - start},
            (*act.disclosures(), Disclosure("detail", detail)),
        )
        (index,) = await self._exchange.store.append([entry])
        signed = await self._exchange.checkpoints.newest()
        return ExportBegun(start, end, signed.size, signed.note, index)

    async def review(
        self, since: UnixMs, until: UnixMs, zone: tzinfo
    ) -> list[ReviewItem]:
        """Return what in a period somebody should look at, oldest first.

        Raises:
            UsageError: The period ends before it begins, or holds too much.
        """
        start, end = await self._span(since, until)
        if end - start > MAX_REVIEWED:
            raise UsageError(
                f"review: {end - start} entries, at most {MAX_REVIEWED}; ask for a "
                "shorter period",
            )
        records = list[ProcessingRecord]()
        for at in range(start, end, _PAGE):
            records += await self._records(at, min(_PAGE, end - at))
        return review_list(records, await self._facts(records), zone)

    async def _span(self, since: UnixMs, until: UnixMs) -> tuple[int, int]:
        if until <= since:
            raise UsageError("period: it ends before it begins")
        return await self._first_from(since), await self._first_from(until)

    async def _first_from(self, moment: UnixMs) -> int:
        """Return the first entry of a moment or later that was not pruned."""
        store = self._exchange.store
        low, high = await store.log_minimum(), (await store.log_head()).size
        while low < high:
            middle = (low + high) // 2
            (entry,) = await store.entries(middle, 1)
            at = parse_leaf(entry.data, log=self._exchange.checkpoints.origin).at
            low, high = (middle + 1, high) if at < moment else (low, middle)
        return low

    async def _records(self, start: int, limit: int) -> list[ProcessingRecord]:
        store, origin = self._exchange.store, self._exchange.checkpoints.origin
        entries = [one for one in await store.entries(start, limit) if one.data]
        sealed = await store.disclosures_of([one.index for one in entries])
        found = []
        for one in entries:
            told = [read_disclosure(d.encoded) for d in sealed.get(one.index, ())]
            found.append(
                record_of(
                    cast("JsonObject", msgspec.json.decode(one.data)),
                    {each.name: each.value for each in told},
                    at_ms=parse_leaf(one.data, log=origin).at,
                    entry_hash=one.leaf_hash.hex(),
                ),
            )
        return found

    async def _facts(self, records: Sequence[ProcessingRecord]) -> MessageFacts:
        store = self._exchange.store
        special, ended = set[str](), dict[str, UnixMs]()
        read = {one.msg_id for one in records if one.kind == "msg.access"} - {""}
        cases = set[str]()
        for message_id in sorted(read):
            case_id = (await store.message(MessageId(message_id))).case_id
            if case_id and case_id not in cases:
                cases.add(case_id)
                for row in await store.docket(case_id, MAX_DOCKET_ROWS):
                    if _is_special(row.entry):
                        special.add(row.id)
                    if text_at(row.entry, "/msg_type") == "CLS":
                        ended[case_id] = row.accepted_at
        return MessageFacts(
            special=frozenset(special),
            ended={
                one: ended[case]
                for one in read
                if (case := (await store.message(MessageId(one))).case_id) in ended
            },
        )


def _is_special(entry: JsonObject) -> bool:
    return True in values_at(entry, "/personal_data/*/special") or (
        _SENSITIVE in values_at(entry, "/handling/*")
    )
