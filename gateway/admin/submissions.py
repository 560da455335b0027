"""What a body asks to be sent, as flows take it."""

from gateway.admin.form_shapes import CheckRequest
from gateway.admin.shapes import SubmitRequest
from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import parse_authority_id
from gateway.flows.submission import GivenOriginal, Submission
from gateway.mla.redaction import read_record
from gateway.ports.evidence import UploadId


def submission_of(form: SubmitRequest | CheckRequest, act: Act) -> Submission:
    """Return what a body asks to be sent, or tried.

    Raises:
        UsageError: The addressee is no name of an authority.
    """
    try:
        addressee = parse_authority_id(form.to)
    except MalformedError as error:
        raise UsageError(f"to: {error}") from error
    return Submission(
        to=addressee,
        # The reader of bodies lets nothing through that is not of this form.
        message=canonical.convert(form.message, dict),
        act=act,
        uploads=tuple(map(UploadId, form.attachments)),
        originals=_originals_of(form) if isinstance(form, SubmitRequest) else (),
    )


def _originals_of(form: SubmitRequest) -> tuple[GivenOriginal, ...]:
    try:
        return tuple(
            GivenOriginal(
                UploadId(one.upload),
                read_record(canonical.convert(one.record, dict)),
            )
            for one in form.originals
        )
    except MalformedError as error:
        raise UsageError(f"originals: {error}") from error
