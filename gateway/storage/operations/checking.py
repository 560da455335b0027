"""Showing the store to whoever checks it: pages of the log, messages with entries."""

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.translog.tiles import tiles_filled
from gateway.ports.checking import (
    CheckedMessage,
    Counts,
    EntryOfMessage,
    LogPage,
    StoredHead,
)
from gateway.ports.log import StoredEntry
from gateway.ports.messages import Box
from gateway.storage.transaction import Reader

_REFUSALS_SHOWN = 10
_PRUNED_BELOW = re.compile(rb'"min":([0-9]{1,15})[,}]')


def stored_head(tx: Reader) -> StoredHead:
    """Return the end of our log as it is stored."""
    head = tx.head()
    signed = tx.newest_checkpoint()
    return StoredHead(
        head.size,
        head.last,
        head.frontier,
        signed.size if signed else 0,
        _pruned_below(tx),
    )


def _pruned_below(tx: Reader) -> int:
    """Return `min` of the newest `log.prune`; the check of that entry is elsewhere."""
    entry = tx.newest_entry("log.prune")
    found = _PRUNED_BELOW.search(entry.data) if entry else None
    return int(found[1]) if found else 0


def log_page(tx: Reader, start: int, limit: int) -> LogPage:
    """Return entries from `start` on with all that is stored about them."""
    head = stored_head(tx)
    entries = tx.entries(start, min(limit, max(head.size - start, 0)))
    stop = start + len(entries)
    filled = [(tile.level, tile.index) for tile in tiles_filled(start, stop)]
    return LogPage(
        start=start,
        head=head,
        entries=entries,
        tiles=tx.tiles(filled),
        checkpoints=tx.checkpoints(start, stop),
        strays=_strays(tx, start, entries),
        excess=_excess(tx, head.size) if stop == head.size else (),
    )


def _strays(
    tx: Reader, start: int, entries: Sequence[StoredEntry]
) -> list[tuple[int, str]]:
    """Return entries about messages of which nothing is there.

    A refusal before the log was put back may be one that the database never had.
    """
    recovered_at = _recovered_at(tx)
    refusals = {
        entry.index
        for entry in entries
        if entry.kind == "msg.reject" and entry.index < recovered_at
    }
    found = tx.strays(start, start + len(entries))
    return [one for one in found if one[0] not in refusals]


def _recovered_at(tx: Reader) -> int:
    entry = tx.newest_entry("log.recover")
    return entry.index if entry else -1


def _excess(tx: Reader, size: int) -> tuple[int, ...]:
    return tuple(entry.index for entry in tx.entries(size, 1))


def checked_messages(tx: Reader, after: int, limit: int) -> list[CheckedMessage]:
    """Return messages stored after the one of a number, in order."""
    return _with_all(tx, tx.bare_messages(after, limit))


def checked_messages_of(tx: Reader, ids: Sequence[str]) -> list[CheckedMessage]:
    """Return the messages there are with these ids."""
    return _with_all(tx, tx.bare_messages_of(ids))


def _with_all(tx: Reader, bare: Sequence[CheckedMessage]) -> list[CheckedMessage]:
    ids = [one.id for one in bare]
    entries, proofs = tx.entries_of(ids), tx.proofs_of(ids)
    recovered_at = _recovered_at(tx)
    return [
        replace(
            one,
            recovered_at=recovered_at,
            entries=_with_opening(tx, one, entries.get(one.id, [])),
            proofs=tuple(proofs.get(one.id, ())),
        )
        for one in bare
    ]


def _with_opening(
    tx: Reader, message: CheckedMessage, entries: list[EntryOfMessage]
) -> tuple[EntryOfMessage, ...]:
    """Return the entries of a message, with its opening if a peer sent it."""
    opening = tx.first_opening_of(message.id) if message.box == Box.IN else None
    if opening is None:
        return tuple(entries)
    return tuple(sorted([*entries, opening], key=lambda one: one.index))


def counts(tx: Reader) -> Counts:
    """Return counters and rows counted."""
    return Counts(
        kept=tx.kept_counts(),
        found=tx.found_counts(),
        accepted=tx.accepted_counts(),
        refusals=tx.unlogged_refusals(_REFUSALS_SHOWN),
    )
