"""What is counted of one request: numbers, codes and times, and nothing to know it by.

Read from the docket of its case. A case may hold several requests: what is said later
belongs to the one it answers, by the chain of `in_reply_to`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import AuthorityId, UnixMs
from gateway.mla.deadlines import Deadline, DeadlineState, Nature, Terms, deadlines_of
from gateway.mla.deadlines.conversation import CaseMessage
from gateway.mla.document import opens_case
from gateway.mla.problems import select, text_at, texts_at, values_at

_NO_EFFECT: Final = frozenset({"refused", "expired", "cancelled", "quarantined"})
_FINAL_TYPES: Final = frozenset({"CR_RSP", "PRS_RSP", "SVC_RSP", "PAR_RSP", "CR_NRS"})
_REDUCES_TO_GROUP: Final = 3


class DocketRow(CaseMessage, Protocol):
    """What figures need of a message beside what its deadlines do."""

    @property
    def peer(self) -> AuthorityId:
        """The other authority."""

    @property
    def problems(self) -> int:
        """How many blocking defects its form has."""


class DeadlineFact(msgspec.Struct, frozen=True):
    """What became of one deadline of a rule: met, late, overdue or open."""

    rule: str
    outcome: str


class AssetFact(msgspec.Struct, frozen=True):
    """What became of an asset, and its value as a decimal text."""

    status: str
    currency: str = ""
    value: str = ""


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One request, for counting.

    Attributes:
        direction: "sent" or "received".
        peer: The other authority.
        country: Of the other authority.
        opened_at: When it was written.
        acked_at: When its receipt was acknowledged; None if it was not.
        decided_at: First decision.
        first_answer_at: First message of the other side but the acknowledgement.
        answered_at: Final answer.
        assets: What was reported of assets.
        clarification_ms: How long each clarification took.
        acceptance_ms: From evidence to its receipt, each time.
        data_types: Categories of electronic data asked for, without sub-items.
    """

    direction: str
    peer: str
    country: str
    msg_type: str
    instrument: str
    assists: tuple[str, ...]
    offences: tuple[str, ...]
    data_types: tuple[str, ...]
    urgency: str
    language: str
    opened_at: int
    acked_at: int | None = None
    decided_at: int | None = None
    first_answer_at: int | None = None
    answered_at: int | None = None
    decisions: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    postponements: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    clarifications: int = 0
    clarification_ms: tuple[int, ...] = ()
    acceptance_ms: tuple[int, ...] = ()
    items: int = 0
    item_bytes: int = 0
    items_rejected: int = 0
    digests_failed: int = 0
    withdrawals: tuple[str, ...] = ()
    use_requests: int = 0
    use_answers: tuple[str, ...] = ()
    disposals: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    breaches: int = 0
    remedies: int = 0
    assets: tuple[AssetFact, ...] = ()
    deadlines: tuple[DeadlineFact, ...] = ()
    is_closed: bool = False


def facts_of(
    rows: Sequence[DocketRow], terms: Terms, now: UnixMs
) -> list[RequestFacts]:
    """Return the facts of each request of a case with one peer.

    Args:
        rows: The docket of the case with this peer, oldest first.
        terms: By what days are counted.
        now: The time, for deadlines that nobody has met.
    """
    counted = [row for row in rows if row.state not in _NO_EFFECT and not row.problems]
    deadlines = deadlines_of(counted, terms, now)
    return [
        _facts(opening, thread, deadlines)
        for opening, thread in _threads(counted)
        if _moment(opening.entry, "created_at") is not None
    ]


