"""After a message is stored and receipted: read its form, index it, answer defects.

The check is logged before the node reads (`msg.check`). Broken bindings set the
message aside and go back as a proven rejection; a readable but invalid form stays
received and is answered by an `ERR` message, for people (section 12).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import CannotOpenError, GatewayError
from gateway.core.values import AuthorityId
from gateway.flows.exchange import Exchange
from gateway.flows.open import Open, Plaintext
from gateway.flows.submit import Submission, Submit, case_so_far, message_index
from gateway.mla.attached import AttachedFile, attachment_problems
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import Problem, ProblemCode, text_at
from gateway.mla.transitions import misplaced
from gateway.mla.validate import validate
from gateway.ports.messages import SealedMessage

log = structlog.get_logger()

_MESSAGES_A_ROUND = 64
_LONGEST_WAIT_S = 15.0


class Validation:
    """Follows behind the receiving of messages."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        open_: Open,
        submit: Submit,
        received: asyncio.Event,
        validated: Callable[[], None],
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._wake = wake
        self._open = open_
        self._submit = submit
        self._received = received
        self._validated = validated

    async def run(self) -> None:
        """Validate whatever is received, for ever."""
        while True:
            self._received.clear()
            while await self.validate_some():
                pass
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await self._received.wait()

    async def validate_some(self) -> int:
        """Validate messages not yet validated; return how many there were."""
        now = self._exchange.clock.now()
        sealed = await self._exchange.store.begin_checks(_MESSAGES_A_ROUND, now)
        async with asyncio.TaskGroup() as checks:
            for message in sealed:
                checks.create_task(self._validate(message))
        if sealed:
            self._validated()
        return len(sealed)

    async def _validate(self, sealed: SealedMessage) -> None:
        store = self._exchange.store
        try:
            plaintext = self._open.unseal(sealed)
        except CannotOpenError as error:
            log.warning("message_quarantined", message_id=sealed.id, peer=sealed.peer)
            now = self._exchange.clock.now()
            await store.quarantine(sealed.id, sealed.peer, error.code, now)
            self._wake(sealed.peer)
            return
        document = plaintext.message
        problems = await self._problems(plaintext)
        faults = sum(1 for problem in problems if problem.blocking)
        if faults:
            await self._answer(plaintext, problems)
        await store.finish_check(
            sealed.id,
            sealed.peer,
            message_index(document),
            faults,
        )

    async def _problems(self, plaintext: Plaintext) -> list[Problem]:
        document = plaintext.message
        problems = [
            *_binding_problems(plaintext),
            *validate(document),
            *attachment_problems(document, _attached(plaintext)),
        ]
        if any(problem.blocking for problem in problems):
            return problems
        head = await self._exchange.store.case_head(
            text_at(document, "/case_id") or "",
            plaintext.peer,
        )
        so_far = await case_so_far(
            self._exchange,
            plaintext.peer,
            document,
            is_known=head.opener is not None,
        )
        return [*problems, *misplaced(document, so_far)]

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
