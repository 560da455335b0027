"""Return or destroy: who asked for it, and the form that confirms it was done.

After the Convention on Mutual Assistance (ETS 30), article 6(2), Directive 2014/41/EU,
article 13(3) and (4), and Regulation (EU) 2023/1543, articles 4(5) and 10(4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.kept import KeptMessage
from gateway.mla.problems import text_at, texts_at

CRYPTO_ERASED = "CRYPTO_ERASED"
"""Code of list DISPOSAL for what this gateway does: keys are destroyed."""

_METHOD = (
    "Ciphertext, index and copies were removed and the keys destroyed. "
    "{count} message(s) and {files} evidence file(s). SHA-256 of the id of each "
    "message: {digests}."
)
_MAX_DIGESTS = 100


@dataclass(frozen=True, slots=True)
class DisposalTask:
    """Something that is to be returned or destroyed, and confirmed.

    Attributes:
        asked_by: The message that asks for it: their RET_REQ, or our WDR with DELETE.
        action: `RETURN`, `DESTROY` or `DELETE`; empty where it was not said.
        by: Day until when, or empty.
    """

    asked_by: KeptMessage
    action: str
    by: str


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
        by = text_at(entry, "/payload/by_date") or text_at(entry, "/payload/by") or ""
        return DisposalTask(message, action, by)
    if message.msg_type == "WDR" and message.is_ours:
        action = text_at(entry, "/payload/data_action") or ""
        return DisposalTask(message, action, "") if action == "DELETE" else None
    return None


def _confirms(message: KeptMessage, asked: KeptMessage) -> bool:
    return (
        message.is_ours
        and message.msg_type == "RET_CNF"
        and text_at(message.entry, "/in_reply_to") in {asked.id, None}
    )


def disposal_confirmation(
    task: DisposalTask,
    *,
    case_id: str,
    day: str,
    digests: Sequence[str],
    evidence_files: int,
) -> JsonObject:
    """Return the author's form of the RET_CNF that says what was destroyed.

    Args:
        task: What was asked for.
        case_id: The case.
        day: When it was done.
        digests: SHA-256 of the id of each erased message.
        evidence_files: How many went.
    """
    entry = task.asked_by.entry
    told = ", ".join(digests[:_MAX_DIGESTS])
    if len(digests) > _MAX_DIGESTS:
        told = f"{told}, and {len(digests) - _MAX_DIGESTS} more"
    text = _METHOD.format(count=len(digests), files=evidence_files, digests=told)
    form: JsonObject = {
        "msg_type": "RET_CNF",
        "case_id": case_id,
        "in_reply_to": task.asked_by.id,
        "instrument": _codes(entry, "/instrument/*") or ["BILATERAL"],
        "purpose": text_at(entry, "/purpose") or "INVESTIGATION",
        "urgency": "ROUTINE",
        "handling": _codes(entry, "/handling/*") or ["TLP:AMBER"],
        "language": "en",
        "approval": [],
        "payload": {
            "disposal": CRYPTO_ERASED,
            "date": day,
            "method": [{"lang": "en", "text": text, "is_translation": False}],
        },
    }
    return form


def _codes(entry: JsonObject, path: str) -> list[JsonValue]:
    return list[JsonValue](sorted(texts_at(entry, path)))
