"""What looking at evidence has shown, and the receipt that is drafted from it."""

from collections.abc import Sequence

import msgspec

from gateway.admin import verification_shapes as shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.errors import ConflictError, UsageError
from gateway.core.operators import Role
from gateway.core.values import MessageId
from gateway.flows.admission import MAX_DOCKET_ROWS
from gateway.flows.inspection import report_of
from gateway.mla.evidence_ack import Verdicts, draft_ack
from gateway.mla.findings import SignatureFinding
from gateway.ports.cases import DocketRow
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.findings import KeptFinding
from gateway.ports.messages import Box, MessageRow

_TO_COME = frozenset({AttachmentState.COMING, AttachmentState.STORED})
_SECONDS = len("2026-11-21T23:05:09")


class VerificationHandlers:
    """Answers about evidence that the node has looked at."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._services = services
        self._exchange = services.exchange
        self._store = services.exchange.store
        self._views = views

    async def show(self, asked: Asked) -> shapes.Verification:
        """Return what is known of every file of a message."""
        row = await self._store.message(asked.message_id())
        files = await self._store.attachments(row.id)
        known = {one.aid: one for one in await self._store.findings(row.id)}
        shows_names = await self._may_see_names(asked, row.id)
        await self._views.note(asked, f"message {row.id} verification", len(files))
        return shapes.Verification(
            id=row.id,
            box=row.box.value,
            peer=row.peer,
            complete=_is_complete(files),
            names_shown=shows_names,
            files=tuple(
                self._file(one, known.get(one.aid), shows_names=shows_names)
                for one in files
            ),
        )

    async def _may_see_names(self, asked: Asked, message_id: MessageId) -> bool:
        if Role.CASEWORKER not in asked.caller.roles:
            return False
        now = self._exchange.clock.now()
        return await self._store.has_opened(message_id, asked.caller.name, now)

    def _file(
        self, row: Attachment, kept: KeptFinding | None, *, shows_names: bool
    ) -> shapes.FileVerification:
        if kept is None:
            return shapes.FileVerification(aid=row.aid, state=row.state.value)
        found = report_of(kept)
        names = self._services.inspection.signers_of(kept) if shows_names else []
        return shapes.FileVerification(
            aid=row.aid,
            state=row.state.value,
            item_id=found.item_id,
            checked_at=when(kept.at),
            decrypts=found.decrypts,
            size_ok=found.size_ok,
            digest_ok=found.digest_ok,
            compared=found.compared,
            differing=found.differing,
            looks_like=found.media_type,
            structure=msgspec.convert(found.structure, shapes.ResultName),
            custody=msgspec.convert(found.custody, shapes.ResultName),
            faults=found.faults,
            remarks=tuple(
                shapes.Remark(code=one.code, sentence=one.sentence)
                for one in found.remarks
            ),
            signatures=tuple(
                _signature(one, names[number] if number < len(names) else "")
                for number, one in enumerate(found.signatures)
            ),
        )

    async def draft_ack(self, asked: Asked) -> shapes.AckDraft:
        """Return the receipt that a person may send."""
        form = asked.form(shapes.AckRequest)
        row = await self._store.message(asked.message_id())
        entry = await self._entry(row)
        files = await self._store.attachments(row.id)
        if not _is_complete(files):
            raise ConflictError(
                "evidence: not all files were looked at yet; ask again in a while",
            )
        drafted = draft_ack(
            entry.entry,
            [report_of(one) for one in await self._store.findings(row.id)],
            verdicts=Verdicts(
                rejected={one.item: one.reason for one in form.rejected},
                vouched=frozenset(form.vouched),
            ),
            received_at=f"{when(row.accepted_at)[:_SECONDS]}Z",
        )
        if drafted.document is None:
            raise UsageError(
                "evidence: nothing to acknowledge: no item has a file here; vouch for "
                "what came by another way",
            )
        await self._views.note(asked, f"message {row.id} evidence-ack", len(files))
        return shapes.AckDraft(
            to=row.peer,
            document=dict(drafted.document),
            left_out=drafted.left_out,
        )

    async def _entry(self, row: MessageRow) -> DocketRow:
        """Return what the case keeps of a received message.

        Raises:
            UsageError: It is our own.
            ConflictError: It was not read yet, or is erased.
        """
        if row.box is not Box.IN:
            raise UsageError("evidence: only what was received is acknowledged")
        case_id = row.index.case_id if row.index else ""
        for one in await self._store.docket(case_id, MAX_DOCKET_ROWS):
            if one.id == row.id:
                return one
        raise ConflictError("evidence: the message was not read yet, or is erased")


def _is_complete(files: Sequence[Attachment]) -> bool:
    return not any(one.state in _TO_COME for one in files)


def _signature(found: SignatureFinding, signer: str) -> shapes.SignatureShown:
    return shapes.SignatureShown(
        kind=msgspec.convert(found.kind, shapes.SignatureKindName),
        result=msgspec.convert(found.result, shapes.SignatureResultName),
        intact=found.is_intact,
        trusted=found.is_trusted,
        whole=found.is_whole,
        signed_at=found.signed_at,
        certificate=found.certificate,
        signer=signer,
        reason=found.reason,
    )
