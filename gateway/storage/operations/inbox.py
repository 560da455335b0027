"""Messages of the peers: received, refused, checked, set aside, taken."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec.structs import replace as changed

from gateway.core.delivery import InboundEvent, InboundState, next_inbound
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import IdConflictError, MaintenanceError
from gateway.core.values import NEVER, AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.inbox import (
    InboundItem,
    InboundResult,
    InboundStatus,
    KnownInbound,
)
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import (
    Box,
    MessageRow,
    ProofRole,
)
from gateway.storage.operations import sequences
from gateway.storage.operations.evidence import ATTACHMENTS_CODE
from gateway.storage.operations.steps import (
    enter_state,
    is_from,
    linked_state,
    optional,
    require,
    save_state,
    store_link,
    tell_feed,
)
from gateway.storage.rows import (
    CheckState,
    ProofRow,
    Refusal,
    Sealed,
    StoredMessage,
)
from gateway.storage.transaction import Lookup, Transaction

_ARRIVED = frozenset({AttachmentState.STORED, AttachmentState.VERIFIED})


def known_inbound(
    tx: Lookup,
    peer: AuthorityId,
    ids: Sequence[MessageId],
) -> dict[MessageId, list[KnownInbound]]:
    """Return what is known of ids a peer offers; unknown ids are left out."""
    known: dict[MessageId, list[KnownInbound]] = {}
    for message_id, message in tx.messages(ids).items():
        if is_from(message, peer) and not _was_let_go(message):
            digest = HexDigest(message.view.digest)
            result = _standing(message, tx.attachments(message.number))
            known[message_id] = [KnownInbound(digest, result)]
    for message_id, refusals in tx.refusals(peer, ids).items():
        known.setdefault(message_id, []).extend(
            KnownInbound(one.digest, _refused(one)) for one in refusals
        )
    return known


def _was_let_go(message: StoredMessage) -> bool:
    """Tell whether it is as if it had never come: its evidence did not come in time."""
    return message.view.state is InboundState.EXPIRED


def _standing(
    message: StoredMessage,
    attachments: Sequence[Attachment],
) -> InboundResult:
    """Return what a message that is stored is answered with."""
    index = message.view.log_index
    if message.view.state is not InboundState.PENDING:
        return InboundResult(InboundStatus.ALREADY, index)
    missing = [one.aid for one in attachments if one.state not in _ARRIVED]
    return InboundResult(InboundStatus.INCOMPLETE, index, missing=tuple(missing))


def _refused(refusal: Refusal) -> InboundResult:
    return InboundResult(InboundStatus.REFUSED, refusal.log_index, refusal.code)


def commit_inbound(
    tx: Transaction,
    link: PeerLogLink,
    items: Sequence[InboundItem],
    now: UnixMs,
    *,
    pending: Sequence[tuple[int, int]] = (),
) -> list[InboundResult]:
    """Store a batch: messages, refusals, entries and the peer's checkpoint.

    Raises:
        LogOutOfStepError: The peer's log was linked further meanwhile.
        MaintenanceError: A message that was known has been let go meanwhile.
    """
    store_link(tx, link)
    if not items:
        sequences.announce(tx, link.authority, pending, now)
        return []
    batch = _Batch(tx, link, [item.id for item in items], now)
    results = [batch.take(item) for item in items]
    sequences.observe(tx, link.authority, [item.seq for item in items], now)
    sequences.announce(tx, link.authority, pending, now)
    return results


class _Batch:
    """The items of one delivery, decided one after the other."""

    def __init__(
        self,
        tx: Transaction,
        link: PeerLogLink,
        ids: Sequence[MessageId],
        now: UnixMs,
    ) -> None:
        self._tx = tx
        self._link = link
        self._peer = link.authority
        self._now = now
        self._messages = tx.messages(ids)
        self._refusals = tx.refusals(link.authority, ids)

    def take(self, item: InboundItem) -> InboundResult:
        """Store an item, or refuse it, or say what was done with it before."""
        known = self._messages.get(item.id)
        is_theirs = known is not None and is_from(known, self._peer)
        let_go = known if known and is_theirs and _was_let_go(known) else None
        if known and is_theirs and not let_go and known.view.digest == item.digest:
            return self._go_on(item, known)
        for refusal in self._refusals.get(item.id, []):
            if refusal.digest == item.digest:
                return _refused(refusal)
        # Any other use of the id is a conflict, ours and another peer's included:
        # an id names one message here, or people would open the wrong one.
        code = IdConflictError.code if known and not let_go else item.refusal
        if code:
            return self._refuse(item, code)
        if not item.envelope:
            # It was known when it was looked at, and was let go since.
            raise MaintenanceError("message: offer it again", retry_after_s=1)
        if item.attachments:
            return self._wait(item, let_go)
        return self._receive(item)

    def _go_on(self, item: InboundItem, known: StoredMessage) -> InboundResult:
        """Answer from what is stored; receive what has become whole."""
        standing = _standing(known, self._tx.attachments(known.number))
        if standing.status is not InboundStatus.INCOMPLETE or standing.missing:
            return standing
        entry = self._entry("msg.receive", item, "")
        entry = replace(entry, fields=entry.fields | {"ref": known.view.log_index})
        index = self._tx.append_entry(entry)
        state = next_inbound(InboundState(known.view.state), InboundEvent.COMPLETION)
        after = enter_state(known, state, self._now)
        view = changed(after.view, log_index=index, pending_until=NEVER)
        after = changed(after, view=view, check=CheckState.WAITING)
        save_state(self._tx, known, after, index)
        self._messages[item.id] = after
        return InboundResult(InboundStatus.RECEIVED, index)

    def _wait(self, item: InboundItem, before: StoredMessage | None) -> InboundResult:
        """Store a message whose evidence is still coming: no receipt for it yet."""
        index = self._tx.append_entry(self._entry("msg.hold", item, ATTACHMENTS_CODE))
        view = changed(
            self._view(item, index),
            state=InboundState.PENDING,
            attachments=len(item.attachments),
            attachment_bytes=sum(one.length for one in item.attachments),
            pending_until=item.pending_until,
        )
        sealed = Sealed(item.envelope, item.archived_key)
        stored = StoredMessage(number=0, view=view)
        if before is None:
            stored = self._tx.add_message(stored, sealed)
        else:
            stored = changed(stored, number=before.number)
            self._tx.update_message(before, stored)
            self._tx.replace_sealed(stored.number, sealed)
            # It may have come back sealed anew, with fewer files than before.
            self._tx.drop_attachments(stored.number)
        self._tx.put_attachments(stored.number, item.attachments)
        self._keep_origin(item)
        tell_feed(self._tx, stored, index)
        self._messages[item.id] = stored
        missing = tuple(one.aid for one in item.attachments)
        return InboundResult(InboundStatus.INCOMPLETE, index, missing=missing)

    def _refuse(self, item: InboundItem, code: str) -> InboundResult:
        index = self._tx.append_entry(self._entry("msg.reject", item, code))
        refusal = Refusal(item.id, item.digest, index, code)
        self._tx.add_refusal(self._peer, refusal)
        self._refusals.setdefault(item.id, []).append(refusal)
        return _refused(refusal)

    def _receive(self, item: InboundItem) -> InboundResult:
        index = self._tx.append_entry(self._entry("msg.receive", item, ""))
        stored = self._tx.add_message(
            StoredMessage(
                number=0,
                view=self._view(item, index),
                check=CheckState.WAITING,
            ),
            Sealed(item.envelope, item.archived_key),
        )
        self._keep_origin(item)
        tell_feed(self._tx, stored, index)
        self._messages[item.id] = stored
        return InboundResult(InboundStatus.RECEIVED, index)

    def _keep_origin(self, item: InboundItem) -> None:
        # Kept only with a proof that lies under it: else a peer that offers the same
        # message without end would fill the disk with checkpoints.
        self._tx.keep_peer_note(linked_state(self._link))
        self._tx.add_proof(
            ProofRow(
                item.id,
                self._peer,
                ProofRole.ORIGIN,
                self._link.origin,
                self._link.size,
                item.proof,
            ),
        )

    def _entry(self, kind: str, item: InboundItem, code: str) -> EntryDraft:
        fields = {
            "m": item.id,
            "peer": self._peer,
            "dig": item.digest,
            **optional("res", code),
        }
        return EntryDraft(kind, self._now, fields)

    def _view(self, item: InboundItem, index: int) -> MessageRow:
        return MessageRow(
            id=item.id,
            box=Box.IN,
            peer=self._peer,
            state=InboundState.RECEIVED,
            priority=item.priority,
            created_at=item.created_at,
            accepted_at=self._now,
            updated_at=self._now,
            expires_at=item.expires_at,
            digest=item.digest,
            content_digest=item.content_digest,
            size_bytes=len(item.envelope),
            seq=item.seq,
            log_index=index,
            index=None,
            attempts=0,
            next_attempt_at=NEVER,
            last_code="",
            hold_reason="",
            has_unknown_attempt=False,
            problems=-1,
            idempotency_key="",
        )


def confirm(
    tx: Transaction,
    message_id: MessageId,
    act: Act,
    now: UnixMs,
) -> MessageRow:
    """Record that the recipient has taken a message; repeating is harmless.

    Raises:
        NotFoundError: No such inbound message.
        ConflictError: Not in a state to be taken.
    """
    message = require(tx, message_id, Box.IN)
    view = message.view
    if view.state is InboundState.HANDED_OVER:
        return view
    state = next_inbound(InboundState(view.state), InboundEvent.CONFIRMATION)
    entry = EntryDraft(
        "msg.confirm",
        now,
        {"m": view.id, "peer": view.peer, "ref": view.log_index},
        act.disclosures(),
    )
    log_index = tx.append_entry(
        entry,
        case_id=view.case_id,
    )
    after = enter_state(message, state, now)
    save_state(tx, message, after, log_index)
    return after.view
