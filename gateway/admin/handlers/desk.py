"""Deadlines and alarms, for those who act on them."""

from gateway.admin.asked import Asked
from gateway.admin.desk_rendering import alarm_of, deadline_of
from gateway.admin.desk_shapes import (
    Alarm,
    AlarmPage,
    AlarmQuery,
    DeadlinePage,
    DeadlineQuery,
    ResolveRequest,
)
from gateway.admin.services import AdminServices
from gateway.admin.sight import seen_of, visible
from gateway.admin.views import ViewLog
from gateway.core.values import UnixMs
from gateway.flows.deadline_book import DeadlineFilter, Found
from gateway.mla.deadlines import DeadlineState
from gateway.ports.alarms import AlarmFilter

_MS_OF = {"h": 3_600_000, "d": 86_400_000}


class DeskHandlers:
    """Answers from the desk."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._exchange = services.exchange
        self._deadlines = services.deadlines
        self._views = views

    async def deadlines(self, asked: Asked) -> DeadlinePage:
        """Return a page of pending deadlines."""
        query = asked.filters(DeadlineQuery)
        ourselves = self._exchange.ourselves
        until = None
        if query.within:
            length_ms = int(query.within[:-1]) * _MS_OF[query.within[-1]]
            until = UnixMs(self._exchange.clock.now() + length_ms)
        is_any = query.state == "pending"
        wanted = DeadlineFilter(
            until=until,
            state=None if is_any else DeadlineState(query.state),
            owner=ourselves if query.owner == "us" else "",
            not_owner=ourselves if query.owner == "them" else "",
            peer=query.peer,
        )
        found, following = await self._deadlines.page(
            wanted, cursor=query.cursor, limit=query.limit
        )
        found = await visible(
            self._exchange.store,
            found,
            asked.scope,
            _case_of,
        )
        await self._views.note(asked, "deadlines", len(found))
        return DeadlinePage(
            items=tuple(deadline_of(one, ourselves, query.language) for one in found),
            next=following,
        )

    async def alarms(self, asked: Asked) -> AlarmPage:
        """Return a page of alarms."""
        query = asked.filters(AlarmQuery)
        wanted = AlarmFilter(
            is_open=None if query.state == "all" else query.state == "open",
            kind=query.kind,
            case_id=query.case,
            peer=query.peer,
        )
        found = await self._exchange.store.alarms(
            wanted, before=query.before or None, limit=query.limit
        )
        is_full = len(found) == query.limit
        last = found[-1].number if found else 0
        found = await seen_of(self._exchange.store, found, asked.scope)
        await self._views.note(asked, "alarms", len(found))
        return AlarmPage(
            items=tuple(
                alarm_of(one, self._exchange.ourselves, query.language) for one in found
            ),
            next=str(last) if is_full else "",
        )

    async def claim(self, asked: Asked) -> Alarm:
        """Let the caller look after an alarm."""
        alarm = await self._exchange.store.claim_alarm(
            asked.number("alarm"), asked.act(), self._exchange.clock.now()
        )
        return alarm_of(alarm, self._exchange.ourselves)

    async def resolve(self, asked: Asked) -> Alarm:
        """Resolve an alarm."""
        form = asked.form(ResolveRequest)
        alarm = await self._exchange.store.resolve_alarm(
            asked.number("alarm"), asked.act(form.reason), self._exchange.clock.now()
        )
        return alarm_of(alarm, self._exchange.ourselves)


def _case_of(found: Found) -> tuple[str, str]:
    return found.case_id, found.peer
