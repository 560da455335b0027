"""What the admin API takes and gives about what people stop."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import Answer, Reason, Request

_Moment = Annotated[str, Meta(max_length=24, description="UTC time.")]


class MaintenanceRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Until when this node is maintained, and why; the reason is logged."""

    until: Annotated[str, Meta(min_length=1, max_length=24, description="UTC time.")]
    reason: Reason


class Maintenance(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Whether this node is being maintained.

    Attributes:
        on: Peers are told `later`, and nothing is sent.
        until: When that ends by itself.
        index: Log index of the entry that it was begun by.
    """

    on: bool
    until: str = ""
    begun_at: str = ""
    begun_by: str = ""
    reason: str = ""
    index: int | None = None


class IncidentRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why exchange with a peer is stopped at once.

    Attributes:
        since: From when on what came from it is suspect; empty for all of it.
    """

    reason: Reason
    since: _Moment = ""


class Incident(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An incident of a peer.

    Attributes:
        id: Its number.
        since: From when on what came from it is suspect; empty for all of it.
        index: Log index of the entry that it was begun by.
        ended_at: When exchange was allowed again; empty while it is stopped.
    """

    id: int
    peer: str
    begun_at: str
    begun_by: str
    reason: str
    index: int
    since: str = ""
    ended_at: str = ""
    ended_by: str = ""


class ExchangedQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when; empty for the beginning of the newest incident, or for all."""

    since: _Moment = ""


class Exchanged(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What went between us and a peer since some moment.

    Attributes:
        sent: Our messages for it, by state.
        received: Its messages to us, by state.
        opened_here: Of its messages those that a person here has opened.
        opened_there: Of ours those that it has proven to have opened.
        with_files: Messages with evidence files, either way.
        query: Lists them all, as the query of the message list.
        incidents: All incidents of the peer, oldest first.
    """

    peer: str
    sent: dict[str, int]
    received: dict[str, int]
    opened_here: int
    opened_there: int
    with_files: int
    query: str
    since: str = ""
    incidents: tuple[Incident, ...] = ()
