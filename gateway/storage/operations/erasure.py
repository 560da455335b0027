"""Erasing messages, and pruning the log (specification, 8.14 and 8.15)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from msgspec.structs import replace as changed

from gateway.core.delivery import (
    ErasureFacts,
    InboundEvent,
    InboundState,
    Obstacle,
    OutboundEvent,
    OutboundState,
    erasure_obstacle,
    next_inbound,
    next_outbound,
)
from gateway.core.entries.disclosures import Act
from gateway.core.entries.kinds import PRUNING_KIND
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotErasableError
from gateway.core.values import MessageId, UnixMs, format_time
from gateway.ports.blobs import BlobId
from gateway.ports.disposals import Disposal
from gateway.ports.erasure import Erased, ErasureItem, ErasureOrder, Pruning
from gateway.ports.evidence import AttachmentState
from gateway.ports.holds import LegalHold
from gateway.ports.keys import ErasedNote, RingId
from gateway.ports.messages import MessageFilter, MessageIndex
from gateway.storage.operations.approvals import forget_of_case, forget_of_message
from gateway.storage.operations.cases import forget_docket_entry, item_ids
from gateway.storage.operations.evidence import gone
from gateway.storage.operations.holds import first_held_entry, holds_on
from gateway.storage.operations.statistics import keep_facts
from gateway.storage.operations.steps import enter_state, require, save_state
from gateway.storage.rows import CheckState, Sealed, StoredMessage
from gateway.storage.transaction import Lookup, Reader, Transaction

Blind = Callable[[str], str]
"""What stands for a text that may be compared and never read again."""

_ERASED = frozenset({OutboundState.ERASED, InboundState.ERASED})
_NOT_LOOKED_AT = frozenset({AttachmentState.COMING, AttachmentState.STORED})
_NAMED_IN_REFUSAL = 5


def blinded_key(blind: Blind, submitter: str, key: str) -> str:
    """Return what an idempotency key becomes once its message is erased."""
    return blind(f"{submitter}\0{key}") if key else ""


def messages_of_case(tx: Reader, case_id: str, limit: int) -> list[MessageId]:
    """Return the messages of a case, newest first."""
    found = tx.select(MessageFilter(case_id=case_id), None, limit)
    return [one.view.id for one in found]


def items(
    tx: Reader, ids: Sequence[MessageId], *, unseen: bool = False
) -> list[ErasureItem]:
    """Return how erasing messages would go, in their order.

    Raises:
        NotFoundError: No such message.
    """
    holds = tx.holds()
    return [_item(tx, require(tx, one), holds, unseen=unseen) for one in ids]


def _item(
    tx: Reader, message: StoredMessage, holds: Sequence[LegalHold], *, unseen: bool
) -> ErasureItem:
    view = message.view
    sealed = tx.sealed([message.number])[message.number]
    here = [one.length for one in tx.attachments(message.number) if one.blob]
    here += [one.length for one in tx.originals(message.number)]
    return ErasureItem(
        id=view.id,
        box=view.box,
        state=view.state,
        obstacle=_obstacle(tx, message, holds, unseen=unseen),
        content_bytes=len(sealed.envelope) + len(sealed.draft),
        files=len(here),
        file_bytes=sum(here),
        disclosures=tx.case_disclosures(view.id),
    )


def _obstacle(
    tx: Lookup, message: StoredMessage, holds: Sequence[LegalHold], *, unseen: bool
) -> Obstacle | None:
    rows = tx.attachments(message.number)
    return erasure_obstacle(
        ErasureFacts(
            state=message.view.state,
            is_unsettled=message.is_offered,
            is_being_checked=message.check in {CheckState.WAITING, CheckState.BEGUN}
            or any(one.blob and one.state in _NOT_LOOKED_AT for one in rows),
            may_be_unseen=unseen,
            is_on_hold=bool(holds_on(tx, message, holds)),
        ),
    )


def erase(
    tx: Transaction,
    ids: Sequence[MessageId],
    order: ErasureOrder,
    blind: Blind,
    now: UnixMs,
) -> Erased:
    """Erase messages, all or none; those that were erased before are passed over.

    Raises:
        NotFoundError: No such message.
        NotErasableError: One can't be erased now.
    """
    wanted = [require(tx, one) for one in dict.fromkeys(ids)]
    wanted = [one for one in wanted if one.view.state not in _ERASED]
    if order.is_repeated:
        wanted = [one for one in wanted if _next_state(one) is not None]
    else:
        _check_erasable(tx, wanted, unseen=order.takes_unseen)
    if not wanted:
        return Erased((), (), ())
    erasing = _Erasing(tx, order, blind, now)
    cases = {one.view.case_id for one in wanted if one.view.case_id}
    for case in sorted(cases):
        keep_facts(tx, blind, case, now)
    for message in wanted:
        erasing.erase(message)
    tx.note_removal()
    ended = [case for case in sorted(cases) if not tx.case_in_use(case)]
    rings = [tx.drop_case(case) for case in ended]
    for case in ended:
        tx.drop_disposals(case)
        tx.drop_case_review(case)
        tx.drop_readers(case)
        forget_of_case(tx, case, now)
        tx.forget_alarms_of(case)
    _keep_disposals(tx, erasing, wanted, ended)
    return Erased(
        notes=tuple(erasing.notes),
        blobs=tuple(erasing.blobs),
        rings=tuple(ring for ring in rings if ring is not None),
    )


def _keep_disposals(
    tx: Transaction,
    erasing: "_Erasing",
    messages: Sequence[StoredMessage],
    ended: Collection[str],
) -> None:
    """Keep what is to be told of an order that erased part of a case."""
    cases = {one.view.case_id for one in messages} - set(ended) - {""}
    for case in sorted(cases):
        ids = [one.view.id for one in messages if one.view.case_id == case]
        tx.add_disposal(
            Disposal(
                case_id=case,
                rule=erasing.order.rule,
                basis=erasing.order.basis,
                erased_at=erasing.now,
                messages=tuple(sorted(ids)),
                items=tuple(sorted(erasing.items[case])),
                evidence_files=sum(erasing.files[one] for one in ids),
            ),
        )


def _check_erasable(
    tx: Lookup, messages: Sequence[StoredMessage], *, unseen: bool
) -> None:
    holds = tx.holds()
    kept = [(one.view.id, _obstacle(tx, one, holds, unseen=unseen)) for one in messages]
    refused = [f"{one} is {obstacle}" for one, obstacle in kept if obstacle]
    if refused:
        named = "; ".join(refused[:_NAMED_IN_REFUSAL])
        more = len(refused) - _NAMED_IN_REFUSAL
        rest = f"; and {more} more" if more > 0 else ""
        if any(obstacle is Obstacle.ON_HOLD for _, obstacle in kept):
            rest = f"{rest}; see: mla-gateway hold list"
        raise NotErasableError(f"erasure: nothing was erased: {named}{rest}")


def _next_state(message: StoredMessage) -> InboundState | OutboundState | None:
    """Return the state after erasure; None where the tables know no such step."""
    state = message.view.state
    try:
        if isinstance(state, OutboundState):
            return next_outbound(state, OutboundEvent.ERASURE)
        return next_inbound(state, InboundEvent.ERASURE)
    except ConflictError:
        return None


class _Erasing:
    """The messages of one order, one after the other."""

    def __init__(
        self,
        tx: Transaction,
        order: ErasureOrder,
        blind: Blind,
        now: UnixMs,
    ) -> None:
        self._tx = tx
        self.order = order
        self._blind = blind
        self.now = now
        self.files = Counter[MessageId]()
        self.items = defaultdict[str, set[str]](set)
        self.notes = list[ErasedNote]()
        self.blobs = list[BlobId]()

    def erase(self, message: StoredMessage) -> None:
        """Erase a message, with its entry."""
        state = _next_state(message)
        if state is None:
            raise AssertionError("internal: an obstacle was overlooked")
        count = self._drop_content(message)
        order, view = self.order, message.view
        entry = EntryDraft(
            "msg.erase",
            self.now,
            {
                "m": view.id,
                "basis": order.basis,
                "count": count,
                "until": format_time(order.until),
            },
            # The case is what goes: its entry must not name it.
            replace(order.act, case="").disclosures(),
        )
        index = self._tx.append_entry(entry)
        after = enter_state(message, state, self.now)
        kept = changed(after.view, index=_without_case(view.index), idempotency_key="")
        save_state(self._tx, message, changed(after, view=kept), index)
        self.notes.append(ErasedNote(view.id, index, order.until, order.basis))

    def _drop_content(self, message: StoredMessage) -> int:
        """Remove what a message holds; return how many things that were."""
        tx, number, view = self._tx, message.number, message.view
        has_content = tx.sealed([number])[number] != Sealed()
        tx.replace_sealed(number, Sealed())
        rows = tx.attachments(number)
        originals = tx.originals(number)
        here = [row.blob for row in rows if row.blob]
        self.files[view.id] = len(here)
        here += [one.blob for one in originals]
        self.blobs += here
        tx.put_attachments(number, [gone(row) for row in rows])
        tx.drop_originals(number)
        tx.drop_failed_attempts(number)
        for aid in [*(row.aid for row in rows), *(one.aid for one in originals)]:
            tx.drop_used_upload(aid)
        tx.drop_grants(number)
        self.items[view.case_id] |= item_ids(tx, message)
        forget_docket_entry(tx, message)
        forget_of_message(tx, view.id, self.now)
        tx.forget_alarms_of(view.case_id, view.id)
        tx.drop_findings(number)
        tx.drop_subject_tags(number)
        tx.drop_item_tags(number)
        for submitter, key in tx.used_keys_of(view.id):
            blinded = blinded_key(self._blind, submitter, key)
            tx.blind_used_key(submitter, key, blinded)
        disclosures = tx.drop_case_disclosures(view.id)
        return int(has_content) + len(here) + disclosures


def _without_case(index: MessageIndex | None) -> MessageIndex | None:
    """Return what may still be counted of a message: its type and urgency."""
    if index is None:
        return None
    return MessageIndex(
        msg_type=index.msg_type,
        case_id="",
        case_seq=0,
        urgency=index.urgency,
    )


def erased_ids(tx: Reader, known: Sequence[MessageId]) -> list[MessageId]:
    """Return which of some messages are erased, or were never here."""
    found = tx.messages(known)
    return [
        one for one in known if one not in found or found[one].view.state in _ERASED
    ]


def plan_pruning(tx: Reader, minimum: int) -> Pruning:
    """Return what pruning below an index would remove.

    Raises:
        ConflictError: Something below it is still needed, or it is pruned already.
    """
    check_minimum(tx, minimum)
    rounds_to = tx.newest_round()
    if rounds_to < minimum:
        raise ConflictError(
            f"pruning: the newest round is of the first {rounds_to} entries; nothing "
            "beyond it may go",
        )
    return Pruning(minimum, *tx.pruned_counts(minimum))


def check_minimum(tx: Reader | Transaction, minimum: int) -> None:
    """Check that a minimum of the log is above the last, signed, and told.

    Raises:
        ConflictError: It is not.
    """
    before = tx.minimum()
    if minimum <= before:
        raise ConflictError(f"pruning: the log is pruned below {before} already")
    signed = tx.newest_checkpoint()
    if signed is None or signed.size < minimum:
        size = signed.size if signed else 0
        raise ConflictError(
            f"pruning: a checkpoint is signed for the first {size} entries; nothing "
            "beyond it may go",
        )
    event = tx.first_event()
    if event is not None and event < minimum:
        raise ConflictError(
            f"pruning: a peer is still to be told of entry {event}; see: "
            "mla-gateway peer list",
        )
    held = first_held_entry(tx)
    if held is not None and held[0] < minimum:
        raise ConflictError(
            f"pruning: entries from {held[0]} on are under legal hold "
            f"{held[1].hold_id}; see: mla-gateway hold list",
        )


def prune(
    tx: Transaction,
    minimum: int,
    basis: str,
    act: Act,
    now: UnixMs,
) -> int:
    """Log a minimum and remove the bytes of entries below it; return the index.

    Raises:
        ConflictError: Something below it is still needed, or it is pruned already.
    """
    check_minimum(tx, minimum)
    entry = EntryDraft(
        PRUNING_KIND,
        now,
        {"min": minimum, "basis": basis},
        act.disclosures(),
    )
    index = tx.append_entry(entry)
    tx.prune(index, minimum)
    tx.note_removal()
    return index


def unused_rings(tx: Transaction, minimum: int) -> list[RingId]:
    """Forget rings of people that seal nothing any more, and return them."""
    return tx.unused_duty_rings(minimum)
