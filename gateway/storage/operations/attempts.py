"""Attempts to deliver: claimed before they are made, recorded when they are proven."""

from collections.abc import Sequence

from msgspec.structs import replace as changed

from gateway.core.delivery import OutboundEvent, OutboundState, next_outbound
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import KeyRetiredError
from gateway.core.routing import HoldReason
from gateway.core.values import NEVER, AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import ProofRole
from gateway.ports.outbox import (
    AttemptOutcome,
    DueMessage,
    FailedAttempt,
    OutcomeKind,
)
from gateway.storage.operations import sequences
from gateway.storage.operations.steps import (
    checkpoint_field,
    cut,
    linked_state,
    optional,
    require,
    save_state,
    store_link,
)
from gateway.storage.rows import ProofRow, Sealed, StoredMessage
from gateway.storage.transaction import Lookup, Transaction

# Of a message that comes to nothing for long the last ones say it all.
KEPT_ATTEMPTS = 20

# An attempt may have been under way while a message expired, or was said to have gone
# another way.
_OPEN_STATES = frozenset(
    {OutboundState.QUEUED, OutboundState.EXPIRED, OutboundState.CANCELLED}
)


def claim_due(
    tx: Transaction,
    peer: AuthorityId,
    *,
    now: UnixMs,
    lease_ms: int,
    max_items: int,
    max_bytes: int,
) -> list[DueMessage]:
    """Claim due messages of a peer: urgent first, then oldest; at least one.

    Counted and rescheduled before anything is sent: a crash on the way leaves a
    message merely late. Counted afterwards, one that kills us is tried without end.
    """
    chosen = cut(tx.due(peer, now, max_items), max_bytes)
    sealed = tx.sealed([message.number for message in chosen])
    due = []
    for before in chosen:
        attempts = before.view.attempts + 1
        view = changed(
            before.view,
            attempts=attempts,
            next_attempt_at=UnixMs(now + lease_ms),
            has_unknown_attempt=True,
        )
        unknown = before.unknown_attempts + 1
        after = changed(before, view=view, unknown_attempts=unknown, is_leased=True)
        tx.update_message(before, after)
        due.append(_due(before, sealed[before.number], attempts))
    return due


def _due(message: StoredMessage, sealed: Sealed, attempts: int) -> DueMessage:
    view = message.view
    return DueMessage(
        id=view.id,
        digest=HexDigest(view.digest),
        envelope=sealed.envelope,
        send_index=view.log_index,
        seq=view.seq,
        expires_at=view.expires_at,
        attempts=attempts,
    )


def record_outcomes(
    tx: Transaction,
    peer: AuthorityId,
    outcomes: Sequence[AttemptOutcome],
    link: PeerLogLink | None,
    now: UnixMs,
) -> None:
    """Store the verified outcomes of a batch.

    An outcome that comes too late, because another settled the message before, is
    passed over.

    Raises:
        LogOutOfStepError: The peer's log was linked further meanwhile.
    """
    if link is not None:
        store_link(tx, link)
    known = tx.messages([outcome.id for outcome in outcomes])
    settled = []
    for outcome in outcomes:
        message = known.get(outcome.id)
        if message is None or not _concerns(outcome, message, peer):
            continue
        if outcome.kind in {OutcomeKind.RECEIPT, OutcomeKind.REFUSAL}:
            after = _settle(tx, message, outcome, link, now)
            known[outcome.id] = after
            if after.view.state is not OutboundState.HELD:
                settled.append(message.view.seq)
        else:
            known[outcome.id] = _put_off(tx, message, outcome, now)
    sequences.settle(tx, peer, settled)


def _concerns(
    outcome: AttemptOutcome,
    message: StoredMessage,
    peer: AuthorityId,
) -> bool:
    view = message.view
    return (
        view.peer == peer
        and view.digest == outcome.digest
        and view.state in _OPEN_STATES
    )


