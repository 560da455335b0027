"""What the admin API takes and gives, field by field (specification, section 13).

Light on purpose: the command line reads this at every start. Times are UTC text with
milliseconds, digests bare hex, bytes standard base64. A field that has nothing to say
is left out of an answer and reads as its default.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from gateway.core.limits import MAX_ATTACHMENTS, MAX_REASON_CHARS

MAX_PAGE = 500
MAX_WAIT_S = 60
# Larger ones are no integers to many programs, and none to the store.
MAX_NUMBER = 2**53 - 1

Purpose = Annotated[
    str,
    Meta(min_length=1, max_length=500, description="Why, in the person's own words."),
]
Reason = Annotated[str, Meta(min_length=1, max_length=MAX_REASON_CHARS, pattern=r"\S")]
AccountName = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z", description="Lower-case, a letter first."),
]
BoxName: TypeAlias = Literal["out", "in"]
CheckLevel: TypeAlias = Literal["ok", "warn", "fail"]

# Free-form JSON whose rules lie elsewhere: message documents.
Document: TypeAlias = dict[str, object]

_Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE, description="Items at most.")]
_WaitS = Annotated[
    int,
    Meta(ge=0, le=MAX_WAIT_S, description="Seconds to wait for something new."),
]
ShortText = Annotated[str, Meta(max_length=200)]


class Request(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of bodies and queries: what is not declared is refused."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of answers; a client skips fields it does not know."""


