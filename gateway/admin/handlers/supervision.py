"""The log for those who supervise."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.admin import supervision_shapes as shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import UnixMs, parse_time
from gateway.flows.supervision import ExportWanted


class SupervisionHandlers:
    """Exports and reviews of the log."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._supervision = services.lifecycle.supervision
        self._views = views

    async def begin_export(self, asked: Asked) -> shapes.BegunExport:
        """Log an export, and say which entries it is of."""
        form = asked.form(shapes.BeginExportRequest)
        wanted = ExportWanted(
            since=_moment(form.since), until=_moment(form.until), about=form.about
        )
        act = asked.act(form.reason)
        begun = await self._supervision.begin_export(wanted, act)
        return shapes.BegunExport(
            start=begun.start,
            end=begun.end,
            size=begun.size,
            note=begun.note.decode(),
            index=begun.log_index,
        )

    async def review(self, asked: Asked) -> shapes.ReviewList:
        """Return what somebody should look at."""
        form = asked.filters(shapes.ReviewQuery)
        found = await self._supervision.review(
            _moment(form.since), _moment(form.until), _zone(form.zone)
        )
        await self._views.note(asked, "log review", len(found))
        return shapes.ReviewList(
            items=tuple(
                shapes.ReviewItem(
                    reason=one.reason.value,
                    actor=one.actor,
                    at=when(one.at_ms),
                    entries=one.seqs,
                )
                for one in found
            ),
        )


def _moment(text: str) -> UnixMs:
    try:
        return parse_time(text)
    except MalformedError as error:
        raise UsageError(f"period: {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"zone: {name!r}, expected one like Europe/Tallinn") from error
