"""After messages are stored and receipted: read, index, answer defects.

The check is logged before the node reads (`msg.check`). Broken bindings set a message
aside and go back as a proven rejection; a readable but invalid form stays received and
is answered by an `ERR` message, for people (section 12).

A round takes what waits, so that its entries and its results are two transactions
however many messages they are. Receiving comes first: between a few messages the round
waits for a delivery that is being taken, but never for long.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.delivery import InboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import CannotOpenError, GatewayError
from gateway.core.units import Assignee
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.flows.admission import Admission, Incoming, docket_with
from gateway.flows.exchange import Exchange
from gateway.flows.indexing import message_index
from gateway.flows.item_origins import ItemOrigins
from gateway.flows.open import Open, Plaintext
from gateway.flows.orders import order_in
from gateway.flows.subjects import SubjectIndex
from gateway.flows.submission import Submission
from gateway.flows.submit import Submit
from gateway.flows.units import UnitDesk
from gateway.mla.attached import AttachedFile, attachment_problems
from gateway.mla.cases.place import CaseSoFar, misplaced
from gateway.mla.docket import docket_entry
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import Problem, ProblemCode, text_at
from gateway.mla.validate import refusing, validate
from gateway.ports.cases import DocketRow
from gateway.ports.guarding import Ordered, RestrictionOrder
from gateway.ports.inbox import CaseQuestion, CaseStanding, CheckDone
from gateway.ports.messages import MessageIndex, SealedMessage

log = structlog.get_logger()

_MESSAGES_A_ROUND = 128
# About half a millisecond each.
_MESSAGES_BETWEEN_BREATHS = 16
_LONGEST_WAIT_S = 15.0
# So 64 messages a second are read at least, however many more come in.
_LONGEST_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that was opened, and what is wrong with its form by itself.

    Attributes:
        entry: What its case keeps of it.
    """

    plaintext: Plaintext
    index: MessageIndex
    problems: list[Problem]
    entry: JsonObject = field(repr=False)


