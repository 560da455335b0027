"""Operations about evidence that was looked at, for either client."""

from gateway.admin import verification_shapes
from gateway.client.call import Call, call_of


def verification(message_id: str) -> Call[verification_shapes.Verification]:
    """Return what looking at the files of a message has shown."""
    answer = verification_shapes.Verification
    return call_of("verification", answer, id=message_id)


def draft_evidence_ack(
    message_id: str, request: verification_shapes.AckRequest
) -> Call[verification_shapes.AckDraft]:
    """Return the receipt of the evidence of a message; nothing is sent."""
    answer = verification_shapes.AckDraft
    return call_of("draft_evidence_ack", answer, body=request, id=message_id)
