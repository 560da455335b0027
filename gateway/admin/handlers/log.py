"""The audit log, for auditors: entries, checkpoint, tiles, verification."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import replace

from gateway.admin.asked import Asked
from gateway.admin.handlers.watch import shown
from gateway.admin.node_shapes import (
    EntriesQuery,
    LogCheckpoint,
    LogEntries,
    LogEntry,
    LogVerification,
)
from gateway.admin.rendering import disclosed, when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.admin.waiting import Waiting
from gateway.core.entries.disclosures import SealedDisclosure
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import ConflictError, MalformedError, NotFoundError
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Bundle,
    Tile,
    encode_bundle,
    parse_path,
)
from gateway.ports.log import StoredEntry


class LogHandlers:
    """Answers from our log."""

    def __init__(
        self,
        services: AdminServices,
        views: ViewLog,
        waiting: Waiting,
    ) -> None:
        self._services = services
        self._store = services.exchange.store
        self._views = views
        self._waiting = waiting
        self._check_turn = asyncio.Lock()

    async def entries(self, asked: Asked) -> LogEntries:
        """Return entries from a place on; without one, the last."""
        query = asked.filters(EntriesQuery)
        await self._views.note(asked, "log", query.limit)
        start = query.start
        if start is None:
            head = await self._store.log_head()
            start = max(head.size - query.limit, 0)
        first = start

        async def look() -> list[StoredEntry] | None:
            return await self._store.entries(first, query.limit) or None

        found = await self._waiting.until(
            look,
            wait_s=query.wait,
            caller=asked.caller.name,
        )
        minimum = await self._store.log_minimum()
        served = [_as_served(entry, minimum) for entry in found or []]
        items = await self._render(served)
        head = await self._store.log_head()
        return LogEntries(
            items=tuple(items),
            next=items[-1].index + 1 if items else start,
            size=head.size,
        )

    async def entry(self, asked: Asked) -> LogEntry:
        """Return one entry."""
        text = asked.segments["index"]
        if not (text.isascii() and text.isdecimal() and len(text) < len(str(2**53))):
            raise NotFoundError("log: expected the number of an entry")
        await self._views.note(asked, "log", 1)
        found = await self._store.entries(int(text), 1)
        if not found or found[0].index != int(text):
            raise NotFoundError(f"log: there is no entry {text}")
        (rendered,) = await self._render(found)
        return rendered

    async def checkpoint(self, _asked: Asked) -> LogCheckpoint:
        """Return a signed checkpoint of the log as it stands."""
        signed = await self._services.exchange.checkpoints.newest()
        return LogCheckpoint(
            origin=self._services.log_origin,
            size=signed.size,
            root=base64.b64encode(signed.root).decode(),
            note=signed.note.decode(),
            minimum=await self._store.log_minimum(),
        )

    async def tile(self, asked: Asked) -> bytes:
        """Return a hash tile or an entry bundle."""
        try:
            wanted = parse_path(f"tile/{asked.segments['rest']}")
        except MalformedError as error:
            raise NotFoundError(f"log: {error}") from error
        if isinstance(wanted, Tile):
            return await self._store.tile(wanted.level, wanted.index, wanted.width)
        await self._views.note(asked, "log", wanted.width)
        return await self._bundle(wanted)

    async def verify(self, _asked: Asked) -> LogVerification:
        """Hash every entry again; one run at a time."""
        if self._check_turn.locked():
            raise ConflictError("log: is being verified already; ask again later")
        async with self._check_turn:
            clock = self._services.exchange.clock
            began_s = clock.monotonic_s()
            report = await self._services.monitor.check_now()
            findings = shown(report.findings)
            return LogVerification(
                verified=not findings,
                origin=self._services.log_origin,
                size=report.entries,
                root=base64.b64encode(report.root).decode(),
                pruned=report.pruned,
                checkpoint_size=report.signed_size,
                messages=report.messages,
                problem=str(report.findings[0]) if findings else "",
                findings=findings,
                duration_ms=round((clock.monotonic_s() - began_s) * 1000),
            )

    async def _bundle(self, bundle: Bundle) -> bytes:
        start = bundle.index * TILE_WIDTH
        minimum = await self._store.log_minimum()
        if start < minimum:
            raise NotFoundError(f"log: bundles below entry {minimum} were pruned")
        entries = await self._store.entries(start, bundle.width)
        if len(entries) < bundle.width:
            raise NotFoundError("log: does not reach that far yet")
        return encode_bundle(entry.data for entry in entries)

    async def _render(self, entries: Sequence[StoredEntry]) -> list[LogEntry]:
        # All in one read: an export asks for every entry there is.
        indices = [entry.index for entry in entries if entry.data]
        sealed = await self._store.disclosures_of(indices)
        return [self._rendered(one, sealed.get(one.index, ())) for one in entries]

    def _rendered(
        self,
        entry: StoredEntry,
        sealed: Sequence[SealedDisclosure],
    ) -> LogEntry:
        if not entry.data:
            return LogEntry(
                index=entry.index,
                kind=entry.kind,
                leaf_hash=entry.leaf_hash.hex(),
                message=entry.message_id,
            )
        leaf = parse_leaf(entry.data, log=self._services.log_origin)
        return LogEntry(
            index=entry.index,
            kind=entry.kind,
            leaf_hash=entry.leaf_hash.hex(),
            at=when(leaf.at),
            message=entry.message_id,
            leaf=entry.data.decode(),
            disclosed=disclosed(sealed),
            disclosures=tuple(one.encoded for one in sealed),
        )


def _as_served(entry: StoredEntry, minimum: int) -> StoredEntry:
    """Return an entry of a list: of those below the minimum the hash, as in bundles."""
    return replace(entry, data=b"") if entry.index < minimum else entry
