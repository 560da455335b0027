"""Two people for what one may not do alone: asking, deciding, and doing it once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

import structlog

from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.errors import ConflictError, NeedsApprovalError, NotAllowedError
from gateway.core.operators import Operator, Role, can_act_as
from gateway.core.values import UnixMs
from gateway.flows.exchange import Exchange
from gateway.ports.approvals import (
    RULES,
    Approval,
    ApprovalFilter,
    ApprovalKind,
    ApprovalState,
    NewApproval,
)

log = structlog.get_logger()

_EXPIRED_A_TURN = 256
PURPOSE: Final = "purpose"
"""Disclosure of the entry of asking that holds the reason given."""

People: TypeAlias = Callable[[], Sequence[Operator]]
"""Returns the accounts that there are now."""


class Runner(Protocol):
    """Does what was asked for, when it is approved.

    The transaction that does it settles the approval (`settle` of
    `gateway.storage.operations.approvals`), so that it is done once or not at all.
    """

    def __call__(
        self, approval: Approval, act: Act, now: UnixMs, *, is_override: bool
    ) -> Awaitable[Approval]:
        """Do it, and return the approval as settled."""
        ...


class Approvals:
    """Asks for second persons, and takes their decisions."""

    def __init__(self, exchange: Exchange, people: People) -> None:
        self._exchange = exchange
        self._people = people
        self._runners: dict[ApprovalKind, Runner] = {}

    def runs(self, kind: ApprovalKind, runner: Runner) -> None:
        """Let approving something of a kind do it."""
        self._runners[kind] = runner

    def approvers(self, kind: ApprovalKind, asked_by: str) -> list[str]:
        """Return who could approve what an account asks for: people, not systems."""
        now, role = self._exchange.clock.now(), RULES[kind].role
        return [
            one.name
            for one in self._people()
            if one.name != asked_by and can_act_as(one, role, now)
        ]

    def is_binding(self, kind: ApprovalKind, asked_by: str) -> bool:
        """Tell whether an account needs a second person: if there is one."""
        return bool(self.approvers(kind, asked_by))

    async def ask(self, new: NewApproval, act: Act, order: bytes = b"") -> Approval:
        """Ask for approval; while the same account waits for the same, that is it.

        Args:
            new: What for.
            act: Who asks.
            order: What is done when it is granted, for a runner of its kind.
        """
        now, store = self._exchange.clock.now(), self._exchange.store
        approval = await store.ask_approval(new, act, now, order=order)
        log.info("approval_asked", approval=approval.number, kind=new.kind.value)
        return approval

    async def demand(self, new: NewApproval, act: Act) -> None:
        """Use up an approval for what an account is about to do, or ask for one.

        Where the doing has a transaction of its own, that should use it up instead.

        Raises:
            NeedsApprovalError: There was none to use: it is asked for now.
        """
        if not self.is_binding(new.kind, act.actor):
            return
        now = self._exchange.clock.now()
        store = self._exchange.store
        if await store.use_approval(new.kind, new.subject, act, now) is None:
            raise needs(await self.ask(new, act))

    async def approve(
        self, number: int, act: Act, roles: frozenset[Role], *, is_system: bool = False
    ) -> Approval:
        """Approve; what was asked for is done, or may be done now by who asked.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided, or has ended.
            NotAllowedError: A system, another role than that of its kind, or the
                person who asked for it.
        """
        approval = await self._exchange.store.approval(number)
        act = _in_role(approval, act, roles, is_system=is_system)
        return await self._do(approval, act, is_override=False)

    async def override(self, number: int, act: Act) -> Approval:
        """Approve in place of an absent second person; somebody reviews it later.

        Raises:
            NotFoundError: No such approval.
            ConflictError: It was decided, or has ended.
        """
        approval = await self._exchange.store.approval(number)
        return await self._do(approval, act, is_override=True)

    async def reject(
        self, number: int, act: Act, roles: frozenset[Role], *, is_system: bool = False
    ) -> Approval:
        """Reject; as `approve`."""
        store, now = self._exchange.store, self._exchange.clock.now()
        approval = await store.approval(number)
        act = _in_role(approval, act, roles, is_system=is_system)
        rejected = await store.reject_approval(number, act, now)
        _told(rejected)
        return rejected

    async def find(
        self, wanted: ApprovalFilter, *, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        return await self._exchange.store.approvals(wanted, before=before, limit=limit)

    async def show(self, number: int) -> tuple[Approval, str]:
        """Return an approval, and the reason that was given for asking.

        Raises:
            NotFoundError: There is none.
        """
        store = self._exchange.store
        approval = await store.approval(number)
        for sealed in await store.disclosures(approval.log_index):
            disclosed = read_disclosure(sealed.encoded)
            if disclosed.name == PURPOSE:
                return approval, disclosed.value
        return approval, ""

    async def tidy(self) -> None:
        """End what nobody decided on, or used, in time."""
        now = self._exchange.clock.now()
        ended = await self._exchange.store.expire_approvals(now, _EXPIRED_A_TURN)
        for approval in ended:
            _told(approval)

    async def _do(self, approval: Approval, act: Act, *, is_override: bool) -> Approval:
        if approval.state is not ApprovalState.WAITING:
            raise ConflictError(f"approval {approval.number}: it is {approval.state}")
        now, store = self._exchange.clock.now(), self._exchange.store
        runner = self._runners.get(approval.new.kind)
        if runner is not None:
            done = await runner(approval, act, now, is_override=is_override)
        elif approval.rule.valid_ms:
            done = await store.permit(
                approval.number, act, now, is_override=is_override
            )
        else:
            done = await store.settle_approval(
                approval.number, act, now, is_override=is_override
            )
        _told(done)
        return done


def needs(approval: Approval) -> NeedsApprovalError:
    """Return what is told to somebody who has to wait for another person."""
    return NeedsApprovalError(
        f"approval: waits for a second person, in role {approval.rule.role}: "
        f"mla-gateway approve {approval.number}"
    )


def _in_role(
    approval: Approval, act: Act, roles: frozenset[Role], *, is_system: bool
) -> Act:
    """Return the act of deciding, in the role that the kind asks for."""
    role = approval.rule.role
    if is_system:
        raise NotAllowedError("approval: a person decides, with a token of their own")
    if role not in roles:
        raise NotAllowedError(f"approval: it takes the role {role}")
    return replace(act, role=role.value, case=approval.new.case_id)


def _told(approval: Approval) -> None:
    log.info(
        "approval_changed",
        approval=approval.number,
        kind=approval.new.kind.value,
        state=approval.state.value,
    )