def _threads(
    rows: Sequence[DocketRow],
) -> Iterator[tuple[DocketRow, list[DocketRow]]]:
    """Yield each opening message with what was said about it."""
    threads: dict[str, list[DocketRow]] = {}
    openings: dict[str, DocketRow] = {}
    root: dict[str, str] = {}
    last = ""
    for row in rows:
        if opens_case(text_at(row.entry, "msg_type") or ""):
            openings[row.id] = row
            threads[row.id] = []
            root[row.id] = last = row.id
            continue
        answered = text_at(row.entry, "in_reply_to") or ""
        root[row.id] = root.get(answered, last)
        if root[row.id]:
            threads[root[row.id]].append(row)
    for opening_id, opening in openings.items():
        yield opening, threads[opening_id]


def _facts(
    opening: DocketRow, thread: Sequence[DocketRow], deadlines: Iterable[Deadline]
) -> RequestFacts:
    entry = opening.entry
    is_sent = opening.box == "out"
    other = "to" if is_sent else "from"
    ids = {opening.id, *(row.id for row in thread)}
    theirs = [row for row in thread if row.box != opening.box]
    return RequestFacts(
        direction="sent" if is_sent else "received",
        peer=opening.peer,
        country=text_at(entry, f"{other}/country") or "",
        msg_type=text_at(entry, "msg_type") or "",
        instrument=_first(entry, "instrument/*"),
        assists=_texts(entry, "payload/measures/*/assist"),
        offences=_texts(entry, "payload/offences/*/eu32"),
        data_types=_data_types(entry),
        urgency=text_at(entry, "urgency") or "",
        language=text_at(entry, "language") or "",
        opened_at=_moment(entry, "created_at") or 0,
        acked_at=_first_moment(theirs, {"ACK"}),
        decided_at=_first_moment(theirs, {"DEC"}),
        first_answer_at=_first_moment(theirs, None),
        answered_at=_answered_at(theirs),
        decisions=_all(thread, "DEC", "payload/decisions/*/outcome"),
        refusals=_all(thread, "DEC", "payload/decisions/*/refusal/*"),
        postponements=_all(thread, "DEC", "payload/decisions/*/postpone"),
        results=_last_results(thread),
        clarifications=sum(_is(row, "CLR_REQ") for row in thread),
        clarification_ms=_turnaround(thread, {"CLR_REQ"}, {"CLR_RSP", "AMD"}),
        acceptance_ms=_turnaround(thread, {"EVD", "RSP", "CR_RSP"}, {"EVD_ACK"}),
        items=sum(len(_items(row)) for row in thread),
        item_bytes=sum(_size(item) for row in thread for item in _items(row)),
        items_rejected=_all(thread, "EVD_ACK", "payload/items/*/result").count(
            "REJECTED"
        ),
        digests_failed=_count(
            thread, "EVD_ACK", "payload/items/*/digest_ok", value=False
        ),
        withdrawals=_all(thread, "WDR", "payload/reason"),
        use_requests=sum(_is(row, "USE_REQ") for row in thread),
        use_answers=_all(thread, "USE_RSP", "payload/answer"),
        disposals=_all(thread, "RET_CNF", "payload/items/*/disposal"),
        feedback=_all(thread, "USE_FBK", "payload/items/*/outcome"),
        breaches=sum(_is(row, "BRN") for row in thread),
        remedies=_count(thread, "STS", "payload/remedy_used"),
        assets=tuple(_assets(thread)),
        deadlines=tuple(_deadline_facts(deadlines, ids)),
        is_closed=any(_is(row, "CLS") for row in thread),
    )


def _is(row: DocketRow, msg_type: str) -> bool:
    return text_at(row.entry, "msg_type") == msg_type


def _first(entry: JsonObject, path: str) -> str:
    return next(iter(_texts(entry, path)), "")


def _texts(entry: JsonObject, path: str) -> tuple[str, ...]:
    return tuple(value for value in values_at(entry, path) if isinstance(value, str))


def _data_types(entry: JsonObject) -> tuple[str, ...]:
    paths = ("payload/data_cats/*", "payload/measures/*/data_cats/*")
    found = {code for path in paths for code in texts_at(entry, path)}
    groups = {"SUB": "SUBSCRIBER", "TRF": "TRAFFIC", "CNT": "CONTENT"}
    named = {
        groups.get(code[:_REDUCES_TO_GROUP], code) if "." in code else code
        for code in found
    }
    return tuple(sorted(named))


