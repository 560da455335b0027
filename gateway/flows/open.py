"""The one place where a sealed message becomes plaintext (invariant I8).

For a person: the access is committed to the log first, then the message is opened.
For the node's own validation the same way, with a `msg.check` entry in hand.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import structlog

from gateway.core.attachments import AttachmentOpener
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.envelope import (
    AttachmentToSeal,
    ManifestAttachment,
    open_envelope,
    parse_envelope,
)
from gateway.core.errors import (
    CannotOpenError,
    GatewayError,
    NeedsApprovalError,
    NotAllowedError,
    UsageError,
)
from gateway.core.limits import MIB
from gateway.core.values import NEVER, AuthorityId, MessageId, UnixMs
from gateway.flows.approvals import Approvals
from gateway.flows.behind import Behind
from gateway.flows.exchange import Exchange
from gateway.flows.guarded import Guard, Reading
from gateway.flows.sealing import read_draft
from gateway.mla.purposes import OWN_USE, Condition, Use
from gateway.ports.blobs import BlobId, BlobStore
from gateway.ports.evidence import AttachmentState, HandOut
from gateway.ports.keys import ArchiveKeys
from gateway.ports.messages import Box, MessageRow, SealedMessage

log = structlog.get_logger()

MAX_PURPOSE_CHARS = 500
# After opening a message its evidence files may be fetched this long: a large one
# takes hours, and a broken connection must not need a second opening.
GRANT_LIFETIME_MS = 12 * 3_600_000

_READ_BYTES = 1 * MIB


@dataclass(frozen=True, slots=True)
class Plaintext:
    """An opened message.

    Attributes:
        manifest: Canonical bytes of the manifest; empty for a held message.
        message: The message document.
        access_index: The log entry that this opening stands under.
        attachments: Its evidence files, with their keys.
        grant_until: Who opened it may fetch them until then.
        conditions: Those of its sender that it is to be used under.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    manifest: bytes = field(repr=False)
    message: JsonObject = field(repr=False)
    access_index: int
    attachments: tuple[AttachmentToSeal, ...] = ()
    grant_until: UnixMs = NEVER
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An evidence file that may be read.

    Attributes:
        described: What the manifest says of it.
        chunks: Its plaintext from `start` on; breaks off with an error rather than
            give a byte that does not verify, and gives the last ones only when size
            and digest hold.
    """

    described: ManifestAttachment
    chunks: AsyncIterator[bytes] = field(repr=False)


class Open:
    """Opens messages of both boxes, and their evidence files."""

    def __init__(
        self,
        exchange: Exchange,
        archive_keys: ArchiveKeys,
        blobs: BlobStore,
        *,
        wake: Callable[[AuthorityId], None],
        approvals: Approvals | None = None,
    ) -> None:
        self._exchange = exchange
        self._guard = (
            Guard(exchange, approvals, lambda sealed: self.unseal(sealed).message)
            if approvals
            else None
        )
        self._archive_keys = archive_keys
        self._blobs = blobs
        self._wake = wake

    async def open(
        self,
        message_id: MessageId,
        act: Act,
        use: Use = OWN_USE,
        *,
        is_copy: bool = False,
    ) -> Plaintext:
        """Log a person's access, then open the message.

        Args:
            message_id: The message.
            act: Who opens it, and why in their own words.
            use: The purpose as a code, and for which case; its own without.
            is_copy: It is to be printed.

        Raises:
            UsageError: No purpose is stated, it is over 500 characters, or there is
                no such code.
            PurposeError: The message was not given for that.
            NeedsApprovalError: Another person has to approve it; that is asked for.
            NotAllowedError: Only people named for the case may.
            NotFoundError: No such message.
            ConflictError: Quarantined or erased.
            CannotOpenError: The stored bytes are not what the log says.
        """
        check_purpose(act)
        row = await self._exchange.store.message(message_id)
        act = Act(
            actor=act.actor,
            role=act.role,
            purpose=act.purpose,
            case=row.index.case_id if row.index else "",
            on_behalf_of=act.on_behalf_of,
        )
        reading = await self._judge(row, act, use, is_copy=is_copy)
        now = self._exchange.clock.now()
        until = UnixMs(now + GRANT_LIFETIME_MS) if row.attachments else NEVER
        try:
            sealed = await self._exchange.store.log_access(
                message_id,
                reading.act,
                now,
                grant_until=until,
                uses_approval=reading.uses_approval,
            )
        except NeedsApprovalError:
            if self._guard is None:
                raise
            await self.log_refused(message_id, reading.act, NeedsApprovalError.code)
            raise await self._guard.needed(row, reading) from None
        log.info("message_opened", message_id=message_id, log_index=sealed.access_index)
        if sealed.is_first_opening:
            self._wake(sealed.peer)
        opened = self.unseal(sealed)
        return replace(opened, grant_until=until, conditions=reading.conditions)

    async def _judge(
        self, row: MessageRow, act: Act, use: Use, *, is_copy: bool
    ) -> Reading:
        """Tell on which terms somebody may open a message; refusals are logged."""
        if self._guard is None:
            return Reading(act=act)
        try:
            return await self._guard.judge(row, act, use, is_copy=is_copy)
        except NotAllowedError as error:
            refused = replace(act, purpose_code=use.purpose)
            await self.log_refused(row.id, refused, error.code.lower())
            raise

    async def fetch(
        self,
        message_id: MessageId,
        aid: str,
        act: Act,
        *,
        start: int = 0,
    ) -> OpenedFile:
        """Return an evidence file of a message that the account has opened.

        Args:
            message_id: The message.
            aid: The file.
            act: Who fetches it.
            start: First byte wanted.

        Raises:
            NotFoundError: No such message or file.
            NotAllowedError: The account has not opened the message, or too long ago.
            ConflictError: Its bytes are not here.
            DamagedError: What lies here is not what was stored.
            CannotOpenError: The stored message is not what the log says.
        """
        now = self._exchange.clock.now()
        handed = await self._exchange.store.hand_out(message_id, aid, act, now)
        file = self.read(handed, start=start)
        return replace(file, chunks=self._watched(handed, file.chunks))

    async def _watched(
        self,
        handed: HandOut,
        chunks: AsyncIterator[bytes],
    ) -> AsyncIterator[bytes]:
        """Yield a file; one that verified once and no longer does is marked so."""
        try:
            async for chunk in chunks:
                yield chunk
        except CannotOpenError:
            sealed, row = handed.sealed, handed.attachment
            log.error("evidence_damaged", message_id=sealed.id, aid=row.aid)  # noqa: TRY400 - raised on
            if row.state is AttachmentState.VERIFIED:
                await self._exchange.store.mark_attachment(
                    sealed.id,
                    row.aid,
                    AttachmentState.DAMAGED,
                )
            raise

    def read(self, handed: HandOut, *, start: int = 0) -> OpenedFile:
        """Return an evidence file whose reading is committed: `handed` is the proof.

        Raises:
            CannotOpenError: The stored message is not what the log says.
        """
        opened = self.unseal(handed.sealed)
        for file in opened.attachments:
            if file.described.aid == handed.attachment.aid:
                row = handed.attachment
                chunks = self.decrypted(row.blob, row.length, file)
                return OpenedFile(file.described, from_start(chunks, start))
        raise CannotOpenError("attachment: the sealed message does not name it")

    async def decrypted(
        self,
        blob: BlobId,
        length: int,
        file: AttachmentToSeal,
    ) -> AsyncIterator[bytes]:
        """Yield the whole plaintext; the last of it once everything has verified.

        For whoever has the key of the file already: of a message that is open, or of
        what an account of ours has just sent in.

        Raises:
            CannotOpenError: It is not what was sealed.
            BlobError: It can't be read.
        """
        described = file.described
        opener = AttachmentOpener(
            file.key,
            described.aid,
            described.size,
            described.sha256,
        )
        held_back = b""
        async with Behind() as digesting:
            for offset in range(0, length, _READ_BYTES):
                wanted = min(_READ_BYTES, length - offset)
                await self._exchange.giving_way.give_way()
                data = await self._blobs.read(blob, offset, wanted)
                plaintext = await asyncio.to_thread(opener.open, data)
                if plaintext:
                    await digesting.give(asyncio.to_thread(opener.digest, plaintext))
                    yield held_back
                    held_back = plaintext
        last = opener.finish()
        yield held_back + last

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
        files = tuple(
            AttachmentToSeal(named.length, named.root, key, described)
            for named, key, described in zip(
                envelope.header.attachments,
                opened.attachment_keys,
                opened.manifest.attachments,
                strict=True,
            )
        )
        plaintext = _plaintext(sealed, opened.manifest_raw, opened.message)
        return replace(plaintext, attachments=files)

    def _unseal_draft(self, sealed: SealedMessage) -> Plaintext:
        raw = self._archive_keys.open_draft(sealed.draft, message_id=sealed.id)
        draft = read_draft(sealed.id, raw)
        plaintext = _plaintext(sealed, b"", draft.message)
        return replace(plaintext, attachments=draft.attachments)


def check_purpose(act: Act) -> None:
    """Check that somebody says why they read.

    Raises:
        UsageError: No purpose is stated, or it is over 500 characters.
    """
    if not 0 < len(act.purpose.strip()) <= MAX_PURPOSE_CHARS:
        raise UsageError("purpose: expected 1 to 500 characters that say why")


async def from_start(
    chunks: AsyncIterator[bytes],
    start: int,
) -> AsyncIterator[bytes]:
    """Yield what follows the first `start` bytes."""
    async for chunk in chunks:
        if start < len(chunk):
            yield chunk[start:]
        start = max(start - len(chunk), 0)


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
