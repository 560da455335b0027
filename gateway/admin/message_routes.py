"""The operations on messages: the part of the contract that callers use most."""

from gateway.admin import opening_shapes, shapes
from gateway.admin.evidence_shapes import EvidenceParts, EvidenceQuery
from gateway.admin.route import PREFIX, Media, Route
from gateway.core.operators import Role

_READERS = frozenset(Role) - {Role.SECURITY}
_CASEWORKER = frozenset({Role.CASEWORKER})
_OPERATOR = frozenset({Role.OPERATOR})

_MESSAGES = f"{PREFIX}/messages"

MESSAGE_ROUTES: tuple[Route, ...] = (
    Route(
        name="submit",
        method="POST",
        path=_MESSAGES,
        roles=_CASEWORKER,
        summary="Accept a message durably",
        body=shapes.SubmitRequest,
        answer=shapes.Submitted,
        status=202,
        codes=("invalid-form", "conflict", "not-found", "cannot-open", "blob-failed"),
        takes_key=True,
        takes_wait=True,
    ),
    Route(
        name="list_messages",
        method="GET",
        path=_MESSAGES,
        roles=_READERS,
        summary="List messages of both boxes, newest first",
        query=shapes.MessageQuery,
        answer=shapes.MessagePage,
    ),
    Route(
        name="retry_messages",
        method="POST",
        path=f"{_MESSAGES}/retry",
        roles=_OPERATOR,
        summary="Try some messages, or all queued for a peer, now",
        body=shapes.RetryRequest,
        answer=shapes.Retried,
        codes=("not-found",),
    ),
    Route(
        name="show_message",
        method="GET",
        path=f"{_MESSAGES}/{{id}}",
        roles=_READERS,
        summary="Metadata of a message",
        answer=shapes.Message,
    ),
    Route(
        name="timeline",
        method="GET",
        path=f"{_MESSAGES}/{{id}}/timeline",
        roles=_READERS,
        summary="What happened to a message, entry by entry",
        answer=shapes.Timeline,
    ),
    Route(
        name="receipts",
        method="GET",
        path=f"{_MESSAGES}/{{id}}/receipts",
        roles=_READERS,
        summary="Every proof there is of a message",
        answer=shapes.Receipts,
    ),
    Route(
        name="evidence",
        method="GET",
        path=f"{_MESSAGES}/{{id}}/evidence",
        roles=_READERS,
        summary="What a dispute about a message needs: sealed bytes, proofs, cards",
        query=EvidenceQuery,
        answer=EvidenceParts,
    ),
    Route(
        name="open_message",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/open",
        # An approver opens what waits for their decision, and nothing else.
        roles=_CASEWORKER | {Role.APPROVER},
        summary="Log the access, then return the content",
        body=opening_shapes.OpenRequest,
        answer=opening_shapes.Opened,
        codes=("conflict", "cannot-open", "E_PURPOSE", "needs-approval"),
    ),
    Route(
        name="open_originals",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/originals",
        roles=_CASEWORKER,
        summary="Log the access, then show what redacted copies were made of",
        body=opening_shapes.OpenRequest,
        answer=opening_shapes.Originals,
        codes=("cannot-open", "needs-approval"),
    ),
    Route(
        name="fetch_original",
        method="GET",
        path=f"{_MESSAGES}/{{id}}/originals/{{aid}}",
        roles=_CASEWORKER,
        summary="An original that the caller has opened",
        media=Media.BYTES,
        codes=("cannot-open", "blob-failed"),
        gives_stream=True,
    ),
    Route(
        name="print_message",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/print",
        roles=_CASEWORKER,
        summary="Log the access, then return the content as an accessible PDF",
        body=opening_shapes.PrintRequest,
        codes=(
            "conflict",
            "cannot-open",
            "cannot-print",
            "E_PURPOSE",
            "needs-approval",
        ),
        media=Media.PDF,
    ),
    Route(
        name="confirm_message",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/confirm",
        roles=_CASEWORKER,
        summary="The recipient has taken it; never offered as new again",
        answer=shapes.Message,
        codes=("conflict",),
    ),
    Route(
        name="retry_message",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/retry",
        roles=_OPERATOR,
        summary="Try a queued message now",
        answer=shapes.Retried,
    ),
    Route(
        name="cancel_message",
        method="POST",
        path=f"{_MESSAGES}/{{id}}/cancel",
        roles=_OPERATOR,
        summary="Withdraw a message that no attempt was made for",
        body=shapes.CancelRequest,
        answer=shapes.Message,
        codes=("conflict",),
    ),
    Route(
        name="changes",
        method="GET",
        path=f"{PREFIX}/changes",
        roles=_READERS,
        summary="Every change of state, gapless; waits for more if asked",
        query=shapes.ChangesQuery,
        answer=shapes.Changes,
    ),
)
