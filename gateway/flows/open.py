"""The one place where a sealed message becomes plaintext (invariant I8).

For a person: the access is committed to the log first, then the message is opened.
For the node's own validation the same way, with a `msg.check` entry in hand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.envelope import open_envelope, parse_envelope
from gateway.core.errors import CannotOpenError, GatewayError, UsageError
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.sealing import read_draft
from gateway.ports.keys import ArchiveKeys
from gateway.ports.messages import Box, SealedMessage

log = structlog.get_logger()

MAX_PURPOSE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Plaintext:
    """An opened message.

    Attributes:
        manifest: Canonical bytes of the manifest; empty for a held message.
        message: The message document.
        access_index: The log entry that this opening stands under.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    manifest: bytes = field(repr=False)
    message: JsonObject = field(repr=False)
    access_index: int


class Open:
    """Opens messages of both boxes."""

    def __init__(
        self,
        exchange: Exchange,
        archive_keys: ArchiveKeys,
        *,
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._archive_keys = archive_keys
        self._wake = wake

    async def open(self, message_id: MessageId, act: Act) -> Plaintext:
        """Log a person's access, then open the message.

        Raises:
            UsageError: No purpose is stated, or it is over 500 characters.
            NotFoundError: No such message.
            ConflictError: Quarantined or erased.
            CannotOpenError: The stored bytes are not what the log says.
        """
        if not 0 < len(act.purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise UsageError("purpose: expected 1 to 500 characters that say why")
        row = await self._exchange.store.message(message_id)
        act = Act(
            actor=act.actor,
            role=act.role,
            purpose=act.purpose,
            case=row.index.case_id if row.index else "",
            on_behalf_of=act.on_behalf_of,
        )
        sealed = await self._exchange.store.log_access(
            message_id,
            act,
            self._exchange.clock.now(),
        )
        log.info("message_opened", message_id=message_id, log_index=sealed.access_index)
        if sealed.is_first_opening:
            self._wake(sealed.peer)
        return self.unseal(sealed)

    async def log_refused(self, message_id: MessageId, act: Act, code: str) -> None:
        """Log that somebody was not let at a message; nothing is opened.

        Raises:
            NotFoundError: No such message.
        """
        now = self._exchange.clock.now()
        await self._exchange.store.log_access(message_id, act, now, refusal=code)

    def unseal(self, sealed: SealedMessage) -> Plaintext:
        """Open a message whose access is committed: `sealed` is the proof of that.

        Raises:
            CannotOpenError: A binding is broken.
        """
        if sealed.draft:
            return self._unseal_draft(sealed)
        try:
            envelope = parse_envelope(sealed.envelope)
        except GatewayError as error:
            raise CannotOpenError("stored envelope: cannot be read") from error
        key = self._archive_keys.unwrap(
            sealed.archived_key,
            box=sealed.box.value,
            digest=sealed.digest,
        )
        opened = open_envelope(
            envelope,
            key,
            expected_content_digest=sealed.content_digest,
        )
        return _plaintext(sealed, opened.manifest_raw, opened.message)

    def _unseal_draft(self, sealed: SealedMessage) -> Plaintext:
        raw = self._archive_keys.open_draft(sealed.draft, message_id=sealed.id)
        return _plaintext(sealed, b"", read_draft(sealed.id, raw).message)


def _plaintext(
    sealed: SealedMessage,
    manifest: bytes,
    message: JsonObject,
) -> Plaintext:
    return Plaintext(
        id=sealed.id,
        box=sealed.box,
        peer=sealed.peer,
        manifest=manifest,
        message=message,
        access_index=sealed.access_index,
    )
