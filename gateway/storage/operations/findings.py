"""Results of looking at evidence files: kept with their messages."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.entries.disclosures import Act
from gateway.core.errors import NotFoundError
from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.findings import KeptFinding
from gateway.ports.messages import Box
from gateway.storage.operations.alarms import raise_alarm
from gateway.storage.operations.steps import require
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Lookup, Transaction

_NODE = Act("node", "node", "verifying evidence")


def record_finding(
    tx: Transaction,
    message_id: MessageId,
    state: AttachmentState,
    finding: KeptFinding,
    *,
    is_faulty: bool = False,
) -> None:
    """Record what a file turned out to be, in place of what was known of it.

    If something speaks against a file that was received, an alarm is raised, one a
    message.

    Raises:
        NotFoundError: No such message or attachment.
    """
    message = require(tx, message_id)
    for row in tx.attachments(message.number):
        if row.aid == finding.aid:
            tx.put_parts(message.number, replace(row, state=state))
            tx.put_finding(message.number, row.position, finding)
            if is_faulty and message.view.box is Box.IN:
                raise_alarm(tx, _alarm(message), _NODE, finding.at)
            return
    raise NotFoundError(f"attachment {finding.aid}: not found")


def _alarm(message: StoredMessage) -> NewAlarm:
    view = message.view
    return NewAlarm(
        kind=AlarmKind.EVIDENCE_FAULTY,
        subject=view.id,
        case_id=view.case_id,
        message_id=view.id,
        peer=view.peer,
    )


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
