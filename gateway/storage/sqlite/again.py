"""Logging entries again at another place, with what they disclosed sealed anew."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from sqlite3 import Connection as Engine

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.entries.kinds import PRUNING_KIND
from gateway.core.entries.leaf import EntryDraft, Leaf, parse_leaf
from gateway.core.values import MessageId
from gateway.ports.keys import DisclosureVault
from gateway.ports.log import StoredEntry
from gateway.storage.operations import log as log_operations
from gateway.storage.sqlite.mapping import entries_from
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.transaction import Transaction

RECOVERY_ACT = Act("recover", "node", "the log was made whole")

# A card is proven under a checkpoint that nobody could link; the next start makes one.
_NOT_AGAIN = frozenset({"key.card"})


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with what it disclosed, as far as it was not erased."""

    leaf: Leaf
    disclosed: tuple[str, ...]


def entries_beyond(engine: Engine, start: int) -> list[StoredEntry]:
    """Return the entries from a place on, as far as they are there."""
    return entries_from(engine.execute(QUERIES["entries_beyond"], (start,)))


def told(
    engine: Engine,
    entries: Iterable[StoredEntry],
    *,
    origin: str,
    vault: DisclosureVault,
) -> list[Told]:
    """Return entries with what they disclose, before they are taken off."""
    reader = SqliteReader(engine)
    found = []
    for entry in entries:
        shown = log_operations.disclosures(
            reader,
            entry.index,
            origin=origin,
            vault=vault,
        )
        leaf = parse_leaf(entry.data, log=origin)
        found.append(Told(leaf, tuple(one.encoded for one in shown)))
    return found


def log_again(
    tx: Transaction,
    entries: Iterable[Told],
    fields_of: Callable[[Leaf, dict[int, int]], JsonObject],
) -> dict[int, int]:
    """Log entries once more, in order; return where each went.

    Args:
        tx: The transaction.
        entries: What is logged.
        fields_of: Returns the fields an entry has at its new place, given where the
            entries before it went.
    """
    moved: dict[int, int] = {}
    for one in entries:
        leaf = one.leaf
        if leaf.kind in _NOT_AGAIN:
            continue
        disclosed = tuple(map(read_disclosure, one.disclosed))
        draft = EntryDraft(leaf.kind, leaf.at, fields_of(leaf, moved), disclosed)
        moved[leaf.index] = tx.append_entry(draft, case_id=_case_of(tx, leaf))
        if leaf.kind == PRUNING_KIND:
            tx.prune(moved[leaf.index], leaf.number("min"))
    return moved


def _case_of(tx: Transaction, leaf: Leaf) -> str:
    found = tx.message(MessageId(str(leaf.fields.get("m", ""))))
    return found.view.case_id if found else ""
