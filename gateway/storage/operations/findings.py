"""Results of looking at evidence files: kept with their messages."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.errors import NotFoundError
from gateway.core.values import MessageId, UnixMs
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.findings import KeptFinding
from gateway.storage.operations.steps import require
from gateway.storage.transaction import Lookup, Transaction


def record_finding(
    tx: Transaction,
    message_id: MessageId,
    state: AttachmentState,
    finding: KeptFinding,
) -> None:
    """Record what a file turned out to be, in place of what was known of it.

    Raises:
        NotFoundError: No such message or attachment.
    """
    number = require(tx, message_id).number
    for row in tx.attachments(number):
        if row.aid == finding.aid:
            tx.put_parts(number, replace(row, state=state))
            tx.put_finding(number, row.position, finding)
            return
    raise NotFoundError(f"attachment {finding.aid}: not found")


def keep_findings(
    tx: Transaction,
    number: int,
    rows: Sequence[Attachment],
    findings: Sequence[KeptFinding],
) -> None:
    """Keep what was known of files when their message was accepted."""
    by_aid = {finding.aid: finding for finding in findings}
    for row in rows:
        if row.aid in by_aid:
            tx.put_finding(number, row.position, by_aid[row.aid])


def findings(tx: Lookup, message_id: MessageId) -> list[KeptFinding]:
    """Return what is known of the files of a message, in their order.

    Raises:
        NotFoundError: No such message.
    """
    return tx.findings(require(tx, message_id).number)


def has_opened(tx: Lookup, message_id: MessageId, account: str, now: UnixMs) -> bool:
    """Tell whether an account has opened a message and may fetch its files.

    Raises:
        NotFoundError: No such message.
    """
    grant = tx.grant(require(tx, message_id).number, account)
    return grant is not None and grant.until >= now
