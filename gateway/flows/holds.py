"""Setting and lifting legal holds."""

from dataclasses import dataclass, field, replace

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import MessageId, new_uuid7, parse_message_id
from gateway.flows.days import day_of, parse_day
from gateway.flows.exchange import Exchange
from gateway.flows.subjects import SubjectIndex
from gateway.mla.subjects import WantedSubject, is_candidate
from gateway.ports.holds import HoldScope, LegalHold

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """What is to be held; exactly one of case, message and person.

    Attributes:
        person: Whom every message that names them is held for, also later ones.
        reason: Why; it is logged.
        review_on: Day by which somebody asks whether the hold is still needed.
    """

    case_id: str = ""
    message_id: str = ""
    person: WantedSubject = field(default=WantedSubject(), repr=False)
    reason: str = field(repr=False)
    review_on: str


class Holds:
    """Legal holds: whatever they are on can be neither erased nor pruned."""

    def __init__(self, exchange: Exchange, index: SubjectIndex) -> None:
        self._exchange = exchange
        self._index = index

    async def list(self) -> list[LegalHold]:
        """Return every hold that stands, oldest first."""
        return await self._exchange.store.holds()

    async def add(self, order: HoldOrder, act: Act) -> tuple[LegalHold, int]:
        """Set a hold; return it with the index of its entry.

        Raises:
            UsageError: Not one target, no reason, or a review in the past.
            NotFoundError: The case or message is not here.
            ConflictError: There are as many holds as there may be.
        """
        now = self._exchange.clock.now()
        review_on = parse_day(order.review_on, "review_on")
        if review_on <= day_of(now):
            raise UsageError("hold: review_on is not in the future; give a later day")
        hold = LegalHold(
            hold_id=new_uuid7(now),
            scope=HoldScope.CASE,
            target="",
            held_by=act.actor,
            reason=order.reason,
            since=now,
            review_on=review_on.isoformat(),
        )
        hold = self._with_target(hold, order)
        index = await self._exchange.store.add_hold(
            hold, replace(act, purpose=order.reason)
        )
        log.info("hold_set", hold_id=hold.hold_id, scope=hold.scope, log_index=index)
        return hold, index

    def _with_target(self, hold: LegalHold, order: HoldOrder) -> LegalHold:
        tags = self._index.wanted(order.person)
        if sum(map(bool, (order.case_id, order.message_id, tags))) != 1:
            raise UsageError("hold: name one of case, message and person")
        if order.case_id:
            return replace(hold, scope=HoldScope.CASE, target=order.case_id)
        if order.message_id:
            target = _message_id(order.message_id)
            return replace(hold, scope=HoldScope.MESSAGE, target=target)
        kinds = {one.kind for one in tags}
        if not is_candidate(kinds, kinds):
            raise UsageError("hold: a birth date alone names nobody; add a name")
        return replace(hold, scope=HoldScope.PERSON, tags=tags)

    async def lift(self, hold_id: str, reason: str, act: Act) -> int:
        """Lift a hold; return the index of its entry.

        Raises:
            NotFoundError: No such hold.
            NotAllowedError: By the person who set it.
        """
        now = self._exchange.clock.now()
        why = replace(act, purpose=reason)
        index = await self._exchange.store.lift_hold(hold_id, why, now)
        log.info("hold_lifted", hold_id=hold_id, log_index=index)
        return index


def _message_id(text: str) -> MessageId:
    try:
        return parse_message_id(text)
    except MalformedError as error:
        raise UsageError(f"hold: {error}") from error
