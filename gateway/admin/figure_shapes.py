"""Shapes of what moved in the last minutes."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import Answer, Request

MAX_MINUTES = 180


class FiguresQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far back, in minutes."""

    minutes: Annotated[int, Meta(ge=1, le=MAX_MINUTES)] = 60


class Figures(Answer, frozen=True, kw_only=True):
    """What moved, minute by minute; all lists are of one length, the newest last.

    Attributes:
        since: When the first minute began.
        queued: Messages of ours that became ready to be sent.
        delivered: Messages of ours whose receipt was verified.
        failed: Messages of ours that were refused or expired.
        received: Messages of peers that were stored.
    """

    since: str
    queued: tuple[int, ...]
    delivered: tuple[int, ...]
    failed: tuple[int, ...]
    received: tuple[int, ...]
