"""To whom cases are assigned: at their first message, or later by a person."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NotFoundError
from gateway.core.units import NOBODY, Assignee, Scope
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.people import Assignment
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Lookup, Transaction

_NODE = Act("node", "node")


def assign_first(
    tx: Transaction, message: StoredMessage, assignee: Assignee | None, now: UnixMs
) -> None:
    """Assign the case of a message, in the transaction that makes it known.

    A case that is assigned stays so, also to nobody; without units none is.
    """
    view = message.view
    if not view.case_id or assignee is None:
        return
    if tx.assignment(view.case_id, view.peer) is None:
        _put(tx, view.case_id, view.peer, assignee, _NODE, now)


def assign(
    tx: Transaction,
    case_id: str,
    peer: AuthorityId,
    assignee: Assignee,
    act: Act,
    now: UnixMs,
) -> Assignment:
    """Assign a case to somebody else; the same assignee changes nothing.

    Raises:
        NotFoundError: No such case.
    """
    if tx.case_row(case_id, peer) is None:
        raise NotFoundError(f"case {case_id}: not found")
    known = tx.assignment(case_id, peer)
    if known is not None and known.assignee == assignee:
        return known
    return _put(tx, case_id, peer, assignee, act, now)


def _put(
    tx: Transaction,
    case_id: str,
    peer: AuthorityId,
    assignee: Assignee,
    act: Act,
    now: UnixMs,
) -> Assignment:
    entry = EntryDraft(
        "admin.case-assign",
        now,
        {"peer": peer},
        (
            *act.disclosures(),
            Disclosure("detail", f"to {assignee}"),
            Disclosure("case", case_id),
        ),
    )
    assignment = Assignment(
        case_id=case_id,
        peer=peer,
        assignee=assignee,
        by=act.actor,
        at=now,
        log_index=tx.append_entry(entry, case_id=case_id),
    )
    tx.put_assignment(assignment)
    return assignment


def pass_on(
    tx: Transaction, known: Assignment, leaver: str, heir: str, act: Act, now: UnixMs
) -> None:
    """Assign a case of somebody who leaves to their heir, or to who else has it."""
    others = [name for name in known.assignee.people if name != leaver]
    if heir and heir not in others:
        others.append(heir)
    rest = Assignee(people=tuple(others))
    _put(tx, known.case_id, known.peer, rest, act, now)


def seen(tx: Lookup, messages: Sequence[StoredMessage], scope: Scope) -> set[int]:
    """Return the numbers of those messages that somebody may see.

    What was not read yet, or could not be, has no case: nobody knows whose it is.
    """
    cases = {one.view.case_id for one in messages if one.view.case_id}
    known = {(one.case_id, one.peer): one.assignee for one in tx.assignments_of(cases)}
    return {
        one.number
        for one in messages
        if one.view.case_id
        and scope.sees(known.get((one.view.case_id, one.view.peer), NOBODY))
    }


def seen_of(tx: Lookup, ids: Sequence[MessageId], scope: Scope) -> frozenset[MessageId]:
    """Return those messages of some that are among what somebody may see."""
    messages = list(tx.messages(ids).values())
    numbers = seen(tx, messages, scope)
    return frozenset(one.view.id for one in messages if one.number in numbers)
