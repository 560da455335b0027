"""Searching for what is held about a person, and the register of such requests.

A search finds candidates: somebody confirms them by opening, for that purpose, what
they may be in. It is logged before it is answered, with a keyed digest of the query,
so that the log says that the same person was looked for and not who that is.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, UsageError
from gateway.core.values import new_uuid7
from gateway.flows.days import day_of, parse_day
from gateway.flows.exchange import Exchange
from gateway.flows.subjects import SubjectIndex
from gateway.mla.codelists import is_code
from gateway.mla.subjects import WantedSubject, is_candidate
from gateway.ports.subject_requests import (
    RequestKind,
    RequestOutcome,
    RequestVia,
    SubjectRequest,
)
from gateway.ports.subjects import SubjectHit, WantedTag

SUBJECT_PURPOSE: Final = "SUBJECT_REQUEST"
"""The purpose that every search for a person is logged with."""

MAX_CANDIDATES: Final = 200
"""People that one search shows; the newest."""

_HITS_OF_A_TAG: Final = 5_000
_DUE_DAYS: Final = 30
_MAX_DELAY_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class SubjectsFound:
    """What a search found.

    Attributes:
        candidates: Newest message first.
        is_cut: There are more.
        unsearchable: Kept messages from before there were tags: look into these in
            another way.
        log_index: The `msg.list` entry.
        query_digest: What the log calls the query; the same person, the same digest.
    """

    candidates: tuple[SubjectHit, ...]
    is_cut: bool
    unsearchable: int
    log_index: int
    query_digest: str


class SubjectSearch:
    """Searches, and keeps the register."""

    def __init__(self, exchange: Exchange, index: SubjectIndex) -> None:
        self._exchange = exchange
        self._index = index

    def digest(self, subject: WantedSubject) -> str:
        """Return what the log calls a search: the same person, the same digest.

        Raises:
            UsageError: What is asked for would show half of everybody.
        """
        return query_digest(self.check(subject))

    def check(self, subject: WantedSubject) -> tuple[WantedTag, ...]:
        """Return the tags to look for.

        Raises:
            UsageError: What is asked for would show half of everybody.
        """
        tags = self._index.wanted(subject)
        kinds = {one.kind for one in tags}
        if not is_candidate(kinds, kinds):
            raise UsageError(
                "subject search: give a surname, a name, or a number; a birth date "
                "alone names nobody",
            )
        return tags

    async def search(
        self, subject: WantedSubject, request_id: str, act: Act
    ) -> SubjectsFound:
        """Log a search and return who may be meant.

        Args:
            subject: Whom to look for.
            request_id: The request of the register that it is for.
            act: Who searches.

        Raises:
            UsageError: What is asked for would show half of everybody.
            NotFoundError: No such request.
            ConflictError: It is closed.
        """
        tags = self.check(subject)
        await self._open(request_id)
        store = self._exchange.store
        kinds = {one.kind for one in tags}
        hits = await store.find_subjects(tags, _HITS_OF_A_TAG)
        found = [one for one in hits if is_candidate(one.kinds, kinds)]
        digest = query_digest(tags)
        shown = tuple(found[:MAX_CANDIDATES])
        disclosed = (
            *replace(act, purpose=SUBJECT_PURPOSE).disclosures(),
            Disclosure("query", f"subject {digest}"),
            Disclosure("detail", f"for request {request_id}"),
        )
        entry = EntryDraft(
            "msg.list", self._exchange.clock.now(), {"count": len(shown)}, disclosed
        )
        index = (await store.append([entry]))[0]
        return SubjectsFound(
            candidates=shown,
            is_cut=len(found) > len(shown),
            unsearchable=await store.unsearchable(),
            log_index=index,
            query_digest=digest,
        )

    async def requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests of the register, the first due first."""
        return await self._exchange.store.subject_requests(is_open=is_open)

    async def register(
        self, request: SubjectRequest, act: Act
    ) -> tuple[SubjectRequest, int]:
        """Enter a new request; its id and, where none is given, its due day are ours.

        Raises:
            UsageError: A day is none, or due before it was received.
            ConflictError: The register is full.
        """
        now = self._exchange.clock.now()
        received = parse_day(request.received_on or day_of(now).isoformat(), "received")
        due = (
            parse_day(request.due_on, "due")
            if request.due_on
            else received + timedelta(days=_DUE_DAYS)
        )
        if due < received:
            raise UsageError("request: due before it was received")
        entered = replace(
            request,
            request_id=new_uuid7(now),
            received_on=received.isoformat(),
            due_on=due.isoformat(),
            entered_by=act.actor,
            changed_by=act.actor,
        )
        return await self._put(entered, act, is_new=True)

    async def delay(
        self, request_id: str, code: str, reason: str, review_on: str, act: Act
    ) -> tuple[SubjectRequest, int]:
        """Delay or omit information to the person (LED 13(3), 15(1), 16(4)).

        Raises:
            UsageError: Not a code of list NOTICE_DELAY, no reason, or no day within a
                year on which the delay is looked at again.
            NotFoundError: No such request.
            ConflictError: It is closed.
        """
        if not is_code("NOTICE_DELAY", code):
            raise UsageError(f"delay: {code!r} is no code of list NOTICE_DELAY")
        if not reason.strip():
            raise UsageError("delay: say why; a code alone is no reason")
        today = day_of(self._exchange.clock.now())
        review = parse_day(review_on, "review_on")
        if not today < review <= today + timedelta(days=_MAX_DELAY_DAYS):
            raise UsageError("delay: review_on has to be within a year from now")
        found = await self._open(request_id)
        delayed = replace(
            found,
            delay=code,
            delay_reason=reason,
            review_on=review.isoformat(),
            changed_by=act.actor,
        )
        return await self._put(delayed, replace(act, purpose=reason), is_new=False)

    async def close(
        self, request_id: str, outcome: RequestOutcome, act: Act
    ) -> tuple[SubjectRequest, int]:
        """Close a request.

        Raises:
            NotFoundError: No such request.
            ConflictError: It is closed already.
        """
        found = await self._open(request_id)
        closed = replace(
            found,
            outcome=outcome,
            closed_on=day_of(self._exchange.clock.now()).isoformat(),
            changed_by=act.actor,
        )
        return await self._put(closed, act, is_new=False)

    async def _open(self, request_id: str) -> SubjectRequest:
        found = await self._exchange.store.subject_request(request_id)
        if found.outcome is not None:
            raise ConflictError(f"request {request_id}: is closed, {found.outcome}")
        return found

    async def _put(
        self, request: SubjectRequest, act: Act, *, is_new: bool
    ) -> tuple[SubjectRequest, int]:
        now = self._exchange.clock.now()
        put = self._exchange.store.put_subject_request
        return request, await put(request, act, now, is_new=is_new)


def new_request(
    kind: RequestKind, via: RequestVia, reference: str, received: str, due: str
) -> SubjectRequest:
    """Return a request as it is entered."""
    return SubjectRequest(
        request_id="",
        kind=kind,
        via=via,
        reference=reference,
        received_on=received,
        due_on=due,
    )


def query_digest(tags: tuple[WantedTag, ...]) -> str:
    """Return a digest of a query; of tags, so that nobody can try names out on it."""
    joined = b"".join(b"%c%b" % (one.kind, one.tag) for one in tags)
    return hashlib.sha256(joined).hexdigest()[:32]
