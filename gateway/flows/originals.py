"""Originals of redacted copies: kept sealed with the message, shown by logged access.

The copy goes out with a commitment. The original and the record that proves what the
copy was made of stay here, sealed to ourselves, and go when the message is erased
(specification, section 13.10).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import structlog

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    CannotOpenError,
    MalformedError,
    NeedsApprovalError,
    UsageError,
)
from gateway.core.limits import KIB
from gateway.core.values import MessageId, UnixMs
from gateway.flows.approvals import Approvals, needs
from gateway.flows.exchange import Exchange
from gateway.flows.kept_files import KeptFile
from gateway.flows.open import (
    GRANT_LIFETIME_MS,
    Open,
    OpenedFile,
    check_purpose,
    from_start,
)
from gateway.flows.sealing import Sealer
from gateway.flows.submission import GivenOriginal, Submission
from gateway.flows.uploads import Uploads
from gateway.mla.problems import text_at, values_at
from gateway.mla.redaction import RedactionRecord, read_record
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.evidence import Upload
from gateway.ports.keys import ArchiveKeys
from gateway.ports.originals import KeptOriginal, NewOriginal

log = structlog.get_logger()

_MAX_SEALED_BYTES = 80 * KIB
_NO_SUCH_COPY = "the message has no such copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOriginal:
    """An original, and how it belongs to the copy that went out.

    Attributes:
        aid: Its id.
        file: Its name, media type and digest, as measured when it came in.
        size: Bytes of it.
        record: What commits the copy to it.
        copy_name: File name of the copy; empty if the message has none.
        item_id: Evidence item of the copy.
        faults: What speaks against the copy being made of it; nothing if none.
    """

    aid: str
    file: KeptFile = field(repr=False)
    size: int
    record: RedactionRecord = field(repr=False)
    copy_name: str = field(repr=False)
    item_id: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownOriginals:
    """The originals that are kept with a message.

    Attributes:
        access_index: The log entry that this stands under.
        grant_until: Who asked may fetch them until then.
    """

    access_index: int
    grant_until: UnixMs
    originals: tuple[ShownOriginal, ...]


async def files_of(
    submission: Submission, uploads: Uploads, sealer: Sealer
) -> tuple[list[tuple[Upload, KeptFile]], tuple[NewOriginal, ...]]:
    """Return the files that go out with a message, and the originals that stay.

    Raises:
        NotFoundError: The submitter has no such upload.
        ConflictError: One is not complete, was used, or is named twice.
        UsageError: An original does not fit to the files that go out.
    """
    given, count = submission.originals, len(submission.uploads)
    ids = [*submission.uploads, *(one.upload for one in given)]
    files = await uploads.complete(ids, submission.act.actor)
    return files[:count], _sealed(given, files[count:], files[:count], sealer)


def _sealed(
    given: Sequence[GivenOriginal],
    files: Sequence[tuple[Upload, KeptFile]],
    copies: Sequence[tuple[Upload, KeptFile]],
    sealer: Sealer,
) -> tuple[NewOriginal, ...]:
    """Return originals as they are kept.

    Args:
        given: The originals.
        files: Their files, in the same order.
        copies: The files that go out.
        sealer: Seals to ourselves.

    Raises:
        UsageError: One is not the file its record names, no copy of it goes out, or
            two are of one copy.
    """
    going = {kept.sha256 for _, kept in copies}
    kept: list[NewOriginal] = []
    for one, (upload, file) in zip(given, files, strict=True):
        if one.record.source_sha256 != file.sha256:
            raise UsageError("originals: a file is not the one that its record names")
        if one.record.result_sha256 not in going:
            raise UsageError("originals: no attachment is the copy that a record names")
        going.remove(one.record.result_sha256)
        raw = canonical.encode_typed(
            {
                "file": canonical.decode(file.to_bytes(), max_bytes=_MAX_SEALED_BYTES),
                "record": one.record.to_json(),
            }
        )
        kept.append(NewOriginal(upload.id, sealer.keep_beside(raw, upload.aid)))
    return tuple(kept)


class Originals:
    """Shows originals of redacted copies."""

    def __init__(
        self,
        exchange: Exchange,
        archive_keys: ArchiveKeys,
        open_: Open,
        approvals: Approvals,
    ) -> None:
        self._exchange = exchange
        self._archive_keys = archive_keys
        self._open = open_
        self._approvals = approvals

    async def show(self, message_id: MessageId, act: Act) -> ShownOriginals:
        """Log a person's access, then show what the copies of a message were made of.

        Where somebody else can approve it, they have to.

        Raises:
            UsageError: No purpose is stated, or it is over 500 characters.
            NeedsApprovalError: Another person has to approve it; that is asked for.
            NotFoundError: No such message of ours, or no original is kept with it.
            CannotOpenError: The stored bytes are not what the log says.
        """
        check_purpose(act)
        row = await self._exchange.store.message(message_id)
        act = replace(act, case=row.case_id)
        now = self._exchange.clock.now()
        until = UnixMs(now + GRANT_LIFETIME_MS)
        try:
            access = await self._exchange.store.open_originals(
                message_id,
                act,
                now,
                grant_until=until,
                uses_approval=self._approvals.is_binding(
                    ApprovalKind.ORIGINAL, act.actor
                ),
            )
        except NeedsApprovalError as error:
            await self._open.log_refused(message_id, act, error.code)
            new = NewApproval(
                kind=ApprovalKind.ORIGINAL,
                subject=row.id,
                case_id=row.case_id,
                message_id=row.id,
                peer=row.peer,
            )
            raise needs(await self._approvals.ask(new, act)) from None
        index = access.sealed.access_index
        log.info("originals_opened", message_id=message_id, log_index=index)
        document = self._open.unseal(access.sealed).message
        shown = tuple(self._shown(one, document) for one in access.originals)
        return ShownOriginals(index, until, shown)

    async def fetch(
        self, message_id: MessageId, aid: str, act: Act, *, start: int = 0
    ) -> OpenedFile:
        """Return an original that the account has opened, from a byte on.

        Raises:
            NotFoundError: No such message of ours, or no such original.
            NotAllowedError: The account has not opened them, or too long ago.
            CannotOpenError: What lies here is not what was sealed.
        """
        now = self._exchange.clock.now()
        kept = await self._exchange.store.hand_out_original(message_id, aid, act, now)
        file, _ = self._opened(kept)
        sealed = file.to_seal(
            aid=aid, length=kept.length, root=kept.root, size=kept.size, item_id=""
        )
        chunks: AsyncIterator[bytes] = self._open.decrypted(
            kept.blob, kept.length, sealed
        )
        return OpenedFile(sealed.described, from_start(chunks, start))

    def _shown(self, kept: KeptOriginal, document: JsonObject) -> ShownOriginal:
        file, record = self._opened(kept)
        faults, item = [_NO_SUCH_COPY], cast("JsonObject", {})
        for one in values_at(document, "/payload/manifest/*"):
            if isinstance(one, dict):
                found = record.shows(
                    one, source=file.sha256, result=record.result_sha256
                )
                if item == {} or len(found) < len(faults):
                    faults, item = found, one
        return ShownOriginal(
            aid=kept.aid,
            file=file,
            size=kept.size,
            record=record,
            copy_name=text_at(item, "/file_name") or "",
            item_id=text_at(item, "/item_id") or "",
            faults=tuple(faults),
        )

    def _opened(self, kept: KeptOriginal) -> tuple[KeptFile, RedactionRecord]:
        """Return what is kept of an original.

        Raises:
            CannotOpenError: Not kept by this node for that file.
        """
        raw = self._archive_keys.open_draft(kept.sealed, message_id=kept.aid)
        try:
            value = canonical.parse_object(raw, max_bytes=_MAX_SEALED_BYTES)
            file = KeptFile.from_bytes(canonical.encode_typed(value.get("file")))
            record = value.get("record")
            if isinstance(record, dict):
                return file, read_record(record)
        except MalformedError as error:
            raise CannotOpenError("original: cannot be read") from error
        raise CannotOpenError("original: has no record")
