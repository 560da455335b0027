"""What the admin API takes and gives about webhooks."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, MAX_PAGE, Answer, Page, Request
from gateway.core.webhooks import EVENTS

WebhookName = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z", description="Lower-case, a letter first."),
]


class AddWebhookRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint to add.

    Attributes:
        url: Where it is called: https, unless the settings list its origin.
        events: Types of events that it asks for; none for all.
    """

    name: WebhookName
    url: Annotated[str, Meta(min_length=1, max_length=500)]
    events: Annotated[tuple[str, ...], Meta(max_length=len(EVENTS))] = ()


class Webhook(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint.

    Attributes:
        state: `active`, `failing` while calls are not taken, or `disabled`.
        cursor: Place in the change feed up to which it was told everything.
        waiting: Changes after that; not all of them may be wanted.
        why: Of a disabled one: `failing`, `gone` or `forgotten`.
        failures: In a row, since `failing_since`.
        next_at: When it is called next.
        two_secrets_until: Until then calls are signed with two secrets.
    """

    name: str
    url: str
    state: str
    cursor: int
    waiting: int
    created_at: str
    events: tuple[str, ...] = ()
    why: str = ""
    failures: int = 0
    failing_since: str = ""
    next_at: str = ""
    last_taken_at: str = ""
    two_secrets_until: str = ""


class WebhookList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """All endpoints, by name."""

    items: tuple[Webhook, ...]


class IssuedWebhook(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint with its secret, which is shown this once."""

    webhook: Webhook
    secret: str


class RotateWebhookRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """How long calls are signed with the old secret as well."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class ReplayWebhookRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """From which moment everything is told once more; where it stands, if left out."""

    since: Annotated[str, Meta(max_length=24)] = ""


class WebhookOutcome(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How a call was taken.

    Attributes:
        status: Of HTTP; left out if there was no answer.
        detail: What went wrong.
    """

    taken: bool
    status: int = 0
    detail: str = ""
    duration_ms: int = 0


class WebhookCallsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which calls to list: those with a number below `before`."""

    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="Items at most.")] = 50


class WebhookCall(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One call of an endpoint.

    Attributes:
        id: `webhook-id`; the same for every call about one change.
        message: The message that changed; left out for a test.
        attempt: 1 for the first about this change.
    """

    call: int
    at: str
    id: str
    event: str
    attempt: int
    outcome: WebhookOutcome
    message: str = ""


class WebhookCallPage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Calls of an endpoint, newest first; the last 200 are kept."""

    items: tuple[WebhookCall, ...]