class Validation:
    """Follows behind the receiving of messages."""

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        exchange: Exchange,
        *,
        open_: Open,
        submit: Submit,
        received: asyncio.Event,
        validated: Callable[[], None],
        wake: Callable[[AuthorityId], None],
        admission: Admission | None = None,
        subjects: SubjectIndex | None = None,
        origins: ItemOrigins | None = None,
        units: UnitDesk | None = None,
    ) -> None:
        self._exchange = exchange
        self._admission = admission or Admission()
        self._wake = wake
        self._subjects = subjects or SubjectIndex()
        self._origins = origins
        self._units = units
        self._open = open_
        self._submit = submit
        self._received = received
        self._validated = validated

    async def run(self) -> None:
        """Validate whatever is received, for ever."""
        while True:
            self._received.clear()
            await self._validate_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await self._received.wait()

    async def validate_some(self) -> int:
        """Validate messages not yet validated; return how many there were."""
        sealed = await self._begin()
        if sealed:
            read = await self._read_all(sealed)
            await self._finish(await self._judge_all(read))
        return len(sealed)

    async def _validate_all(self) -> None:
        """Validate all that waits, three rounds at a time.

        One is begun and one is finished while the one between them is read.
        """
        sealed = await self._begin()
        finishing: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as rounds:
            while sealed:
                with self._exchange.giving_way.reading_messages():
                    following = rounds.create_task(self._begin())
                    read = await self._read_all(sealed)
                    if finishing is not None:
                        await finishing  # then what it made known of cases is stored
                    done = await self._judge_all(read)
                    finishing = rounds.create_task(self._finish(done))
                    sealed = await following

    async def _begin(self) -> list[SealedMessage]:
        await self._exchange.giving_way.give_way(_LONGEST_PAUSE_S)
        now = self._exchange.clock.now()
        return await self._exchange.store.begin_checks(_MESSAGES_A_ROUND, now)

    async def _read_all(self, sealed: Sequence[SealedMessage]) -> list[_Read]:
        """Read messages whose check is logged; those that can't be are set aside."""
        opened = []
        for number, message in enumerate(sealed, start=1):
            try:
                opened.append(self._open.unseal(message))
            except CannotOpenError as error:
                await self._set_aside(message, error.code)
            await self._breathe(number)
        read = []
        for number, plaintext in enumerate(opened, start=1):
            read.append(_read(plaintext))
            await self._breathe(number)
        return read

    async def _breathe(self, number: int) -> None:
        if number % _MESSAGES_BETWEEN_BREATHS == 0:
            await self._exchange.giving_way.give_way(_LONGEST_PAUSE_S)
            await asyncio.sleep(0)

    async def _judge_all(self, read: Sequence[_Read]) -> list[CheckDone]:
        """Return what is stored of each message; senders of bad ones are answered."""
        orders: dict[MessageId, RestrictionOrder | None] = {}
        found = await self._problems_of(read, orders)
        judged = list(zip(read, found, strict=True))
        async with asyncio.TaskGroup() as answers:
            for one, problems in judged:
                if refusing(problems):
                    answers.create_task(self._answer(one.plaintext, problems))
        return [
            CheckDone(
                one.plaintext.id,
                one.plaintext.peer,
                one.index,
                len(refusing(problems)),
                canonical.encode_typed(one.entry),
                self._subjects.tags_of(one.plaintext.message),
                self._origins.tags_of(one.plaintext.message) if self._origins else (),
                orders.get(one.plaintext.id),
                self._assignee(one),
                self._exchange.clock.now(),
            )
            for one, problems in judged
        ]

    def _assignee(self, read: _Read) -> Assignee | None:
        if self._units is None:
            return None
        plaintext = read.plaintext
        return self._units.for_received(plaintext.peer, read.index, plaintext.message)

    async def _finish(self, done: Sequence[CheckDone]) -> None:
        await self._exchange.store.finish_checks(done)
        self._validated()
        for peer in {one.peer for one in done if one.order is not None}:
            self._wake(peer)  # what was found is to be told at once

    async def _set_aside(self, message: SealedMessage, code: str) -> None:
        log.warning("message_quarantined", message_id=message.id, peer=message.peer)
        now = self._exchange.clock.now()
        await self._exchange.store.quarantine(message.id, message.peer, code, now)
        self._wake(message.peer)

    async def _problems_of(
        self,
        read: Sequence[_Read],
        orders: dict[MessageId, RestrictionOrder | None],
    ) -> list[list[Problem]]:
        """Return all that is wrong with each, its place in its case included.

        What they order of others is put into `orders`.
        """
        standings = await self._exchange.store.case_standings(
            [_question(one) for one in read]
        )
        cases: dict[tuple[AuthorityId, str], list[DocketRow]] = {}
        types: dict[tuple[AuthorityId, str], str] = {}
        found = []
        now = self._exchange.clock.now()
        for one, standing in zip(read, standings, strict=True):
            problems = one.problems
            is_known = standing.is_known or _case_of(one) in cases
            docket = await self._docket(one, standing, cases)
            incoming = _incoming(one, docket)
            if not refusing(problems):
                answered = types.get((one.plaintext.peer, _answered(one) or ""))
                so_far = CaseSoFar(
                    is_known=is_known,
                    answered_type=standing.answered_type or answered,
                    messages=incoming.docket,
                )
                problems = [*problems, *misplaced(one.plaintext.message, so_far)]
            if not refusing(problems):
                problems += await self._admission.of_incoming(incoming)
            found.append(problems)
            orders[one.plaintext.id] = _order(one, docket, problems, now)
            # Earlier messages of the round are known to those that came after them.
            docket.append(_docket_row(one, problems, now))
            types[one.plaintext.peer, one.plaintext.id] = one.index.msg_type
        return found

    async def _docket(
        self,
        read: _Read,
        standing: CaseStanding,
        cases: dict[tuple[AuthorityId, str], list[DocketRow]],
    ) -> list[DocketRow]:
        """Return what is known of a message's case: stored, or earlier in the round."""
        case = _case_of(read)
        if case not in cases:
            peer, case_id = case
            cases[case] = (
                await docket_with(self._exchange.store, case_id, peer)
                if standing.is_known
                else []
            )
        return cases[case]

    async def _answer(self, plaintext: Plaintext, problems: list[Problem]) -> None:
        """Tell the sender's people what is wrong, once, whatever happens between."""
        reply = error_reply(plaintext.message, problems, msg_id=plaintext.id)
        if reply is None:
            return
        submission = Submission(
            to=plaintext.peer,
            message=reply,
            act=Act("node", "node", "functional error"),
            idempotency_key=f"err:{plaintext.id}",
        )
        try:
            await self._submit.submit(submission)
        except GatewayError as error:
            log.warning(
                "error_reply_failed",
                message_id=plaintext.id,
                code=error.code,
                reason=str(error),
            )