def _settle(
    tx: Transaction,
    message: StoredMessage,
    outcome: AttemptOutcome,
    link: PeerLogLink | None,
    now: UnixMs,
) -> StoredMessage:
    """Store a receipt or a proven refusal.

    A message whose key was retired is held, with its running number, until it is
    sealed again; one that has expired meanwhile is not.
    """
    if link is None or outcome.proof is None:
        raise AssertionError("internal: an outcome without its proof")
    is_receipt = outcome.kind is OutcomeKind.RECEIPT
    view = message.view
    entry = EntryDraft(
        "msg.deliver" if is_receipt else "msg.refused",
        now,
        {
            "m": view.id,
            "peer": view.peer,
            "ref": view.log_index,
            "cp": checkpoint_field(link),
            **optional("res", "" if is_receipt else outcome.code),
        },
    )
    index = tx.append_entry(entry)
    event, role = _meaning(message, outcome)
    tx.keep_peer_note(linked_state(link))
    tx.add_proof(
        ProofRow(view.id, view.peer, role, link.origin, link.size, outcome.proof),
    )
    state = next_outbound(OutboundState(view.state), event)
    view = changed(
        view,
        state=state,
        updated_at=now,
        last_code=outcome.code,
        next_attempt_at=NEVER,
        has_unknown_attempt=False,
        hold_reason=HoldReason.KEY_RETIRED.value if state is OutboundState.HELD else "",
    )
    after = changed(message, view=view, unknown_attempts=0, is_leased=False)
    save_state(tx, message, after, index)
    return after


def _meaning(
    message: StoredMessage,
    outcome: AttemptOutcome,
) -> tuple[OutboundEvent, ProofRole]:
    if outcome.kind is OutcomeKind.RECEIPT:
        return OutboundEvent.RECEIPT, ProofRole.RECEIPT
    is_queued = message.view.state is OutboundState.QUEUED
    if is_queued and outcome.code == KeyRetiredError.code:
        return OutboundEvent.KEY_REFUSAL, ProofRole.KEY_REFUSAL
    return OutboundEvent.REFUSAL, ProofRole.REFUSAL


def _put_off(
    tx: Transaction,
    message: StoredMessage,
    outcome: AttemptOutcome,
    now: UnixMs,
) -> StoredMessage:
    """Reschedule a message; an answer of "later" settles its attempt, silence none."""
    unknown = message.unknown_attempts
    if outcome.kind in {OutcomeKind.LATER, OutcomeKind.INCOMPLETE}:
        unknown = max(unknown - 1, 0)
    is_over = message.view.state is OutboundState.CANCELLED
    view = changed(
        message.view,
        last_code=message.view.last_code if is_over else outcome.code,
        next_attempt_at=outcome.next_attempt_at,
        has_unknown_attempt=unknown > 0,
    )
    after = changed(message, view=view, unknown_attempts=unknown, is_leased=False)
    tx.update_message(message, after)
    # Evidence that is still coming is no failure, and would push out those that are.
    if not is_over and outcome.kind is not OutcomeKind.INCOMPLETE:
        attempt = FailedAttempt(view.attempts, now, outcome.code)
        slot = view.attempts % KEPT_ATTEMPTS
        tx.put_failed_attempt(message.number, slot, attempt)
    return after


def failed_attempts(tx: Lookup, message_id: MessageId) -> list[FailedAttempt]:
    """Return the last attempts for a message that came to nothing, oldest first.

    Raises:
        NotFoundError: No such message.
    """
    return tx.failed_attempts(require(tx, message_id).number)


def retry(
    tx: Transaction,
    ids: Sequence[MessageId],
    peer: AuthorityId | None,
    act: Act,
    now: UnixMs,
) -> int:
    """Make queued messages due now and clear their peers' back-off.

    Without ids, all of the peer; without either, all there are.
    """
    count = _retry_each(tx, ids, peer) if ids else _retry_all(tx, peer)
    fields = {"count": count, **optional("peer", peer or "")}
    tx.append_entry(EntryDraft("admin.retry", now, fields, act.disclosures()))
    return count


def _retry_all(tx: Transaction, peer: AuthorityId | None) -> int:
    tx.clear_back_off(peer)
    return tx.make_due(peer)


def _retry_each(
    tx: Transaction,
    ids: Sequence[MessageId],
    peer: AuthorityId | None,
) -> int:
    waiting = [
        message
        for message in tx.messages(ids).values()
        if message.view.state is OutboundState.QUEUED
        and not message.is_leased
        and peer in {None, message.view.peer}
    ]
    for message in waiting:
        view = changed(message.view, next_attempt_at=NEVER)
        tx.update_message(message, changed(message, view=view))
    for authority in {message.view.peer for message in waiting}:
        tx.clear_back_off(authority)
    return len(waiting)
