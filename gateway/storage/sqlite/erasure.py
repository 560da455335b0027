"""Rows that erasing and pruning touch, and the rings of disclosures."""

from gateway.core.entries.leaf import parse_leaf
from gateway.core.values import MessageId
from gateway.ports.keys import DisclosureVault, RingId
from gateway.ports.log import StoredEntry
from gateway.storage.appending import Appender, case_scope, duty_scope
from gateway.storage.rows import RingKey
from gateway.storage.sqlite.mapping import entries_from
from gateway.storage.sqlite.running import Running


class _ErasureLookupSql(Running):
    """What is read in any transaction."""

    def minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        return int(self._rows("minimum").fetchone()[0])

    def first_event(self) -> int | None:
        """Return the first entry that a peer has still to be told of."""
        found = self._rows("first_event").fetchone()[0]
        return None if found is None else int(found)


class ErasureReaderSql(_ErasureLookupSql):
    """Verbs of `gateway.storage.erasure_verbs.ErasureReader`."""

    def case_disclosures(self, message_id: MessageId) -> int:
        """Return how much case data stands beside entries about a message."""
        return int(self._rows("case_disclosures", (message_id,)).fetchone()[0])

    def rings(self) -> list[RingId]:
        """Return every ring there is a row of."""
        return [RingId(row[0]) for row in self._rows("rings")]

    def pruned_counts(self, minimum: int) -> tuple[int, int]:
        """Return the entries and disclosures that pruning below an index removes."""
        span = (self.minimum(), minimum)
        entries = self._rows("count_pruned_entries", span).fetchone()[0]
        disclosures = self._rows("count_pruned_disclosures", (minimum,)).fetchone()[0]
        return int(entries), int(disclosures)

    def removals(self) -> tuple[int, int]:
        """Return how often something was removed, and up to which that is no trace."""
        removals, compacted = self._rows("removals").fetchone()
        return int(removals), int(compacted)


class ErasureWritesSql(_ErasureLookupSql):
    """Verbs of `gateway.storage.erasure_verbs.ErasureWrites`, and rings."""

    _vault: DisclosureVault
    _appender: Appender
    _rings: dict[str, RingKey]
    _minima: list[tuple[int, int]]

    def ring_key(self, scope: str) -> RingKey:
        """Return the ring of a scope, made now if there is none, or none any more."""
        if known := self._rings.get(scope):
            return known
        row = self._rows("ring_key", (scope,)).fetchone()
        if row and self._vault.is_live(RingId(row[1])):
            key = RingKey(row[0], RingId(row[1]))
        else:
            if row:  # destroyed, and back with an older copy of the database
                self._write("drop_ring_key", (scope,))
            ring = self._vault.new_ring(self._appender.old_size)
            key_id = self._write("add_ring_key", (scope, ring)).lastrowid
            key = RingKey(key_id or 0, ring)
        self._rings[scope] = key
        return key

    def case_in_use(self, case_id: str) -> bool:
        """Tell whether a message is of this case."""
        return any(self._rows("case_in_use", (case_id,)))

    def drop_case_disclosures(self, message_id: MessageId) -> int:
        """Remove case data beside entries about a message; return how much."""
        stored = self._write("drop_case_disclosures", (message_id,)).rowcount
        return stored + self._appender.forget(message_id)

    def drop_grants(self, number: int) -> None:
        """Forget who may fetch the files of a message."""
        self._write("drop_grants_of", (number,))

    def drop_used_upload(self, aid: str) -> None:
        """Forget the upload that an attachment was made of."""
        self._write("drop_used_upload", (aid,))

    def used_keys_of(self, message_id: MessageId) -> list[tuple[str, str]]:
        """Return submitter and idempotency key of what led to a message."""
        return [(row[0], row[1]) for row in self._rows("used_keys_of", (message_id,))]

    def blind_used_key(self, submitter: str, key: str, blinded: str) -> None:
        """Keep an idempotency key in a form that can only be compared."""
        self._write("blind_used_key", (blinded, submitter, key))

    def drop_case(self, case_id: str) -> RingId | None:
        """Forget a case and its ring, which is returned to be destroyed."""
        self._write("drop_case_heads", (case_id,))
        scope = case_scope(case_id)
        row = self._rows("ring_key", (scope,)).fetchone()
        self._write("drop_past_disclosures", (scope,))
        self._write("drop_ring_key", (scope,))
        self._rings.pop(scope, None)
        return RingId(row[1]) if row else None

    def note_removal(self) -> None:
        """Remember that the file is to be written anew."""
        self._write("note_removal")

    def prune(self, log_index: int, minimum: int) -> None:
        """Remove the bytes of entries below an index that `log_index` states."""
        # Done once that entry is stored: the database demands it.
        self._minima.append((log_index, minimum))

    def _write_minima(self) -> None:
        for log_index, minimum in self._minima:
            before = self.minimum()
            self._write("add_minimum", (log_index, minimum))
            self._write("prune_entries", (before, minimum))
            self._write("prune_disclosures", (minimum,))

    def unused_duty_rings(self, minimum: int) -> list[RingId]:
        """Forget rings of people that seal nothing from an index on; return them."""
        first = self._entry(minimum)
        if first is None or not first.data:
            return []
        log = self._appender.origin
        quarter = duty_scope(parse_leaf(first.data, log=log).at)
        unused = self._rows("unused_duty_rings", (quarter,)).fetchall()
        for scope, _ in unused:
            self._write("drop_ring_key", (scope,))
        return [RingId(ring) for _, ring in unused]

    def _entry(self, index: int) -> StoredEntry | None:
        found = entries_from(self._rows("entries", (index, 1)))
        return found[0] if found else None
