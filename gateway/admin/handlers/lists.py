"""What goes with the list of messages: exports, causes of failures, saved views."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl, urlencode

from gateway.admin import reading
from gateway.admin.asked import Asked, Handler, Stream
from gateway.admin.filters import filter_of, filter_text
from gateway.admin.message_files import as_csv, as_json
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.shapes import MessageFields
from gateway.admin.view_shapes import (
    FailureCause,
    FailureList,
    FailureQuery,
    SavedView,
    SavedViewList,
    SaveViewRequest,
)
from gateway.admin.views import ViewLog
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.units import Scope
from gateway.core.values import NEVER
from gateway.flows.bulk import every_message
from gateway.ports import saved_views as ports
from gateway.ports.messages import Cause, MessageFilter, MessageRow

_MAX_DIGITS = 15
_CAUSES = 100


class ListHandlers:
    """Answers beside the list of messages."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._exchange = services.exchange
        self._store = services.exchange.store
        self._views = views

    def all(self) -> Mapping[str, Handler]:
        """Return what answers which operation."""
        return {
            "export_messages_csv": self.csv,
            "export_messages_json": self.json,
            "list_failures": self.failures,
            "list_views": self.views,
            "save_view": self.save,
            "drop_view": self.drop,
        }

    async def csv(self, asked: Asked) -> Stream:
        """Return all messages of a filter as CSV, after the look is logged."""
        rows = await self._exported(asked, "csv")
        return Stream(chunks=as_csv(rows), name="messages.csv")

    async def json(self, asked: Asked) -> Stream:
        """Return the same as a JSON array, one message a line."""
        rows = await self._exported(asked, "json")
        return Stream(chunks=as_json(rows), name="messages.json")

    async def failures(self, asked: Asked) -> FailureList:
        """Return why messages wait or have failed, after the look is logged."""
        since = filter_of(MessageFields(since=asked.filters(FailureQuery).since)).since
        causes: list[Cause] = []
        if asked.scope is None:  # they count the messages of everybody
            causes = await self._store.causes(since or NEVER, limit=_CAUSES)
        await self._views.note(asked, "failures", len(causes))
        return FailureList(
            items=tuple(map(_cause, causes)),
            total=sum(one.count for one in causes),
        )

    async def views(self, asked: Asked) -> SavedViewList:
        """Return the caller's views and those shared with its roles."""
        caller = asked.caller
        roles = [role.value for role in caller.roles]
        found = await self._store.saved_views(caller.name, roles)
        return SavedViewList(items=tuple(_view(one, caller.name) for one in found))

    async def save(self, asked: Asked) -> SavedView:
        """Keep a filter under a name."""
        form = asked.form(SaveViewRequest)
        new = ports.NewView(
            name=form.name,
            query=_spelled(form.query),
            shared_with=form.shared_with,
        )
        now = self._exchange.clock.now()
        saved = await self._store.save_view(new, asked.act(), now)
        return _view(saved, asked.caller.name)

    async def drop(self, asked: Asked) -> None:
        """Forget a view."""
        text = asked.segments["view"]
        if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
            raise NotFoundError(f"view: {text[:80]!r} is no number")
        now = self._exchange.clock.now()
        await self._store.drop_view(int(text), asked.act(), now)

    async def _exported(self, asked: Asked, form: str) -> AsyncIterator[MessageRow]:
        """Return the messages of an export; how many there are is logged first."""
        fields = asked.filters(MessageFields)
        wanted = filter_of(fields)
        told = f"export {form} {filter_text(fields)}".strip()
        scope = asked.scope
        await self._views.note(asked, told, await self._count(wanted, scope))
        return every_message(self._exchange, wanted, scope)

    async def _count(self, wanted: MessageFilter, scope: Scope | None) -> int:
        count = 0
        async for _ in every_message(self._exchange, wanted, scope):
            count += 1
        return count


def _spelled(query: str) -> str:
    """Return a filter in one spelling.

    Raises:
        UsageError: Not a query of the message list.
    """
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=20
        )
    except ValueError as error:
        raise UsageError(f"query: {error}") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise UsageError("query: a parameter is repeated")
    given = {name: value for name, value in pairs if value}
    fields = reading.in_shape("query", given, MessageFields, is_text=True)
    filter_of(fields)
    return urlencode(given)


def _view(view: ports.SavedView, caller: str) -> SavedView:
    return SavedView(
        id=view.number,
        name=view.new.name,
        owner=view.owner,
        saved_at=when(view.saved_at),
        query=view.new.query,
        shared_with=view.new.shared_with,
        mine=view.owner == caller,
    )


def _cause(cause: Cause) -> FailureCause:
    named = {"peer": cause.peer, "state": cause.state, "code": cause.code}
    return FailureCause(
        peer=cause.peer,
        state=cause.state,
        code=cause.code,
        count=cause.count,
        oldest_at=when(cause.oldest_at),
        newest_at=when(cause.newest_at),
        query=urlencode({name: value for name, value in named.items() if value}),
    )
