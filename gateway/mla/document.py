"""The message document: what its author gives, what the node adds, what it shows.

Documents reach the functions here before and after they were checked, so those that
read one raise nothing, whatever it holds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.core.canonical import JsonObject
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)
from gateway.mla.codelists import is_code
from gateway.mla.envelope_fields import MAX_SEQ, NODE_FIELD_NAMES
from gateway.mla.problems import text_at
from gateway.mla.spellings import REFERENCE, is_id
from gateway.mla.types import message_type
from gateway.mla.types.model import Role

_PRESSING = frozenset({"EMERGENCY", "URGENT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a message.

    Attributes:
        country: Two capitals.
        authority_id: The central authority.
        role: Its role in the case.
    """

    country: str
    authority_id: AuthorityId
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFields:
    """What the node adds to a document.

    Attributes:
        msg_id: Id of the message and of its envelope.
        case_id: The case; a new id if the message opens one.
        seq: Number of the message among the sender's in the case, from 1.
        prev_hash: Content digest of the sender's previous message in the case.
        sender: Where it comes from.
        recipient: Where it goes.
        created_at: When it was submitted.
        sent_at: When it was sent, as far as its sealed content can know.
        schema_version: Version of messages that both sides speak.
        national: Name and digest of each national declaration that it needs.
    """

    msg_id: MessageId
    case_id: str
    seq: int
    prev_hash: HexDigest | None
    sender: Party
    recipient: Party
    created_at: UnixMs
    sent_at: UnixMs
    schema_version: str
    national: tuple[tuple[str, HexDigest], ...] = ()
    translations_owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFields:
    """What the node keeps of a document to find it by; empty or 0 where it has none.

    Attributes:
        msg_type: Type of message, if it is a declared one.
        case_id: Its case.
        seq: Its number in the case.
        in_reply_to: The message it answers.
        sender_ref: The sender's file number.
        recipient_ref: The recipient's file number.
        urgency: Code of list URGENCY.
    """

    msg_type: str = ""
    case_id: str = ""
    seq: int = 0
    in_reply_to: str = ""
    sender_ref: str = ""
    recipient_ref: str = ""
    urgency: str = ""


def split_author_fields(document: JsonObject) -> tuple[JsonObject, list[str]]:
    """Return the author's own fields, and the names of those only the node gives."""
    own = {k: v for k, v in document.items() if k not in NODE_FIELD_NAMES}
    return own, sorted(document.keys() & NODE_FIELD_NAMES)


def complete(
    document: JsonObject, node_fields: NodeFields
) -> tuple[JsonObject, list[str]]:
    """Return the document as it is sent, and the names of fields that were ignored.

    Args:
        document: What the author gave; must have passed `check` in its author form.
        node_fields: What the node adds. `case_id` is that of the author if given.
    """
    own, ignored = split_author_fields(document)
    declared = message_type(text_at(own, "/msg_type") or "")
    added: JsonObject = {
        "case_id": node_fields.case_id,
        "msg_id": node_fields.msg_id,
        "schema_version": node_fields.schema_version,
        "seq": node_fields.seq,
        "from": _party(node_fields.sender),
        "to": _party(node_fields.recipient),
        "created_at": _moment(node_fields.created_at),
        "sent_at": _moment(node_fields.sent_at),
        "needs_receipt": declared is None or declared.needs_receipt,
    }
    if node_fields.prev_hash is not None:
        added["prev_hash"] = node_fields.prev_hash
    if node_fields.national:
        added["national"] = [
            {"name": name, "digest": digest} for name, digest in node_fields.national
        ]
    if node_fields.translations_owed:
        added["translations_owed"] = list(node_fields.translations_owed)
    return own | added, ignored


def _party(party: Party) -> JsonObject:
    return {
        "country": party.country,
        "authority_id": party.authority_id,
        "role": party.role.value,
    }


def _moment(moment: UnixMs) -> str:
    """Return a moment as documents spell it: whole seconds, as the law counts."""
    text = datetime.fromtimestamp(moment // 1000, UTC).isoformat()
    return text.replace("+00:00", "Z")


def opens_case(msg_type: str) -> bool:
    """Tell whether a message of this type may be the first of a case."""
    declared = message_type(msg_type)
    return declared is not None and declared.opens_case


def derive_roles(msg_type: str, *, sender_opened_case: bool) -> tuple[Role, Role]:
    """Return the roles of sender and recipient.

    Args:
        msg_type: Type of the message.
        sender_opened_case: Whether the case was opened by who sends this message,
            which is so for the opening message itself.
    """
    if not sender_opened_case:
        return Role.REQUESTED, Role.REQUESTING
    if msg_type == "SPI":
        return Role.INFORMING, Role.REQUESTED
    return Role.REQUESTING, Role.REQUESTED


def case_of(document: JsonObject) -> str | None:
    """Return the id of the document's case; None if it gives none that is one."""
    return _id(document, "case_id")


def priority_of(document: JsonObject) -> Priority:
    """Return how a carrier should order the message."""
    if text_at(document, "/urgency") in _PRESSING:
        return Priority.URGENT
    return Priority.ROUTINE


def index_fields(document: JsonObject) -> IndexFields:
    """Return what to find the document by; whatever is malformed counts as absent."""
    declared = message_type(text_at(document, "/msg_type") or "")
    urgency = text_at(document, "/urgency") or ""
    return IndexFields(
        msg_type=declared.name if declared else "",
        case_id=case_of(document) or "",
        seq=_sequence_number(document),
        in_reply_to=_id(document, "in_reply_to") or "",
        sender_ref=_reference(document, "sender_ref"),
        recipient_ref=_reference(document, "recipient_ref"),
        urgency=urgency if is_code("URGENCY", urgency) else "",
    )


def _id(document: JsonObject, name: str) -> str | None:
    text = text_at(document, name)
    return text if text is not None and is_id(text) else None


def _sequence_number(document: JsonObject) -> int:
    seq = document.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int):
        return 0
    return seq if 1 <= seq <= MAX_SEQ else 0


def _reference(document: JsonObject, name: str) -> str:
    text = text_at(document, name) or ""
    is_good = len(text) <= REFERENCE.max_chars and REFERENCE.matches(text)
    return text if is_good else ""
