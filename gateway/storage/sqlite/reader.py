"""One instant of the database, for reading."""

from collections.abc import Collection

from gateway.core.entries.disclosures import DisclosureClass
from gateway.core.translog.merkle import HASH_BYTES
from gateway.core.translog.tiles import Place
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.keys import RingId
from gateway.ports.log import StoredEntry
from gateway.ports.messages import (
    Box,
    Change,
    PeerProof,
    ProofRole,
    StoredProof,
)
from gateway.ports.outbox import OutboundEventItem
from gateway.storage.rows import (
    DisclosureRow,
    Head,
    StateCount,
)
from gateway.storage.sqlite.checking import CheckReaderSql
from gateway.storage.sqlite.listing import ListReaderSql
from gateway.storage.sqlite.lookup import SqliteLookup
from gateway.storage.sqlite.mapping import (
    as_json,
    entries_from,
)
from gateway.storage.sqlite.owed import OwedReaderSql
from gateway.storage.sqlite.rooms import RoomsReader


class SqliteReader(
    ListReaderSql, SqliteLookup, RoomsReader, CheckReaderSql, OwedReaderSql
):
    """Verbs of `gateway.storage.transaction.Reader`."""

    def head(self) -> Head:
        """Return the end of the log."""
        for row in self._rows("head"):
            return Head(row[0], row[1], UnixMs(row[2]), row[3])
        raise AssertionError("internal: a log without a head")

    def entries(self, start: int, limit: int) -> list[StoredEntry]:
        """Return entries from `start` on."""
        return entries_from(self._rows("entries", (start, limit)))

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Return the entries there are at these indices."""
        found = entries_from(self._rows("entries_at", (as_json(indices),)))
        return {one.index: one for one in found}

    def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the last entry of a kind that names no message."""
        found = entries_from(self._rows("newest_entry", (kind,)))
        return found[0] if found else None

    def entry_indices(self, message_id: MessageId) -> list[int]:
        """Return the indices of all entries about a message, in order."""
        return [row[0] for row in self._rows("entry_indices", (message_id,))]

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of the entries [start, stop)."""
        return [row[0] for row in self._rows("leaf_hashes", (start, stop))]

    def full_tiles(self, places: Collection[Place]) -> dict[Place, bytes]:
        """Return the hashes of the full tiles there are at these places."""
        found: dict[Place, bytes] = {}
        for level in {level for level, _ in places}:
            wanted = [index for at, index in places if at == level]
            for row in self._rows("full_tiles", (level, as_json(wanted))):
                found[level, row[0]] = row[1]
        return found

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the roots of the full tiles [start, stop) of a level."""
        return [row[0] for row in self._rows("tile_roots", (level, start, stop))]

    def disclosures(self, index: int) -> list[DisclosureRow]:
        """Return the disclosures of an entry whose keys are not destroyed."""
        return [
            DisclosureRow(row[0], DisclosureClass(row[1]), RingId(row[2]), row[3])
            for row in self._rows("disclosures", (index,))
        ]

    def held(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return messages for a peer held for no person, oldest first."""
        return [MessageId(row[0]) for row in self._rows("held", (peer, limit))]

    def proofs(self, message_id: MessageId) -> list[StoredProof]:
        """Return the stored proofs about a message."""
        return [
            StoredProof(
                ProofRole(row[0]),
                row[1],
                PeerProof(row[2], row[3], _split_path(row[4])),
                row[5],
            )
            for row in self._rows("proofs", (message_id,))
        ]

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the change feed after a cursor."""
        return [
            Change(
                row[0],
                UnixMs(row[1]),
                Box(row[2]),
                MessageId(row[3]),
                AuthorityId(row[4]),
                row[5],
                row[6],
            )
            for row in self._rows("changes", (after, limit))
        ]

    def events(self, peer: AuthorityId, limit: int) -> list[OutboundEventItem]:
        """Return events a peer has still to be told of, oldest first."""
        rows = self._rows("events", (peer, limit))
        return [OutboundEventItem(MessageId(row[0]), row[1]) for row in rows]

    def state_counts(self, peer: AuthorityId | None) -> list[StateCount]:
        """Return how many messages are in which state, of a peer or of all."""
        rows = self._rows("counts_of", (peer,)) if peer else self._rows("counts")
        return [
            StateCount(AuthorityId(row[0]), Box(row[1]), row[2], row[3]) for row in rows
        ]

    def accepted_count(self, peer: AuthorityId | None) -> int:
        """Return how many messages were ever accepted, for a peer or for all."""
        if peer:
            return self.peer(peer).accepted
        return int(self._rows("accepted_of_all").fetchone()[0])

    def next_due_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the first offered message of a peer may be tried."""
        row = self._rows("next_due_at", (peer,)).fetchone()
        return UnixMs(row[0]) if row else None

    def oldest_queued_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the oldest queued message of a peer was accepted."""
        row = self._rows("oldest_queued_at", (peer,)).fetchone()
        return UnixMs(row[0]) if row else None


def _split_path(raw: bytes) -> tuple[bytes, ...]:
    return tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES))
