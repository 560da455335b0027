"""The receipt of evidence (`EVD_ACK`), drafted from what looking at files has shown.

The node proposes, a person sends: what the node found to be right is accepted, what it
found to be wrong is rejected with the reason, and a person may reject more, or vouch
for items that came by another way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import UsageError
from gateway.mla.findings import FileFindings
from gateway.mla.problems import select, text_at, values_at

_KEPT = ("instrument", "purpose", "urgency", "handling")
_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What a person decides beside what the node has found.

    Attributes:
        rejected: Items that are not accepted, and why.
        vouched: Items without a file here that the person has received whole.
    """

    rejected: Mapping[str, str] = field(default_factory=dict)
    vouched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftedAck:
    """A receipt as an author would write it.

    Attributes:
        document: The author's form; None if no item could be told anything of.
        left_out: Items of which the node knows nothing and nobody vouched for.
    """

    document: JsonObject | None
    left_out: tuple[str, ...]


def draft_ack(
    received: JsonObject,
    findings: Sequence[FileFindings],
    *,
    verdicts: Verdicts,
    received_at: str,
) -> DraftedAck:
    """Return the receipt of the evidence of one message.

    Args:
        received: What its case keeps of the message that brought the evidence (its
            docket entry); the document itself does as well.
        findings: Of the files that came with it.
        verdicts: What a person decides.
        received_at: When it was received, as forms spell moments.

    Raises:
        UsageError: A verdict names an item that the message does not have, or vouches
            for one whose file is here.
    """
    items = [
        text_at(found.value, "item_id") or ""
        for found in select(received, "/payload/manifest/*")
    ]
    known = {one.item_id: one for one in findings if one.item_id}
    _check(verdicts, items, known)
    rows: list[JsonValue] = []
    left_out = []
    for item_id in dict.fromkeys(items):
        reason = verdicts.rejected.get(item_id, "")
        found = known.get(item_id)
        if found is None and not reason and item_id not in verdicts.vouched:
            left_out.append(item_id)
        else:
            rows.append(_row(item_id, found, reason, received_at))
    return DraftedAck(_document(received, rows) if rows else None, tuple(left_out))


def _check(
    verdicts: Verdicts, items: Sequence[str], known: Mapping[str, FileFindings]
) -> None:
    for item_id in (*verdicts.rejected, *verdicts.vouched):
        if item_id not in items:
            raise UsageError(f"item {item_id}: the message has none of that id")
    for item_id in sorted(verdicts.vouched):
        if item_id in known or item_id in verdicts.rejected:
            raise UsageError(
                f"item {item_id}: its file is here or it is rejected; vouch only for "
                "what came by another way",
            )


def _row(
    item_id: str, found: FileFindings | None, reason: str, received_at: str
) -> JsonObject:
    reasons = [reason] if reason else []
    if found is not None:
        reasons += found.faults
    row: JsonObject = {
        "item_id": item_id,
        "digest_ok": found is None or (found.digest_ok and found.size_ok),
        # That it comes from its sender is proven by the log; a person's signature in
        # it is what may fail.
        "signature_ok": found is None or not found.has_broken_signature,
        "decrypts": found is None or found.decrypts,
        "result": "REJECTED" if reasons else "ACCEPTED",
        "received_at": received_at,
    }
    if reasons:
        text: JsonObject = {
            "lang": _LANGUAGE,
            "text": "; ".join(reasons),
            "is_translation": False,
        }
        row["reason"] = [text]
    return row


def _document(received: JsonObject, rows: list[JsonValue]) -> JsonObject:
    rejected: list[JsonValue] = [
        item_id
        for row in rows
        if text_at(row, "result") == "REJECTED"
        for item_id in values_at(row, "item_id")
    ]
    payload: JsonObject = {"items": rows}
    if rejected:
        payload["resend"] = rejected
    kept = {name: received[name] for name in _KEPT if name in received}
    reference = text_at(received, "/recipient_ref")
    return (
        kept
        | ({"sender_ref": reference} if reference else {})
        | {
            "msg_type": "EVD_ACK",
            "case_id": text_at(received, "/case_id") or "",
            "in_reply_to": text_at(received, "/msg_id") or "",
            "language": _LANGUAGE,
            "approval": [],
            "payload": payload,
        }
    )