def _read(plaintext: Plaintext) -> _Read:
    document = plaintext.message
    problems = [
        *_binding_problems(plaintext),
        *validate(document),
        *attachment_problems(document, _attached(plaintext)),
    ]
    return _Read(plaintext, message_index(document), problems, docket_entry(document))


def _question(read: _Read) -> CaseQuestion:
    answered = _answered(read)
    return CaseQuestion(read.plaintext.peer, read.index.case_id, answered)


def _answered(read: _Read) -> MessageId | None:
    named = text_at(read.plaintext.message, "/in_reply_to")
    return MessageId(named) if named else None


def _case_of(read: _Read) -> tuple[AuthorityId, str]:
    return read.plaintext.peer, read.index.case_id


def _order(
    read: _Read, docket: Sequence[DocketRow], problems: list[Problem], now: UnixMs
) -> RestrictionOrder | None:
    """Return what a message orders of others.

    Restricting is obeyed even if the form is not in order: that errs on the safe side.
    """
    order = order_in(read.plaintext.message, docket, now, is_ours=False)
    if order and order.ordered is Ordered.LIFT and refusing(problems):
        return None
    return order


def _incoming(read: _Read, docket: Sequence[DocketRow]) -> Incoming:
    """Return a message as the checks see it; read again, it is not its own past."""
    plaintext = read.plaintext
    return Incoming(
        id=plaintext.id,
        peer=plaintext.peer,
        document=plaintext.message,
        docket=[row for row in docket if row.id != plaintext.id],
    )


def _docket_row(read: _Read, problems: list[Problem], now: UnixMs) -> DocketRow:
    plaintext = read.plaintext
    return DocketRow(
        id=plaintext.id,
        box=plaintext.box,
        peer=plaintext.peer,
        state=InboundState.RECEIVED,
        accepted_at=now,
        problems=len(refusing(problems)),
        entry=read.entry,
    )


def _binding_problems(plaintext: Plaintext) -> list[Problem]:
    """Find node fields of the document that are not those of its envelope."""
    expected = {"/msg_id": plaintext.id, "/from/authority_id": plaintext.peer}
    return [
        _mismatch(pointer)
        for pointer, value in expected.items()
        if text_at(plaintext.message, pointer) != value
    ]


def _attached(plaintext: Plaintext) -> list[AttachedFile]:
    """Return what the frame of a message says of its evidence files."""
    return [
        AttachedFile(
            name=file.described.name,
            media_type=file.described.media_type,
            size=file.described.size,
            sha256=file.described.sha256,
        )
        for file in plaintext.attachments
    ]


def _mismatch(pointer: str) -> Problem:
    name = pointer.removeprefix("/").replace("/", ".")
    return Problem(
        pointer,
        ProblemCode.REF,
        f"{name}: another than the envelope's, expected the same",
    )
