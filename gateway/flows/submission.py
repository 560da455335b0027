"""A message on its way to being accepted: what is asked, settled, judged, answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId
from gateway.flows.kept_files import KeptFile
from gateway.mla.problems import Problem
from gateway.mla.redaction import RedactionRecord
from gateway.ports.cases import DocketRow
from gateway.ports.evidence import Upload, UploadId
from gateway.ports.findings import KeptFinding
from gateway.ports.originals import NewOriginal
from gateway.ports.outbox import Accepted


@dataclass(frozen=True, slots=True)
class GivenOriginal:
    """The original of a redacted copy among the attachments.

    Attributes:
        upload: The submitter's complete upload of it.
        record: What commits the copy to it.
    """

    upload: UploadId
    record: RedactionRecord


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person or system asks to be sent.

    Attributes:
        to: The addressee.
        message: The author's document; fields of the node in it are ignored.
        act: Who submits, in which role and why.
        idempotency_key: The submitter's own key, so that repeating is harmless.
        uploads: The submitter's complete uploads, in the order of the attachments.
        override_reason: Why it is sent in spite of what may be overridden; or empty.
        originals: Of redacted copies among the uploads; kept here, never sent.
    """

    to: AuthorityId
    message: JsonObject = field(repr=False)
    act: Act
    idempotency_key: str = ""
    uploads: tuple[UploadId, ...] = ()
    override_reason: str = ""
    originals: tuple[GivenOriginal, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """What tells the files of a submission from those of another."""
        kept = (f"{one.upload} {one.record.commitment}" for one in self.originals)
        return (*self.uploads, *kept)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A durable acceptance.

    Attributes:
        accepted: Id, state and log index.
        ignored: Fields of the given document that only the node gives.
        advice: What is not wrong but worth a look, and what was overridden.
    """

    accepted: Accepted
    ignored: tuple[str, ...] = ()
    advice: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What is settled of a submission before its case is looked at.

    Attributes:
        case_id: As the author gave it; None where a new case is opened.
        found: What was found of the form and its files.
        seen: The same of the files, as it is kept with the message.
        originals: Of redacted copies, as they are kept with the message.
    """

    case_id: str | None
    request_digest: str
    files: Sequence[tuple[Upload, KeptFile]]
    found: Sequence[Problem] = ()
    seen: tuple[KeptFinding, ...] = ()
    originals: tuple[NewOriginal, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What is found of a submission at its place.

    Attributes:
        document: As it would be sent.
        ignored: Fields of the given document that only the node gives.
        found: What the checks said; nothing that refuses it whatever reason is given.
        docket: Its case with this peer so far.
    """

    document: JsonObject = field(repr=False)
    ignored: tuple[str, ...]
    found: tuple[Problem, ...]
    docket: Sequence[DocketRow]
