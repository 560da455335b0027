"""What the admin API gives of time stamps (specification, sections 8.10 and 13)."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, Answer, Request

MAX_STAMPS = 100
"""Stamps in one answer: half a megabyte of responses or so."""


class StampsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stamps: the newest, or those of checkpoints smaller than `before`."""

    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = MAX_NUMBER
    limit: Annotated[int, Meta(ge=1, le=MAX_STAMPS)] = 20


class LogStamp(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A time stamp over a checkpoint of the log.

    Attributes:
        size: Of the checkpoint.
        at: The moment that the authority states.
        authority: Subject of the certificate that signed it.
        valid_until: When that certificate ends.
        index: The `tsa.stamp` entry.
        digest: SHA-256 of the response, hex, as that entry names it.
        text: The three lines that were stamped.
        response: What the authority answered, DER in base64.
    """

    size: int
    at: str
    authority: str
    valid_until: str
    index: int
    digest: str
    text: str
    response: str


class LogStamps(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Time stamps, the largest checkpoint first.

    Attributes:
        configured: Whether an authority is set.
        failure: Why the last question to it led to no stamp; empty if it did.
    """

    items: tuple[LogStamp, ...]
    configured: bool
    failure: str = ""
