"""What the store keeps of a document beside its sealed content."""

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.mla.docket import docket_entry
from gateway.mla.document import index_fields
from gateway.ports.messages import MessageIndex


def message_index(document: JsonObject) -> MessageIndex:
    """Return what lists and cases find a document by."""
    fields = index_fields(document)
    return MessageIndex(
        msg_type=fields.msg_type,
        case_id=fields.case_id,
        case_seq=fields.seq,
        urgency=fields.urgency,
        in_reply_to=fields.in_reply_to,
        sender_ref=fields.sender_ref,
        recipient_ref=fields.recipient_ref,
    )


def docket_json(document: JsonObject) -> bytes:
    """Return the docket entry of a document as it is stored."""
    return canonical.encode_typed(docket_entry(document))
