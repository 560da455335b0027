"""Messages: submit, list, show, open, and the feed of changes."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import msgspec

from gateway.admin.asked import Asked
from gateway.admin.filters import filter_of, filter_text
from gateway.admin.opening_shapes import Condition, Opened, OpenRequest, PrintRequest
from gateway.admin.problems import field_problem
from gateway.admin.rendering import (
    attachment_of,
    change_of,
    message_of,
    opened_file_of,
    suspicion_of,
    when,
)
from gateway.admin.services import AdminServices
from gateway.admin.shapes import (
    Changes,
    ChangesQuery,
    FieldProblem,
    Message,
    MessagePage,
    MessageQuery,
    SubmitRequest,
    Submitted,
)
from gateway.admin.sight import check_case
from gateway.admin.submissions import submission_of
from gateway.admin.views import ViewLog
from gateway.admin.waiting import Waiting
from gateway.core import canonical
from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    GatewayError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.operators import Role
from gateway.core.units import Scope
from gateway.core.values import MessageId
from gateway.flows.open import Plaintext
from gateway.mla.codelists import code_list
from gateway.mla.purposes import Use
from gateway.mla.wording import Language
from gateway.ports.approvals import ApprovalKind
from gateway.ports.messages import Box, Change, MessageRow

# A filter may let little through: so often is looked on for what one page may hold.
_LOOKS_A_PAGE = 16
_UNDER_WAY = {OutboundState.HELD, OutboundState.QUEUED}


class MessageHandlers:
    """Answers about messages."""

    def __init__(
        self,
        services: AdminServices,
        views: ViewLog,
        waiting: Waiting,
    ) -> None:
        self._services = services
        self._store = services.exchange.store
        self._views = views
        self._waiting = waiting

    async def submit(self, asked: Asked) -> Submitted:
        """Accept a message; then wait for its outcome if the caller would."""
        form = asked.form(SubmitRequest)
        await check_case(self._store, asked, form.message, form.to)
        submission = replace(
            submission_of(form, asked.act(form.purpose)),
            idempotency_key=asked.key,
            override_reason=form.override_reason,
        )
        submitted = await self._services.submit.submit(submission)
        accepted = submitted.accepted
        state: str = accepted.state.value
        if asked.wait_s:
            state = await self._outcome(asked, accepted.id, state)
        return Submitted(
            id=accepted.id,
            index=accepted.log_index,
            state=state,
            ignored=submitted.ignored,
            advice=tuple(field_problem(one) for one in submitted.advice),
            repeated=accepted.is_repetition,
            approval=accepted.approval,
        )

    async def list(self, asked: Asked) -> MessagePage:
        """List messages, after the look is logged."""
        query = asked.filters(MessageQuery)
        wanted, rows, cursor = filter_of(query), list[MessageRow](), query.cursor
        for _ in range(_LOOKS_A_PAGE):
            page = await self._store.messages(
                wanted,
                cursor=cursor,
                limit=query.limit - len(rows),
                scope=asked.scope,
            )
            rows += page.rows
            cursor = page.next_cursor
            if not cursor or len(rows) == query.limit:
                break
        told = " ".join(filter(None, ("messages", filter_text(query))))
        await self._views.note(asked, told, len(rows))
        return MessagePage(items=tuple(map(self._marked, rows)), next=cursor)

    def _marked(self, row: MessageRow) -> Message:
        suspect = suspicion_of(row, self._services.exchange.halts)
        return msgspec.structs.replace(message_of(row), suspect=suspect)

    async def show(self, asked: Asked) -> Message:
        """Return the metadata of one message."""
        row = await self._store.message(asked.message_id())
        await self._views.note(asked, f"message {row.id}", 1)
        files = await self._store.attachments(row.id) if row.attachments else []
        return msgspec.structs.replace(
            self._marked(row),
            evidence=tuple(
                attachment_of(one, self._services.rates.rate(one.aid)) for one in files
            ),
        )

    async def open(self, asked: Asked) -> Opened:
        """Log the access, then return the content."""
        form = asked.form(OpenRequest)
        act = await self.reading_act(asked, form)
        await self._check_second_person(asked)
        message_id = asked.message_id()
        plaintext = await self._services.open.open(message_id, act, _use(form))
        files = await self._store.attachments(plaintext.id)
        states = {one.aid: one.state for one in files}
        return Opened(
            id=plaintext.id,
            box=plaintext.box.value,
            peer=plaintext.peer,
            index=plaintext.access_index,
            message=dict(plaintext.message),
            manifest=base64.b64encode(plaintext.manifest).decode(),
            attachments=tuple(
                opened_file_of(file.described, states.get(file.described.aid))
                for file in plaintext.attachments
            ),
            grant_until=when(plaintext.grant_until),
            conditions=tuple(
                Condition(
                    code=one.code,
                    label=code_list("CONDITION").label(one.code),
                    message=one.message_id,
                    item=one.item_id,
                )
                for one in plaintext.conditions
            ),
            advice=self._advice(plaintext),
        )

    async def _check_second_person(self, asked: Asked) -> None:
        """Let an approver without cases open only what waits for their decision.

        Raises:
            NotAllowedError: Nothing about that message does; that is logged.
        """
        if Role.CASEWORKER in asked.caller.roles:
            scope = self._services.unit_desk.scope_of(asked.caller)
            if scope is None or await self._store.seen([asked.message_id()], scope):
                return
        row = await self._store.message(asked.message_id())
        waiting = await self._store.open_approvals_of(row.id)
        if any(one.new.kind is ApprovalKind.RELEASE for one in waiting):
            return
        await self.log_denied(asked)
        raise NotAllowedError("opening: no release of this message waits for approval")

    def _advice(self, plaintext: Plaintext) -> tuple[FieldProblem, ...]:
        """Return what our people should know of a message that was received."""
        if plaintext.box is Box.OUT:
            return ()
        found = self._services.legal.advice(plaintext.peer, plaintext.message)
        return tuple(map(field_problem, found))

    async def print(self, asked: Asked) -> bytes:
        """Log the access, then return the content as an accessible PDF."""
        form = asked.form(PrintRequest)
        act = await self.reading_act(asked, form)
        language = Language(form.language)
        message_id = asked.message_id()
        return await self._services.printing.pdf(message_id, act, language, _use(form))

    async def reading_act(self, asked: Asked, form: OpenRequest) -> Act:
        """Return who reads, and why: a system names the person.

        Raises:
            NotAllowedError: It names nobody; that is logged.
        """
        person = form.on_behalf_of
        if asked.caller.is_system and person is None:
            await self.log_denied(asked)
            raise NotAllowedError(
                "on_behalf_of: a system names the person who reads, as id, name, role",
            )
        behalf = canonical.encode(person).decode() if person is not None else ""
        return asked.act(form.purpose, behalf)

    async def log_denied(self, asked: Asked) -> None:
        """Log that somebody was not let at a message, if there is such a message."""
        with suppress(NotFoundError):
            await self._services.open.log_refused(
                asked.message_id(),
                asked.act(),
                NotAllowedError.code,
            )

    async def changes(self, asked: Asked) -> Changes:
        """Return changes after a cursor, waiting for some if the caller would."""
        query = asked.filters(ChangesQuery)
        after = query.after

        async def look() -> Changes | None:
            nonlocal after
            found = await self._store.changes(after, query.limit)
            while found:
                after = found[-1].cursor
                shown = await self._shown(found, asked.scope)
                if shown:
                    items = tuple(change_of(one) for one in shown)
                    return Changes(items=items, next=after)
                found = await self._store.changes(after, query.limit)
            return None

        found = await self._waiting.until(
            look,
            wait_s=query.wait,
            caller=asked.caller.name,
        )
        if found is None:
            return Changes(items=(), next=after)
        await self._views.note(asked, "changes", len(found.items))
        return found

    async def _shown(
        self, changes: Sequence[Change], scope: Scope | None
    ) -> Sequence[Change]:
        """Return those changes that a caller sees."""
        if scope is None:
            return changes
        seen = await self._store.seen([one.id for one in changes], scope)
        return [one for one in changes if one.id in seen]

    async def _outcome(self, asked: Asked, message_id: MessageId, state: str) -> str:
        """Return the state once it is settled, or what it is when time is up."""

        async def look() -> MessageRow | None:
            row = await self._store.message(message_id)
            return None if row.state in _UNDER_WAY else row

        try:
            settled = await self._waiting.until(
                look,
                wait_s=asked.wait_s,
                caller=asked.caller.name,
            )
        except GatewayError:
            # Accepted is accepted: that waiting failed must not hide it.
            return state
        return settled.state.value if settled is not None else state


def _use(form: OpenRequest) -> Use:
    return Use(purpose=form.purpose_code, case_number=form.case_number)
