"""Return or destroy: who asked for it, and the form that confirms it was done.

After the Convention on Mutual Assistance (ETS 30), article 6(2), Directive 2014/41/EU,
article 13(3) and (4), and Regulation (EU) 2023/1543, articles 4(5) and 10(4).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.kept import KeptMessage
from gateway.mla.problems import text_at, texts_at

CRYPTO_ERASED = "CRYPTO_ERASED"
"""Code of list DISPOSAL for what this gateway does: keys are destroyed."""
RETURNED = "RETURNED"
RETURN = "RETURN"
"""Action of a task that is done by people: they give things back."""

_METHOD = "ciphertext, index and copies removed, keys destroyed"
_REMARKS = "{messages} message(s) and {files} evidence file(s) were erased."
_DATA_ACTIONS = frozenset({"DELETE", RETURN})


@dataclass(frozen=True, slots=True)
class DisposalTask:
    """Something that is to be returned or destroyed, and confirmed.

    Attributes:
        asked_by: The message that asks for it: their RET_REQ, their DPC with ERASE,
            or our WDR with DELETE or RETURN.
        action: `RETURN`, `DESTROY`, `DELETE` or `ERASE`; empty where it was not said.
        by: Day until when, or empty.
    """

    asked_by: KeptMessage
    action: str
    by: str

    @property
    def is_return(self) -> bool:
        """Whether it asks for things to be given back."""
        return self.action == RETURN


def open_tasks(case: Sequence[KeptMessage]) -> list[DisposalTask]:
    """Return what is still to be disposed of and confirmed in a case, oldest first.

    Args:
        case: Its messages with one peer, oldest first.
    """
    found = []
    for number, one in enumerate(case):
        task = _task(one)
        later = case[number + 1 :]
        if task is not None and not any(_confirms(other, one) for other in later):
            found.append(task)
    return found


def _task(message: KeptMessage) -> DisposalTask | None:
    entry = message.entry
    if message.msg_type == "RET_REQ" and not message.is_ours:
        action = text_at(entry, "/payload/action") or ""
        return DisposalTask(message, action, text_at(entry, "/payload/by") or "")
    if message.msg_type == "WDR" and message.is_ours:
        action = text_at(entry, "/payload/data_action") or ""
        return DisposalTask(message, action, "") if action in _DATA_ACTIONS else None
    if message.msg_type == "DPC" and not message.is_ours:
        action = text_at(entry, "/payload/action") or ""
        by = text_at(entry, "/payload/confirm_by") or ""
        return DisposalTask(message, action, by) if action == "ERASE" else None
    return None


def _confirms(message: KeptMessage, asked: KeptMessage) -> bool:
    return (
        message.is_ours
        and message.msg_type == "RET_CNF"
        and text_at(message.entry, "/in_reply_to") in {asked.id, None}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedOfCase:
    """What was erased of a case since it was asked for.

    Attributes:
        messages: Ids of the messages.
        items: Ids of the evidence items in them.
        evidence_files: How many files went.
        day: The last day on which something went.
    """

    messages: Sequence[str]
    items: Sequence[str]
    evidence_files: int
    day: str


def disposed_ids(task: DisposalTask, erased: ErasedOfCase) -> list[str]:
    """Return the ids that a confirmation names.

    Of a request that names items or messages: those that were erased. Of a withdrawal:
    all evidence items that were, or where there were none, the messages.
    """
    asked = texts_at(task.asked_by.entry, "/payload/items/*")
    asked |= texts_at(task.asked_by.entry, "/payload/messages/*")
    gone = sorted({*erased.items, *erased.messages})
    if asked:
        return [one for one in gone if one in asked]
    return sorted(erased.items or erased.messages)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """That things were given back, as the people say who did it.

    Attributes:
        day: When.
        method: How.
    """

    day: str
    method: str


def returned_ids(task: DisposalTask, case: Sequence[KeptMessage]) -> list[str]:
    """Return the ids of the items that a task asks back.

    Args:
        task: The task; a withdrawal is about all that was received in the case.
        case: Its messages with one peer.
    """
    asked = texts_at(task.asked_by.entry, "/payload/items/*")
    for one in case:
        if task.asked_by.is_ours and not one.is_ours:
            asked |= texts_at(one.entry, "/payload/manifest/*/item_id")
    return sorted(asked)


def return_confirmation(
    task: DisposalTask, ids: Sequence[str], given: GivenBack, *, case_id: str
) -> JsonObject:
    """Return the author's form of the RET_CNF that says what was given back."""
    items: list[JsonValue] = [
        {
            "item_id": one,
            "disposal": RETURNED,
            "date": given.day,
            "method": given.method,
        }
        for one in ids
    ]
    return _confirmation(task, case_id, {"items": items})


def disposal_confirmation(
    task: DisposalTask, erased: ErasedOfCase, *, case_id: str
) -> JsonObject:
    """Return the author's form of the RET_CNF that says what was destroyed.

    Of what was asked for and not erased it says nothing: the author adds what became
    of that.
    """
    told = _REMARKS.format(messages=len(erased.messages), files=erased.evidence_files)
    items: list[JsonValue] = [
        {
            "item_id": one,
            "disposal": CRYPTO_ERASED,
            "date": erased.day,
            "method": _METHOD,
            "digest": id_digest(one),
        }
        for one in disposed_ids(task, erased)
    ]
    text: list[JsonValue] = [{"lang": "en", "text": told, "is_translation": False}]
    return _confirmation(task, case_id, {"items": items, "text": text})


def _confirmation(task: DisposalTask, case_id: str, payload: JsonObject) -> JsonObject:
    entry = task.asked_by.entry
    return {
        "msg_type": "RET_CNF",
        "case_id": case_id,
        "in_reply_to": task.asked_by.id,
        "instrument": _codes(entry, "/instrument/*"),
        "purpose": text_at(entry, "/purpose") or "",
        "urgency": "ROUTINE",
        "handling": _codes(entry, "/handling/*"),
        "language": "en",
        "approval": [],
        "payload": payload,
    }


def id_digest(an_id: str) -> str:
    """Return the digest by which a confirmation and a report name an erased id."""
    return hashlib.sha256(an_id.encode()).hexdigest()


def id_digests(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the digests of some ids, sorted."""
    return tuple(sorted(map(id_digest, ids)))


def _codes(entry: JsonObject, path: str) -> list[JsonValue]:
    return list[JsonValue](sorted(texts_at(entry, path)))
