"""Legal holds: set, lifted, and asked before anything is erased or pruned."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.values import MessageId, UnixMs
from gateway.mla.subjects import SubjectKind, is_candidate
from gateway.ports.holds import MAX_HOLDS, HoldScope, LegalHold
from gateway.ports.subjects import SubjectTag, WantedTag
from gateway.storage.operations.steps import require
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Lookup, Transaction

_MAX_HELD_OF_PERSON = 10_000


def add_hold(tx: Transaction, hold: LegalHold, act: Act) -> int:
    """Set a hold and return the index of its entry.

    Raises:
        NotFoundError: The case or message is not here.
        ConflictError: There are as many holds as there may be.
    """
    if len(tx.holds()) >= MAX_HOLDS:
        raise ConflictError(f"hold: there are {MAX_HOLDS}; lift one that has ended")
    if hold.scope is HoldScope.MESSAGE:
        require(tx, MessageId(hold.target))
    elif hold.scope is HoldScope.CASE and tx.first_entry_of_case(hold.target) is None:
        raise NotFoundError("hold: no message of that case is here")
    tx.add_hold(hold)
    return tx.append_entry(_entry("admin.hold", hold, act, hold.since))


def lift_hold(tx: Transaction, hold_id: str, act: Act, now: UnixMs) -> int:
    """Lift a hold and return the index of its entry.

    Raises:
        NotFoundError: No such hold.
        NotAllowedError: By the person who set it.
    """
    found = next((one for one in tx.holds() if one.hold_id == hold_id), None)
    if found is None:
        raise NotFoundError(f"hold {hold_id}: not found")
    if act.actor == found.held_by:
        raise NotAllowedError("hold: whoever set it cannot lift it; ask another person")
    tx.drop_hold(hold_id)
    return tx.append_entry(_entry("admin.hold-lift", found, act, now))


def _entry(kind: str, hold: LegalHold, act: Act, now: UnixMs) -> EntryDraft:
    about = f"hold {hold.hold_id} on a {hold.scope}"
    if hold.scope is HoldScope.MESSAGE:
        about = f"{about} {hold.target}"
    disclosed = [*act.disclosures(), Disclosure("detail", about)]
    if hold.scope is HoldScope.CASE:
        # Under the ring of the case: it goes when the case is erased.
        disclosed.append(Disclosure("case", hold.target))
    return EntryDraft(kind, now, {}, tuple(disclosed))


def holds_on(
    tx: Lookup, message: StoredMessage, holds: Sequence[LegalHold]
) -> list[LegalHold]:
    """Return those of some holds that are on a message."""
    if not holds:
        return []
    view = message.view
    targets = {(HoldScope.MESSAGE, str(view.id)), (HoldScope.CASE, view.case_id)}
    of_people = [one for one in holds if one.scope is HoldScope.PERSON]
    tags = tx.subject_tags(message.number) if of_people else []
    return [
        one
        for one in holds
        if (one.scope, one.target) in targets
        or (one.scope is HoldScope.PERSON and _names(tags, one.tags))
    ]


def _names(tags: Iterable[SubjectTag], wanted: Sequence[WantedTag]) -> bool:
    """Tell whether one of the people of a message may be the one that is wanted."""
    looked_for = {(one.kind, one.tag) for one in wanted}
    agreeing = defaultdict[int, set[SubjectKind]](set)
    for one in tags:
        if (one.kind, one.tag) in looked_for:
            agreeing[one.person].add(one.kind)
    kinds = {one.kind for one in wanted}
    return any(is_candidate(found, kinds) for found in agreeing.values())


def first_held_entry(tx: Lookup) -> tuple[int, LegalHold] | None:
    """Return the first entry about anything on hold; None if nothing is."""
    held = [(index, one) for one in tx.holds() if (index := _first_entry(tx, one)) >= 0]
    return min(held, key=lambda pair: pair[0], default=None)


def _first_entry(tx: Lookup, hold: LegalHold) -> int:
    """Return the first entry about what a hold is on; -1 if there is none."""
    match hold.scope:
        case HoldScope.MESSAGE:
            found = tx.message(MessageId(hold.target))
            return found.view.log_index if found else -1
        case HoldScope.CASE:
            index = tx.first_entry_of_case(hold.target)
            return -1 if index is None else index
        case HoldScope.PERSON:
            numbers = {
                one.number
                for tag in hold.tags
                for one in tx.tagged(tag, _MAX_HELD_OF_PERSON)
            }
            messages = tx.numbered(sorted(numbers))
            held = [one for one in messages if holds_on(tx, one, [hold])]
            return min((one.view.log_index for one in held), default=-1)
