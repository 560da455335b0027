"""People in messages: found by tags, and the register of what they asked."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import UnixMs
from gateway.mla.subjects import SubjectKind
from gateway.ports.subject_requests import MAX_SUBJECT_REQUESTS, SubjectRequest
from gateway.ports.subjects import SubjectHit, SubjectTag, WantedTag
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Reader, Transaction


def keep_subjects(
    tx: Transaction, message: StoredMessage, tags: Sequence[SubjectTag]
) -> None:
    """Keep what the people of a message can be found by.

    Called in the transaction in which it is accepted or found to be readable.
    """
    if tags:
        tx.add_subject_tags(message.number, tags)


def find_subjects(
    tx: Reader, wanted: Collection[WantedTag], limit: int
) -> list[SubjectHit]:
    """Return people of whom something agrees, newest message first."""
    kinds = defaultdict[tuple[int, int], set[SubjectKind]](set)
    roles = dict[tuple[int, int], str]()
    for tag in wanted:
        for one in tx.tagged(tag, limit):
            key = (one.number, one.person)
            kinds[key].add(tag.kind)
            roles[key] = one.role
    messages = {one.number: one for one in tx.numbered([key[0] for key in kinds])}
    return [
        _hit(messages[number], person, roles[number, person], kinds[number, person])
        for number, person in sorted(kinds, key=lambda key: (-key[0], key[1]))
        if number in messages
    ]


def _hit(
    message: StoredMessage, person: int, role: str, kinds: set[SubjectKind]
) -> SubjectHit:
    view = message.view
    return SubjectHit(
        id=view.id,
        box=view.box,
        peer=view.peer,
        case_id=view.case_id,
        msg_type=view.index.msg_type if view.index else "",
        accepted_at=view.accepted_at,
        person=person,
        role=role,
        kinds=frozenset(kinds),
    )


def subject_request(tx: Reader, request_id: str) -> SubjectRequest:
    """Return a request of the register.

    Raises:
        NotFoundError: No such request.
    """
    found = tx.subject_request(request_id)
    if found is None:
        raise NotFoundError(f"request {request_id}: not found")
    return found


def put_subject_request(
    tx: Transaction, request: SubjectRequest, act: Act, now: UnixMs, *, is_new: bool
) -> int:
    """Store a request and return the index of its entry.

    Raises:
        ConflictError: A new one is there already, or the register is full.
        NotFoundError: One to be changed is not there.
    """
    is_there = tx.subject_request(request.request_id) is not None
    if is_new and is_there:
        raise ConflictError(f"request {request.request_id}: is there already")
    if not is_new and not is_there:
        raise NotFoundError(f"request {request.request_id}: not found")
    if is_new and tx.count_subject_requests() >= MAX_SUBJECT_REQUESTS:
        raise ConflictError(f"requests: the register holds {MAX_SUBJECT_REQUESTS}")
    tx.put_subject_request(request)
    outcome = f", {request.outcome}" if request.outcome else ""
    delay = f", delayed {request.delay}" if request.delay else ""
    about = f"{request.kind} request {request.request_id}{delay}{outcome}"
    disclosed = (*act.disclosures(), Disclosure("detail", about))
    return tx.append_entry(EntryDraft("admin.subject-request", now, {}, disclosed))