def _moment(entry: JsonObject, name: str) -> int | None:
    text = text_at(entry, name)
    if text is None:
        return None
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _first_moment(rows: Sequence[DocketRow], types: set[str] | None) -> int | None:
    """Return when the first message of some types, or any but an ACK, was written."""
    for row in rows:
        name = text_at(row.entry, "msg_type") or ""
        if (name in types) if types else (name not in {"ACK", "ERR"}):
            return _moment(row.entry, "created_at")
    return None


def _answered_at(rows: Sequence[DocketRow]) -> int | None:
    for row in rows:
        is_final = _is(row, "RSP") and True in values_at(row.entry, "payload/final")
        if is_final or text_at(row.entry, "msg_type") in _FINAL_TYPES:
            return _moment(row.entry, "created_at")
    return None


def _all(rows: Sequence[DocketRow], msg_type: str, path: str) -> tuple[str, ...]:
    return tuple(
        text for row in rows if _is(row, msg_type) for text in _texts(row.entry, path)
    )


def _count(
    rows: Sequence[DocketRow], msg_type: str, path: str, *, value: bool | None = None
) -> int:
    """Return how often a value, or any if None, stands at a place."""
    found = [v for r in rows if _is(r, msg_type) for v in values_at(r.entry, path)]
    return len(found) if value is None else sum(one is value for one in found)


def _last_results(rows: Sequence[DocketRow]) -> tuple[str, ...]:
    """Return the last result of each measure."""
    latest: dict[str, str] = {}
    for row in rows:
        if _is(row, "RSP"):
            for _, value in select(row.entry, "payload/results/*"):
                measure, result = text_at(value, "measure_id"), text_at(value, "result")
                if measure and result:
                    latest[measure] = result
    return tuple(latest.values())


def _turnaround(
    rows: Sequence[DocketRow], asked: set[str], answered: set[str]
) -> tuple[int, ...]:
    """Return how long each answer took after the message it answers."""
    begun = {
        row.id: _moment(row.entry, "created_at")
        for row in rows
        if text_at(row.entry, "msg_type") in asked
    }
    found = []
    for row in rows:
        start = begun.get(text_at(row.entry, "in_reply_to") or "")
        end = _moment(row.entry, "created_at")
        is_answer = text_at(row.entry, "msg_type") in answered
        if is_answer and start is not None and end is not None and end >= start:
            found.append(end - start)
    return tuple(found)


def _items(row: DocketRow) -> list[JsonValue]:
    return values_at(row.entry, "payload/manifest/*")


def _size(item: JsonValue) -> int:
    return sum(size for size in values_at(item, "size_bytes") if isinstance(size, int))


def _assets(rows: Sequence[DocketRow]) -> Iterator[AssetFact]:
    latest: dict[str, AssetFact] = {}
    for row in rows:
        for _, value in select(row.entry, "payload/assets/*"):
            status = text_at(value, "status")
            if status and _is(row, "AST_RPT"):
                latest[text_at(value, "asset_id") or ""] = AssetFact(
                    status,
                    text_at(value, "currency") or "",
                    text_at(value, "value") or "",
                )
    yield from latest.values()


def _deadline_facts(
    deadlines: Iterable[Deadline], ids: set[str]
) -> Iterator[DeadlineFact]:
    for one in deadlines:
        if one.started_by in ids and one.rule.nature is Nature.DUTY and one.due:
            yield DeadlineFact(one.rule.name, _outcome(one))


def _outcome(deadline: Deadline) -> str:
    if deadline.state is DeadlineState.OVERDUE:
        return "overdue"
    if deadline.met_at is None:
        return "open"
    return "late" if deadline.is_late else "met"
