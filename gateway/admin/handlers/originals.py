"""Originals of redacted copies: shown and given by a logged access only."""

from gateway.admin.asked import Asked, Stream
from gateway.admin.handlers.evidence_files import stream_of
from gateway.admin.handlers.messages import MessageHandlers
from gateway.admin.opening_shapes import (
    OpenRequest,
    Original,
    Originals,
    RedactionRecord,
)
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.flows.originals import ShownOriginal


class OriginalHandlers:
    """Answers about originals that are kept with messages of ours."""

    def __init__(self, services: AdminServices, messages: MessageHandlers) -> None:
        self._originals = services.originals
        self._messages = messages

    async def open(self, asked: Asked) -> Originals:
        """Log the access, then show what the copies were made of."""
        form = asked.form(OpenRequest)
        act = await self._messages.reading_act(asked, form)
        message_id = asked.message_id()
        shown = await self._originals.show(message_id, act)
        return Originals(
            id=message_id,
            index=shown.access_index,
            grant_until=when(shown.grant_until),
            items=tuple(map(_original_of, shown.originals)),
        )

    async def fetch(self, asked: Asked) -> Stream:
        """Give an original from the first byte that is wanted."""
        file = await self._originals.fetch(
            asked.message_id(),
            asked.segments["aid"],
            asked.act(),
            start=asked.range_start,
        )
        return stream_of(file, asked.range_start)


def _original_of(shown: ShownOriginal) -> Original:
    record = shown.record
    return Original(
        aid=shown.aid,
        name=shown.file.name,
        media_type=shown.file.media_type,
        size=shown.size,
        sha256=shown.file.sha256,
        record=RedactionRecord(
            redaction_id=record.redaction_id,
            source_sha256=record.source_sha256,
            result_sha256=record.result_sha256,
            salt=record.salt.hex(),
            reasons=record.reasons,
            rule=record.rule,
            by=record.by,
            at=record.at,
        ),
        copy=shown.copy_name,
        item_id=shown.item_id,
        faults=shown.faults,
    )
