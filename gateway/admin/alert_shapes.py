"""What the admin API takes and gives about alerts."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, MAX_PAGE, Answer, Page, Request

AlertState: TypeAlias = Literal["open", "resolved", "all"]


class AlertQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts to list; without anything, the open ones."""

    state: AlertState = "open"
    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="Items at most.")] = 100


class Alert(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is not well with the node.

    Attributes:
        alert: Its number.
        name: What it is about, as in the table of alerts; also the section of the
            runbooks.
        subject: The peer, witness, disk, key or account, where there can be several.
        severity: `warning` or `critical`.
        text: What was seen last, at `seen_at`.
        acknowledged_by: Who knows of it, so that nobody is reminded.
        repeats: Times that people were reminded.
    """

    alert: int
    name: str
    title: str
    severity: Literal["warning", "critical"]
    text: str
    remedy: str
    raised_at: str
    seen_at: str
    subject: str = ""
    resolved_at: str = ""
    acknowledged_by: str = ""
    acknowledged_at: str = ""
    repeats: int = 0


class AlertPage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Alerts, newest first."""

    items: tuple[Alert, ...]


class ChannelTest(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How the test of a channel went; without `error` it was taken."""

    channel: str
    error: str = ""


class ChannelTests(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """How a test of all channels went; empty if nobody is told of alerts."""

    channels: tuple[ChannelTest, ...]
