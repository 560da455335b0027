"""Routes of what looking at evidence has shown."""

from gateway.admin import verification_shapes as shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_READERS = frozenset(Role) - {Role.SECURITY}
_MESSAGE = f"{PREFIX}/messages/{{id}}"

VERIFICATION_ROUTES: tuple[Route, ...] = (
    Route(
        name="verification",
        method="GET",
        path=f"{_MESSAGE}/verification",
        roles=_READERS,
        summary="What looking at the evidence files of a message has shown",
        answer=shapes.Verification,
    ),
    Route(
        name="draft_evidence_ack",
        method="POST",
        path=f"{_MESSAGE}/evidence-ack",
        roles=frozenset({Role.CASEWORKER}),
        summary="Draft the receipt of the evidence of a message; nothing is sent",
        body=shapes.AckRequest,
        answer=shapes.AckDraft,
        codes=("conflict",),
    ),
)
