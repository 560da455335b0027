"""What the monitors know: findings in our store, and who owes what."""

from collections.abc import Iterable

from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.admin.watch_shapes import (
    LogCheckState,
    LogFinding,
    OwedItem,
    OwedPage,
    OwedQuery,
)
from gateway.core.errors import NotFoundError
from gateway.core.values import AuthorityId
from gateway.flows.findings import Finding
from gateway.flows.owed import THEIRS, OwedLine
from gateway.ports.peers import Peer


class WatchHandlers:
    """Answers from the monitors."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._services = services
        self._exchange = services.exchange
        self._views = views

    async def log_check(self, _asked: Asked) -> LogCheckState:
        """Return what the monitor of our store knows."""
        state = self._services.monitor.state()
        head = await self._exchange.store.stored_head()
        whole = state.whole
        return LogCheckState(
            sound=not state.findings,
            findings=shown(state.findings),
            size=head.size,
            followed=state.followed,
            walked=state.walked,
            whole_at=when(state.whole_at),
            whole_entries=whole.entries if whole else 0,
            whole_messages=whole.messages if whole else 0,
            age_s=round(state.age_s),
        )

    async def owed(self, asked: Asked) -> OwedPage:
        """Return a page of what is owed."""
        query = asked.filters(OwedQuery)
        peers = self._peers(query.peer)
        lines, following = await self._services.owed.page(
            peers, cursor=query.cursor, limit=query.limit
        )
        await self._views.note(asked, "messages", len(lines))
        return OwedPage(items=tuple(map(_item, lines)), next=following)

    def _peers(self, name: str) -> list[Peer]:
        directory = self._exchange.directory
        if not name:
            return list(directory.peers())
        peer = directory.peer(AuthorityId(name))
        if peer is None:
            raise NotFoundError(f"peer: {name} is not enrolled")
        return [peer]


def shown(findings: Iterable[Finding]) -> tuple[LogFinding, ...]:
    """Return findings as the API shows them."""
    return tuple(
        LogFinding(
            code=one.code.value,
            place=one.place,
            text=one.text,
            contradicts_signed=one.contradicts_signed,
        )
        for one in findings
    )


def _item(line: OwedLine) -> OwedItem:
    return OwedItem(
        peer=line.peer,
        debtor="peer" if line.kind in THEIRS else "us",
        what=line.kind.value,
        message=line.owed.message_id,
        since=when(line.owed.since),
        log_index=line.owed.log_index,
    )
