"""Opening messages: what the API takes and gives (specification, 13.4).

Light on purpose, as `shapes`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from gateway.admin.shapes import (
    Answer,
    BoxName,
    Document,
    FieldProblem,
    Purpose,
    Request,
    ShortText,
)


class OpenedAttachment(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An evidence file of an opened message, as its manifest describes it."""

    aid: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    item_id: str = ""


class OnBehalfOf(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The person a system acts for."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    role: Annotated[str, Meta(min_length=1, max_length=100)]


class OpenRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody opens a message; logged before anything is opened.

    Attributes:
        purpose_code: Code of list PURPOSE; without one, that of the message.
        case_number: Another case that it is to be used in.
    """

    purpose: Purpose
    purpose_code: Annotated[str, Meta(max_length=40)] = ""
    case_number: ShortText = ""
    on_behalf_of: OnBehalfOf | None = None


class RedactionRecord(Answer, frozen=True, kw_only=True):
    """What proves that a copy was made of an original; as secret as that.

    Attributes:
        salt: Lower-case hex; whoever has it can tell of any file whether it is the
            original.
    """

    redaction_id: str
    source_sha256: str
    result_sha256: str
    salt: str
    reasons: tuple[str, ...]
    rule: str
    by: str
    at: str


class Original(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The original of a redacted copy that went out.

    Attributes:
        aid: To fetch it by.
        copy: File name of the copy.
        item_id: Evidence item of the copy.
        faults: What speaks against the copy being made of it; none if it was.
    """

    aid: str
    name: str
    media_type: str
    size: int
    sha256: str
    record: RedactionRecord
    copy: str = ""
    item_id: str = ""
    faults: tuple[str, ...] = ()


class Originals(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What the redacted copies of a message were made of.

    Attributes:
        index: Log index of the access.
        grant_until: The caller may fetch them until then.
    """

    id: str
    index: int
    grant_until: str
    items: tuple[Original, ...]


class PrintRequest(OpenRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody prints a message, and in which language its labels are wanted."""

    language: Literal["en", "fr"] = "en"


class Condition(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A condition of the sender that an opened message is to be used under.

    Attributes:
        code: Of list CONDITION.
        message: The message that sets it.
        item: The item it is about; without, all of the case.
    """

    code: str
    label: str
    message: str
    item: str = ""


class Opened(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An opened message.

    Attributes:
        index: Log index of the access.
        manifest: Exact canonical bytes, base64; empty for a held message.
        message: The message document.
        attachments: Its evidence files, in the order of the manifest.
        grant_until: The caller may fetch them until then.
        conditions: Those of its sender that it is to be used under.
        advice: Of a received one: what treaties ask for and it lacks, for our people.
    """

    id: str
    box: BoxName
    peer: str
    index: int
    message: Document
    manifest: str = ""
    attachments: tuple[OpenedAttachment, ...] = ()
    grant_until: str = ""
    conditions: tuple[Condition, ...] = ()
    advice: tuple[FieldProblem, ...] = ()
