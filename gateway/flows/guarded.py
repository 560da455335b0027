"""Whether somebody may open a message now: purpose, named readers, a second person.

What a message demands is known from its docket entry; of one that was not looked at
yet the node reads it first, for itself. Whoever may not is refused and logged.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    CannotOpenError,
    NeedsApprovalError,
    NotAllowedError,
    PurposeError,
    UsageError,
)
from gateway.core.operators import Operator, Role, can_act_as
from gateway.core.values import MessageId
from gateway.flows.admission import docket_with
from gateway.flows.approvals import Approvals, needs
from gateway.flows.exchange import Exchange
from gateway.mla.codelists import is_code
from gateway.mla.docket import docket_entry
from gateway.mla.handling import Demand, demands_of, reasons_for
from gateway.mla.problems import text_at
from gateway.mla.purposes import (
    CaseMessage,
    Condition,
    Use,
    conditions_on,
    refusal_of,
)
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.messages import Box, MessageRow, SealedMessage

RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """That somebody may open a message, and on which terms.

    Attributes:
        act: Who, with the code of the purpose.
        uses_approval: A second person has to have approved it.
        detail: What that person is told of why, in codes.
        conditions: Those the content is to be used under.
    """

    act: Act
    uses_approval: bool = False
    detail: str = ""
    conditions: tuple[Condition, ...] = ()


class Guard:
    """Judges openings of received messages."""

    def __init__(
        self,
        exchange: Exchange,
        approvals: Approvals,
        read: Callable[[SealedMessage], JsonObject],
    ) -> None:
        self._exchange = exchange
        self._approvals = approvals
        self._read = read

    async def judge(
        self, row: MessageRow, act: Act, use: Use, *, is_copy: bool = False
    ) -> Reading:
        """Tell on which terms somebody may open a message.

        Args:
            row: The message.
            act: Who wants to, with a purpose in their own words.
            use: What for; an empty purpose stands for that of the message.
            is_copy: It is to be printed.

        Raises:
            UsageError: There is no such purpose.
            PurposeError: It was not given for this, and nobody has agreed to it.
            NotAllowedError: Only people named for the case may, or nobody may copy it.
        """
        _check_code(use)
        if row.box is Box.OUT:
            return Reading(act=replace(act, purpose_code=use.purpose))
        message, case = await self._known(row)
        entry = message.entry
        if not entry:
            # It can't be read: the opening itself says so, and hands nothing out.
            return Reading(act=act)
        use = replace(use, purpose=use.purpose or text_at(entry, "/purpose") or "")
        act = replace(act, purpose_code=use.purpose)
        refusal = refusal_of(use, entry, case)
        if refusal:
            raise PurposeError(f"purpose: {refusal}")
        demands = demands_of(entry)
        if Demand.NAMED_READERS in demands:
            await self._check_named(row, act)
        if is_copy and Demand.NO_COPY in demands:
            raise NotAllowedError("print: marked EYES_ONLY, so no copy is made of it")
        reasons = list(reasons_for(Demand.OPENING, entry))
        if not self._approvals.is_binding(ApprovalKind.OPEN, act.actor):
            reasons = []
        if await self._exchange.store.restriction(row.id, row.peer) is not None:
            # Alone nobody opens it, however few people there are.
            reasons.append(RESTRICTED)
        return Reading(
            act=act,
            uses_approval=bool(reasons),
            detail=" ".join([*reasons, use.purpose]) if reasons else "",
            conditions=conditions_on(message, case),
        )

    async def needed(self, row: MessageRow, reading: Reading) -> NeedsApprovalError:
        """Ask for the approval of an opening; return what its reader is told."""
        approval = await self._approvals.ask(
            NewApproval(
                kind=ApprovalKind.OPEN,
                subject=row.id,
                case_id=row.case_id,
                message_id=row.id,
                peer=row.peer,
                detail=reading.detail or RESTRICTED,
            ),
            reading.act,
        )
        return needs(approval)

    async def _known(self, row: MessageRow) -> tuple[CaseMessage, list[CaseMessage]]:
        """Return what is known of a message and its case, looking at it if need be."""
        case_id = row.index.case_id if row.index else ""
        rows = await docket_with(self._exchange.store, case_id, row.peer)
        case = [
            CaseMessage(id=one.id, is_ours=one.box is Box.OUT, entry=one.entry)
            for one in rows
        ]
        for message in case:
            if message.id == row.id:
                return message, case
        message = CaseMessage(id=row.id, is_ours=False, entry=await self._look(row.id))
        return message, [*case, message]

    async def _look(self, message_id: MessageId) -> JsonObject:
        """Read a message of which nothing is known, for the node itself."""
        now = self._exchange.clock.now()
        sealed = await self._exchange.store.look_first(message_id, now)
        try:
            return docket_entry(self._read(sealed))
        except CannotOpenError:
            return {}  # the opening itself says so, and is logged

    async def _check_named(self, row: MessageRow, act: Act) -> None:
        readers = await self._exchange.store.case_readers(row.case_id)
        who = person_of(act)
        if all(reader.name != who for reader in readers):
            raise NotAllowedError(
                "opening: marked for named readers; somebody in role approver or "
                "security names you with: mla-gateway case grant"
            )


def _check_code(use: Use) -> None:
    if use.purpose and not is_code("PURPOSE", use.purpose):
        raise UsageError(f"purpose_code: {use.purpose[:40]!r} is not of list PURPOSE")


def person_of(act: Act) -> str:
    """Return the person who reads: the account, or for whom a system asks."""
    if not act.on_behalf_of:
        return act.actor
    person = json.loads(act.on_behalf_of)
    return str(person.get("id", "")) if isinstance(person, dict) else ""


class Readers:
    """Who is named for a case whose markings ask for names."""

    def __init__(
        self, exchange: Exchange, people: Callable[[], Sequence[Operator]]
    ) -> None:
        self._exchange = exchange
        self._people = people

    async def grant(self, case_id: str, name: str, act: Act) -> None:
        """Name somebody for a case.

        Raises:
            NotAllowedError: Themselves, while somebody else could do it.
            ConflictError: The list of the case is full.
        """
        if name == act.actor and self._others(act.actor):
            raise NotAllowedError("reader: somebody else has to name you")
        now = self._exchange.clock.now()
        await self._exchange.store.grant_reader(case_id, name, act, now)

    async def revoke(self, case_id: str, name: str, act: Act) -> None:
        """Take somebody off the list of a case.

        Raises:
            NotFoundError: They are not on it.
        """
        now = self._exchange.clock.now()
        await self._exchange.store.revoke_reader(case_id, name, act, now)

    def _others(self, name: str) -> bool:
        now = self._exchange.clock.now()
        return any(
            one.name != name and can_act_as(one, role, now)
            for one in self._people()
            for role in (Role.APPROVER, Role.SECURITY)
        )