class Page(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Base of answers in pages; `next` is left out on the last page."""

    next: str = ""


# --- problems (RFC 9457) ---


class FieldProblem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with a message form.

    Attributes:
        article: The provision that asks for it.
        overridable: It blocks unless the request gives an `override_reason`.
    """

    pointer: str
    code: str
    sentence: str
    blocking: bool
    article: str = ""
    overridable: bool = False

    @property
    def is_overridable(self) -> bool:
        """Whether a reason lifts the block."""
        return self.overridable


class Problem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Every refusal. `code` is stable; `detail` is one sentence for people.

    Attributes:
        retry_after_s: Seconds after which the same request may succeed.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    problems: tuple[FieldProblem, ...] = ()
    retry_after_s: int = 0


# --- messages ---


class OriginalGiven(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The original of a redacted copy: kept sealed with the message, never sent.

    Attributes:
        upload: Id of a complete upload.
        record: As `mla-gateway redact record` writes it; its item is told by it.
    """

    upload: str
    record: Document


class SubmitRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message to send; `message` is the author's document.

    Attributes:
        attachments: Ids of complete uploads, in the order of the evidence items.
        override_reason: Why it is sent in spite of problems that are overridable.
        originals: Of redacted copies among the attachments; they stay here.
    """

    to: str
    message: Document
    purpose: Annotated[str, Meta(max_length=500)] = ""
    attachments: Annotated[tuple[str, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()
    override_reason: Reason = ""
    originals: Annotated[
        tuple[OriginalGiven, ...], Meta(max_length=MAX_ATTACHMENTS)
    ] = ()


class Submitted(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A durable acceptance.

    Attributes:
        index: Log index of the `msg.send` or `msg.hold` entry.
        ignored: Fields of the document that only the node gives.
        advice: What is not wrong but worth a look.
        repeated: The idempotency key was used before for this very request.
        approval: Number of what it waits for, if it waits for a second person.
    """

    id: str
    index: int
    state: str
    ignored: tuple[str, ...] = ()
    advice: tuple[FieldProblem, ...] = ()
    repeated: bool = False
    approval: int = 0


class MessageFields(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What messages are chosen by; all that is given has to fit.

    Attributes:
        id: A message id, or its first 8 characters and more.
        state: One, or several with commas between.
        code: What the last attempt ended with, or why a message is held.
        since: First moment of acceptance that counts.
        until: First moment that does not.
    """

    box: BoxName | None = None
    id: Annotated[str, Meta(max_length=36)] = ""
    state: ShortText = ""
    peer: ShortText = ""
    case: ShortText = ""
    type: ShortText = ""
    urgency: Annotated[str, Meta(max_length=20)] = ""
    code: Annotated[str, Meta(max_length=64)] = ""
    since: Annotated[str, Meta(max_length=24, description="UTC time.")] = ""
    until: Annotated[str, Meta(max_length=24, description="UTC time.")] = ""
    sender_ref: ShortText = ""
    idempotency_key: ShortText = ""


class MessageQuery(
    MessageFields, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Which messages to list, newest first."""

    cursor: ShortText = ""
    limit: _Limit = 50


class AttachmentStanding(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How far an evidence file of a message is.

    Attributes:
        length: Bytes of ciphertext, padded.
        there: Of an inbound one the bytes that are here, of an outbound one those
            that the peer is known to have.
        state: `coming`, `stored`, `verified` (compared with size and digest in the
            manifest), `damaged` or `gone`.
        rate: Bytes a second at present, if it is under way.
    """

    aid: str
    length: int
    there: int
    state: str
    rate: int = 0


class Suspicion(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A message came in the time of an incident of its sender.

    Attributes:
        incident: Number of the incident.
        since: From when on what came is suspect; empty for all of it.
        begun_at: When exchange was stopped.
        open: It is stopped still.
    """

    incident: int
    begun_at: str
    since: str = ""
    open: bool = False


class Message(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Metadata of a message: everything but its content.

    Attributes:
        index: Log index of its `msg.send`, `msg.hold` or `msg.receive` entry.
        seq: The sender's running number for the recipient.
        type: What follows is known for our own and for validated messages only.
        problems: Defects found in the form by validation; -1 before it.
        unsettled: An attempt was made whose outcome is not known.
        attachments: Number of its evidence files.
        attachment_bytes: Their ciphertext, together.
        pending_until: How long it waits for evidence files that are still coming.
        evidence: How far each file is; only where one message is asked for.
        suspect: It came in the time of an incident of its sender.
    """

    id: str
    box: BoxName
    peer: str
    state: str
    priority: str
    created_at: str
    accepted_at: str
    updated_at: str
    index: int
    expires_at: str = ""
    digest: str = ""
    content_digest: str = ""
    size_bytes: int = 0
    seq: int = 0
    type: str = ""
    case: str = ""
    case_seq: int = 0
    urgency: str = ""
    in_reply_to: str = ""
    sender_ref: str = ""
    recipient_ref: str = ""
    attempts: int = 0
    next_attempt_at: str = ""
    last_code: str = ""
    hold_reason: str = ""
    unsettled: bool = False
    problems: int = -1
    idempotency_key: str = ""
    attachments: int = 0
    attachment_bytes: int = 0
    pending_until: str = ""
    evidence: tuple[AttachmentStanding, ...] = ()
    suspect: Suspicion | None = None


class MessagePage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Some messages, newest first."""

    items: tuple[Message, ...]


class TimelineStep(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of our log about a message.

    Attributes:
        result: Result or refusal code.
        disclosed: Who, as what and why; for auditors, unless erased.
    """

    index: int
    kind: str
    at: str
    result: str = ""
    ref: int | None = None
    disclosed: dict[str, str] = msgspec.field(default_factory=dict)


class AttemptShown(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt to deliver that came to nothing; `code` says why."""

    attempt: int
    at: str
    code: str


class Timeline(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to a message, oldest first.

    Attributes:
        attempts: The last attempts to deliver that came to nothing, at most 20.
    """

    id: str
    box: BoxName
    peer: str
    state: str
    steps: tuple[TimelineStep, ...]
    attempts: tuple[AttemptShown, ...] = ()


class Receipt(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A proof about a message.

    Attributes:
        role: What it shows: origin, receipt, refusal, opening, expiry, cancellation.
        log: Origin of the log that it is proven in.
        name: A file name for it.
        proof: Text of the `.tlog-proof` file.
    """

    role: str
    log: str
    index: int
    kind: str
    name: str
    proof: str


class Receipts(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Every proof there is of a message."""

    id: str
    items: tuple[Receipt, ...]


class RetryRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to try now: some messages, or everything queued for a peer."""

    ids: Annotated[tuple[str, ...], Meta(max_length=MAX_PAGE)] = ()
    peer: ShortText = ""


class Retried(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How many messages became due."""

    due: int


class CancelRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a message is withdrawn."""

    reason: Reason


class ChangesQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go on in the feed of changes, and how long to wait for more."""

    after: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    wait: _WaitS = 0
    limit: _Limit = 100


class EventsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go on in the feed; the header `Last-Event-ID` goes before it."""

    after: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0


class ChangeItem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One change of state."""

    cursor: int
    at: str
    box: BoxName
    id: str
    peer: str
    state: str
    index: int


class Changes(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Changes of both boxes, oldest first; `next` is the `after` to go on with."""

    items: tuple[ChangeItem, ...]
    next: int
